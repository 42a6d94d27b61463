// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
)

const (
	sqlAddHead = `INSERT INTO evidence_heads (ente, size) VALUES ($1, 0) ON CONFLICT (ente) DO NOTHING`
	sqlSetHead = `UPDATE evidence_heads SET size = $2, open = $4 WHERE ente = $1 AND size = $3`
	sqlPutTile = `INSERT INTO evidence_tiles (ente, level, n, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (ente, level, n) DO UPDATE SET data = excluded.data`
	sqlHead     = `SELECT size, open FROM evidence_heads WHERE ente = $1`
	sqlLockHead = sqlHead + ` FOR UPDATE`
	sqlTile     = `SELECT data FROM evidence_tiles WHERE ente = $1 AND level = $2 AND n = $3`
)

// The tables that an append writes to, in the order in which it does.
const (
	intoEntries = iota
	intoSides
	intoSubjects
	intoTables
)

// evidenceStore is the evidence part of a Store.
type evidenceStore struct {
	*Store
	prepare []string             // what an append prepares
	insert  [intoTables][]string // its INSERTs, by table
	width   [intoTables]int      // columns of each table
}

var _ evidence.Store = (*evidenceStore)(nil)

// Evidence returns the rows of the evidence logs.
func (s *Store) Evidence() evidence.Store {
	e := &evidenceStore{Store: s, prepare: []string{sqlHead, sqlLockHead, sqlAddHead, sqlSetHead, sqlPutTile}}
	if s.dialect == DialectSQLite {
		e.prepare = slices.DeleteFunc(e.prepare, func(q string) bool { return q == sqlLockHead })
	}
	for table, in := range [intoTables]insertion{
		intoEntries:  newInsertion("evidence_entries", "ente", "idx", "instant", "environment", "kind", "exchange", "leaf"),
		intoSides:    newInsertion("evidence_sides", "ente", "idx", "wrapped_key", "data", "retain_until"),
		intoSubjects: newInsertion("evidence_subjects", "ente", "idx", "subject"),
	} {
		e.insert[table], e.width[table] = in.queries(s.dialect), len(in.columns)
		e.prepare = append(e.prepare, e.insert[table]...)
	}
	return e
}

// Update locks the heads in the order given, which is sorted: two processes cannot wait for each other.
func (s *evidenceStore) Update(ctx context.Context, enti []string, fn func(tx evidence.Tx) error) error {
	err := s.write.update(ctx, s.prepare, func(ctx context.Context, tx *writeTx) error {
		t := &evidenceTx{store: s, tx: tx, heads: make(map[string]head, len(enti))}
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
	heads map[string]head
}

// head is the row of one log. Its open intents are one text: a row for each would be written and deleted for every
// exchange.
type head struct {
	size int64
	open string
}

var _ evidence.Tx = (*evidenceTx)(nil)

func (t *evidenceTx) lock(ctx context.Context, ente string) error {
	query := sqlHead
	if t.store.dialect == DialectPostgres {
		query = sqlLockHead
	}
	var h head
	err := t.tx.one(ctx, query, []any{ente}, []any{&h.size, &h.open})
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := t.tx.exec(ctx, sqlAddHead, ente); err != nil {
			return err
		}
		err = t.tx.one(ctx, query, []any{ente}, []any{&h.size, &h.open})
	}
	t.heads[ente] = h
	return err
}

// Size returns the size read when the head was locked, plus what was appended since.
func (t *evidenceTx) Size(ente string) int64 { return t.heads[ente].size }

// Open returns the open intents read when the head was locked, or set since.
func (t *evidenceTx) Open(ente string) ([]evidence.OpenIntent, error) {
	return parseOpen(ente, t.heads[ente].open)
}

// Tile reads one tile.
func (t *evidenceTx) Tile(ctx context.Context, ente string, level int, n int64) ([]byte, error) {
	return scanTile(t.tx.tx.QueryRowContext(ctx, sqlTile, ente, level, n))
}

// Append writes the rows, a table at a time, then the tiles, then the size.
func (t *evidenceTx) Append(
	ctx context.Context, ente string, rows []evidence.Row, tiles []evidence.Tile, open []evidence.OpenIntent,
) error {
	var values [intoTables][]any
	add := func(table int, v ...any) { values[table] = append(values[table], v...) }
	for i := range rows {
		r := &rows[i]
		add(intoEntries, ente, r.Index, r.Instant.UnixNano(), r.Environment, string(r.Kind), r.Exchange, r.Leaf)
		if r.HasSide {
			add(intoSides, ente, r.Index, r.SideKey, r.SideData, nullInstant(r.RetainUntil))
		}
		for _, subject := range r.Subjects {
			add(intoSubjects, ente, r.Index, subject)
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
	before := t.heads[ente].size
	after := head{size: before + int64(len(rows)), open: formatOpen(open)}
	if n, err := t.tx.exec(ctx, sqlSetHead, ente, after.size, before, after.open); err != nil || n != 1 {
		return fmt.Errorf("move the head from %d: %d rows changed: %w", before, n, err)
	}
	t.heads[ente] = after
	return nil
}

// formatOpen writes open intents as lines of index and exchange, which holds no line feed.
func formatOpen(open []evidence.OpenIntent) string {
	var b []byte
	for i, intent := range open {
		if i > 0 {
			b = append(b, '\n')
		}
		b = strconv.AppendInt(b, intent.Index, 10)
		b = append(b, ' ')
		b = append(b, intent.Exchange...)
	}
	return string(b)
}

func parseOpen(ente, text string) ([]evidence.OpenIntent, error) {
	if text == "" {
		return nil, nil
	}
	open := make([]evidence.OpenIntent, 0, 1+strings.Count(text, "\n"))
	for line := range strings.SplitSeq(text, "\n") {
		index, exchange, _ := strings.Cut(line, " ")
		n, err := strconv.ParseInt(index, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("evidence_heads: the open intents of %s are not lines of index and exchange", ente)
		}
		open = append(open, evidence.OpenIntent{Index: n, Exchange: exchange})
	}
	return open, nil
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
