// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package storetest is the suite that every dialect of internal/store passes, and what tests need to open a store. It
// depends on store and on the standard library.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
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

	// file is where SQLite keeps it, and only the open store, since it admits one.
	file string
	only *atomic.Pointer[store.Store]
}

// SQLite returns a new SQLite database, not migrated.
func SQLite(t testing.TB) Database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "snodo.db")
	return Database{
		DSN: "sqlite:" + path, Driver: "sqlite", Source: path + "?_pragma=busy_timeout(5000)",
		file: path, only: new(atomic.Pointer[store.Store]),
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

// Migrated opens the database and brings its schema up. A new SQLite database begins as a copy of one that this process
// has migrated already.
func (d Database) Migrated(t testing.TB, clock func() time.Time) *store.Store {
	t.Helper()
	if d.only != nil {
		if err := d.begin(); err != nil {
			t.Fatalf("migrate: %v", err)
		}
	}
	s := d.Open(t, clock)
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return s
}

// begin writes the files of a migrated database where there are none.
func (d Database) begin() error {
	if _, err := os.Stat(d.file); err == nil {
		return nil
	}
	files, err := migrated()
	for suffix, data := range files {
		err = errors.Join(err, os.WriteFile(d.file+suffix, data, 0o600))
	}
	return err
}

// migrated is what a SQLite database of the present schema has in its files, by what their names add to its own.
var migrated = sync.OnceValues(func() (map[string][]byte, error) {
	folder, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "snodo.db")
	s, err := store.Open(context.Background(), store.Config{DSN: "sqlite:" + path, Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		return nil, err
	}
	if _, err := s.Migrate(context.Background()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, suffix := range []string{"", "-replay"} {
		if files[suffix], err = os.ReadFile(path + suffix); err != nil {
			return nil, err
		}
	}
	return files, nil
})

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
