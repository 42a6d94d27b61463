// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrCursorMoved means that a cursor is not where its mover left it: somebody else moved it, and what was read from it
// on is theirs.
var ErrCursorMoved = errors.New("the cursor was moved by somebody else")

// MaxCursor is the greatest length of a cursor's value, in bytes.
const MaxCursor = 4096

const (
	sqlCursor    = `SELECT value, moved_at FROM cursors WHERE ente = $1 AND environment = $2 AND feed = $3`
	sqlPutCursor = `INSERT INTO cursors (ente, environment, feed, value, moved_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (ente, environment, feed) DO NOTHING`
	sqlMoveCursor = `UPDATE cursors SET value = $4, moved_at = $5
		WHERE ente = $1 AND environment = $2 AND feed = $3 AND value = $6`
	sqlDropCursor = `DELETE FROM cursors WHERE ente = $1 AND environment = $2 AND feed = $3 AND value = $4`
)

// A CursorName says which feed of which ente a cursor is in.
type CursorName struct{ Ente, Environment, Feed string }

// A Cursor is how far a feed has been read. It is zero when the feed has not been read, or is to be read anew.
type Cursor struct {
	Value   string // as the feed gave it; it names no person
	MovedAt time.Time
}

// Cursor returns a cursor. The error wraps [ErrUnavailable].
func (s *State) Cursor(ctx context.Context, n CursorName) (Cursor, error) {
	ctx, cancel := context.WithTimeout(ctx, s.s.cfg.Timeout)
	defer cancel()
	var c Cursor
	var moved int64
	err := s.s.read.QueryRowContext(ctx, sqlCursor, n.Ente, n.Environment, n.Feed).Scan(&c.Value, &moved)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Cursor{}, nil
	case err != nil:
		return Cursor{}, unavailable("read cursor", err)
	}
	c.MovedAt = time.Unix(0, moved).UTC()
	return c, nil
}

// SetCursor moves a cursor from the value where its mover found it, durably; of several movers from one value one
// succeeds. Empty stands for a cursor that is not there: as expected value it makes one, as new value it removes it. A
// move from a value to itself only notes the time. The error wraps [ErrCursorMoved] or [ErrUnavailable].
func (s *State) SetCursor(ctx context.Context, n CursorName, value, expected string) error {
	return s.s.Update(ctx, func(ctx context.Context, tx *Tx) error { return tx.SetCursor(ctx, n, value, expected) })
}

// SetCursor is [State.SetCursor] in the transaction: the cursor moves together with what was read up to it.
func (t *Tx) SetCursor(ctx context.Context, n CursorName, value, expected string) error {
	if len(value) > MaxCursor {
		return fmt.Errorf("cursor %s: value of %d bytes, at most %d", n.Feed, len(value), MaxCursor)
	}
	now := nanos(t.s.cfg.Clock())
	var moved int64
	var err error
	switch {
	case value == "" && expected == "":
		var there string
		err = t.tx.tx.QueryRowContext(ctx, sqlCursor, n.Ente, n.Environment, n.Feed).Scan(&there, &moved)
		if moved = 0; errors.Is(err, sql.ErrNoRows) {
			moved, err = 1, nil
		}
	case expected == "":
		moved, err = t.tx.exec(ctx, sqlPutCursor, n.Ente, n.Environment, n.Feed, value, now)
	case value == "":
		moved, err = t.tx.exec(ctx, sqlDropCursor, n.Ente, n.Environment, n.Feed, expected)
	default:
		moved, err = t.tx.exec(ctx, sqlMoveCursor, n.Ente, n.Environment, n.Feed, value, now, expected)
	}
	switch {
	case err != nil:
		return unavailable("move cursor", err)
	case moved == 0:
		return fmt.Errorf("feed %s: %w", n.Feed, ErrCursorMoved)
	}
	return nil
}
