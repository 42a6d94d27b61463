// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package replay

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is a Cache of one process. It forgets everything when the process ends, and therefore refuses, through
// NotBefore, tokens issued before it was made.
type Memory struct {
	max   int
	clock func() time.Time
	start time.Time

	mu    sync.Mutex
	used  map[[sha256.Size]byte]time.Time
	sweep time.Time // no key expires before it: sweeping earlier would free nothing
}

var _ Cache = (*Memory)(nil)

// NewMemory returns a cache of at most limit live keys, about 100 bytes each.
func NewMemory(limit int, clock func() time.Time) *Memory {
	return &Memory{max: limit, clock: clock, start: clock(), used: make(map[[sha256.Size]byte]time.Time)}
}

// Use implements [Cache]. A full cache refuses with [ErrFull] rather than forget a live key.
func (m *Memory) Use(ctx context.Context, expires time.Time, keys ...Key) error {
	return m.UseSums(ctx, expires, Sums(keys))
}

// UseSums is Use of the keys with these sums, for a cache that keeps them elsewhere too.
func (m *Memory) UseSums(ctx context.Context, expires time.Time, sums [][sha256.Size]byte) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("use token: %w", err)
	}
	if len(sums) == 0 {
		return errors.New("use token: no keys")
	}
	for i, sum := range sums {
		if slices.Contains(sums[:i], sum) {
			return fmt.Errorf("%w: one key given twice", ErrReplayed)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock()
	if !expires.After(now) {
		return ErrLate
	}
	for _, sum := range sums {
		if until, ok := m.used[sum]; ok && until.After(now) {
			return ErrReplayed
		}
	}
	if len(m.used)+len(sums) > m.max && !m.sweep.After(now) {
		m.forget(now)
	}
	if len(m.used)+len(sums) > m.max {
		return fmt.Errorf("%w: %d keys", ErrFull, len(m.used))
	}
	for _, sum := range sums {
		m.mark(sum, expires)
	}
	return nil
}

// mark needs the lock.
func (m *Memory) mark(sum [sha256.Size]byte, expires time.Time) {
	m.used[sum] = expires
	if m.sweep.IsZero() || expires.Before(m.sweep) {
		m.sweep = expires
	}
}

// Restore marks a key, by its [Key.Sum], as used before this cache was made. It may exceed the limit.
func (m *Memory) Restore(sum [sha256.Size]byte, expires time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mark(sum, expires)
}

// Purge implements [Cache].
func (m *Memory) Purge(_ context.Context, now time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.forget(now), nil
}

func (m *Memory) forget(now time.Time) int {
	forgotten := 0
	m.sweep = time.Time{}
	for sum, until := range m.used {
		switch {
		case !until.After(now):
			delete(m.used, sum)
			forgotten++
		case m.sweep.IsZero() || until.Before(m.sweep):
			m.sweep = until
		}
	}
	return forgotten
}

// NotBefore implements [Cache]: the instant the cache was made.
func (m *Memory) NotBefore() time.Time { return m.start }

// Close implements [Cache].
func (m *Memory) Close() error { return nil }
