// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
)

const (
	sqlAddHead = `INSERT INTO evidence_heads (ente, size) VALUES ($1, 0) ON CONFLICT (ente) DO NOTHING`
	sqlSetHead = `UPDATE evidence_heads SET size = $2 WHERE ente = $1 AND size = $3`
	sqlPutTile = `INSERT INTO evidence_tiles (ente, level, n, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (ente, level, n) DO UPDATE SET data = excluded.data`
	sqlHead     = `SELECT size FROM evidence_heads WHERE ente = $1`
	sqlLockHead = sqlHead + ` FOR UPDATE`
	sqlTile     = `SELECT data FROM evidence_tiles WHERE ente = $1 AND level = $2 AND n = $3`
)

// The tables that an append writes to, in the order in which it does.
const (
	intoEntries = iota
	intoSides
	intoSubjects
	intoOpen
	intoTables
)

// evidenceStore is the evidence part of a Store.
type evidenceStore struct {
	*Store
	prepare []string             // what an append prepares
	insert  [intoTables][]string // its INSERTs, by table
	width   [intoTables]int      // columns of each table
	closes  []string             // its DELETEs from evidence_open, by batchSizes
}

var _ evidence.Store = (*evidenceStore)(nil)

// Evidence returns the rows of the evidence logs.
func (s *Store) Evidence() evidence.Store {
	e := &evidenceStore{Store: s, prepare: []string{sqlHead, sqlLockHead, sqlAddHead, sqlSetHead, sqlPutTile}}
	if s.dialect == DialectSQLite {
		e.prepare = slices.DeleteFunc(e.prepare, func(q string) bool { return q == sqlLockHead })
	}
	e.closes = closings(s.dialect)
	e.prepare = append(e.prepare, e.closes...)
	for table, in := range [intoTables]insertion{
		intoEntries:  newInsertion("evidence_entries", "ente", "idx", "instant", "environment", "kind", "exchange", "leaf"),
		intoSides:    newInsertion("evidence_sides", "ente", "idx", "wrapped_key", "data", "retain_until"),
		intoSubjects: newInsertion("evidence_subjects", "ente", "idx", "subject"),
		intoOpen:     newInsertion("evidence_open", "ente", "idx", "exchange", "instant"),
	} {
		e.insert[table], e.width[table] = in.queries(s.dialect), len(in.columns)
		e.prepare = append(e.prepare, e.insert[table]...)
	}
	return e
}

// Update locks the heads in the order given, which is sorted: two processes cannot wait for each other.
func (s *evidenceStore) Update(ctx context.Context, enti []string, fn func(tx evidence.Tx) error) error {
	err := s.write.update(ctx, s.prepare, func(ctx context.Context, tx *writeTx) error {
		t := &evidenceTx{store: s, tx: tx, sizes: make(map[string]int64, len(enti))}
		for _, ente := range enti {
			if err := t.lock(ctx, ente); err != nil {
				return fmt.Errorf("lock the head of %s: %w", ente, err)
			}
		}
		return fn(t)
	})
	if err != nil {
		return unavailable("evidence transaction", err)
	}
	return nil
}

type evidenceTx struct {
	store *evidenceStore
	tx    *writeTx
	sizes map[string]int64
}

var _ evidence.Tx = (*evidenceTx)(nil)

func (t *evidenceTx) lock(ctx context.Context, ente string) error {
	query := sqlHead
	if t.store.dialect == DialectPostgres {
		query = sqlLockHead
	}
	var size int64
	err := t.tx.one(ctx, query, []any{ente}, []any{&size})
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := t.tx.exec(ctx, sqlAddHead, ente); err != nil {
			return err
		}
		err = t.tx.one(ctx, query, []any{ente}, []any{&size})
	}
	t.sizes[ente] = size
	return err
}

// Size returns the size read when the head was locked, plus what was appended since.
func (t *evidenceTx) Size(ente string) int64 { return t.sizes[ente] }

// Tile reads one tile.
func (t *evidenceTx) Tile(ctx context.Context, ente string, level int, n int64) ([]byte, error) {
	return scanTile(t.tx.tx.QueryRowContext(ctx, sqlTile, ente, level, n))
}

// CloseIntents deletes the rows of open intents.
func (t *evidenceTx) CloseIntents(ctx context.Context, ente string, intents []evidence.OpenIntent) (map[evidence.OpenIntent]bool, error) {
	open := make(map[evidence.OpenIntent]bool, len(intents))
	for i, size := range batchSizes {
		for ; len(intents) >= size; intents = intents[size:] {
			args := make([]any, 0, 1+2*size)
			args = append(args, ente)
			for _, intent := range intents[:size] {
				args = append(args, intent.Index, intent.Exchange)
			}
			if err := t.tx.each(ctx, t.store.closes[i], args, func(scan func(...any) error) error {
				var closed evidence.OpenIntent
				err := scan(&closed.Index, &closed.Exchange)
				open[closed] = true
				return err
			}); err != nil {
				return nil, err
			}
		}
	}
	return open, nil
}

// closings returns one DELETE for each of batchSizes, which returns what it deleted.
func closings(d Dialect) []string {
	queries := make([]string, 0, len(batchSizes))
	for _, rows := range batchSizes {
		pairs := make([]string, rows)
		ente := "?"
		for row := range pairs {
			pairs[row] = "(?, ?)"
			if d == DialectPostgres {
				ente, pairs[row] = "$1", fmt.Sprintf("($%d::bigint, $%d)", 2*row+2, 2*row+3)
			}
		}
		queries = append(queries, "DELETE FROM evidence_open WHERE ente = "+ente+
			" AND (idx, exchange) IN (VALUES "+strings.Join(pairs, ", ")+") RETURNING idx, exchange")
	}
	return queries
}

// Append writes the rows, a table at a time, then the tiles, then the size.
func (t *evidenceTx) Append(ctx context.Context, ente string, rows []evidence.Row, tiles []evidence.Tile) error {
	var values [intoTables][]any
	add := func(table int, v ...any) { values[table] = append(values[table], v...) }
	for i := range rows {
		r := &rows[i]
		instant := r.Instant.UnixNano()
		add(intoEntries, ente, r.Index, instant, r.Environment, string(r.Kind), r.Exchange, r.Leaf)
		if r.HasSide {
			add(intoSides, ente, r.Index, r.SideKey, r.SideData, nullInstant(r.RetainUntil))
		}
		for _, subject := range r.Subjects {
			add(intoSubjects, ente, r.Index, subject)
		}
		if r.Opens {
			add(intoOpen, ente, r.Index, r.Exchange, instant)
		}
	}
	for table, v := range values {
		if err := t.tx.insert(ctx, t.store.insert[table], t.store.width[table], v); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	for _, tile := range tiles {
		if _, err := t.tx.exec(ctx, sqlPutTile, ente, tile.Level, tile.N, tile.Data); err != nil {
			return fmt.Errorf("write tile: %w", err)
		}
	}
	before := t.sizes[ente]
	after := before + int64(len(rows))
	if n, err := t.tx.exec(ctx, sqlSetHead, ente, after, before); err != nil || n != 1 {
		return fmt.Errorf("move the head from %d: %d rows changed: %w", before, n, err)
	}
	t.sizes[ente] = after
	return nil
}

func scanTile(row *sql.Row) ([]byte, error) {
	var data []byte
	err := row.Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return data, err
}

// nullInstant stores the zero time as NULL.
func nullInstant(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixNano(), Valid: !t.IsZero()}
}

func instantOf(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}
