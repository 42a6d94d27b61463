// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"sync/atomic"
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

// budget is the room for bodies of one listener. It is safe for concurrent use.
type budget struct {
	most int64
	used atomic.Int64
}

func newBudget(maxBody int64) *budget {
	return &budget{most: max(bodiesInFlight, bodiesAtOnce*maxBody)}
}

// take books n bytes, or refuses with 503.
func (b *budget) take(n int64) error {
	if b.used.Add(n) <= b.most {
		return nil
	}
	b.used.Add(-n)
	return problem.New(problem.RuleBusy).After(retryBusy)
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// book takes room for the body of a request, which holds it until it has been answered.
func (r *request) book(n int64) error {
	if r.room == nil {
		return nil
	}
	if err := r.room.take(n); err != nil {
		return err
	}
	r.booked += n
	return nil
}

// settle gives back what was booked beyond n bytes.
func (r *request) settle(n int64) {
	if over := r.booked - n; r.room != nil && over > 0 {
		r.room.give(over)
		r.booked = n
	}
}

func (r *request) release() { r.settle(0) }
