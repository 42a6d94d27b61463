// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
)

const (
	sqlPutJob = `INSERT INTO jobs (id, kind, ente, environment, dedup, lane, share, state, max_attempts, keep, enqueued_at, run_at,
			deadline, wrapped_key, data)
		VALUES ($1, $2, $3, $4, $5, $6, $14, 'pending', $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (dedup) DO NOTHING`
	sqlDedup = `SELECT id FROM jobs WHERE dedup = $1`
	sqlFence = `SELECT 1 FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running'`

	sqlJob = `SELECT id, kind, ente, environment, dedup, lane, share, state, attempt, max_attempts, fence, keep, enqueued_at,
			run_at, deadline, ended_at, code, reason, wrapped_key, data FROM jobs`
)

// jobStore is the part of a Store that keeps jobs.
type jobStore struct{ s *Store }

var _ jobs.Store = jobStore{}

// Jobs returns the jobs and schedules of the store.
func (s *Store) Jobs() jobs.Store { return jobStore{s} }

// PutJob implements [jobs.Store].
func (j jobStore) PutJob(ctx context.Context, r jobs.Row) (id string, created bool, err error) {
	err = j.s.Update(ctx, func(ctx context.Context, tx *Tx) (err error) {
		id, created, err = tx.PutJob(ctx, r)
		return err
	})
	return id, created, err
}

// PutJob implements [jobs.Tx].
func (t *Tx) PutJob(ctx context.Context, r jobs.Row) (id string, created bool, err error) {
	// The job that is in the way may be forgotten between the two queries: then there is room.
	for range 2 {
		n, err := t.tx.exec(ctx, sqlPutJob, r.ID, r.Kind, r.Ente, r.Environment, bytesOrNull(r.Dedup), bytesOrNull(r.Lane),
			r.MaxAttempts, int64(r.Keep), nanos(r.EnqueuedAt), nanos(r.RunAt), nullInstant(r.Deadline), r.Box.Key, r.Box.Data, bytesOrNull(r.Share))
		if err != nil {
			return "", false, unavailable("store job", err)
		}
		if n == 1 {
			return r.ID, true, nil
		}
		err = t.tx.one(ctx, sqlDedup, []any{r.Dedup}, []any{&id})
		if err == nil {
			return id, false, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return "", false, unavailable("look for job", err)
		}
	}
	return "", false, unavailable("store job", errors.New("its key comes and goes"))
}

// Fence implements [jobs.Tx].
func (t *Tx) Fence(ctx context.Context, l jobs.Lease) error {
	var one int
	err := t.tx.one(ctx, sqlFence+t.s.dialect.forUpdate(), []any{l.ID, l.Fence}, []any{&one})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("transaction of a job: %w", jobs.ErrLeaseLost)
	case err != nil:
		return unavailable("look for lease", err)
	}
	return nil
}

// update runs fn in a transaction with the queries that it needs.
func (j jobStore) update(
	ctx context.Context, doing string, fn func(ctx context.Context, tx *writeTx) error, queries ...string,
) error {
	if err := j.s.write.update(ctx, queries, fn); err != nil {
		return unavailable(doing, err)
	}
	return nil
}

// exec runs one query in a transaction of its own.
func (j jobStore) exec(ctx context.Context, doing, query string, args ...any) (n int64, err error) {
	err = j.update(ctx, doing, func(ctx context.Context, tx *writeTx) (err error) {
		n, err = tx.exec(ctx, query, args...)
		return err
	}, query)
	return n, err
}

// query reads jobs; rest follows the columns.
func (j jobStore) query(ctx context.Context, rest string, args ...any) ([]jobs.Row, error) {
	ctx, cancel := context.WithTimeout(ctx, j.s.cfg.Timeout)
	defer cancel()
	rows, err := collect(ctx, j.s.read, func(rows *sql.Rows) (r jobs.Row, err error) {
		return scanJob(rows.Scan)
	}, sqlJob+rest, args...)
	if err != nil {
		return nil, unavailable("read jobs", err)
	}
	return rows, nil
}

// scanJob reads the columns of sqlJob.
func scanJob(scan func(dest ...any) error) (jobs.Row, error) {
	var r jobs.Row
	var keep, enqueued, run int64
	var deadline, ended sql.NullInt64
	err := scan(&r.ID, &r.Kind, &r.Ente, &r.Environment, &r.Dedup, &r.Lane, &r.Share, &r.State, &r.Attempt, &r.MaxAttempts, &r.Fence,
		&keep, &enqueued, &run, &deadline, &ended, &r.Code, &r.Reason, &r.Box.Key, &r.Box.Data)
	r.Keep = time.Duration(keep)
	r.EnqueuedAt, r.RunAt = time.Unix(0, enqueued).UTC(), time.Unix(0, run).UTC()
	r.Deadline, r.EndedAt = instantOf(deadline), instantOf(ended)
	return r, err
}

// bytesOrNull stores nothing as NULL, which is unlike every other NULL.
func bytesOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
