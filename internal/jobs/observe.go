// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import "time"

// The outcomes of runs, as an [Observer] is told them.
const (
	OutcomeDone      = "done"
	OutcomeRetry     = "retry"     // failed, and will be run again
	OutcomePostponed = "postponed" // was not tried, and will be run again
	OutcomeDead      = "dead"      // failed, and will not
	OutcomeLost      = "lost"      // the lease ran out
	OutcomeReleased  = "released"  // interrupted by the end of the hub
)

// OtherKind is how an [Observer] is told of a kind that this process does not handle: labels must be bounded.
const OtherKind = "altro"

// An Observer measures the queue. Its methods are called by several goroutines and must not block. kind is the name of
// one that this process handles, or [OtherKind].
type Observer interface {
	// JobEnded counts a run, how long its job had been due before it and how long it took. A job that ended without a
	// run has zero for both.
	JobEnded(kind, outcome string, waited, ran time.Duration)
	// JobsSeen states, about four times a minute, how many jobs of a kind there are and for how long the oldest of the
	// due ones has been so. All replicas count the same jobs.
	JobsSeen(kind string, due, running, dead int, oldest time.Duration)
}

// unobserved observes nothing.
type unobserved struct{}

func (unobserved) JobEnded(string, string, time.Duration, time.Duration) {}
func (unobserved) JobsSeen(string, int, int, int, time.Duration)         {}
