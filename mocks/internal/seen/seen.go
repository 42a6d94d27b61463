// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package seen remembers identifiers that may be used once, for as long as they could be
// used again.
//
// It owns nothing but that memory and depends on the standard library only; time is a
// parameter.
package seen

import (
	"sync"
	"time"
)

// pruneEvery is how often forgotten identifiers are swept out.
const pruneEvery = time.Minute

// Set is a set of used identifiers. The zero value is empty and ready; it is safe for
// concurrent use.
type Set struct {
	mu    sync.Mutex
	until map[string]time.Time
	sweep time.Time
}

// Use burns an identifier until now plus keep, that instant included. It reports false
// when the identifier is burnt already. Of several callers at once, one wins.
func (s *Set) Use(id string, now time.Time, keep time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil {
		s.until = make(map[string]time.Time)
	}
	if !now.Before(s.sweep) {
		for old, until := range s.until {
			if until.Before(now) {
				delete(s.until, old)
			}
		}
		s.sweep = now.Add(pruneEvery)
	}
	if until, used := s.until[id]; used && !until.Before(now) {
		return false
	}
	s.until[id] = now.Add(keep)
	return true
}
