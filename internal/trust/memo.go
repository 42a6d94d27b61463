// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// maxFlights bounds the pieces of work that a memo has under way.
const maxFlights = 64

// answer is what was found out once.
type answer[V any] struct {
	value V
	err   error
	ask   time.Time // from then on it is found out again
	until time.Time // up to then it serves when finding out again fails
}

// memo remembers answers up to a number and forgets what was used least recently. Errors
// are remembered apart, in less space: strangers make them, and must not push out what is
// known of peers. Many callers share one piece of work per key; one who leaves neither ends
// it nor holds others up. It is safe for concurrent use.
type memo[V any] struct {
	mu            sync.Mutex
	good, refused shelf[V]
	flights       map[string]*flight[V]
}

// shelf is one place of a memo.
type shelf[V any] struct {
	most  int
	order *list.List // front: used last
	items map[string]*list.Element
}

type remembered[V any] struct {
	key  string
	from time.Time
	answer[V]
}

type flight[V any] struct {
	done   chan struct{}
	answer answer[V]
}

// leastRefused is the space for errors of a memo that is small.
const leastRefused = 64

func newMemo[V any](most int) *memo[V] {
	return &memo[V]{good: newShelf[V](most), refused: newShelf[V](max(most/4, leastRefused)), flights: map[string]*flight[V]{}}
}

func newShelf[V any](most int) shelf[V] {
	return shelf[V]{most: most, order: list.New(), items: map[string]*list.Element{}}
}

// knows tells whether an answer that is no error serves at an instant, even an old one.
func (m *memo[V]) knows(key string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := m.good.held(key)
	return held != nil && !now.Before(held.from) && now.Before(held.until)
}

// get returns what is remembered under key at the instant now, or the result of work. An
// answer of an instant after now does not count: clocks are put back.
func (m *memo[V]) get(ctx context.Context, key string, now time.Time, work func(context.Context) answer[V]) (V, time.Time, error) {
	m.mu.Lock()
	if held := m.held(key); held != nil && !now.Before(held.from) && now.Before(held.ask) {
		m.mu.Unlock()
		return held.value, held.ask, held.err
	}
	one, ok := m.flights[key]
	if !ok {
		if len(m.flights) >= maxFlights {
			m.mu.Unlock()
			var none V
			return none, now, fmt.Errorf("%w: too many certificates are being checked", modi.ErrUndecided)
		}
		one = &flight[V]{done: make(chan struct{})}
		m.flights[key] = one
		go m.fly(context.WithoutCancel(ctx), key, now, one, work)
	}
	m.mu.Unlock()
	select {
	case <-one.done:
		return one.answer.value, one.answer.ask, one.answer.err
	case <-ctx.Done():
		var none V
		return none, now, fmt.Errorf("%w: %w", modi.ErrUndecided, ctx.Err())
	}
}

// fly does the work and remembers its answer. An answer that still serves is kept when
// the work finds nothing out.
func (m *memo[V]) fly(ctx context.Context, key string, now time.Time, one *flight[V], work func(context.Context) answer[V]) {
	ctx, cancel := context.WithTimeout(ctx, workTimeout)
	defer cancel()
	got := safely(ctx, work)
	if errors.Is(got.err, modi.ErrUndecided) && !got.ask.After(now) {
		got.ask = now.Add(retryAfter)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if held := m.held(key); held != nil && held.err == nil && errors.Is(got.err, modi.ErrUndecided) &&
		!now.Before(held.from) && now.Before(held.until) {
		got = held.answer
		got.ask = earliest(now.Add(retryAfter), held.until)
	}
	one.answer = got
	if got.ask.After(now) {
		m.keep(&remembered[V]{key: key, from: now, answer: got})
	}
	delete(m.flights, key)
	close(one.done)
}

// safely does the work. One that panics on what a stranger sent finds nothing out, and must
// not end the process: nobody else would recover in this goroutine.
func safely[V any](ctx context.Context, work func(context.Context) answer[V]) (got answer[V]) {
	defer func() {
		if p := recover(); p != nil {
			got = answer[V]{err: fmt.Errorf("%w: the check of a certificate panicked: %.200v", modi.ErrUndecided, p)}
		}
	}()
	return work(ctx)
}

// held finds an item; m.mu is held.
func (m *memo[V]) held(key string) *remembered[V] {
	if item := m.good.held(key); item != nil {
		return item
	}
	return m.refused.held(key)
}

// keep remembers an item; m.mu is held.
func (m *memo[V]) keep(item *remembered[V]) {
	into, other := &m.good, &m.refused
	if item.err != nil {
		into, other = other, into
	}
	other.remove(item.key)
	into.keep(item)
}

func (s *shelf[V]) held(key string) *remembered[V] {
	e, ok := s.items[key]
	if !ok {
		return nil
	}
	s.order.MoveToFront(e)
	item, _ := e.Value.(*remembered[V]) // keep puts nothing else there
	return item
}

func (s *shelf[V]) remove(key string) {
	if e, ok := s.items[key]; ok {
		s.order.Remove(e)
		delete(s.items, key)
	}
}

func (s *shelf[V]) keep(item *remembered[V]) {
	s.remove(item.key)
	s.items[item.key] = s.order.PushFront(item)
	if s.order.Len() <= s.most {
		return
	}
	if old, ok := s.order.Back().Value.(*remembered[V]); ok {
		s.remove(old.key)
	}
}

// earliest is the first of some instants.
func earliest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if t.Before(first) {
			first = t
		}
	}
	return first
}
