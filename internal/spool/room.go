// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package spool

import (
	"errors"
	"sync"
)

// ErrNoRoom reports that the bodies held at once leave no place for another one: it may be tried again.
var ErrNoRoom = errors.New("no room for another body")

// Room bounds the bytes of all bodies held at once, and lets nobody take more than half of them: who announces much and
// sends slowly keeps the others from nothing. It is safe for concurrent use.
type Room struct {
	most int64

	mu    sync.Mutex
	used  int64
	taken map[string]int64 // by who sends; nobody stays with nothing
}

// NewRoom makes room for so many bytes.
func NewRoom(most int64) *Room { return &Room{most: most, taken: map[string]int64{}} }

// Used is how many bytes are held or expected.
func (r *Room) Used() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}

// take books n bytes for a sender; the error is ErrNoRoom.
func (r *Room) take(sender string, n int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used+n > r.most || r.taken[sender]+n > r.most/2 {
		return ErrNoRoom
	}
	r.used += n
	r.taken[sender] += n
	return nil
}

func (r *Room) give(sender string, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= n
	if r.taken[sender] -= n; r.taken[sender] == 0 {
		delete(r.taken, sender)
	}
}
