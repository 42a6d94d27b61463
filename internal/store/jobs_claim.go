// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
)

const (
	sqlAnyDue = `SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'pending' AND run_at <= $1)
		OR EXISTS (SELECT 1 FROM jobs WHERE state = 'running' AND lease_until <= $1)`
	// sqlOneClaim lets one claim at a time look at the lanes.
	sqlOneClaim = `SELECT pg_advisory_xact_lock(hashtextextended('snodo jobs in ' || current_schema(), 0))`

	sqlLost     = ` RETURNING id, kind, ente, environment, code, state`
	sqlLeaseOut = `UPDATE jobs SET fence = fence + 1, lease_until = NULL, code = '` + jobs.CodeLeaseExpired + `',
			state = CASE WHEN attempt >= max_attempts THEN 'dead' ELSE 'pending' END,
			ended_at = CASE WHEN attempt >= max_attempts THEN $1 END
		WHERE state = 'running' AND lease_until <= $1` + sqlLost
	sqlDeadline = `UPDATE jobs SET state = 'dead', ended_at = $1, code = CASE code WHEN '' THEN '` + jobs.CodeExpired + `' ELSE code END
		WHERE state = 'pending' AND run_at <= $1 AND deadline <= $1` + sqlLost

	// sqlDue leaves out what is behind, or beside, another job of its lane.
	sqlDue = `SELECT j.seq FROM jobs j WHERE j.state = 'pending' AND j.kind = $1 AND j.run_at <= $2
			AND (j.lane IS NULL OR NOT EXISTS (SELECT 1 FROM jobs e WHERE e.lane = j.lane AND e.seq <> j.seq
				AND e.state IN ('pending', 'running') AND (e.seq < j.seq OR e.state = 'running')))`
	// sqlShares leaves out the jobs of shares that run as many as they may.
	sqlShares = ` AND (j.share IS NULL OR j.share NOT IN (SELECT r.share FROM jobs r
			WHERE r.state = 'running' AND r.kind = $1 AND r.share IS NOT NULL GROUP BY r.share HAVING COUNT(*) >= $4))`
	sqlInOrder = ` ORDER BY j.run_at, j.seq LIMIT $3`
	sqlTake    = `UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1, lease_until = $2
		WHERE seq = $1 RETURNING ` // and the columns of sqlJob

	sqlRenew = `UPDATE jobs SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running'`
	sqlEnd   = `UPDATE jobs SET state = $3, lease_until = NULL, ended_at = $4, expires = $4 + keep,
			code = '', wrapped_key = NULL, data = NULL
		WHERE id = $1 AND fence = $2 AND state = 'running'`
	sqlFail = `UPDATE jobs SET state = $3, lease_until = NULL, ended_at = $4, run_at = COALESCE($5, run_at), attempt = attempt - $6,
			code = CASE WHEN $7 = '' THEN code ELSE $7 END
		WHERE id = $1 AND fence = $2 AND state = 'running'`
)

// Claim implements [jobs.Store]. It looks before it writes: most looks find nothing. On PostgreSQL claims come one after
// the other, because two that cannot see each other could start two jobs of one lane; a unique index would stop the
// second, and its whole claim with it.
func (j jobStore) Claim(ctx context.Context, now time.Time, wanted []jobs.Wanted) (jobs.Claimed, error) {
	due, err := j.anyDue(ctx, now)
	if err != nil || !due {
		return jobs.Claimed{}, err
	}
	take := sqlTake + columns(sqlJob)
	queries := []string{take}
	if j.s.dialect == DialectPostgres {
		queries = append(queries, sqlOneClaim)
	}
	var c jobs.Claimed
	err = j.update(ctx, "claim jobs", func(ctx context.Context, tx *writeTx) error {
		c = jobs.Claimed{}
		if j.s.dialect == DialectPostgres {
			if _, err := tx.exec(ctx, sqlOneClaim); err != nil {
				return fmt.Errorf("wait for the other claims: %w", err)
			}
		}
		for _, query := range []string{sqlLeaseOut, sqlDeadline} {
			lost, err := collect(ctx, tx.tx, scanLoss, query, nanos(now))
			if err != nil {
				return fmt.Errorf("end what ran out: %w", err)
			}
			c.Lost = append(c.Lost, lost...)
		}
		for _, w := range wanted {
			taken, err := j.take(ctx, tx, take, now, w)
			if err != nil {
				return err
			}
			c.Jobs = append(c.Jobs, taken...)
		}
		return nil
	}, queries...)
	if err != nil {
		return jobs.Claimed{}, err
	}
	return c, nil
}

func (j jobStore) anyDue(ctx context.Context, now time.Time) (due bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, j.s.cfg.Timeout)
	defer cancel()
	if err := j.s.read.QueryRowContext(ctx, sqlAnyDue, nanos(now)).Scan(&due); err != nil {
		return false, unavailable("look for due jobs", err)
	}
	return due, nil
}

// take claims the jobs of one kind: one by one where shares are bounded, since each that is taken may fill its share.
func (j jobStore) take(ctx context.Context, tx *writeTx, take string, now time.Time, w jobs.Wanted) ([]jobs.Row, error) {
	candidates, args := sqlDue, []any{w.Kind, nanos(now), w.Most}
	if w.PerShare > 0 {
		candidates, args = candidates+sqlShares, []any{w.Kind, nanos(now), 1, w.PerShare}
	}
	candidates += sqlInOrder
	if j.s.dialect == DialectPostgres {
		candidates += ` FOR UPDATE OF j SKIP LOCKED`
	}
	taken := make([]jobs.Row, 0, w.Most)
	for len(taken) < w.Most {
		seqs, err := collect(ctx, tx.tx, func(rows *sql.Rows) (seq int64, err error) {
			return seq, rows.Scan(&seq)
		}, candidates, args...)
		if err != nil {
			return nil, fmt.Errorf("look for due jobs: %w", err)
		}
		for _, seq := range seqs {
			rows, err := collect(ctx, tx.tx, func(rows *sql.Rows) (jobs.Row, error) { return scanJob(rows.Scan) },
				take, seq, nanos(now.Add(w.Lease)))
			if err != nil {
				return nil, fmt.Errorf("take job: %w", err)
			}
			taken = append(taken, rows...)
		}
		if w.PerShare == 0 || len(seqs) == 0 {
			break
		}
	}
	return taken, nil
}

func scanLoss(rows *sql.Rows) (jobs.Loss, error) {
	var l jobs.Loss
	var state jobs.State
	err := rows.Scan(&l.ID, &l.Kind, &l.Ente, &l.Environment, &l.Code, &state)
	l.Dead = state == jobs.StateDead
	return l, err
}

// columns returns what a SELECT selects.
func columns(query string) string {
	list, _, _ := strings.Cut(strings.TrimPrefix(query, "SELECT "), " FROM ")
	return list
}

// Renew implements [jobs.Store].
func (j jobStore) Renew(ctx context.Context, l jobs.Lease, until time.Time) error {
	return held(j.exec(ctx, "renew lease", sqlRenew, l.ID, l.Fence, nanos(until)))
}

// End implements [jobs.Store]. The payload of a job that is done leaves the journal of SQLite with the next Purge.
func (j jobStore) End(ctx context.Context, l jobs.Lease, e jobs.End) error {
	if e.State == jobs.StateDone {
		j.s.unforgotten.Store(true)
		return held(j.exec(ctx, "end job", sqlEnd, l.ID, l.Fence, string(e.State), nanos(e.At)))
	}
	var ended, runAt sql.NullInt64
	if e.State == jobs.StatePending {
		runAt = nullInstant(e.RunAt)
	} else {
		ended = nullInstant(e.At)
	}
	back := 0
	if e.Uncount {
		back = 1
	}
	return held(j.exec(ctx, "end job", sqlFail, l.ID, l.Fence, string(e.State), ended, runAt, back, e.Code))
}

// held turns no row changed into a lost lease.
func held(n int64, err error) error {
	if err == nil && n == 0 {
		return fmt.Errorf("job: %w", jobs.ErrLeaseLost)
	}
	return err
}
