// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"time"
)

// ErrInvalid means that a job, a kind or a schedule is not well formed: the program is wrong.
var ErrInvalid = errors.New("not a valid job")

// Unlimited is a number of attempts that is never reached: such a job ends by success, [Permanent] or its deadline.
const Unlimited = math.MaxInt32

// MaxPayload is the greatest length of a payload as JSON, in bytes.
const MaxPayload = 1 << 20

const (
	maxName  = 64  // of kinds, schedules and codes: they are labels of metrics
	maxField = 256 // of ente, environment, key, lane and share
)

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9._/-]*$`)

func validName(s string) bool { return len(s) <= maxName && namePattern.MatchString(s) }

// A Kind is what a job is about: its name, how its runs are limited and the type of its payload, which is stored as
// JSON. The package that owns a kind declares it in a function and both enqueues and handles it by that.
type Kind[P any] struct {
	Name   string // [a-z][a-z0-9._/-]*, at most 64 bytes; it is a label of metrics
	Policy Policy
}

// A Policy limits the runs of the jobs of a kind. A field that is zero has the value in brackets.
type Policy struct {
	// MaxAttempts is how many times a job is run before it is dead (8), a run that was cut short by the death of its
	// process included.
	MaxAttempts int
	Backoff     Backoff
	// GiveUpAfter ends a job that has not succeeded so long after it first was due (never).
	GiveUpAfter time.Duration
	// Timeout ends the context of one run (5 minutes).
	Timeout time.Duration
	// Concurrency is how many jobs of the kind one process runs at a time (1).
	Concurrency int
	// PerShare is how many jobs of one share (see [Spec]) all processes together run at a time (any number): one that is
	// slow leaves the rest of Concurrency to the others.
	PerShare int
	// Lease is for how long a claim holds without being renewed (1 minute); the worker renews it every third. It is
	// how long a job waits after its process died, not how long it may run.
	Lease time.Duration
	// Keep is for how long the key of a job that ended is remembered (7 days).
	Keep time.Duration
}

func (p Policy) withDefaults() Policy {
	orInt := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	or := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	orInt(&p.MaxAttempts, 8)
	orInt(&p.Concurrency, 1)
	or(&p.Backoff.Base, 10*time.Second)
	or(&p.Backoff.Max, time.Hour)
	or(&p.Timeout, 5*time.Minute)
	or(&p.Lease, time.Minute)
	or(&p.Keep, 7*24*time.Hour)
	p.MaxAttempts = min(p.MaxAttempts, Unlimited)
	return p
}

// A Backoff is how long a job waits after an attempt that failed: Base (10 seconds), doubled after each further one up
// to Max (1 hour). The delay is drawn evenly from the upper half, so that jobs that failed together come back apart.
type Backoff struct {
	Base, Max time.Duration
}

// delay returns the wait after the given attempt, the first being 1. part is evenly drawn from [0, 1).
func (b Backoff) delay(attempt int, part float64) time.Duration {
	d := b.Base
	for i := 1; i < attempt && d < b.Max; i++ {
		d *= 2 // below 2*Max: no overflow for delays of less than a century
	}
	d = min(d, b.Max)
	return d - time.Duration(part*float64(d)/2)
}

// Least is the shortest that the wait after an attempt can be, the first being 1.
func (b Backoff) Least(attempt int) time.Duration { return b.delay(attempt, 1) }

// A Spec says whose a job is, when it runs and what it must not meet. The zero value is a job of the hub, due now.
type Spec struct {
	// Ente and Environment say on whose behalf; both are empty for the hub itself.
	Ente, Environment string
	// Key makes enqueuing idempotent: while a job of the same kind, ente, environment and key exists, and for
	// Policy.Keep after it ended, no second one is made. Empty means none. It is stored as a keyed hash.
	Key string
	// Lane keeps jobs of one kind, ente and environment in line: those of one lane run one at a time, in order of
	// enqueue. One that is not due yet, or waits for its next attempt, holds the later ones back; a dead one does not.
	// Empty means none. It is stored as a keyed hash.
	Lane string
	// Share names what a job is for where a slow one must not hold up the rest: jobs of one kind, ente, environment and
	// share run at most Policy.PerShare at a time, and those of other shares pass them by. Empty means none. It is
	// stored as a keyed hash.
	Share string
	// RunAt is when the job is due; zero means now.
	RunAt time.Time
	// MaxAttempts and GiveUpAfter replace those of the kind when they are not zero.
	MaxAttempts int
	GiveUpAfter time.Duration
}

// A Receipt says that a job is stored.
type Receipt struct {
	ID string
	// Existing says that the job was there before, by its key; its payload is the first one's.
	Existing bool
}

// A Job is one run of a job, as its handler sees it.
type Job[P any] struct {
	ID, Kind, Ente, Environment string
	Key                         string // as enqueued
	Attempt, MaxAttempts        int    // the first is 1
	EnqueuedAt                  time.Time
	Deadline                    time.Time // zero: none
	Lease                       Lease     // for [Tx.Fence]
	Payload                     P
}

// A Lease is the right to run a job, which lasts until somebody else gets a greater fence. It says nothing of a person.
type Lease struct {
	ID    string // of the job
	Fence int64
}

// A State is where a job is in its life.
type State string

// The states of a job. Done and discarded jobs have no payload any more and are forgotten after Policy.Keep.
const (
	StatePending   State = "pending"   // waits to be due, for its next attempt or for a worker
	StateRunning   State = "running"   // is held under a lease
	StateDone      State = "done"      // succeeded
	StateDead      State = "dead"      // waits for a person: [Queue.Retry] or [Queue.Discard]
	StateDiscarded State = "discarded" // given up by a person
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// checkSpec names the field at fault and never its value.
func checkSpec(kind string, s Spec) error {
	if !validName(kind) {
		return invalid("the name of a kind is %s, at most %d bytes", namePattern, maxName)
	}
	for name, v := range map[string]string{"ente": s.Ente, "environment": s.Environment, "key": s.Key, "lane": s.Lane, "share": s.Share} {
		if len(v) > maxField {
			return invalid("kind %s: %s of %d bytes, at most %d", kind, name, len(v), maxField)
		}
	}
	if s.MaxAttempts < 0 || s.GiveUpAfter < 0 {
		return invalid("kind %s: attempts or time to give up below zero", kind)
	}
	return nil
}
