// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/jobs/jobstest"
	"github.com/snodo-pa/snodo/internal/store"
)

// flaky is a store whose answers a test can withhold.
type flaky struct {
	jobs.Store

	down, noRenew, noEnd atomic.Bool
	renewed              atomic.Int32
}

var errDown = errors.New("the store does not answer")

func (f *flaky) Claim(ctx context.Context, now time.Time, wanted []jobs.Wanted) (jobs.Claimed, error) {
	if f.down.Load() {
		return jobs.Claimed{}, errDown
	}
	return f.Store.Claim(ctx, now, wanted)
}

func (f *flaky) Renew(ctx context.Context, l jobs.Lease, until time.Time) error {
	f.renewed.Add(1)
	if f.down.Load() || f.noRenew.Load() {
		return errDown
	}
	return f.Store.Renew(ctx, l, until)
}

func (f *flaky) End(ctx context.Context, l jobs.Lease, e jobs.End) error {
	if f.down.Load() || f.noEnd.Load() {
		return errDown
	}
	return f.Store.End(ctx, l, e)
}

// pass lets time pass in a bubble, where nothing else happens.
func pass(d time.Duration) { <-time.After(d) }

// A bubble is a world in which time passes when everybody waits.
type bubble struct {
	*jobstest.World

	store  *flaky
	ctx    context.Context
	cancel context.CancelFunc
}

// inBubble runs test with a queue over a flaky store.
func inBubble(t *testing.T, test func(t *testing.T, b *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{World: jobstest.New(t, time.Now)}
		b.store = &flaky{Store: b.Store.Jobs()}
		b.Queue = b.QueueOver(t, b.store)
		b.ctx, b.cancel = context.WithCancel(t.Context())
		defer b.cancel()
		test(t, b)
	})
}

// run starts a worker that calls fn for the jobs of kind, and returns where its end is told.
func (b *bubble) run(t *testing.T, kind jobs.Kind[jobstest.Note], fn func(context.Context, jobs.Job[jobstest.Note]) error) <-chan error {
	t.Helper()
	set := jobs.NewHandlers()
	kind.Handle(set, fn)
	w := b.Worker(t, set)
	done := make(chan error, 1)
	go func() { done <- w.Run(b.ctx) }()
	return done
}

func (b *bubble) stop(t *testing.T, done <-chan error) {
	t.Helper()
	b.cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v", err)
	}
}

// TestEnqueuedJobIsSeenAtOnce: a worker of the same process does not wait for its next look.
func TestEnqueuedJobIsSeenAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind, ran := jobstest.Kind("note", jobs.Policy{}), make(chan time.Time, 9)
		done := b.run(t, kind, func(context.Context, jobs.Job[jobstest.Note]) error {
			ran <- time.Now()
			return nil
		})
		pass(100 * time.Millisecond)
		before := time.Now()
		b.Put(t, kind, jobstest.Own(), "x")
		if at := <-ran; !at.Equal(before) {
			t.Errorf("ran after %v", at.Sub(before))
		}
		// One that another process, or a transaction, enqueued is found by the next look.
		if _, err := kind.EnqueueIn(t.Context(), b.Queue, b.store, jobstest.Own(), jobstest.Note{}); err != nil {
			t.Fatal(err)
		}
		if at := <-ran; at.Sub(before) > time.Second {
			t.Errorf("found after %v", at.Sub(before))
		}
		b.stop(t, done)
	})
}

func TestConcurrencyIsBoundedPerKind(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{Concurrency: 3})
		for range 10 {
			b.Put(t, kind, jobstest.Own(), "x")
		}
		var inside, most, total atomic.Int32
		done := b.run(t, kind, func(context.Context, jobs.Job[jobstest.Note]) error {
			most.Store(max(most.Load(), inside.Add(1)))
			pass(10 * time.Millisecond)
			inside.Add(-1)
			total.Add(1)
			return nil
		})
		pass(100 * time.Millisecond) // ten jobs, three at a time, without waiting for a look between them
		if total.Load() != 10 || most.Load() != 3 {
			t.Errorf("%d jobs ran, %d at a time, want 10, 3 at a time", total.Load(), most.Load())
		}
		b.stop(t, done)
	})
}

// TestLongRunKeepsItsLease: a run of many leases is nobody else's meanwhile.
func TestLongRunKeepsItsLease(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{Lease: time.Minute, Timeout: time.Hour})
		r := b.Put(t, kind, jobstest.Own(), "x")
		var runs atomic.Int32
		work := func(context.Context, jobs.Job[jobstest.Note]) error {
			runs.Add(1)
			pass(30 * time.Minute)
			return nil
		}
		one, other := b.run(t, kind, work), b.run(t, kind, work)
		pass(31 * time.Minute)
		if got := b.Info(t, r.ID); runs.Load() != 1 || got.State != jobs.StateDone || got.Attempt != 1 {
			t.Errorf("%d runs, %+v", runs.Load(), got)
		}
		b.stop(t, one)
		if err := <-other; err != nil {
			t.Error(err)
		}
	})
}

// TestLostLeaseEndsTheRun: a worker that cannot renew gives up before anybody else may take the job.
func TestLostLeaseEndsTheRun(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{Lease: time.Minute, Timeout: time.Hour})
		r := b.Put(t, kind, jobstest.Own(), "x")
		b.store.noRenew.Store(true)
		start := time.Now()
		cause := make(chan error, 1)
		done := b.run(t, kind, func(ctx context.Context, job jobs.Job[jobstest.Note]) error {
			if job.Attempt > 1 {
				return nil
			}
			<-ctx.Done()
			cause <- context.Cause(ctx)
			return ctx.Err()
		})
		if err := <-cause; !errors.Is(err, jobs.ErrLeaseLost) || time.Since(start) > time.Minute+time.Second {
			t.Errorf("the run ended with %v after %v", err, time.Since(start))
		}
		pass(2 * time.Minute)
		if got := b.Info(t, r.ID); got.State != jobs.StateDone || got.Attempt != 2 {
			t.Errorf("%+v, want it run again", got)
		}
		if n := b.Seen.Ended("note", jobs.OutcomeLost); n != 2 { // the run that gave up, and the lease that ran out
			t.Errorf("observed %d lost", n)
		}
		b.stop(t, done)
	})
}

// TestEndIsStoredWhenTheStoreIsBack: what was done is not done again because the database was away for a while.
func TestEndIsStoredWhenTheStoreIsBack(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{Lease: time.Minute, Concurrency: 2})
		r := b.Put(t, kind, jobstest.Own(), "x")
		var runs atomic.Int32
		done := b.run(t, kind, func(context.Context, jobs.Job[jobstest.Note]) error {
			runs.Add(1)
			b.store.down.Store(true)
			return nil
		})
		pass(50 * time.Second) // less than a lease
		b.store.down.Store(false)
		pass(10 * time.Minute)
		if got := b.Info(t, r.ID); got.State != jobs.StateDone || runs.Load() != 1 {
			t.Errorf("%d runs, %+v", runs.Load(), got)
		}
		log := b.Log.String()
		if strings.Count(log, "non risponde") != 1 || strings.Count(log, "risponde di nuovo") != 1 {
			t.Errorf("an outage is told once, and its end:\n%s", log)
		}
		b.stop(t, done)
	})
}

// TestEndThatCannotBeStored: while End fails the lease is kept; when the hub stops the job is left to others.
func TestEndThatCannotBeStored(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{Lease: time.Minute, Timeout: time.Hour})
		r := b.Put(t, kind, jobstest.Own(), "x")
		b.store.noEnd.Store(true)
		done := b.run(t, kind, func(context.Context, jobs.Job[jobstest.Note]) error { return nil })
		pass(10 * time.Minute)
		if got := b.Info(t, r.ID); got.State != jobs.StateRunning || got.Attempt != 1 {
			t.Errorf("%+v", got)
		}
		b.stop(t, done)
		if n := b.Seen.Ended("note", jobs.OutcomeLost); n != 1 {
			t.Errorf("observed %d lost", n)
		}
	})
}

func TestTimeoutEndsARun(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{Timeout: time.Second, MaxAttempts: 1})
		r := b.Put(t, kind, jobstest.Own(), "x")
		done := b.run(t, kind, func(ctx context.Context, _ jobs.Job[jobstest.Note]) error {
			<-ctx.Done()
			return errors.New("gave up")
		})
		pass(1500 * time.Millisecond)
		if got := b.Info(t, r.ID); got.State != jobs.StateDead || got.Code != jobs.CodeTimeout {
			t.Errorf("%+v", got)
		}
		b.stop(t, done)
	})
}

// TestDeafHandlerLosesItsLease: one that does not heed its timeout cannot hold the job for ever.
func TestDeafHandlerLosesItsLease(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{Timeout: time.Minute, Lease: time.Minute, Concurrency: 2})
		r := b.Put(t, kind, jobstest.Own(), "x")
		wake := make(chan struct{})
		done := b.run(t, kind, func(_ context.Context, job jobs.Job[jobstest.Note]) error {
			if job.Attempt == 1 {
				<-wake
			}
			return nil
		})
		pass(5 * time.Minute)
		if got := b.Info(t, r.ID); got.State != jobs.StateDone || got.Attempt != 2 {
			t.Errorf("%+v, want it done by a second run", got)
		}
		close(wake) // its result is refused
		pass(time.Second)
		if n := b.Seen.Ended("note", jobs.OutcomeDone); n != 1 {
			t.Errorf("observed %d done", n)
		}
		b.stop(t, done)
	})
}

// TestShutdownWaitsForHandlers: within the grace a run ends as always.
func TestShutdownWaitsForHandlers(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{})
		first, second := b.Put(t, kind, jobstest.Own(), "1"), b.Put(t, kind, jobstest.Own(), "2")
		done := b.run(t, kind, func(ctx context.Context, _ jobs.Job[jobstest.Note]) error {
			pass(20 * time.Second)
			return ctx.Err()
		})
		pass(time.Second)
		start := time.Now()
		b.stop(t, done)
		if took := time.Since(start); took != 19*time.Second {
			t.Errorf("stopped after %v", took)
		}
		if one, two := b.Info(t, first.ID), b.Info(t, second.ID); one.State != jobs.StateDone || two.State != jobs.StatePending || two.Attempt != 0 {
			t.Errorf("%+v, %+v", one, two)
		}
	})
}

// TestShutdownPutsJobsBack: after the grace a run is interrupted, and its job waits for the next start as if it had not
// begun.
func TestShutdownPutsJobsBack(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{})
		r := b.Put(t, kind, jobstest.Own(), "x")
		cause := make(chan error, 1)
		done := b.run(t, kind, func(ctx context.Context, _ jobs.Job[jobstest.Note]) error {
			<-ctx.Done()
			cause <- context.Cause(ctx)
			return jobs.Permanent(ctx.Err()) // what a handler makes of an interruption does not count
		})
		pass(time.Second)
		start := time.Now()
		b.stop(t, done)
		if err := <-cause; !errors.Is(err, jobs.ErrShutdown) || time.Since(start) != 25*time.Second {
			t.Errorf("interrupted with %v after %v", err, time.Since(start))
		}
		if got := b.Info(t, r.ID); got.State != jobs.StatePending || got.Attempt != 0 || got.RunAt.After(time.Now()) {
			t.Errorf("%+v", got)
		}
		if n := b.Seen.Ended("note", jobs.OutcomeReleased); n != 1 {
			t.Errorf("observed %d released", n)
		}
	})
}

// TestShutdownDoesNotWaitForEver: a handler that heeds nothing leaves its job to its lease.
func TestShutdownDoesNotWaitForEver(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{})
		b.Put(t, kind, jobstest.Own(), "x")
		wake := make(chan struct{})
		done := b.run(t, kind, func(context.Context, jobs.Job[jobstest.Note]) error { <-wake; return nil })
		pass(time.Second)
		b.cancel()
		start := time.Now()
		if err := <-done; err == nil || time.Since(start) != 30*time.Second {
			t.Errorf("Run = %v after %v", err, time.Since(start))
		}
		close(wake)
		synctest.Wait()
	})
}

// TestFencedWriteOfALateHandler: a handler that comes back after its lease was taken cannot store what it did.
func TestFencedWriteOfALateHandler(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		kind := jobstest.Kind("note", jobs.Policy{Lease: time.Minute, Timeout: time.Hour})
		b.Put(t, kind, jobstest.Own(), "x")
		b.store.noRenew.Store(true)
		feed := store.CursorName{Feed: "f"}
		result := make(chan error, 2)
		done := b.run(t, kind, func(_ context.Context, job jobs.Job[jobstest.Note]) error {
			if job.Attempt == 1 {
				pass(3 * time.Minute) // deaf to its context
			}
			err := b.Store.Update(context.Background(), func(ctx context.Context, tx *store.Tx) error {
				if err := tx.Fence(ctx, job.Lease); err != nil {
					return err
				}
				return tx.SetCursor(ctx, feed, "written", "")
			})
			result <- err
			return err
		})
		pass(time.Second) // the first is at it
		other := b.run(t, kind, func(_ context.Context, job jobs.Job[jobstest.Note]) error {
			return b.Store.Update(context.Background(), func(ctx context.Context, tx *store.Tx) error {
				return tx.Fence(ctx, job.Lease)
			})
		})
		if err := <-result; !errors.Is(err, jobs.ErrLeaseLost) {
			t.Errorf("the late write = %v, want ErrLeaseLost", err)
		}
		if c, err := b.Store.State().Cursor(t.Context(), feed); c.Value != "" || err != nil {
			t.Errorf("it wrote %+v, %v", c, err)
		}
		b.stop(t, done)
		if err := <-other; err != nil {
			t.Error(err)
		}
	})
}

// TestJitterIsBounded: each instant of a schedule is delayed by less than its jitter.
func TestJitterIsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		set := jobs.NewHandlers()
		kind := jobs.Kind[jobs.Tick]{Name: "tick"}
		fired := make(chan jobs.Tick, 99)
		kind.Handle(set, func(_ context.Context, job jobs.Job[jobs.Tick]) error {
			fired <- job.Payload
			return nil
		})
		set.Schedule(jobs.Schedule{Name: "s", When: mustWhen(t, "every 10m jitter 5m")}, kind)
		w, err := jobs.NewWorker(b.Queue, set, jobs.WorkerConfig{Poll: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		last := time.Now()
		go func() { done <- w.Run(b.ctx) }()
		different := make(map[time.Duration]bool)
		for range 8 {
			tick := <-fired
			wait := tick.Due.Sub(last)
			if wait < 10*time.Minute || wait >= 15*time.Minute || tick.Fired.Sub(tick.Due) > 10*time.Second || tick.Schedule != "s" {
				t.Errorf("fired %+v, due %v after the one before", tick, wait)
			}
			last, different[wait.Truncate(time.Second)] = tick.Due, true
		}
		if len(different) < 2 {
			t.Error("every delay is the same")
		}
		b.stop(t, done)
	})
}
