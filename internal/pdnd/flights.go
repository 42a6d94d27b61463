// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"errors"
	"sync"
)

// errCrowded reports that too many callers wait already; errNotNow that no flight runs
// and may says that none may start.
var (
	errCrowded = errors.New("too many callers are waiting")
	errNotNow  = errors.New("asked too recently")
)

// flights lets many callers share one piece of work per key. The work runs on its own:
// a caller who leaves neither ends it nor holds others up. It is safe for concurrent use.
type flights[V any] struct {
	limit int // of callers waiting, and of flights, at once
	work  *sync.WaitGroup

	mu      sync.Mutex
	running map[string]*flight[V]
	waiting int
}

type flight[V any] struct {
	done  chan struct{}
	value V
	err   error
}

func newFlights[V any](limit int, work *sync.WaitGroup) *flights[V] {
	return &flights[V]{limit: limit, work: work, running: make(map[string]*flight[V])}
}

// do waits for the flight of key, started with work if none runs and may (nil: always)
// allows it. It returns ctx's error when ctx ends first.
func (f *flights[V]) do(ctx context.Context, key string, may func() bool, work func() (V, error)) (V, error) {
	var none V
	f.mu.Lock()
	if f.waiting >= f.limit {
		f.mu.Unlock()
		return none, errCrowded
	}
	one, err := f.launch(key, may, work)
	if err != nil {
		f.mu.Unlock()
		return none, err
	}
	f.waiting++
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.waiting--
		f.mu.Unlock()
	}()
	select {
	case <-one.done:
		return one.value, one.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// start runs work in the background unless a flight of key runs, too many run, or may
// forbids it.
func (f *flights[V]) start(key string, may func() bool, work func() (V, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.launch(key, may, work); err != nil {
		return // nobody waits for it; the next caller asks again
	}
}

// launch finds or starts the flight of key; f.mu is held.
func (f *flights[V]) launch(key string, may func() bool, work func() (V, error)) (*flight[V], error) {
	if one, ok := f.running[key]; ok {
		return one, nil
	}
	if len(f.running) >= f.limit {
		return nil, errCrowded
	}
	if may != nil && !may() {
		return nil, errNotNow
	}
	one := &flight[V]{done: make(chan struct{})}
	f.running[key] = one
	f.work.Go(func() {
		one.value, one.err = work()
		f.mu.Lock()
		delete(f.running, key)
		f.mu.Unlock()
		close(one.done)
	})
	return one, nil
}
