// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package batch lets concurrent callers share the cost of one operation, as in the group commit of a database: while
// one batch is being worked on, the next gathers. It depends on the standard library only and knows nothing of what
// it carries.
package batch

import (
	"errors"
	"sync"
	"time"
)

var (
	// ErrFull means that as many items are waiting as may.
	ErrFull = errors.New("too many are already waiting")
	// ErrClosed means that no more items are taken.
	ErrClosed = errors.New("already closed")
)

// Config says how items are grouped.
type Config struct {
	Max     int           // most items in one batch
	Pending int           // most items waiting
	Window  time.Duration // under load, how long a batch waits to be as large as the one before; zero: not at all
}

// A Batcher hands items to one function, in order, some at a time. It is safe for concurrent use.
type Batcher[T any] struct {
	cfg Config
	run func(items []T)

	mu      sync.Mutex
	waiting []T
	closed  bool

	wake  chan struct{}
	ended chan struct{}
}

// New starts a batcher. run is called by one goroutine at a time; it owns the slice that it is given.
func New[T any](cfg Config, run func(items []T)) *Batcher[T] {
	b := &Batcher[T]{cfg: cfg, run: run, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go b.loop()
	return b
}

// Add queues an item and returns at once. The error is [ErrFull] or [ErrClosed]; otherwise run will be given the item,
// even when [Batcher.Close] comes first.
func (b *Batcher[T]) Add(item T) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return ErrClosed
	case len(b.waiting) >= b.cfg.Pending:
		return ErrFull
	}
	b.waiting = append(b.waiting, item)
	b.notify()
	return nil
}

// Close refuses new items and returns when all that were queued have been handed over and run has returned.
func (b *Batcher[T]) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.notify()
	<-b.ended
}

// notify wakes the loop, now or when it next waits.
func (b *Batcher[T]) notify() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *Batcher[T]) loop() {
	defer close(b.ended)
	last := 0
	for {
		// More than one item in the last batch means load. A lone item never waits.
		if last > 1 && b.cfg.Window > 0 {
			b.gather(last)
		}
		items, closed := b.take()
		if len(items) > 0 {
			b.run(items)
			last = len(items)
			continue
		}
		if closed {
			return
		}
		last = 0
		<-b.wake
	}
}

// gather waits until as many items are waiting as were in the last batch, for at most Window.
func (b *Batcher[T]) gather(want int) {
	timer := time.NewTimer(b.cfg.Window)
	defer timer.Stop()
	for {
		b.mu.Lock()
		ready := b.closed || len(b.waiting) >= want
		b.mu.Unlock()
		if ready {
			return
		}
		select {
		case <-b.wake:
		case <-timer.C:
			return
		}
	}
}

func (b *Batcher[T]) take() (items []T, closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.waiting), b.cfg.Max)
	items, b.waiting = b.waiting[:n:n], b.waiting[n:]
	if len(b.waiting) == 0 {
		b.waiting = nil
	}
	return items, b.closed
}
