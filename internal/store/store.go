// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

var (
	// ErrUnavailable means that the database did not answer, or not in a way that tells yes from no.
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrNotFound means that the database answered and holds no such thing.
	ErrNotFound = errors.New("not in the store")
	// ErrInUse means that another process has the SQLite database open. Several processes need PostgreSQL.
	ErrInUse = errors.New("another process has this SQLite database open; stop it, or use PostgreSQL to run several")
	// ErrSchema means that the schema of the database is not the one of this program.
	ErrSchema = errors.New("the schema of the store does not fit this program")
)

// A Dialect is a kind of database.
type Dialect string

// The dialects.
const (
	DialectSQLite   Dialect = "sqlite"
	DialectPostgres Dialect = "postgres"
)

// DefaultTimeout limits one operation on the database.
const DefaultTimeout = 5 * time.Second

// Config says which database and with what.
type Config struct {
	// DSN is "sqlite:<path of the file>" or a PostgreSQL URL ("postgres://..."). The used tokens of SQLite live in
	// "<path>-replay".
	DSN     string
	Clock   func() time.Time
	Rand    io.Reader     // cryptographic randomness, for claims
	Timeout time.Duration // of one operation, and of the wait for a lock; zero means DefaultTimeout
	// IdempotencyLease is how long a request may take before its Idempotency-Key may be claimed again: longer than any
	// exchange, so that only a claim lost with its process runs out. Zero means DefaultIdempotencyLease.
	IdempotencyLease time.Duration
}

// A Store is an open database. It is safe for concurrent use. A SQLite database has one Store at a time.
type Store struct {
	dialect Dialect
	cfg     Config
	read    *sql.DB
	write   *writer // the same pool as read on PostgreSQL
	used    *writer // SQLite only: the file of used tokens

	lock        *os.File    // SQLite only, as all that follows: held while the database is open
	cacheTaken  atomic.Bool // a cache of used tokens is open
	unforgotten atomic.Bool // the journal may hold pages from before an erasure
	numbers     blocks      // set aside
	good        goodKeys    // application keys
}

// Open opens the database and checks that it answers. It creates the files of SQLite and the folder that holds them,
// readable by their owner only, but no table: see [Store.Migrate] and [Store.CheckSchema]. The error wraps [ErrInUse]
// when another process has the SQLite database.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Clock == nil || cfg.Rand == nil {
		return nil, errors.New("store: clock and randomness are mandatory")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.IdempotencyLease <= 0 {
		cfg.IdempotencyLease = DefaultIdempotencyLease
	}
	s := &Store{cfg: cfg}
	var err error
	switch scheme, rest, _ := strings.Cut(cfg.DSN, ":"); scheme {
	case "sqlite":
		err = s.openSQLite(rest)
	case "postgres", "postgresql":
		err = s.openPostgres()
	default:
		// The DSN may hold a password: it is not repeated.
		err = errors.New("store: DSN must begin with sqlite: or postgres:, as in sqlite:snodo.db")
	}
	if err != nil {
		return nil, err
	}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Dialect returns the kind of database.
func (s *Store) Dialect() Dialect { return s.dialect }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	for _, db := range s.pools() {
		ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
		err := db.PingContext(ctx)
		cancel()
		if err != nil {
			return unavailable("open", err)
		}
	}
	return nil
}

// Close closes the database and lets go of it. Caches and logs over it must be closed before.
func (s *Store) Close() error {
	var errs []error
	for _, db := range s.pools() {
		errs = append(errs, db.Close())
	}
	if s.lock != nil {
		if err := s.lock.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// pools returns each connection pool once.
func (s *Store) pools() []*sql.DB {
	pools := []*sql.DB{s.write.db}
	if s.read != s.write.db {
		pools = append(pools, s.read)
	}
	if s.used != nil && s.used != s.write {
		pools = append(pools, s.used.db)
	}
	return pools
}

// readAll reads the rows of a query within the time of one operation. The error wraps [ErrUnavailable] and says what was
// being done.
func readAll[T any](ctx context.Context, s *Store, doing string, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	all, err := collect(ctx, s.read, scan, query, args...)
	if err != nil {
		return nil, unavailable(doing, err)
	}
	return all, nil
}

func unavailable(doing string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err)
}

// forUpdate is appended to a SELECT whose row the transaction will change. A SQLite transaction here is always
// exclusive among writers.
func (d Dialect) forUpdate() string {
	if d == DialectPostgres {
		return " FOR UPDATE"
	}
	return ""
}
