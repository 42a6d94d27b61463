// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"fmt"
	"math"
	"sync"
)

// sqlNext sets numbers aside: $5 more than one, from $3 on. The value stored is the last one set aside.
const sqlNext = `INSERT INTO counters (ente, name, value) VALUES ($1, $2, $4)
	ON CONFLICT (ente, name) DO UPDATE
	SET value = CASE WHEN counters.value >= $3 THEN counters.value + 1 ELSE $3 END + $5
	RETURNING value`

// blockSize is how many numbers one transaction sets aside on SQLite: most calls then need none, and a process that dies
// leaves out fewer than these.
const blockSize = 64

// State hands out numbers that are never handed out again: ANPR's idOperazioneClient must grow with every operation of
// an ente. It is safe for concurrent use, and so are several over one Store.
type State struct{ s *Store }

// State returns the counters of the store.
func (s *Store) State() *State { return &State{s} }

// Next returns the next number of a counter, from 1. Before it is returned the database knows that it may have been; it
// is greater than every number returned before for that ente and name, and returned to one caller only, whatever stops
// in between; numbers may be left out. A counter belongs to an ente and a name; the caller puts the environment into
// the name. The error wraps [ErrUnavailable].
func (s *State) Next(ctx context.Context, ente, name string) (uint64, error) {
	return s.NextAtLeast(ctx, ente, name, 1)
}

// NextAtLeast is [State.Next] and also at least floor, which is how a counter overtakes numbers handed out elsewhere,
// such as those derived from a clock. floor is at most 2^63-2.
func (s *State) NextAtLeast(ctx context.Context, ente, name string, floor uint64) (uint64, error) {
	if floor >= math.MaxInt64 {
		return 0, fmt.Errorf("counter: floor %d is out of range", floor)
	}
	ctx, cancel := context.WithTimeout(ctx, s.s.cfg.Timeout)
	defer cancel()
	n, err := s.next(ctx, counter{ente, name}, int64(max(floor, 1))) // #nosec G115 -- the range was checked
	if err != nil {
		return 0, unavailable("next number", err)
	}
	return uint64(n), nil // #nosec G115 -- numbers start at 1 and grow
}

func (s *State) next(ctx context.Context, c counter, least int64) (int64, error) {
	if s.s.dialect != DialectSQLite {
		return s.setAside(ctx, c, least, 0) // other processes count too: nothing is kept in memory
	}
	b := s.s.numbers.of(c)
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n := max(b.next, least)
	if n > b.last {
		more := min(blockSize-1, math.MaxInt64-least)
		last, err := s.setAside(ctx, c, least, more)
		if err != nil {
			return 0, err
		}
		n, b.last = last-more, last
	}
	b.next = n + 1
	return n, nil
}

// setAside takes numbers in one transaction, the first not below least, and returns the last of them.
func (s *State) setAside(ctx context.Context, c counter, least, more int64) (last int64, err error) {
	err = s.s.write.update(ctx, []string{sqlNext}, func(ctx context.Context, tx *writeTx) error {
		return tx.one(ctx, sqlNext, []any{c.ente, c.name, least, least + more, more}, []any{&last})
	})
	return last, err
}

type counter struct{ ente, name string }

// blocks are the numbers set aside by the one process that has a SQLite database.
type blocks struct {
	mu  sync.Mutex
	all map[counter]*block
}

// A block is the numbers of one counter that are set aside and not handed out. Its fields belong to whoever has put a
// value into turn.
type block struct {
	turn       chan struct{}
	next, last int64
}

func (b *blocks) of(c counter) *block {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all == nil {
		b.all = make(map[counter]*block)
	}
	if b.all[c] == nil {
		b.all[c] = &block{turn: make(chan struct{}, 1)}
	}
	return b.all[c]
}
