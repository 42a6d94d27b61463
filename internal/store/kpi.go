// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/kpi"
)

const (
	sqlAddKPICalls = `INSERT INTO kpi_calls (day, ente, environment, service, consumer, purpose, calls, good, faulty, refused,
			first_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (day, ente, environment, service, consumer, purpose) DO UPDATE SET
			calls = kpi_calls.calls + excluded.calls, good = kpi_calls.good + excluded.good,
			faulty = kpi_calls.faulty + excluded.faulty, refused = kpi_calls.refused + excluded.refused,
			first_at = CASE WHEN excluded.first_at < kpi_calls.first_at THEN excluded.first_at ELSE kpi_calls.first_at END,
			last_at = CASE WHEN excluded.last_at > kpi_calls.last_at THEN excluded.last_at ELSE kpi_calls.last_at END`
	sqlAddKPICounts = `INSERT INTO kpi_counts (day, ente, environment, service, kind, value, calls) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (day, ente, environment, service, kind, value) DO UPDATE SET calls = kpi_counts.calls + excluded.calls`
	sqlKPIChosen = ` WHERE day >= $1 AND day <= $2 AND ($3 = '' OR ente = $3) AND ($4 = '' OR service = $4)
		ORDER BY day, ente, environment, service, `
	sqlKPICalls = `SELECT day, ente, environment, service, consumer, purpose, calls, good, faulty, refused, first_at, last_at
		FROM kpi_calls` + sqlKPIChosen + `consumer, purpose`
	sqlKPICounts      = `SELECT day, ente, environment, service, kind, value, calls FROM kpi_counts` + sqlKPIChosen + `kind, value`
	sqlPurgeKPICalls  = `DELETE FROM kpi_calls WHERE day < $1`
	sqlPurgeKPICounts = `DELETE FROM kpi_counts WHERE day < $1`
)

// kpiStore is the part of a Store that keeps what exposed e-services did.
type kpiStore struct{ s *Store }

// KPI returns the figures of the store. Its errors wrap [ErrUnavailable].
func (s *Store) KPI() kpi.Store { return kpiStore{s} }

// AddKPI implements [kpi.Store].
func (k kpiStore) AddKPI(ctx context.Context, calls []kpi.Calls, counts []kpi.Count) error {
	// Two replicas that touch the same rows do it in the same order: neither waits for the other in a circle.
	calls, counts = slices.Clone(calls), slices.Clone(counts)
	slices.SortFunc(calls, func(a, b kpi.Calls) int {
		return cmp.Or(compareSeries(a.Series, b.Series), strings.Compare(a.Consumer, b.Consumer), strings.Compare(a.Purpose, b.Purpose))
	})
	slices.SortFunc(counts, func(a, b kpi.Count) int {
		return cmp.Or(compareSeries(a.Series, b.Series), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Value, b.Value))
	})
	err := k.s.write.update(ctx, []string{sqlAddKPICalls, sqlAddKPICounts}, func(ctx context.Context, tx *writeTx) error {
		for _, c := range calls {
			_, err := tx.exec(ctx, sqlAddKPICalls, c.Day, c.Ente, c.Environment, c.Service, c.Consumer, c.Purpose,
				c.Calls, c.Good, c.Faulty, c.Refused, nanos(c.First), nanos(c.Last))
			if err != nil {
				return err
			}
		}
		for _, c := range counts {
			if _, err := tx.exec(ctx, sqlAddKPICounts, c.Day, c.Ente, c.Environment, c.Service, c.Kind, c.Value, c.Calls); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return unavailable("store figures", err)
	}
	return nil
}

func compareSeries(a, b kpi.Series) int {
	return cmp.Or(strings.Compare(a.Day, b.Day), strings.Compare(a.Ente, b.Ente), strings.Compare(a.Environment, b.Environment), strings.Compare(a.Service, b.Service))
}

// KPICalls implements [kpi.Store].
func (k kpiStore) KPICalls(ctx context.Context, q kpi.Query) ([]kpi.Calls, error) {
	return readAll(ctx, k.s, "read figures", func(rows *sql.Rows) (c kpi.Calls, err error) {
		var first, last int64
		err = rows.Scan(&c.Day, &c.Ente, &c.Environment, &c.Service, &c.Consumer, &c.Purpose, &c.Calls, &c.Good, &c.Faulty, &c.Refused, &first, &last)
		c.First, c.Last = time.Unix(0, first).UTC(), time.Unix(0, last).UTC()
		return c, err
	}, sqlKPICalls, q.From, q.To, q.Ente, q.Service)
}

// KPICounts implements [kpi.Store].
func (k kpiStore) KPICounts(ctx context.Context, q kpi.Query) ([]kpi.Count, error) {
	return readAll(ctx, k.s, "read figures", func(rows *sql.Rows) (c kpi.Count, err error) {
		err = rows.Scan(&c.Day, &c.Ente, &c.Environment, &c.Service, &c.Kind, &c.Value, &c.Calls)
		return c, err
	}, sqlKPICounts, q.From, q.To, q.Ente, q.Service)
}

// PurgeKPI implements [kpi.Store].
func (k kpiStore) PurgeKPI(ctx context.Context, before string) (int, error) {
	var gone int64
	err := k.s.write.update(ctx, []string{sqlPurgeKPICalls, sqlPurgeKPICounts}, func(ctx context.Context, tx *writeTx) error {
		for _, query := range []string{sqlPurgeKPICalls, sqlPurgeKPICounts} {
			n, err := tx.exec(ctx, query, before)
			if err != nil {
				return err
			}
			gone += n
		}
		return nil
	})
	if err != nil {
		return 0, unavailable("purge figures", err)
	}
	return int(gone), nil
}
