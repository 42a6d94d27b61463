// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package batch_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/batch"
)

// A recorder keeps the batches that it was given and, when it has a gate, waits at it.
type recorder struct {
	mu      sync.Mutex
	batches [][]int
	gate    chan struct{}
}

func (r *recorder) run(items []int) {
	r.mu.Lock()
	r.batches = append(r.batches, items)
	r.mu.Unlock()
	if r.gate != nil {
		<-r.gate
	}
}

func (r *recorder) sizes() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	var sizes []int
	for _, b := range r.batches {
		sizes = append(sizes, len(b))
	}
	return sizes
}

func add(t *testing.T, b *batch.Batcher[int], items ...int) {
	t.Helper()
	for _, i := range items {
		if err := b.Add(i); err != nil {
			t.Fatalf("Add(%d): %v", i, err)
		}
	}
}

// gathering is a batcher that waits for company as that of the evidence does.
func gathering(r *recorder) *batch.Batcher[int] {
	return batch.New(batch.Config{Max: 100, Pending: 100, Window: 10 * time.Millisecond, Pause: 2 * time.Millisecond}, r.run)
}

func TestNextBatchGathersMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{gate: make(chan struct{})}
		b := batch.New(batch.Config{Max: 4, Pending: 100}, r.run)
		add(t, b, 0)
		synctest.Wait() // the first batch is being worked on
		add(t, b, 1, 2, 3, 4, 5, 6)
		close(r.gate)
		b.Close()
		if want := []int{1, 4, 2}; !slices.Equal(r.sizes(), want) {
			t.Errorf("batches of %v, want %v", r.sizes(), want)
		}
		if all := slices.Concat(r.batches...); !slices.IsSorted(all) || len(all) != 7 {
			t.Errorf("items %v, want 0 to 6 in order", all)
		}
	})
}

func TestLoneItemDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		b := batch.New(batch.Config{Max: 4, Pending: 100, Window: time.Hour}, r.run)
		defer b.Close()
		start := time.Now()
		for i := range 3 {
			add(t, b, i)
			synctest.Wait()
		}
		if len(r.sizes()) != 3 || time.Since(start) != 0 {
			t.Errorf("batches of %v after %v, want three at once", r.sizes(), time.Since(start))
		}
	})
}

func TestUnderLoadABatchWaitsForCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{gate: make(chan struct{})}
		b := batch.New(batch.Config{Max: 100, Pending: 100, Window: time.Millisecond}, r.run)
		add(t, b, 0)
		synctest.Wait()
		add(t, b, 1, 2, 3)
		close(r.gate)
		synctest.Wait() // the batch of three is done, so the next one waits for three
		add(t, b, 4, 5)
		synctest.Wait()
		if want := []int{1, 3}; !slices.Equal(r.sizes(), want) {
			t.Errorf("inside the window: batches of %v, want %v", r.sizes(), want)
		}
		time.Sleep(time.Millisecond) // of the test's own clock
		synctest.Wait()
		if want := []int{1, 3, 2}; !slices.Equal(r.sizes(), want) {
			t.Errorf("after the window: batches of %v, want %v", r.sizes(), want)
		}
		b.Close()
	})
}

func TestFullAndClosedBatcherRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{gate: make(chan struct{})}
		b := batch.New(batch.Config{Max: 10, Pending: 2}, r.run)
		add(t, b, 0)
		synctest.Wait()
		add(t, b, 1, 2)
		if err := b.Add(3); !errors.Is(err, batch.ErrFull) {
			t.Errorf("Add to a full batcher = %v, want ErrFull", err)
		}
		close(r.gate)
		b.Close()
		if err := b.Add(4); !errors.Is(err, batch.ErrClosed) {
			t.Errorf("Add to a closed batcher = %v, want ErrClosed", err)
		}
		if want := []int{1, 2}; !slices.Equal(r.sizes(), want) {
			t.Errorf("batches of %v, want %v: what was queued must be handed over", r.sizes(), want)
		}
	})
}

func TestABatchWaitsWhileItemsKeepComing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		b := gathering(r)
		add(t, b, 0, 1) // company: the next ones are gathered
		synctest.Wait()
		for i := range 3 {
			add(t, b, 2*i, 2*i+1)
			time.Sleep(time.Millisecond) // of the test's own clock
		}
		time.Sleep(4 * time.Millisecond) // a pause, well inside the window
		synctest.Wait()
		if want := []int{2, 6}; !slices.Equal(r.sizes(), want) {
			t.Errorf("batches of %v, want %v", r.sizes(), want)
		}
		time.Sleep(time.Second) // load is forgotten
		add(t, b, 6)
		synctest.Wait()
		if want := []int{2, 6, 1}; !slices.Equal(r.sizes(), want) {
			t.Errorf("a lone item later: batches of %v, want %v at once", r.sizes(), want)
		}
		b.Close()
	})
}

// TestSteadyArrivalsAreGatheredForSeveralIntervals: items that come one by one, further apart than a pause, share batches.
func TestSteadyArrivalsAreGatheredForSeveralIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		b := gathering(r)
		add(t, b, 0, 1) // company
		for i := range 200 {
			time.Sleep(3 * time.Millisecond) // of the test's own clock
			add(t, b, 2+i)
		}
		b.Close()
		if sizes := r.sizes(); len(sizes) > 202/3 {
			t.Errorf("%d batches of 202 items: %v", len(sizes), sizes)
		}
	})
}

// TestRareArrivalsDoNotWait: where a window would bring no company, nobody waits for it.
func TestRareArrivalsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		b := gathering(r)
		defer b.Close()
		for i := range 20 {
			time.Sleep(30 * time.Millisecond) // of the test's own clock
			add(t, b, 2*i, 2*i+1)             // company: this is load
			synctest.Wait()
			if i > 10 && len(r.sizes()) != i+1 {
				t.Fatalf("batch %d is still waiting", i)
			}
		}
	})
}
