// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
)

// Handlers are what a worker can run: a handler for each kind, and the schedules. They are filled at start by one
// goroutine; what is wrong with them comes out of [NewWorker].
type Handlers struct {
	kinds     map[string]*handler
	schedules []scheduled
	faults    []error
}

// A handler runs the jobs of one kind.
type handler struct {
	policy Policy
	run    func(ctx context.Context, r *Row, e envelope) error
}

// NewHandlers returns a set without handlers.
func NewHandlers() *Handlers { return &Handlers{kinds: make(map[string]*handler)} }

// Handle has fn run the jobs of the kind. fn is called by several goroutines when Policy.Concurrency is above 1. When it
// returns nil the job is done; see [Permanent], [Retry] and [Postpone] for the rest. A panic makes the job dead: what is wrong in
// the program does not heal by repetition, and a person has it run again once it is repaired. fn must return soon after
// its context ends, for the cause [ErrLeaseLost] without acting any further.
func (k Kind[P]) Handle(set *Handlers, fn func(ctx context.Context, job Job[P]) error) {
	switch {
	case !validName(k.Name):
		set.faults = append(set.faults, checkSpec(k.Name, Spec{}))
	case set.kinds[k.Name] != nil:
		set.faults = append(set.faults, invalid("kind %s has two handlers", k.Name))
	}
	set.kinds[k.Name] = &handler{
		policy: k.Policy.withDefaults(),
		run: func(ctx context.Context, r *Row, e envelope) error {
			job := Job[P]{
				ID: r.ID, Kind: r.Kind, Ente: r.Ente, Environment: r.Environment, Key: e.Key, Attempt: r.Attempt,
				MaxAttempts: r.MaxAttempts, EnqueuedAt: r.EnqueuedAt, Deadline: r.Deadline,
				Lease: Lease{ID: r.ID, Fence: r.Fence},
			}
			if err := json.Unmarshal(e.Payload, &job.Payload); err != nil {
				return Permanent(Coded(CodePayload, err))
			}
			return fn(ctx, job)
		},
	}
}

// Schedule has jobs of a kind enqueued at the instants of a schedule. The kind must have a handler too.
func (set *Handlers) Schedule(s Schedule, kind Kind[Tick]) {
	set.schedules = append(set.schedules, scheduled{Schedule: s, kind: kind})
}

// check returns everything that is wrong with the set.
func (set *Handlers) check() error {
	faults := slices.Clone(set.faults)
	seen := make(map[scheduleID]bool)
	for i := range set.schedules {
		s := &set.schedules[i]
		switch err := checkSpec(s.Name, Spec{Ente: s.Ente, Environment: s.Environment}); {
		case err != nil:
			faults = append(faults, err)
		case s.When.rome == nil:
			faults = append(faults, invalid("schedule %s fires never", s.Name))
		case seen[s.id()]:
			faults = append(faults, invalid("schedule %s is there twice for one ente and environment", s.Name))
		case set.kinds[s.kind.Name] == nil:
			faults = append(faults, invalid("schedule %s: kind %s has no handler", s.Name, s.kind.Name))
		}
		seen[s.id()] = true
	}
	return errors.Join(faults...)
}
