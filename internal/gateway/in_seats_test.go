// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestSeatsAreSharedOut: nobody has more than half, rounded up, whatever is free.
func TestSeatsAreSharedOut(t *testing.T) {
	for most, each := range map[int]int{1: 1, 2: 1, 3: 2, 4: 2, 9: 5} {
		s := newSeats(most)
		var leave []func()
		for _, consumer := range []string{"a", "b", "c"} {
			for n := 0; ; n++ {
				out, ok := s.try(consumer)
				if !ok {
					if want := min(each, most-len(leave)+n); n != want {
						t.Errorf("%d seats: %s has %d, want %d", most, consumer, n, want)
					}
					break
				}
				leave = append(leave, out)
			}
		}
		if s.count() != most {
			t.Errorf("%d of %d seats taken", s.count(), most)
		}
		for _, out := range leave {
			out()
		}
		if s.count() != 0 || len(s.held) != 0 {
			t.Errorf("%d seats taken, %d consumers remembered", s.count(), len(s.held))
		}
	}
}

// TestSeatsAreGivenInTurn: to who waits, before who comes later; who has its share is passed by.
func TestSeatsAreGivenInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSeats(2)
		first, _ := s.try("a")
		second, _ := s.try("b")
		var mu sync.Mutex
		var came []string
		seated := func() []string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(came)
		}
		wait := func(consumer string) {
			go func() {
				leave, ok := s.wait(context.Background(), consumer)
				mu.Lock()
				came = append(came, consumer)
				mu.Unlock()
				time.Sleep(time.Second)
				if ok {
					leave()
				}
			}()
			synctest.Wait()
		}
		for _, consumer := range []string{"b", "b", "a", "c"} {
			wait(consumer)
		}
		first() // of a, while b has its share: a's turn
		if _, ok := s.try("d"); ok {
			t.Error("who comes later got the seat of who waits")
		}
		synctest.Wait()
		if !slices.Equal(seated(), []string{"a"}) {
			t.Errorf("seated %v", seated())
		}
		second()
		synctest.Wait()
		if !slices.Equal(seated(), []string{"a", "b"}) {
			t.Errorf("seated %v", seated())
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(seated()) != 4 || s.count() != 0 || len(s.waiting) != 0 {
			t.Errorf("seated %v, %d taken, %d wait", seated(), s.count(), len(s.waiting))
		}
	})
}

// TestWhoGivesUpWaitingLeavesNothing behind, also when its seat comes at the same moment.
func TestWhoGivesUpWaitingLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSeats(1)
		out, _ := s.try("a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, ok := s.wait(ctx, "b"); ok || len(s.waiting) != 0 {
			t.Errorf("%d wait", len(s.waiting))
		}
		for range 50 {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				if leave, ok := s.wait(ctx, "b"); ok {
					leave()
				}
			}()
			synctest.Wait()
			go cancel()
			go out()
			<-done
			synctest.Wait()
			if s.count() != 0 || len(s.waiting) != 0 {
				t.Fatalf("%d taken, %d wait", s.count(), len(s.waiting))
			}
			out, _ = s.try("a")
		}
		out()
	})
}

// count is how many are taken.
func (s *seats) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}
