// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"sync"
	"time"
)

// bucket is a token bucket whose tokens can be given back: a lookup that finds a key
// costs its client nothing. It is safe for concurrent use.
type bucket struct {
	burst int
	every time.Duration // time in which one token comes back

	mu     sync.Mutex
	tokens float64
	last   time.Time
}

func newBucket(burst int, every time.Duration) *bucket {
	return &bucket{burst: burst, every: every, tokens: float64(burst)}
}

// take takes one token if there is one.
func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if elapsed := now.Sub(b.last); !b.last.IsZero() && elapsed > 0 {
		b.tokens = min(float64(b.burst), b.tokens+float64(elapsed)/float64(b.every))
	}
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// giveBack returns a token taken before.
func (b *bucket) giveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(float64(b.burst), b.tokens+1)
}
