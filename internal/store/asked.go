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
	sqlPutAsked = `INSERT INTO asked (id, ente, environment, application, exposure, producer, correlation, asked_at, expires,
			question_key, question_data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`
	sqlAnswerAsked = `UPDATE asked SET answered_at = $2, answer_key = $3, answer_data = $4 WHERE id = $1 AND answered_at IS NULL`
	sqlAsked       = `SELECT id, ente, environment, application, exposure, producer, correlation, asked_at, answered_at, expires,
			question_key, question_data, answer_key, answer_data FROM asked WHERE `
	sqlAskedByID  = sqlAsked + `id = $1`
	sqlAskedOf    = sqlAsked + `ente = $1 AND environment = $2 AND exposure = $3 AND producer = $4 AND correlation = $5`
	sqlPurgeAsked = `DELETE FROM asked WHERE expires <= $1`
)

// asked is the part of a Store that keeps what is asked of others and answered by callback.
type asked struct{ *Store }

var _ interaction.AskedStore = asked{}

// Asked returns what the enti of the store have asked of others, to be answered by callback.
func (s *Store) Asked() interaction.AskedStore { return asked{s} }

// PutAsked implements [interaction.AskedStore].
func (a asked) PutAsked(ctx context.Context, r interaction.AskedRow) error {
	n, err := a.write.exec(ctx, "store what was asked", sqlPutAsked, r.ID, r.Ente, r.Environment, r.Application, r.Exposure,
		r.Producer, r.Correlation, nanos(r.AskedAt), nanos(r.Expires), r.Question.Key, r.Question.Data)
	switch {
	case err != nil:
		return err
	case n == 0:
		return interaction.ErrTaken
	}
	return nil
}

// AnswerAsked implements [interaction.AskedStore].
func (a asked) AnswerAsked(ctx context.Context, id string, answer seal.Box, at time.Time) error {
	n, err := a.write.exec(ctx, "store the answer to what was asked", sqlAnswerAsked, id, nanos(at), answer.Key, answer.Data)
	switch {
	case err != nil:
		return err
	case n == 0:
		return interaction.ErrNotFound
	}
	return nil
}

// AskedByID implements [interaction.AskedStore].
func (a asked) AskedByID(ctx context.Context, id string) (interaction.AskedRow, error) {
	return a.one(ctx, sqlAskedByID, id)
}

// AskedOf implements [interaction.AskedStore].
func (a asked) AskedOf(ctx context.Context, ente, environment, exposure, producer, correlation string) (interaction.AskedRow, error) {
	return a.one(ctx, sqlAskedOf, ente, environment, exposure, producer, correlation)
}

func (a asked) one(ctx context.Context, query string, args ...any) (interaction.AskedRow, error) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	var r interaction.AskedRow
	var at, expires int64
	var answered sql.NullInt64
	err := a.read.QueryRowContext(ctx, query, args...).Scan(&r.ID, &r.Ente, &r.Environment, &r.Application, &r.Exposure, &r.Producer,
		&r.Correlation, &at, &answered, &expires, &r.Question.Key, &r.Question.Data, &r.Answer.Key, &r.Answer.Data)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return interaction.AskedRow{}, interaction.ErrNotFound
	case err != nil:
		return interaction.AskedRow{}, unavailable("read what was asked", err)
	}
	r.AskedAt, r.AnsweredAt, r.Expires = time.Unix(0, at).UTC(), instantOf(answered), time.Unix(0, expires).UTC()
	return r, nil
}
