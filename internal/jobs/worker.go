// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// WorkerConfig says how a worker looks for jobs and how it stops. A field that is zero has the value in brackets.
type WorkerConfig struct {
	Poll  time.Duration // between two looks at the store (1 second); a job enqueued by this process is seen at once
	Grace time.Duration // what the handlers get to end when the worker stops (25 seconds)
}

const (
	seenEvery = 15 * time.Second
	// lastWait is how long a worker that stops waits for handlers whose context it has ended.
	lastWait = 5 * time.Second
)

// A Worker runs the jobs of the kinds that have a handler, each kind within its concurrency, and fires the schedules.
type Worker struct {
	q   *Queue
	set *Handlers
	cfg WorkerConfig

	freed chan struct{} // a run has ended

	mu      sync.Mutex
	running map[string]int // by kind
	inHand  sync.WaitGroup

	// Of the goroutine of Run or Drain.
	scheduled bool // the schedules are stored
	failing   bool // the last look failed
	seen      time.Time
}

// NewWorker returns a worker, or everything that is wrong with the handlers ([ErrInvalid]).
func NewWorker(q *Queue, set *Handlers, cfg WorkerConfig) (*Worker, error) {
	if err := set.check(); err != nil {
		return nil, err
	}
	if cfg.Poll <= 0 {
		cfg.Poll = time.Second
	}
	if cfg.Grace <= 0 {
		cfg.Grace = 25 * time.Second
	}
	return &Worker{q: q, set: set, cfg: cfg, freed: make(chan struct{}, 1), running: make(map[string]int)}, nil
}

// Run works until ctx ends. Then it takes no more jobs, gives the handlers their grace, ends their contexts with the
// cause [ErrShutdown] and puts the jobs that they leave back. It returns nil, or an error when a handler has not
// returned even so; the lease of its job runs out. A store that does not answer is logged and asked again.
func (w *Worker) Run(ctx context.Context) error {
	wake, leave := w.q.subscribe()
	defer leave()
	handling, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	poll := time.NewTicker(w.cfg.Poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		_, err := w.look(handling)
		w.report(ctx, err)
		w.observe(handling)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-w.freed:
		case <-poll.C:
		}
	}
	if w.ended(w.cfg.Grace) {
		return nil
	}
	stop(ErrShutdown)
	if w.ended(lastWait) {
		return nil
	}
	return errors.New("jobs: a handler did not return when its context ended")
}

// Drain fires the schedules that are due and runs the jobs that are due until none is, and returns how many runs there
// were. It is for commands that do one thing, and for tests; not beside [Worker.Run] of the same worker.
func (w *Worker) Drain(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := w.look(ctx)
		total += n
		w.inHand.Wait()
		if err != nil || n == 0 {
			return total, err
		}
		if err := ctx.Err(); err != nil {
			return total, fmt.Errorf("drain: %w", err)
		}
	}
}

// look fires schedules, claims jobs and starts them; it returns how many. What it asks the store for does not end with
// ctx: a claim that was cut off may have been made.
func (w *Worker) look(ctx context.Context) (int, error) {
	asking := context.WithoutCancel(ctx)
	_, fireErr := w.fire(asking)
	wanted := w.room()
	if len(wanted) == 0 {
		return 0, fireErr
	}
	claimed, err := w.q.cfg.Store.Claim(asking, w.q.cfg.Clock(), wanted)
	if err != nil {
		return 0, errors.Join(fireErr, fmt.Errorf("claim jobs: %w", err))
	}
	for _, l := range claimed.Lost {
		w.lost(asking, l)
	}
	for i := range claimed.Jobs {
		w.start(ctx, &claimed.Jobs[i])
	}
	return len(claimed.Jobs), fireErr
}

// room returns what the worker has room for.
func (w *Worker) room() []Wanted {
	w.mu.Lock()
	defer w.mu.Unlock()
	var wanted []Wanted
	for kind, h := range w.set.kinds {
		if free := h.policy.Concurrency - w.running[kind]; free > 0 {
			wanted = append(wanted, Wanted{Kind: kind, Most: free, Lease: h.policy.Lease, PerShare: h.policy.PerShare})
		}
	}
	return wanted
}

func (w *Worker) start(ctx context.Context, r *Row) {
	w.mu.Lock()
	w.running[r.Kind]++
	w.mu.Unlock()
	w.inHand.Go(func() {
		w.run(ctx, w.set.kinds[r.Kind], r)
		w.mu.Lock()
		w.running[r.Kind]--
		w.mu.Unlock()
		select {
		case w.freed <- struct{}{}:
		default: // it is already told
		}
	})
}

// ended waits for the handlers, no longer than limit, and tells whether all have returned.
func (w *Worker) ended(limit time.Duration) bool {
	all := make(chan struct{})
	go func() {
		w.inHand.Wait()
		close(all)
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-all:
		return true
	case <-timer.C:
		return false
	}
}

// report logs the first of several failures to reach the store, and the end of them.
func (w *Worker) report(ctx context.Context, err error) {
	switch {
	case err != nil && !w.failing:
		w.q.cfg.Logger.LogAttrs(ctx, slog.LevelError, "la coda dei lavori non risponde", slog.String("errore", err.Error()))
	case err == nil && w.failing:
		w.q.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "la coda dei lavori risponde di nuovo")
	}
	w.failing = err != nil
}

// observe tells the observer how many jobs there are, now and then. A failure is not told: the next look meets it too.
func (w *Worker) observe(ctx context.Context) {
	now := w.q.cfg.Clock()
	if now.Sub(w.seen) < seenEvery {
		return
	}
	stats, err := w.q.Stats(ctx)
	if err != nil {
		return
	}
	w.seen = now
	byKind := make(map[string]KindStats)
	for kind := range w.set.kinds {
		byKind[kind] = KindStats{}
	}
	for _, s := range stats {
		label := w.label(s.Kind)
		sum := byKind[label]
		sum.Due, sum.Running, sum.Dead = sum.Due+s.Due, sum.Running+s.Running, sum.Dead+s.Dead
		if sum.OldestDue.IsZero() || !s.OldestDue.IsZero() && s.OldestDue.Before(sum.OldestDue) {
			sum.OldestDue = s.OldestDue
		}
		byKind[label] = sum
	}
	for label, s := range byKind {
		oldest := time.Duration(0)
		if !s.OldestDue.IsZero() {
			oldest = max(now.Sub(s.OldestDue), 0)
		}
		w.q.cfg.Observer.JobsSeen(label, s.Due, s.Running, s.Dead, oldest)
	}
}

// label bounds the names that an observer meets.
func (w *Worker) label(kind string) string {
	if w.set.kinds[kind] == nil {
		return OtherKind
	}
	return kind
}
