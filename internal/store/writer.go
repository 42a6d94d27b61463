// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A writer runs write transactions with statements that are prepared once per connection: on SQLite preparing costs as
// much as running.
type writer struct {
	db      *sql.DB
	timeout time.Duration

	mu       sync.Mutex
	prepared map[string]*sql.Stmt
}

func newWriter(db *sql.DB, timeout time.Duration) *writer {
	return &writer{db: db, timeout: timeout, prepared: make(map[string]*sql.Stmt)}
}

// prepare prepares the queries that are not prepared yet. It runs outside any transaction: SQLite has one writing
// connection, which a transaction holds. For the same reason it does not hold the lock while it waits for one.
func (w *writer) prepare(ctx context.Context, queries []string) error {
	for _, q := range queries {
		if w.stmt(q) != nil {
			continue
		}
		stmt, err := w.db.PrepareContext(ctx, q) //nolint:sqlclosecheck // kept until the pool closes, which closes it
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		w.mu.Lock()
		if w.prepared[q] == nil {
			w.prepared[q], stmt = stmt, nil
		}
		w.mu.Unlock()
		if stmt != nil {
			_ = stmt.Close() // another goroutine was faster
		}
	}
	return nil
}

func (w *writer) stmt(query string) *sql.Stmt {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.prepared[query]
}

// A writeTx is one write transaction.
type writeTx struct {
	w  *writer
	tx *sql.Tx
}

// update runs fn in a transaction and commits it when fn returns nil. queries are those that fn gives
// to exec and one.
func (w *writer) update(ctx context.Context, queries []string, fn func(ctx context.Context, tx *writeTx) error) error {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	if err := w.prepare(ctx, queries); err != nil {
		return err
	}
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := fn(ctx, &writeTx{w: w, tx: tx}); err != nil {
		_ = tx.Rollback() // err is the one that matters
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// exec runs one statement in a transaction of its own and returns how many rows it changed. The error wraps
// [ErrUnavailable] and says what was being done.
func (w *writer) exec(ctx context.Context, doing, query string, args ...any) (n int64, err error) {
	err = w.update(ctx, []string{query}, func(ctx context.Context, tx *writeTx) (err error) {
		n, err = tx.exec(ctx, query, args...)
		return err
	})
	if err != nil {
		return 0, unavailable(doing, err)
	}
	return n, nil
}

// exec runs a prepared query and returns how many rows it changed.
func (t *writeTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := t.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	defer func() { _ = stmt.Close() }() // the prepared one stays
	r, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// one runs a prepared query that returns at most one row and scans it into dest; without a row it returns
// sql.ErrNoRows.
func (t *writeTx) one(ctx context.Context, query string, args, dest []any) error {
	stmt, err := t.stmt(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }() // the prepared one stays
	return stmt.QueryRowContext(ctx, args...).Scan(dest...)
}

// stmt returns a prepared query for use in the transaction.
func (t *writeTx) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	prepared := t.w.stmt(query)
	if prepared == nil {
		return nil, errors.New("query was not prepared")
	}
	return t.tx.StmtContext(ctx, prepared), nil
}

// batchSizes are the numbers of rows that one INSERT carries. Few sizes keep the prepared statements few.
var batchSizes = [...]int{64, 16, 4, 1}

// An insertion is an INSERT that carries several rows at a time.
type insertion struct {
	table   string
	columns []string
}

func newInsertion(table string, columns ...string) insertion { return insertion{table, columns} }

// queries returns one INSERT for each of batchSizes. SQLite gets parameters without a number: it looks numbered ones up
// by name, one by one, at every execution. And it is told to leave what a failing INSERT has done: without, it copies
// every page before it writes there, and the transaction that failed is rolled back anyway.
func (in insertion) queries(d Dialect) []string {
	verb := "INSERT INTO "
	if d == DialectSQLite {
		verb = "INSERT OR FAIL INTO "
	}
	queries := make([]string, 0, len(batchSizes))
	for _, rows := range batchSizes {
		params := make([]string, len(in.columns))
		tuples := make([]string, rows)
		for row := range tuples {
			for col := range params {
				if params[col] = "?"; d == DialectPostgres {
					params[col] = "$" + strconv.Itoa(row*len(params)+col+1)
				}
			}
			tuples[row] = "(" + strings.Join(params, ", ") + ")"
		}
		queries = append(queries, verb+in.table+" ("+strings.Join(in.columns, ", ")+") VALUES "+
			strings.Join(tuples, ", "))
	}
	return queries
}

// insert stores rows of width values each, which follow each other in args. queries come from insertion.queries.
func (t *writeTx) insert(ctx context.Context, queries []string, width int, args []any) error {
	for i, rows := range batchSizes {
		for n := rows * width; len(args) >= n; args = args[n:] {
			if _, err := t.exec(ctx, queries[i], args[:n]...); err != nil {
				return err
			}
		}
	}
	return nil
}
