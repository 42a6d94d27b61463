// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
)

const (
	sqlRetryJob = `UPDATE jobs SET state = 'pending', attempt = 0, run_at = $2, deadline = NULL, ended_at = NULL
		WHERE id = $1 AND state = 'dead'`
	sqlDiscard = `UPDATE jobs SET state = 'discarded', ended_at = $2, expires = $2 + keep, reason = $3,
			wrapped_key = NULL, data = NULL
		WHERE id = $1 AND state = 'dead'`
	sqlPurgeJobs = `DELETE FROM jobs WHERE expires <= $1`
	sqlJobStats  = `SELECT kind, COUNT(CASE WHEN state = 'pending' AND run_at <= $1 THEN 1 END),
			COUNT(CASE WHEN state = 'pending' AND run_at > $1 THEN 1 END), COUNT(CASE WHEN state = 'running' THEN 1 END),
			COUNT(CASE WHEN state = 'dead' THEN 1 END), MIN(CASE WHEN state = 'pending' AND run_at <= $1 THEN run_at END)
		FROM jobs WHERE state IN ('pending', 'running', 'dead') GROUP BY kind ORDER BY kind`

	sqlPutSchedule = `INSERT INTO job_schedules (name, ente, environment, instants, next_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (name, ente, environment) DO UPDATE SET instants = excluded.instants, next_at = excluded.next_at
		WHERE job_schedules.instants <> excluded.instants`
	sqlDueSchedules = `SELECT name, ente, environment, instants, next_at FROM job_schedules WHERE next_at <= $1
		ORDER BY next_at, name, ente, environment`
	sqlFire = `UPDATE job_schedules SET next_at = $6
		WHERE name = $1 AND ente = $2 AND environment = $3 AND instants = $4 AND next_at = $5`
	sqlNotBegun = `SELECT COUNT(*) FROM jobs WHERE lane = $1 AND state = 'pending' AND attempt = 0`
)

// Get implements [jobs.Store].
func (j jobStore) Get(ctx context.Context, id string) (jobs.Row, error) {
	return one(j.query(ctx, ` WHERE id = $1`, id))
}

// Keyed implements [jobs.Store].
func (j jobStore) Keyed(ctx context.Context, dedup []byte) (jobs.Row, error) {
	return one(j.query(ctx, ` WHERE dedup = $1`, dedup))
}

func one(rows []jobs.Row, err error) (jobs.Row, error) {
	switch {
	case err != nil:
		return jobs.Row{}, err
	case len(rows) == 0:
		return jobs.Row{}, jobs.ErrNotFound
	}
	return rows[0], nil
}

// Dead implements [jobs.Store].
func (j jobStore) Dead(ctx context.Context, q jobs.DeadQuery) ([]jobs.Row, error) {
	rest, args := ` WHERE state = 'dead'`, []any{}
	and := func(condition, arg string) {
		if arg == "" {
			return
		}
		args = append(args, arg)
		rest += ` AND ` + condition + `$` + strconv.Itoa(len(args))
	}
	and(`kind = `, q.Kind)
	and(`ente = `, q.Ente)
	if q.After != "" {
		args = append(args, q.After)
		rest += ` AND seq > (SELECT a.seq FROM jobs a WHERE a.id = $` + strconv.Itoa(len(args)) + `)`
	}
	return j.query(ctx, rest+` ORDER BY seq`+limit(q.Limit), args...)
}

// Retry implements [jobs.Store].
func (j jobStore) Retry(ctx context.Context, id string, now time.Time) error {
	n, err := j.exec(ctx, "retry job", sqlRetryJob, id, nanos(now))
	return j.wasDead(ctx, id, n, err)
}

// Discard implements [jobs.Store].
func (j jobStore) Discard(ctx context.Context, id, reason string, now time.Time) error {
	j.s.unforgotten.Store(true)
	n, err := j.exec(ctx, "discard job", sqlDiscard, id, nanos(now), reason)
	return j.wasDead(ctx, id, n, err)
}

// wasDead tells why no row was changed.
func (j jobStore) wasDead(ctx context.Context, id string, n int64, err error) error {
	if err != nil || n == 1 {
		return err
	}
	if _, err := j.Get(ctx, id); err != nil {
		return err
	}
	return jobs.ErrNotDead
}

// Stats implements [jobs.Store].
func (j jobStore) Stats(ctx context.Context, now time.Time) ([]jobs.KindStats, error) {
	ctx, cancel := context.WithTimeout(ctx, j.s.cfg.Timeout)
	defer cancel()
	stats, err := collect(ctx, j.s.read, func(rows *sql.Rows) (jobs.KindStats, error) {
		var k jobs.KindStats
		var oldest sql.NullInt64
		err := rows.Scan(&k.Kind, &k.Due, &k.Waiting, &k.Running, &k.Dead, &oldest)
		k.OldestDue = instantOf(oldest)
		return k, err
	}, sqlJobStats, nanos(now))
	if err != nil {
		return nil, unavailable("count jobs", err)
	}
	return stats, nil
}

// Purge implements [jobs.Store]. It also takes what was erased out of the journal of SQLite.
func (j jobStore) Purge(ctx context.Context, now time.Time) (int, error) {
	n, err := j.exec(ctx, "purge jobs", sqlPurgeJobs, nanos(now))
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, j.s.cfg.Timeout)
	defer cancel()
	if err := (&evidenceStore{Store: j.s}).forget(ctx); err != nil {
		return int(n), unavailable("erase jobs from the journal", err)
	}
	return int(n), nil
}

// PutSchedule implements [jobs.Store].
func (j jobStore) PutSchedule(ctx context.Context, r jobs.ScheduleRow) error {
	_, err := j.exec(ctx, "store schedule", sqlPutSchedule, r.Name, r.Ente, r.Environment, r.When, nanos(r.Next))
	return err
}

// DueSchedules implements [jobs.Store].
func (j jobStore) DueSchedules(ctx context.Context, now time.Time) ([]jobs.ScheduleRow, error) {
	ctx, cancel := context.WithTimeout(ctx, j.s.cfg.Timeout)
	defer cancel()
	due, err := collect(ctx, j.s.read, func(rows *sql.Rows) (jobs.ScheduleRow, error) {
		var r jobs.ScheduleRow
		var next int64
		err := rows.Scan(&r.Name, &r.Ente, &r.Environment, &r.When, &next)
		r.Next = time.Unix(0, next).UTC()
		return r, err
	}, sqlDueSchedules, nanos(now))
	if err != nil {
		return nil, unavailable("read schedules", err)
	}
	return due, nil
}

// Fire implements [jobs.Store].
func (j jobStore) Fire(ctx context.Context, r jobs.ScheduleRow, next time.Time, job jobs.Row) (jobs.Fired, error) {
	fired := jobs.FiredByOther
	err := j.update(ctx, "fire schedule", func(ctx context.Context, tx *writeTx) error {
		fired = jobs.FiredByOther
		n, err := tx.exec(ctx, sqlFire, r.Name, r.Ente, r.Environment, r.When, nanos(r.Next), nanos(next))
		if err != nil || n == 0 {
			return err
		}
		var waiting int
		if err := tx.one(ctx, sqlNotBegun, []any{job.Lane}, []any{&waiting}); err != nil {
			return fmt.Errorf("look at its lane: %w", err)
		}
		if waiting > 0 {
			fired = jobs.FiredMerged
			return nil
		}
		if _, _, err := (&Tx{s: j.s, tx: tx}).PutJob(ctx, job); err != nil {
			return err
		}
		fired = jobs.FiredJob
		return nil
	}, append(txQueries(j.s.dialect), sqlFire, sqlNotBegun)...)
	if err != nil {
		return jobs.FiredByOther, err
	}
	return fired, nil
}
