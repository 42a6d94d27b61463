// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/interaction"
)

const (
	sqlPutInteraction = `INSERT INTO interactions (id, ente, environment, service, operation, consumer, purpose, accepted_at,
			expires, request_key, request_data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlEndInteraction = `UPDATE interactions SET ended_at = $2, answer_key = $3, answer_data = $4, request_key = NULL,
			request_data = NULL WHERE id = $1 AND ended_at IS NULL`
	sqlInteraction = `SELECT id, ente, environment, service, operation, consumer, purpose, accepted_at, ended_at, expires,
			request_key, request_data, answer_key, answer_data FROM interactions WHERE id = $1`
	sqlOpenInteractions = `SELECT COUNT(*), COALESCE(SUM(LENGTH(request_data)), 0) FROM interactions
		WHERE ente = $1 AND environment = $2 AND service = $3 AND consumer = $4 AND expires > $5 AND ended_at IS NULL`
	sqlPurgeInteractions = `DELETE FROM interactions WHERE expires <= $1`
)

// interactions is the part of a Store that keeps them.
type interactions struct{ *Store }

var (
	_ interaction.Store = interactions{}
	_ interaction.Tx    = (*Tx)(nil)
)

// Interactions returns the interactions of the store.
func (s *Store) Interactions() interaction.Store { return interactions{s} }

// Update implements [interaction.Store].
func (i interactions) Update(ctx context.Context, fn func(ctx context.Context, tx interaction.Tx) error) error {
	return i.Store.Update(ctx, func(ctx context.Context, tx *Tx) error { return fn(ctx, tx) })
}

// OpenInteractions implements [interaction.Tx].
func (t *Tx) OpenInteractions(ctx context.Context, of interaction.Asker, now time.Time) (open interaction.Open, err error) {
	err = t.tx.one(ctx, sqlOpenInteractions, []any{of.Ente, of.Environment, of.Service, of.Consumer, nanos(now)}, []any{&open.Count, &open.Bytes})
	if err != nil {
		return interaction.Open{}, unavailable("count interactions", err)
	}
	return open, nil
}

// PutInteraction implements [interaction.Tx].
func (t *Tx) PutInteraction(ctx context.Context, r interaction.Row) error {
	_, err := t.tx.exec(ctx, sqlPutInteraction, r.ID, r.Ente, r.Environment, r.Service, r.Operation, r.Consumer, r.Purpose,
		nanos(r.AcceptedAt), nanos(r.Expires), r.Request.Key, r.Request.Data)
	if err != nil {
		return unavailable("store interaction", err)
	}
	return nil
}

// EndInteraction implements [interaction.Tx]. The request leaves the journal of SQLite with the next purge of jobs.
func (t *Tx) EndInteraction(ctx context.Context, id string, answer seal.Box, at time.Time) error {
	t.s.unforgotten.Store(true)
	n, err := t.tx.exec(ctx, sqlEndInteraction, id, nanos(at), answer.Key, answer.Data)
	switch {
	case err != nil:
		return unavailable("end interaction", err)
	case n == 0:
		return interaction.ErrNotFound
	}
	return nil
}

// Interaction implements [interaction.Store].
func (i interactions) Interaction(ctx context.Context, id string) (interaction.Row, error) {
	ctx, cancel := context.WithTimeout(ctx, i.cfg.Timeout)
	defer cancel()
	var r interaction.Row
	var accepted, expires int64
	var ended sql.NullInt64
	err := i.read.QueryRowContext(ctx, sqlInteraction, id).Scan(&r.ID, &r.Ente, &r.Environment, &r.Service, &r.Operation,
		&r.Consumer, &r.Purpose, &accepted, &ended, &expires, &r.Request.Key, &r.Request.Data, &r.Answer.Key, &r.Answer.Data)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return interaction.Row{}, interaction.ErrNotFound
	case err != nil:
		return interaction.Row{}, unavailable("read interaction", err)
	}
	r.AcceptedAt, r.EndedAt, r.Expires = time.Unix(0, accepted).UTC(), instantOf(ended), time.Unix(0, expires).UTC()
	return r, nil
}

// PurgeInteractions implements [interaction.Store]. What it forgets leaves the journal of SQLite with the next purge of jobs.
func (i interactions) PurgeInteractions(ctx context.Context, now time.Time) (int, error) {
	i.unforgotten.Store(true)
	var n int64
	err := i.write.update(ctx, []string{sqlPurgeInteractions, sqlPurgeAsked}, func(ctx context.Context, tx *writeTx) error {
		for _, query := range []string{sqlPurgeInteractions, sqlPurgeAsked} {
			gone, err := tx.exec(ctx, query, nanos(now))
			if err != nil {
				return err
			}
			n += gone
		}
		return nil
	})
	if err != nil {
		return 0, unavailable("purge interactions", err)
	}
	return int(n), nil
}
