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
	Window  time.Duration // under load, how long a batch waits for more; zero: not at all
	// Pause is for items that come in waves: two and more wait no longer once nothing has come for this long; zero means
	// Window. Where items come one by one, further apart than that, several of their intervals are waited instead; where
	// the window has no room for that, nothing.
	Pause time.Duration
}

const (
	// moment is how many windows long load is remembered: callers who were served together come back in waves.
	moment = 16
	// silence is how many intervals between two items are a pause.
	silence = 3
)

// A Batcher hands items to one function, in order, some at a time. It is safe for concurrent use.
type Batcher[T any] struct {
	cfg Config
	run func(items []T)

	mu      sync.Mutex
	waiting []T
	closed  bool

	wake    chan struct{}
	closing chan struct{} // closed by Close
	ended   chan struct{}

	interval time.Duration // between two items, of late; of the loop alone
}

// New starts a batcher. run is called by one goroutine at a time; it owns the slice that it is given.
func New[T any](cfg Config, run func(items []T)) *Batcher[T] {
	if cfg.Pause <= 0 {
		cfg.Pause = cfg.Window
	}
	b := &Batcher[T]{
		cfg: cfg, run: run, wake: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{}),
	}
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
	if !b.closed {
		b.closed = true
		close(b.closing)
	}
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
	var shared time.Time // when the last batch of more than one item was done
	taken := time.Now()
	for {
		// Company a moment ago means load. Without it nobody waits.
		if b.waits() > 0 && silence*b.interval < b.cfg.Window && time.Since(shared) < moment*b.cfg.Window {
			b.gather(max(b.cfg.Pause, silence*b.interval))
		}
		items, closed := b.take()
		if len(items) > 0 {
			now := time.Now()
			since := min(now.Sub(taken), moment*b.cfg.Window)
			b.interval += (since/time.Duration(len(items)) - b.interval) / 4
			taken = now
			b.run(items)
			if len(items) > 1 {
				shared = time.Now()
			}
			continue
		}
		if closed {
			return
		}
		<-b.wake
	}
}

// gather waits until nothing has come for a pause, for at most Window. It looks now and then: being woken by every item
// would cost more than the item.
func (b *Batcher[T]) gather(pause time.Duration) {
	ticker := time.NewTicker(b.cfg.Pause)
	defer ticker.Stop()
	before, quiet := 0, time.Duration(0)
	for waited := time.Duration(0); waited < b.cfg.Window; waited += b.cfg.Pause {
		n := b.waits()
		if n != before {
			quiet = 0
		}
		if n > 1 && quiet >= pause || n >= b.cfg.Max {
			return
		}
		before = n
		select {
		case <-ticker.C:
			quiet += b.cfg.Pause
		case <-b.closing:
			return
		}
	}
}

// waits is how many items are waiting.
func (b *Batcher[T]) waits() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
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
