// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"fmt"
	"math"
)

const sqlNext = `INSERT INTO counters (ente, name, value) VALUES ($1, $2, $3)
	ON CONFLICT (ente, name) DO UPDATE
	SET value = CASE WHEN counters.value >= $3 THEN counters.value + 1 ELSE $3 END
	RETURNING value`

// State hands out numbers that are never handed out again: ANPR's idOperazioneClient must grow with every operation of
// an ente.
type State struct{ s *Store }

// State returns the counters of the store.
func (s *Store) State() *State { return &State{s} }

// Next returns the next number of a counter, from 1. It is durable before it is returned, greater than every number
// returned before for that ente and name, and returned to one caller only, whatever stops in between; numbers may be
// left out. A counter belongs to an ente and a name; the caller puts the environment into the name. The error wraps
// [ErrUnavailable].
func (s *State) Next(ctx context.Context, ente, name string) (uint64, error) {
	return s.NextAtLeast(ctx, ente, name, 1)
}

// NextAtLeast is [State.Next] and also at least floor, which is how a counter overtakes numbers handed out elsewhere,
// such as those derived from a clock. floor is at most 2^63-2.
func (s *State) NextAtLeast(ctx context.Context, ente, name string, floor uint64) (uint64, error) {
	if floor >= math.MaxInt64 {
		return 0, fmt.Errorf("counter: floor %d is out of range", floor)
	}
	var value int64
	err := s.s.write.update(ctx, []string{sqlNext}, func(ctx context.Context, tx *writeTx) error {
		least := int64(max(floor, 1)) // #nosec G115 -- the range was checked
		return tx.one(ctx, sqlNext, []any{ente, name, least}, []any{&value})
	})
	if err != nil {
		return 0, unavailable("next number", err)
	}
	return uint64(value), nil // #nosec G115 -- values start at 1 and grow
}
