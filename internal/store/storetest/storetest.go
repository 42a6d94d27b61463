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
}

// SQLite returns a new SQLite database, not migrated.
func SQLite(t testing.TB) Database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "snodo.db")
	return Database{DSN: "sqlite:" + path, Driver: "sqlite", Source: path + "?_pragma=busy_timeout(5000)"}
}

// Postgres returns a PostgreSQL database by its URL.
func Postgres(dsn string) Database { return Database{DSN: dsn, Driver: "pgx", Source: dsn} }

// Open opens the database, as a process of its own would, and closes it with the test.
func (d Database) Open(t testing.TB, clock func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Config{DSN: d.DSN, Clock: clock, Rand: rand.Reader})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
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
