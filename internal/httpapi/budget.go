// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
)

// bodiesInFlight bounds the bodies that the requests of one listener hold at once, in bytes: there is room for at least
// bodiesAtOnce bodies of the longest length.
const (
	bodiesInFlight = 256 << 20
	bodiesAtOnce   = 4
)

// retryBusy is how long a caller waits when there is no room for its body.
const retryBusy = 2 * time.Second

// budget is the room for bodies of one listener. No holder, an e-service or a caller, has more than half of it: who
// announces much and sends slowly keeps the others from nothing. It is safe for concurrent use.
type budget struct {
	most int64

	mu    sync.Mutex
	used  int64
	taken map[string]int64 // by holder; none stays with nothing
}

func newBudget(maxBody int64) *budget {
	return &budget{most: max(bodiesInFlight, bodiesAtOnce*maxBody), taken: map[string]int64{}}
}

// take books n bytes, for each holder too, or refuses with 503. A holder without name holds nothing.
func (b *budget) take(n int64, holders ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	full := b.used+n > b.most
	for _, h := range holders {
		full = full || h != "" && b.taken[h]+n > b.most/2
	}
	if full {
		return problem.New(problem.RuleBusy).After(retryBusy)
	}
	b.add(n, holders)
	return nil
}

func (b *budget) give(n int64, holders ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(-n, holders)
}

func (b *budget) add(n int64, holders []string) {
	b.used += n
	for _, h := range holders {
		if h == "" {
			continue
		}
		if b.taken[h] += n; b.taken[h] == 0 {
			delete(b.taken, h)
		}
	}
}

// book takes room for the body of a request, which holds it until it has been answered.
func (r *request) book(n int64, holders ...string) error {
	if r.room == nil {
		return nil
	}
	if err := r.room.take(n, holders...); err != nil {
		return err
	}
	r.booked, r.holders = r.booked+n, holders
	return nil
}

// settle gives back what was booked beyond n bytes.
func (r *request) settle(n int64) {
	if over := r.booked - n; r.room != nil && over > 0 {
		r.room.give(over, r.holders...)
		r.booked = n
	}
}

func (r *request) release() { r.settle(0) }
