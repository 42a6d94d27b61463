// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/internal/callers"
)

const (
	sqlSuspend = `INSERT INTO caller_suspensions (ente, service, consumer, reason, suspended_by, suspended_at, resumed_by, resumed_at)
		VALUES ($1, $2, $3, $4, $5, $6, '', 0) ON CONFLICT (ente, service, consumer) WHERE resumed_at = 0 DO NOTHING`
	sqlResume = `UPDATE caller_suspensions SET resumed_by = $4, resumed_at = $5
		WHERE ente = $1 AND service = $2 AND consumer = $3 AND resumed_at = 0`
	sqlSuspensions = `SELECT ente, service, consumer, reason, suspended_by, suspended_at, resumed_by, resumed_at
		FROM caller_suspensions WHERE ($1 = '' OR ente = $1) AND ($2 = 1 OR resumed_at = 0) ORDER BY seq`
)

// callerStore is the part of a Store that keeps suspended consumers.
type callerStore struct{ s *Store }

// Callers returns the suspended consumers of the store. Its errors of its own wrap [ErrUnavailable].
func (s *Store) Callers() callers.Store { return callerStore{s} }

// Suspend implements [callers.Store].
func (c callerStore) Suspend(ctx context.Context, p callers.Suspension) error {
	n, err := c.exec(ctx, sqlSuspend, p.Ente, p.Service, p.Consumer, p.Reason, p.By, nanos(p.At))
	switch {
	case err != nil:
		return unavailable("suspend a consumer", err)
	case n == 0:
		return fmt.Errorf("store: %w", callers.ErrSuspended)
	}
	return nil
}

// Resume implements [callers.Store].
func (c callerStore) Resume(ctx context.Context, ente, service, consumer, by string, at time.Time) error {
	n, err := c.exec(ctx, sqlResume, ente, service, consumer, by, nanos(at))
	switch {
	case err != nil:
		return unavailable("readmit a consumer", err)
	case n == 0:
		return fmt.Errorf("store: %w", callers.ErrNotSuspended)
	}
	return nil
}

func (c callerStore) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = c.s.write.update(ctx, []string{query}, func(ctx context.Context, tx *writeTx) (err error) {
		n, err = tx.exec(ctx, query, args...)
		return err
	})
	return n, err
}

// Suspensions implements [callers.Store].
func (c callerStore) Suspensions(ctx context.Context, ente string, ended bool) ([]callers.Suspension, error) {
	ctx, cancel := context.WithTimeout(ctx, c.s.cfg.Timeout)
	defer cancel()
	too := 0
	if ended {
		too = 1
	}
	list, err := collect(ctx, c.s.read, func(rows *sql.Rows) (p callers.Suspension, err error) {
		var at, resumed int64
		err = rows.Scan(&p.Ente, &p.Service, &p.Consumer, &p.Reason, &p.By, &at, &p.ResumedBy, &resumed)
		p.At = time.Unix(0, at).UTC()
		if resumed != 0 {
			p.ResumedAt = time.Unix(0, resumed).UTC()
		}
		return p, err
	}, sqlSuspensions, ente, too)
	if err != nil {
		return nil, unavailable("read suspended consumers", err)
	}
	return list, nil
}
