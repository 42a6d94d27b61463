// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package jobs is the hub's durable queue: work that must outlive the process that accepted it, schedules that fire once
// over all replicas, and the dead letters that a person has to look at.
//
// It owns the meaning of a job: its attempts, leases and fences, what is sealed and which words may be stored of a
// failure. The rows are kept by a [Store]; internal/store implements it on SQLite and PostgreSQL, and the suite jobstest
// passes on both. It depends on internal/evidence/seal, modi/uuid and
// registry/codicefiscale.
//
// # Delivery
//
// A job that was accepted runs at least once: a process that dies in a handler loses nothing but time, because its lease
// runs out and another worker takes the job. It may therefore run twice. Each claim has a fence, a number that grows:
// who comes back after losing its lease is refused with [ErrLeaseLost], and a handler that writes to the store puts
// [Tx.Fence] into its transaction. The instants of a lease are those of the workers' own clocks: replicas whose clocks
// differ by more than a lease run jobs twice, and still neither of them can end a job that the other holds.
//
// # Order
//
// Jobs of a kind that are due start in order of their instant, then of enqueue; nothing is promised about how they end.
// Those of one lane (see [Spec]) run one at a time and in order of enqueue, their retries included. Those of a share that
// has its share of runs are passed by.
//
// # What is kept of a person
//
// Payload and key are sealed under a data key of their own, which is destroyed when the job ends. Key, lane and
// share are looked up by a keyed hash. Of an error a code is stored and logged, never its text (see [Coded]).
package jobs
