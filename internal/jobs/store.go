// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"context"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
)

// A Row is a job as a store keeps it. Nothing in it names a person in clear.
type Row struct {
	ID, Kind, Ente, Environment string

	Dedup []byte // keyed hash of the key; nil: none
	Lane  []byte // keyed hash of the lane; nil: none
	Share []byte // keyed hash of the share; nil: none

	State       State
	Attempt     int // runs begun
	MaxAttempts int
	Fence       int64 // grows with every claim
	Keep        time.Duration

	EnqueuedAt time.Time
	RunAt      time.Time
	Deadline   time.Time // zero: none
	EndedAt    time.Time // zero: not ended

	Code   string   // of the last failure
	Reason string   // of the discarding
	Box    seal.Box // payload and key; empty once the job ended
}

// A Tx is a transaction of a store in which jobs take part.
type Tx interface {
	// PutJob stores a job. When one with the same Dedup exists it stores nothing and returns the id of that one and
	// false.
	PutJob(ctx context.Context, r Row) (id string, created bool, err error)
	// Fence makes the transaction fail with [ErrLeaseLost] unless the lease holds, and keeps it from being lost before
	// the transaction ends.
	Fence(ctx context.Context, l Lease) error
}

// A Store keeps jobs and schedules. Its methods are safe for concurrent use, also by several processes where the
// database admits them, and each is one transaction, durable when it returns. An error that is none of this package's
// means "don't know".
type Store interface {
	// PutJob is [Tx.PutJob] in a transaction of its own.
	PutJob(ctx context.Context, r Row) (id string, created bool, err error)

	// Claim takes due jobs under new leases; it first ends, or frees, those whose lease ran out, and ends those whose
	// deadline passed.
	Claim(ctx context.Context, now time.Time, wanted []Wanted) (Claimed, error)
	// Renew moves the end of a lease; [ErrLeaseLost].
	Renew(ctx context.Context, l Lease, until time.Time) error
	// End stores how a run ended; [ErrLeaseLost].
	End(ctx context.Context, l Lease, e End) error

	// Get returns a job; [ErrNotFound].
	Get(ctx context.Context, id string) (Row, error)
	// Keyed returns the job with a Dedup; [ErrNotFound].
	Keyed(ctx context.Context, dedup []byte) (Row, error)
	// Dead lists dead letters in order of enqueue.
	Dead(ctx context.Context, q DeadQuery) ([]Row, error)
	// Retry makes a dead letter due, with its attempts ahead of it and no deadline; [ErrNotFound], [ErrNotDead].
	Retry(ctx context.Context, id string, now time.Time) error
	// Discard ends a dead letter and erases its payload; [ErrNotFound], [ErrNotDead].
	Discard(ctx context.Context, id, reason string, now time.Time) error
	// Stats counts the jobs that have not ended and the dead letters, by kind.
	Stats(ctx context.Context, now time.Time) ([]KindStats, error)
	// Purge forgets the jobs that ended longer ago than they are kept and returns how many they were.
	Purge(ctx context.Context, now time.Time) (int, error)

	// PutSchedule stores a schedule that is new or whose When differs from the one stored, and else does nothing.
	PutSchedule(ctx context.Context, r ScheduleRow) error
	// DueSchedules lists the schedules whose instant has come.
	DueSchedules(ctx context.Context, now time.Time) ([]ScheduleRow, error)
	// Fire moves a schedule on to next, provided that it still is as in r, and stores the job unless one of its lane
	// has not begun yet.
	Fire(ctx context.Context, r ScheduleRow, next time.Time, job Row) (Fired, error)
}

// Wanted is what a worker has room for.
type Wanted struct {
	Kind  string
	Most  int           // jobs
	Lease time.Duration // of each
	// PerShare is how many jobs of one share may run at a time, those of other processes included; 0: any number.
	PerShare int
}

// Claimed is what a claim found.
type Claimed struct {
	Jobs []Row
	Lost []Loss // jobs whose lease had run out or whose deadline had passed
}

// A Loss is a job that ended, or was freed, without its worker.
type Loss struct {
	ID, Kind, Ente, Environment string
	Code                        string // [CodeLeaseExpired] or [CodeExpired]
	Dead                        bool   // false: it will be run again
}

// An End is how a run ended: in [StateDone], [StateDead] or, to be run again, [StatePending].
type End struct {
	State State
	At    time.Time
	Code  string // of the failure; empty keeps the one before
	// RunAt is when a pending job is due again.
	RunAt time.Time
	// Uncount takes the attempt back: the run was interrupted by the hub itself, or tried nothing.
	Uncount bool
}

// A ScheduleRow is a schedule as a store keeps it.
type ScheduleRow struct {
	Name, Ente, Environment string
	When                    string
	Next                    time.Time
}

// Fired says what became of an instant of a schedule.
type Fired int

// What becomes of an instant of a schedule.
const (
	FiredByOther Fired = iota // another replica, or another version of the hub, was faster
	FiredMerged               // a run that has not begun yet stands for it
	FiredJob                  // a job was stored
)
