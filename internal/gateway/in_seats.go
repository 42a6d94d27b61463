// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"slices"
	"sync"
)

// seats are places of an exposure that exchanges hold. No consumer has more than half of them, rounded up; who waits for one
// gets it before whoever comes later, unless its consumer has its share already. It is safe for concurrent use.
type seats struct {
	most, each int // of all, of one consumer

	mu      sync.Mutex
	taken   int
	held    map[string]int // by consumer; none stays with nothing
	waiting []*inLine      // in the order in which they came; none of them could be seated now
}

// inLine is who waits for a seat.
type inLine struct {
	consumer string
	seated   chan struct{}
}

func newSeats(most int) *seats {
	return &seats{most: most, each: (most + 1) / 2, held: map[string]int{}}
}

// try takes a seat that is free. leave gives it back, and is called once.
func (s *seats) try(consumer string) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.free(consumer) {
		return nil, false
	}
	return s.sit(consumer), true
}

// wait takes a seat as soon as it is this one's turn, unless ctx ends first.
func (s *seats) wait(ctx context.Context, consumer string) (leave func(), ok bool) {
	s.mu.Lock()
	if s.free(consumer) {
		defer s.mu.Unlock()
		return s.sit(consumer), true
	}
	own := &inLine{consumer, make(chan struct{})}
	s.waiting = append(s.waiting, own)
	s.mu.Unlock()
	select {
	case <-own.seated:
		return s.leave(consumer), true
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.Index(s.waiting, own)
	if at < 0 { // it was seated just now
		return s.leave(consumer), true
	}
	s.waiting = slices.Delete(s.waiting, at, at+1)
	return nil, false
}

// free, sit and seat are for who holds the lock.
func (s *seats) free(consumer string) bool { return s.taken < s.most && s.held[consumer] < s.each }

func (s *seats) sit(consumer string) (leave func()) {
	s.taken++
	s.held[consumer]++
	return s.leave(consumer)
}

func (s *seats) leave(consumer string) func() {
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.taken--
		if s.held[consumer]--; s.held[consumer] == 0 {
			delete(s.held, consumer)
		}
		s.seat()
	}
}

// seat gives what is free to those who wait: one place was given back, which is one for at most one of them.
func (s *seats) seat() {
	at := slices.IndexFunc(s.waiting, func(w *inLine) bool { return s.free(w.consumer) })
	if at < 0 {
		return
	}
	next := s.waiting[at]
	s.waiting = slices.Delete(s.waiting, at, at+1)
	s.sit(next.consumer)
	close(next.seated)
}
