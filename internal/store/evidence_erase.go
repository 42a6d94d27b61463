// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/snodo-pa/snodo/internal/evidence"
)

const (
	sqlEraseSide     = `UPDATE evidence_sides SET wrapped_key = NULL, data = NULL, erased_at = $3 WHERE ente = $1 AND idx = $2`
	sqlEraseSubjects = `DELETE FROM evidence_subjects WHERE ente = $1 AND idx = $2`

	sqlChoose        = `SELECT s.ente, s.idx FROM evidence_sides s WHERE s.wrapped_key IS NOT NULL AND `
	sqlChooseSubject = sqlChoose + `s.ente = $1 AND EXISTS (
		SELECT 1 FROM evidence_subjects p WHERE p.ente = s.ente AND p.idx = s.idx AND p.subject = $2)`
	sqlChooseExchange = sqlChoose + `s.ente = $1 AND EXISTS (
		SELECT 1 FROM evidence_entries e WHERE e.ente = s.ente AND e.idx = s.idx AND e.exchange = $2)`
	sqlChooseExpired = sqlChoose + `s.retain_until IS NOT NULL AND s.retain_until <= $1`

	// eraseBatch bounds how long one transaction keeps other writers waiting.
	eraseBatch = 500
)

// Erase destroys the side records chosen, some at a time. When it fails half-way those already destroyed stay so. What
// the journal of SQLite still holds of them, because somebody was reading, is an error too, and emptied by the next
// Erase, whatever that one chooses.
func (s *evidenceStore) Erase(ctx context.Context, e evidence.Erasure) (int, error) {
	erased := 0
	for {
		n, err := s.eraseSome(ctx, e)
		if err != nil {
			return erased, unavailable("erase", err)
		}
		erased += n
		if n > 0 {
			s.unforgotten.Store(true)
		}
		if n < eraseBatch {
			break
		}
	}
	if err := s.forget(ctx); err != nil {
		return erased, unavailable("erase from the journal", err)
	}
	return erased, nil
}

func (s *evidenceStore) eraseSome(ctx context.Context, e evidence.Erasure) (int, error) {
	erased := 0
	err := s.write.update(ctx, []string{sqlEraseSide, sqlEraseSubjects},
		func(ctx context.Context, tx *writeTx) error {
			query, args := chooseSides(e)
			chosen, err := collect(ctx, tx.tx, scanPlace, query+limit(eraseBatch)+s.dialect.forUpdate(), args...)
			if err != nil {
				return err
			}
			for _, p := range chosen {
				if _, err := tx.exec(ctx, sqlEraseSide, p.ente, p.index, nanos(e.At)); err != nil {
					return err
				}
				if _, err := tx.exec(ctx, sqlEraseSubjects, p.ente, p.index); err != nil {
					return err
				}
			}
			erased = len(chosen)
			return nil
		})
	if err != nil {
		return 0, err
	}
	return erased, nil
}

func chooseSides(e evidence.Erasure) (query string, args []any) {
	switch {
	case e.Subject != nil:
		return sqlChooseSubject, []any{e.Ente, e.Subject}
	case e.Exchange != "":
		return sqlChooseExchange, []any{e.Ente, e.Exchange}
	default:
		return sqlChooseExpired, []any{nanos(e.ExpiredAt)}
	}
}

type place struct {
	ente  string
	index int64
}

func scanPlace(rows *sql.Rows) (p place, err error) {
	err = rows.Scan(&p.ente, &p.index)
	return p, err
}

// forget empties the write-ahead log of SQLite while it holds pages from before an erasure. PostgreSQL overwrites dead
// rows when it vacuums.
func (s *evidenceStore) forget(ctx context.Context) error {
	if s.dialect != DialectSQLite || !s.unforgotten.Swap(false) {
		return nil
	}
	var busy, pages, copied int
	err := s.write.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied)
	if err == nil && busy != 0 {
		err = errors.New("somebody is reading; it will be tried again")
	}
	if err != nil {
		s.unforgotten.Store(true)
	}
	return err
}
