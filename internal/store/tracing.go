// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

const (
	sqlPutTracing = `INSERT INTO tracing_days (ente, environment, day, tracing_id, state, digest, lines, requests, faults, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (ente, environment, day) DO UPDATE SET tracing_id = excluded.tracing_id, state = excluded.state,
			digest = excluded.digest, lines = excluded.lines, requests = excluded.requests, faults = excluded.faults,
			changed_at = excluded.changed_at`
	sqlTracing = `SELECT ente, environment, day, tracing_id, state, digest, lines, requests, faults, changed_at
		FROM tracing_days WHERE ente = $1 AND environment = $2 AND day >= $3 AND day <= $4 ORDER BY day`
)

// A TracingDay is what was sent to PDND Tracing for one day of an ente.
type TracingDay struct {
	Ente, Environment string
	Day               string // YYYY-MM-DD
	TracingID         string // of PDND; empty until it is known
	State             string // as PDND names it; empty until it has said
	Digest            string // SHA-256 of the file last sent, hexadecimal; empty when none was
	Lines, Requests   int64  // of that file
	Faults            string // what PDND found in it, JSON; empty for nothing
	ChangedAt         time.Time
}

// PutTracing stores what is known of a day, in place of what was.
func (s *Store) PutTracing(ctx context.Context, d TracingDay) error {
	_, err := s.write.exec(ctx, "store tracing day", sqlPutTracing, d.Ente, d.Environment, d.Day, d.TracingID, d.State, d.Digest,
		d.Lines, d.Requests, d.Faults, nanos(d.ChangedAt))
	return err
}

// Tracing returns the days from one to another, both included, that something is known of.
func (s *Store) Tracing(ctx context.Context, ente, environment, from, to string) ([]TracingDay, error) {
	return readAll(ctx, s, "read tracing days", func(rows *sql.Rows) (d TracingDay, err error) {
		var at int64
		err = rows.Scan(&d.Ente, &d.Environment, &d.Day, &d.TracingID, &d.State, &d.Digest, &d.Lines, &d.Requests, &d.Faults, &at)
		d.ChangedAt = time.Unix(0, at).UTC()
		return d, err
	}, sqlTracing, ente, environment, from, to)
}

// TracingOf returns one day; the error wraps [ErrNotFound] when nothing is known of it.
func (s *Store) TracingOf(ctx context.Context, ente, environment, day string) (TracingDay, error) {
	list, err := s.Tracing(ctx, ente, environment, day, day)
	switch {
	case err != nil:
		return TracingDay{}, err
	case len(list) == 0:
		return TracingDay{}, fmt.Errorf("tracing day %s: %w", day, ErrNotFound)
	}
	return list[0], nil
}
