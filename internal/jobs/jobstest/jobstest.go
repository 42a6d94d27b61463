// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package jobstest is the suite that every store of jobs passes, and what tests of handlers need to run them. It is for
// tests only and depends on jobs, store and storetest.
package jobstest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

// Ente and Environment are whose jobs the suite enqueues.
const (
	Ente        = "c_z001"
	Environment = "locale"
)

// NewClock returns a clock that stands until it is moved.
func NewClock() *replaytest.Clock { return replaytest.NewClock() }

// A World is a queue over a store, as one process has it.
type World struct {
	Store  *store.Store
	Sealer *seal.Sealer
	Clock  func() time.Time
	Queue  *jobs.Queue
	Seen   *Observer
	Log    *Log
}

// New returns a world over a SQLite database of its own.
func New(t testing.TB, clock func() time.Time) *World {
	t.Helper()
	return Over(t, storetest.SQLite(t).Migrated(t, clock), storetest.Sealer(t), clock)
}

// Over returns a world over a store. Worlds of one database need one sealer.
func Over(t testing.TB, s *store.Store, sealer *seal.Sealer, clock func() time.Time) *World {
	t.Helper()
	w := &World{Store: s, Sealer: sealer, Clock: clock, Seen: &Observer{}, Log: &Log{}}
	w.Queue = w.QueueOver(t, s.Jobs())
	return w
}

// QueueOver returns a queue like that of the world over another store of jobs.
func (w *World) QueueOver(t testing.TB, s jobs.Store) *jobs.Queue {
	t.Helper()
	q, err := jobs.NewQueue(jobs.Config{
		Store: s, Sealer: w.Sealer, Clock: w.Clock, Rand: rand.Reader, Observer: w.Seen,
		Logger: slog.New(slog.NewTextHandler(w.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// Worker returns a worker with these handlers.
func (w *World) Worker(t testing.TB, set *jobs.Handlers) *jobs.Worker {
	t.Helper()
	worker, err := jobs.NewWorker(w.Queue, set, jobs.WorkerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return worker
}

// Drain runs what is due and returns how many runs there were.
func (w *World) Drain(t testing.TB, set *jobs.Handlers) int {
	t.Helper()
	n, err := w.Worker(t, set).Drain(context.Background())
	if err != nil {
		t.Fatalf("Drain: %v", err)
	}
	return n
}

// Info returns a job as operators see it.
func (w *World) Info(t testing.TB, id string) jobs.Info {
	t.Helper()
	i, err := w.Queue.Get(context.Background(), id)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	return i
}

// Note is the payload of the suite's jobs.
type Note struct {
	Text string `json:"text"`
}

// Kind returns a kind of jobs whose payload is a Note.
func Kind(name string, p jobs.Policy) jobs.Kind[Note] { return jobs.Kind[Note]{Name: name, Policy: p} }

// Own returns the spec of a job of the suite's ente.
func Own() jobs.Spec { return jobs.Spec{Ente: Ente, Environment: Environment} }

// Put enqueues a job.
func (w *World) Put(t testing.TB, kind jobs.Kind[Note], s jobs.Spec, text string) jobs.Receipt {
	t.Helper()
	r, err := kind.Enqueue(context.Background(), w.Queue, s, Note{text})
	if err != nil {
		t.Fatalf("Enqueue: %v", err)
	}
	return r
}

// Runs collects what handlers were given. It is safe for concurrent use.
type Runs struct {
	mu   sync.Mutex
	jobs []jobs.Job[Note]
}

// Handlers returns a set in which the jobs of a kind are collected and end with result; nil means success.
func (r *Runs) Handlers(kind jobs.Kind[Note], result func(job jobs.Job[Note]) error) *jobs.Handlers {
	set := jobs.NewHandlers()
	kind.Handle(set, func(_ context.Context, job jobs.Job[Note]) error {
		r.Add(job)
		if result == nil {
			return nil
		}
		return result(job)
	})
	return set
}

// Add collects one.
func (r *Runs) Add(job jobs.Job[Note]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jobs = append(r.jobs, job)
}

// All returns what was collected.
func (r *Runs) All() []jobs.Job[Note] {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]jobs.Job[Note]{}, r.jobs...)
}

// Texts returns the texts that were collected, in order.
func (r *Runs) Texts() []string {
	texts := []string{}
	for _, j := range r.All() {
		texts = append(texts, j.Payload.Text)
	}
	return texts
}

// Observer remembers what it is told. It is safe for concurrent use.
type Observer struct {
	mu    sync.Mutex
	ended map[string]int
	seen  map[string][3]int
	old   map[string]time.Duration
}

// JobEnded implements [jobs.Observer].
func (o *Observer) JobEnded(kind, outcome string, _, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended == nil {
		o.ended = make(map[string]int)
	}
	o.ended[kind+" "+outcome]++
}

// JobsSeen implements [jobs.Observer].
func (o *Observer) JobsSeen(kind string, due, running, dead int, oldest time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen == nil {
		o.seen, o.old = make(map[string][3]int), make(map[string]time.Duration)
	}
	o.seen[kind], o.old[kind] = [3]int{due, running, dead}, oldest
}

// Ended returns how many runs of a kind ended in an outcome.
func (o *Observer) Ended(kind, outcome string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ended[kind+" "+outcome]
}

// Last returns what was last seen of a kind, and whether it was seen at all.
func (o *Observer) Last(kind string) (counts [3]int, oldest time.Duration, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	counts, ok = o.seen[kind]
	return counts, o.old[kind], ok
}

// Log collects log lines. It is safe for concurrent use.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// claim takes the due jobs of a kind as a worker would that then says nothing more.
func (w *World) claim(t *testing.T, kind string, most int, lease time.Duration) []jobs.Row {
	t.Helper()
	c, err := w.Store.Jobs().Claim(t.Context(), w.Clock(), []jobs.Wanted{{Kind: kind, Most: most, Lease: lease}})
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	return c.Jobs
}

func leaseOf(r *jobs.Row) jobs.Lease { return jobs.Lease{ID: r.ID, Fence: r.Fence} }

// want fails the test unless err wraps target.
func want(t *testing.T, doing string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s = %v, want %v", doing, err, target)
	}
}

func texts(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%03d", i)
	}
	return all
}
