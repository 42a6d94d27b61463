// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"context"
	"fmt"
	"time"
)

// Info is what an operator sees of a job: neither payload nor key.
type Info struct {
	ID, Kind, Ente, Environment string
	State                       State
	Attempt, MaxAttempts        int
	Code                        string // of the last failure
	Reason                      string // why it was discarded
	EnqueuedAt, RunAt           time.Time
	Deadline, EndedAt           time.Time // zero: none, not ended
}

// A DeadQuery says which dead letters to list. Fields that are empty admit all.
type DeadQuery struct {
	Kind, Ente string
	After      string // id of the last one already seen
	Limit      int    // at most; zero means 100
}

// KindStats counts the jobs of a kind.
type KindStats struct {
	Kind      string
	Due       int // wait for a worker or for the head of their lane
	Waiting   int // are due later
	Running   int
	Dead      int
	OldestDue time.Time // instant at which the oldest of the due ones was; zero when none is
}

// Get returns a job. The error wraps [ErrNotFound] or means "don't know".
func (q *Queue) Get(ctx context.Context, id string) (Info, error) {
	r, err := q.cfg.Store.Get(ctx, id)
	if err != nil {
		return Info{}, fmt.Errorf("read job: %w", err)
	}
	return infoOf(&r), nil
}

// Find returns the job of the kind that was enqueued for the ente, the environment and under the key of s. The error wraps
// [ErrNotFound] or means "don't know".
func (k Kind[P]) Find(ctx context.Context, q *Queue, s Spec) (Info, error) {
	r, err := q.cfg.Store.Keyed(ctx, q.index("jobs key", k.Name, s, s.Key))
	if err != nil {
		return Info{}, fmt.Errorf("find job: %w", err)
	}
	return infoOf(&r), nil
}

// Dead lists dead letters in order of enqueue.
func (q *Queue) Dead(ctx context.Context, query DeadQuery) ([]Info, error) {
	if query.Limit <= 0 {
		query.Limit = 100
	}
	rows, err := q.cfg.Store.Dead(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	infos := make([]Info, len(rows))
	for i := range rows {
		infos[i] = infoOf(&rows[i])
	}
	return infos, nil
}

// Retry makes a dead letter due now, with all its attempts ahead of it and without a deadline. The error wraps
// [ErrNotFound] or [ErrNotDead] or means "don't know".
func (q *Queue) Retry(ctx context.Context, id string) error {
	if err := q.cfg.Store.Retry(ctx, id, q.cfg.Clock()); err != nil {
		return fmt.Errorf("retry job: %w", err)
	}
	q.Wake()
	return nil
}

// Discard gives a dead letter up, for a reason that is kept, and erases its payload. The error wraps [ErrNotFound],
// [ErrNotDead] or [ErrReason] or means "don't know".
func (q *Queue) Discard(ctx context.Context, id, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	if err := q.cfg.Store.Discard(ctx, id, reason, q.cfg.Clock()); err != nil {
		return fmt.Errorf("discard job: %w", err)
	}
	return nil
}

// Stats counts the jobs that have not ended and the dead letters, by kind and in its order.
func (q *Queue) Stats(ctx context.Context) ([]KindStats, error) {
	stats, err := q.cfg.Store.Stats(ctx, q.cfg.Clock())
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	return stats, nil
}

// Purge forgets the jobs that were done or discarded longer ago than their policy keeps them and returns how many they
// were. Dead letters are never forgotten.
func (q *Queue) Purge(ctx context.Context, now time.Time) (int, error) {
	n, err := q.cfg.Store.Purge(ctx, now)
	if err != nil {
		return 0, fmt.Errorf("purge jobs: %w", err)
	}
	return n, nil
}

func infoOf(r *Row) Info {
	return Info{
		ID: r.ID, Kind: r.Kind, Ente: r.Ente, Environment: r.Environment, State: r.State, Attempt: r.Attempt,
		MaxAttempts: r.MaxAttempts, Code: r.Code, Reason: r.Reason, EnqueuedAt: r.EnqueuedAt, RunAt: r.RunAt,
		Deadline: r.Deadline, EndedAt: r.EndedAt,
	}
}
