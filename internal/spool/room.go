// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package spool

import (
	"errors"
	"sync"
)

// ErrNoRoom reports that the bodies held at once leave no place for another one: it may be tried again.
var ErrNoRoom = errors.New("no room for another body")

// Room bounds the bytes of all bodies held at once. Nobody who sends has more than half of it; and beyond the first body of
// who sends, and of what it is sent to, none takes more than half of what is free: however many announce much and send
// slowly, there is something left for who has nothing yet. It is safe for concurrent use.
type Room struct {
	most int64

	mu    sync.Mutex
	used  int64
	taken map[holder]share // none stays with nothing
}

// holder is one of those by whom room is shared out: who sends, or what it is sent to.
type holder struct {
	place bool // what it is sent to
	name  string
}

// share is what a holder has.
type share struct {
	bodies int
	bytes  int64
}

// NewRoom makes room for so many bytes.
func NewRoom(most int64) *Room { return &Room{most: most, taken: map[holder]share{}} }

// Used is how many bytes are held or expected.
func (r *Room) Used() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}

// booking is the room of one body.
type booking struct {
	room    *Room
	holders [2]holder
	bytes   int64
}

// take books n bytes for what a sender sends to a place; the error is ErrNoRoom.
func (r *Room) take(place, sender string, n int64) (*booking, error) {
	b := &booking{room: r, holders: [2]holder{{place: false, name: sender}, {place: true, name: place}}}
	r.mu.Lock()
	defer r.mu.Unlock()
	free, further := r.most-r.used, false
	for _, h := range b.holders {
		further = further || r.taken[h].bodies > 0
	}
	if n > free || further && n > free/2 || r.taken[b.holders[0]].bytes+n > r.most/2 {
		return nil, ErrNoRoom
	}
	b.add(1, n)
	return b, nil
}

// keep gives back what a body does not need of it.
func (b *booking) keep(n int64) {
	b.room.mu.Lock()
	defer b.room.mu.Unlock()
	b.add(0, n-b.bytes)
}

// end gives all of it back.
func (b *booking) end() {
	b.room.mu.Lock()
	defer b.room.mu.Unlock()
	b.add(-1, -b.bytes)
}

// add changes what is booked; the room is locked.
func (b *booking) add(bodies int, n int64) {
	b.bytes += n
	b.room.used += n
	for _, h := range b.holders {
		has := b.room.taken[h]
		has.bodies, has.bytes = has.bodies+bodies, has.bytes+n
		b.room.taken[h] = has
		if has.bodies == 0 {
			delete(b.room.taken, h)
		}
	}
}
