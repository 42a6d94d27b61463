// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/quota"
)

const (
	sqlAddUsage = `INSERT INTO quota_usage (day, environment, direction, eservice, consumer, purpose, used, night, stopped,
			told_limit, told_remaining, told_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (day, environment, direction, eservice, consumer, purpose) DO UPDATE SET
			used = quota_usage.used + excluded.used, night = quota_usage.night + excluded.night,
			stopped = CASE WHEN excluded.stopped = 1 THEN 1 ELSE quota_usage.stopped END,
			told_limit = CASE WHEN excluded.told_at > quota_usage.told_at THEN excluded.told_limit ELSE quota_usage.told_limit END,
			told_remaining = CASE WHEN excluded.told_at > quota_usage.told_at THEN excluded.told_remaining ELSE quota_usage.told_remaining END,
			told_at = CASE WHEN excluded.told_at > quota_usage.told_at THEN excluded.told_at ELSE quota_usage.told_at END`
	sqlUsage = `SELECT day, environment, direction, eservice, consumer, purpose, used, night, stopped, told_limit,
			told_remaining, told_at FROM quota_usage WHERE day >= $1 AND day <= $2
		ORDER BY day, environment, direction, eservice, consumer, purpose`
	sqlPurgeUsage  = `DELETE FROM quota_usage WHERE day < $1`
	sqlPutDeclared = `INSERT INTO quota_declared (environment, purpose, daily_calls, read_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (environment, purpose) DO UPDATE SET daily_calls = excluded.daily_calls, read_at = excluded.read_at`
	sqlDeclared = `SELECT environment, purpose, daily_calls, read_at FROM quota_declared ORDER BY environment, purpose`
)

// quotaStore is the part of a Store that keeps the ledger of quotas.
type quotaStore struct{ s *Store }

// Quota returns the ledger of the store. Its errors wrap [ErrUnavailable].
func (s *Store) Quota() quota.Store { return quotaStore{s} }

// AddUsage implements [quota.Store].
func (q quotaStore) AddUsage(ctx context.Context, deltas []quota.Usage) error {
	// Two replicas that touch the same rows do it in the same order: neither waits for the other in a circle.
	deltas = slices.Clone(deltas)
	slices.SortFunc(deltas, func(a, b quota.Usage) int { return strings.Compare(usageOrder(a), usageOrder(b)) })
	err := q.s.write.update(ctx, []string{sqlAddUsage}, func(ctx context.Context, tx *writeTx) error {
		for _, u := range deltas {
			told, stopped := int64(0), 0
			if !u.ToldAt.IsZero() {
				told = nanos(u.ToldAt)
			}
			if u.Stopped {
				stopped = 1
			}
			_, err := tx.exec(ctx, sqlAddUsage, u.Day, u.Environment, string(u.Direction), u.Eservice, u.Consumer, u.Purpose,
				u.Used, u.Night, stopped, u.ToldLimit, u.ToldRemaining, told)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return unavailable("store quotas", err)
	}
	return nil
}

func usageOrder(u quota.Usage) string {
	return strings.Join([]string{u.Day, u.Environment, string(u.Direction), u.Eservice, u.Consumer, u.Purpose}, "\x00")
}

// Usage implements [quota.Store].
func (q quotaStore) Usage(ctx context.Context, from, to string) ([]quota.Usage, error) {
	return readAll(ctx, q.s, "read quotas", func(rows *sql.Rows) (u quota.Usage, err error) {
		var told, stopped int64
		err = rows.Scan(&u.Day, &u.Environment, &u.Direction, &u.Eservice, &u.Consumer, &u.Purpose, &u.Used, &u.Night, &stopped,
			&u.ToldLimit, &u.ToldRemaining, &told)
		u.Stopped = stopped == 1
		if told != 0 {
			u.ToldAt = time.Unix(0, told).UTC()
		}
		return u, err
	}, sqlUsage, from, to)
}

// PurgeUsage implements [quota.Store].
func (q quotaStore) PurgeUsage(ctx context.Context, before string) (int, error) {
	n, err := q.s.write.exec(ctx, "purge quotas", sqlPurgeUsage, before)
	return int(n), err
}

// PutDeclared implements [quota.Store].
func (q quotaStore) PutDeclared(ctx context.Context, d quota.Declared) error {
	_, err := q.s.write.exec(ctx, "store declared calls", sqlPutDeclared, d.Environment, d.Purpose, d.DailyCalls, nanos(d.ReadAt))
	return err
}

// Declared implements [quota.Store].
func (q quotaStore) Declared(ctx context.Context) ([]quota.Declared, error) {
	return readAll(ctx, q.s, "read declared calls", func(rows *sql.Rows) (d quota.Declared, err error) {
		var at int64
		err = rows.Scan(&d.Environment, &d.Purpose, &d.DailyCalls, &at)
		d.ReadAt = time.Unix(0, at).UTC()
		return d, err
	}, sqlDeclared)
}
