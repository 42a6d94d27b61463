// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package sqlview

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// Kind is a kind of database.
type Kind string

// The kinds. MariaDB is there in a program built with the tag mariadb alone.
const (
	PostgreSQL Kind = "postgresql"
	SQLite     Kind = "sqlite"
	MariaDB    Kind = "mariadb"
)

// The errors of a query. None holds SQL, a value or the address of the database.
var (
	// ErrUnavailable means that the database did not answer in time, or not at all: the question may be asked again.
	ErrUnavailable = bilingual.New("la base dati della vista non ha risposto", "the database of the view did not answer")
	// ErrSettings means that the database refuses the question as it is asked: a name that it does not have, a right that
	// is missing, another type. Whoever wrote the view, or gave the rights, has something to do.
	ErrSettings = bilingual.New("la base dati rifiuta la query della vista", "the database refuses the query of the view")
	// ErrTooMuch means that the answer has more rows or bytes than the view allows.
	ErrTooMuch = bilingual.New("la risposta della base dati supera ciò che la vista ammette", "the answer of the database is larger than the view allows")
	// ErrNotBuilt means that this program was built without the driver of the kind.
	ErrNotBuilt = bilingual.New("questo programma è compilato senza questo tipo di base dati", "this program was built without this kind of database")
)

const (
	maxConns    = 4
	idleFor     = 5 * time.Minute
	maxCell     = 1 << 20 // bytes of one answer, all values together
	maxTimeout  = time.Minute
	defaultWait = 5 * time.Second
)

// Settings say which database.
type Settings struct {
	Kind Kind
	// DSN is the path of the file of SQLite, a URL or keywords of PostgreSQL, user:password@tcp(host:port)/name of MariaDB.
	DSN string
	// Timeout bounds one query, the wait for a connection included: at most a minute, 0 for five seconds.
	Timeout time.Duration
}

// Table is what a query found: as many values in each row as there are columns.
type Table struct {
	Columns []string
	Rows    [][]any
}

// Source is a database, opened when it is first asked. It is safe for concurrent use.
type Source struct {
	kind    Kind
	db      *sql.DB
	timeout time.Duration
	// args turns values into what the driver takes; failure reads the driver's error.
	args    func(any) any
	failure func(error) error
	// words are the database's own about a query, "" when the error is not the database's.
	words func(error) string
}

// Open prepares the connections to a database and makes none. The error wraps ErrNotBuilt, or says that the DSN cannot be
// read, without repeating it.
func Open(s Settings) (*Source, error) {
	if s.Timeout <= 0 {
		s.Timeout = defaultWait
	}
	s.Timeout = min(s.Timeout, maxTimeout)
	var src *Source
	var err error
	switch s.Kind {
	case PostgreSQL:
		src, err = openPostgreSQL(s)
	case SQLite:
		src, err = openSQLite(s)
	case MariaDB:
		src, err = openMariaDB(s)
	default:
		err = fmt.Errorf("%w: %s", ErrNotBuilt, s.Kind)
	}
	if err != nil {
		return nil, err
	}
	src.kind, src.timeout = s.Kind, s.Timeout
	src.db.SetMaxOpenConns(maxConns)
	src.db.SetMaxIdleConns(maxConns)
	src.db.SetConnMaxIdleTime(idleFor)
	return src, nil
}

// Built tells whether this program has the driver of a kind.
func Built(kind Kind) bool {
	return kind == PostgreSQL || kind == SQLite || kind == MariaDB && builtMariaDB
}

// Close closes the connections.
func (s *Source) Close() error { return s.db.Close() }

// Query asks in a transaction that cannot write and is rolled back. It reads at most rows rows: one more is ErrTooMuch,
// and nothing is returned. Values are by the names of the statement; one that is missing is NULL. The error wraps
// ErrUnavailable, ErrSettings or ErrTooMuch.
func (s *Source) Query(ctx context.Context, q *Statement, values map[string]any, rows int) (Table, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	args := make([]any, 0, len(q.names))
	for _, name := range q.names {
		if v := values[name]; v != nil {
			args = append(args, s.args(v))
		} else {
			args = append(args, nil)
		}
	}
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Table{}, s.fault(ctx, err)
	}
	defer func() { _ = tx.Rollback() }()
	found, err := tx.QueryContext(ctx, q.text, args...)
	if err != nil {
		return Table{}, s.fault(ctx, err)
	}
	defer found.Close()
	table, err := read(found, rows)
	if err != nil && !errors.Is(err, ErrTooMuch) {
		return Table{}, s.fault(ctx, err)
	}
	return table, err
}

// Columns asks what columns a query gives, and reads no row: its values are NULL. The error is a *QueryError when the
// database refuses the query, in the database's own words, which then can hold nothing but what the view says; else it wraps
// ErrUnavailable or ErrSettings.
func (s *Source) Columns(ctx context.Context, q *Statement) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, s.fault(ctx, err)
	}
	defer func() { _ = tx.Rollback() }()
	text := "SELECT * FROM (" + q.text + ") AS vista LIMIT 0" //nolint:gosec // the statement is one that Parse has let through, without values
	found, err := tx.QueryContext(ctx, text, make([]any, len(q.names))...)
	if err != nil {
		return nil, s.refusal(ctx, err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err == nil {
		found.Next()
		err = found.Err()
	}
	if err != nil {
		return nil, s.refusal(ctx, err)
	}
	return columns, nil
}

// refusal tells, of a query without values, what the database says of it.
func (s *Source) refusal(ctx context.Context, err error) error {
	fault := s.fault(ctx, err)
	if words := s.words(err); words != "" && errors.Is(fault, ErrSettings) {
		return refuse("la base dati la rifiuta: "+words, "the database refuses it: "+words)
	}
	return fault
}

// fault tells what a driver's error means; its text may hold values and is dropped.
func (s *Source) fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return bilingual.Errorf("%w: nessuna risposta in tempo", "%w: no answer in time", ErrUnavailable)
	}
	return s.failure(err)
}

func read(found *sql.Rows, most int) (Table, error) {
	columns, err := found.Columns()
	if err != nil {
		return Table{}, err
	}
	t := Table{Columns: columns}
	size := 0
	for found.Next() {
		if len(t.Rows) == most {
			return Table{}, bilingual.Errorf("%w: più di %d righe", "%w: more than %d rows", ErrTooMuch, most)
		}
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			return Table{}, err
		}
		for i, v := range row {
			switch v := v.(type) {
			case []byte:
				row[i] = string(v)
				size += len(v)
			case string:
				size += len(v)
			}
		}
		if size > maxCell {
			return Table{}, bilingual.Errorf("%w: più di %d byte", "%w: more than %d bytes", ErrTooMuch, maxCell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, found.Err()
}
