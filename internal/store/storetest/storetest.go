// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package storetest is the suite that every dialect of internal/store passes, and what tests need to open a store. It
// depends on store and on the standard library.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/store"
)

// A Database is one database under test.
type Database struct {
	DSN string
	// Driver and Source open the database without the store.
	Driver, Source string

	// only is the open store of SQLite, which admits one.
	only *atomic.Pointer[store.Store]
}

// SQLite returns a new SQLite database, not migrated.
func SQLite(t testing.TB) Database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "snodo.db")
	return Database{
		DSN: "sqlite:" + path, Driver: "sqlite", Source: path + "?_pragma=busy_timeout(5000)",
		only: new(atomic.Pointer[store.Store]),
	}
}

// Postgres returns a PostgreSQL database by its URL.
func Postgres(dsn string) Database { return Database{DSN: dsn, Driver: "pgx", Source: dsn} }

// Open opens the database and closes it with the test. On PostgreSQL it does so as a process of its own would; on SQLite,
// which one process has, it returns the store that is already open, with the clock of that one.
func (d Database) Open(t testing.TB, clock func() time.Time) *store.Store {
	t.Helper()
	if d.only != nil {
		if s := d.only.Load(); s != nil {
			return s
		}
	}
	s, err := store.Open(context.Background(), store.Config{DSN: d.DSN, Clock: clock, Rand: rand.Reader})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	if d.only != nil {
		d.only.Store(s)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
		if d.only != nil {
			d.only.CompareAndSwap(s, nil)
		}
	})
	return s
}

// Leave closes the SQLite database as the end of its process does: whatever is open over it finds it closed. On
// PostgreSQL it does nothing.
func (d Database) Leave(t testing.TB) {
	t.Helper()
	if d.only == nil {
		return
	}
	if s := d.only.Swap(nil); s != nil {
		if err := s.Close(); err != nil {
			t.Fatalf("close store: %v", err)
		}
	}
}

// Migrated opens the database and brings its schema up.
func (d Database) Migrated(t testing.TB, clock func() time.Time) *store.Store {
	t.Helper()
	s := d.Open(t, clock)
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return s
}

// Exec runs a statement on the database without the store, as somebody who has the database but not the hub would.
func (d Database) Exec(t testing.TB, statement string) {
	t.Helper()
	db, err := sql.Open(d.Driver, d.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Sealer returns a sealer with a fresh master key.
func Sealer(t testing.TB) *seal.Sealer {
	t.Helper()
	master := make([]byte, seal.MasterKeySize)
	if _, err := rand.Read(master); err != nil {
		t.Fatal(err)
	}
	s, err := seal.New(master, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
