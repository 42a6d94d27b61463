// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/snodo-pa/snodo/internal/evidence"
)

const (
	sqlRows = `SELECT e.ente, e.idx, e.instant, e.environment, e.kind, e.exchange, e.leaf,
			CASE WHEN s.ente IS NULL THEN 0 ELSE 1 END, s.wrapped_key, s.data, s.retain_until
		FROM evidence_entries e
		LEFT JOIN evidence_sides s ON s.ente = e.ente AND s.idx = e.idx`
	sqlSpan = `SELECT MIN(idx), MAX(idx) FROM evidence_entries WHERE ente = $1 AND instant >= $2 AND instant < $3`

	sqlHeads         = `SELECT ente, size FROM evidence_heads WHERE size > 0 ORDER BY ente`
	sqlOpen          = `SELECT ente, open FROM evidence_heads WHERE open <> '' ORDER BY ente`
	sqlCheckpoints   = `SELECT size, root, note FROM evidence_checkpoints WHERE ente = $1 AND size >= $2 ORDER BY size`
	sqlLastCheck     = `SELECT size, root, note FROM evidence_checkpoints WHERE ente = $1 ORDER BY size DESC LIMIT 1`
	sqlPutCheckpoint = `INSERT INTO evidence_checkpoints (ente, size, root, note) VALUES ($1, $2, $3, $4)
		ON CONFLICT (ente, size) DO NOTHING`
)

// Heads lists the logs.
func (s *evidenceStore) Heads(ctx context.Context) ([]evidence.Head, error) {
	return readAll(ctx, s.Store, "read heads", func(rows *sql.Rows) (h evidence.Head, err error) {
		err = rows.Scan(&h.Ente, &h.Size)
		return h, err
	}, sqlHeads)
}

// Tile reads one tile.
func (s *evidenceStore) Tile(ctx context.Context, ente string, level int, n int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	data, err := scanTile(s.read.QueryRowContext(ctx, sqlTile, ente, level, n))
	if err != nil {
		return nil, unavailable("read tile", err)
	}
	return data, nil
}

// A where collects conditions and their arguments.
type where struct {
	terms []string
	args  []any
}

// and adds a condition, in which the argument stands for the "?".
func (w *where) and(term string, arg any) {
	w.args = append(w.args, arg)
	w.terms = append(w.terms, strings.Replace(term, "?", "$"+strconv.Itoa(len(w.args)), 1))
}

// in adds the condition that a column has one of the values, of which there is at least one.
func (w *where) in(column string, values []any) {
	places := make([]string, len(values))
	for i, v := range values {
		w.args = append(w.args, v)
		places[i] = "$" + strconv.Itoa(len(w.args))
	}
	w.terms = append(w.terms, column+" IN ("+strings.Join(places, ", ")+")")
}

func (w *where) String() string { return " WHERE " + strings.Join(w.terms, " AND ") }

// Rows reads the entries that match.
func (s *evidenceStore) Rows(ctx context.Context, f evidence.Filter) ([]evidence.Row, error) {
	var w where
	w.and("e.ente = ?", f.Ente)
	if f.Environment != "" {
		w.and("e.environment = ?", f.Environment)
	}
	if f.Kind != "" {
		w.and("e.kind = ?", string(f.Kind))
	}
	if f.Exchange != "" {
		w.and("e.exchange = ?", f.Exchange)
	}
	if f.Subject != nil {
		w.and("EXISTS (SELECT 1 FROM evidence_subjects p WHERE p.ente = e.ente AND p.idx = e.idx AND p.subject = ?)",
			f.Subject)
	}
	if !f.From.IsZero() {
		w.and("e.instant >= ?", nanos(f.From))
	}
	if !f.To.IsZero() {
		w.and("e.instant < ?", nanos(f.To))
	}
	if f.FromIndex > 0 {
		w.and("e.idx >= ?", f.FromIndex)
	}
	if f.ToIndex > 0 {
		w.and("e.idx < ?", f.ToIndex)
	}
	return s.rows(ctx, sqlRows+w.String()+" ORDER BY e.idx"+limit(f.Limit), w.args...)
}

// openPage is how many open intents are read at once.
const openPage = 500

// Open reads the intents without outcome.
func (s *evidenceStore) Open(ctx context.Context, ente string, before time.Time) ([]evidence.Row, error) {
	heads, err := readAll(ctx, s.Store, "read open intents", scanOpen, sqlOpen)
	if err != nil {
		return nil, err
	}
	var all []evidence.Row
	for _, h := range heads {
		if ente != "" && h.ente != ente {
			continue
		}
		for page := range slices.Chunk(h.indexes, openPage) {
			var w where
			w.and("e.ente = ?", h.ente)
			w.in("e.idx", page)
			rows, err := s.rows(ctx, sqlRows+w.String()+" ORDER BY e.idx", w.args...)
			if err != nil {
				return nil, err
			}
			// Not in the query: SQLite would take the index by instant, and read the log.
			all = append(all, slices.DeleteFunc(rows, func(r evidence.Row) bool { return !r.Instant.Before(before) })...)
		}
	}
	return all, nil
}

// openOf are the indexes of the open intents of one log.
type openOf struct {
	ente    string
	indexes []any
}

func scanOpen(rows *sql.Rows) (openOf, error) {
	var of openOf
	var text string
	if err := rows.Scan(&of.ente, &text); err != nil {
		return of, err
	}
	open, err := parseOpen(of.ente, text)
	for _, intent := range open {
		of.indexes = append(of.indexes, intent.Index)
	}
	return of, err
}

func (s *evidenceStore) rows(ctx context.Context, query string, args ...any) ([]evidence.Row, error) {
	return readAll(ctx, s.Store, "read entries", scanRow, query, args...)
}

func scanRow(rows *sql.Rows) (evidence.Row, error) {
	var r evidence.Row
	var instant int64
	var retain sql.NullInt64
	var kind string
	err := rows.Scan(&r.Ente, &r.Index, &instant, &r.Environment, &kind, &r.Exchange, &r.Leaf,
		&r.HasSide, &r.SideKey, &r.SideData, &retain)
	r.Kind, r.Instant, r.RetainUntil = evidence.Kind(kind), time.Unix(0, instant).UTC(), instantOf(retain)
	return r, err
}

// Span finds the range of indexes of a period.
func (s *evidenceStore) Span(ctx context.Context, ente string, from, to time.Time) (lo, hi int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	var first, last sql.NullInt64
	if err := s.read.QueryRowContext(ctx, sqlSpan, ente, nanos(from), nanos(to)).Scan(&first, &last); err != nil {
		return 0, 0, unavailable("find period", err)
	}
	if !first.Valid {
		return 0, 0, nil
	}
	return first.Int64, last.Int64 + 1, nil
}

// Checkpoints lists the checkpoints of a log.
func (s *evidenceStore) Checkpoints(ctx context.Context, ente string, minSize int64) ([]evidence.Checkpoint, error) {
	return readAll(ctx, s.Store, "read checkpoints", scanCheckpoint(ente), sqlCheckpoints, ente, minSize)
}

// LastCheckpoint returns the largest checkpoint of a log.
func (s *evidenceStore) LastCheckpoint(ctx context.Context, ente string) (evidence.Checkpoint, error) {
	list, err := readAll(ctx, s.Store, "read checkpoint", scanCheckpoint(ente), sqlLastCheck, ente)
	if err != nil || len(list) == 0 {
		return evidence.Checkpoint{}, err
	}
	return list[0], nil
}

func scanCheckpoint(ente string) func(*sql.Rows) (evidence.Checkpoint, error) {
	return func(rows *sql.Rows) (evidence.Checkpoint, error) {
		c := evidence.Checkpoint{Ente: ente}
		var root []byte
		err := rows.Scan(&c.Size, &root, &c.Note)
		if len(root) == tlog.HashSize {
			c.Root = tlog.Hash(root)
		}
		return c, err
	}
}

// PutCheckpoint stores a checkpoint.
func (s *evidenceStore) PutCheckpoint(ctx context.Context, c evidence.Checkpoint) error {
	_, err := s.write.exec(ctx, "store checkpoint", sqlPutCheckpoint, c.Ente, c.Size, c.Root[:], c.Note)
	return err
}

// collect runs a query and scans all its rows.
func collect[T any](
	ctx context.Context, db querier, scan func(*sql.Rows) (T, error), query string, args ...any,
) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// A querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func limit(n int) string {
	if n <= 0 {
		return ""
	}
	return " LIMIT " + strconv.Itoa(n)
}

// nanos is the stored form of an instant; those out of its range, as the zero time is, become its ends.
func nanos(t time.Time) int64 {
	switch y := t.Year(); {
	case y < 1700:
		return math.MinInt64
	case y > 2260:
		return math.MaxInt64
	}
	return t.UnixNano()
}
