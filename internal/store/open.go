// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver named "sqlite"
)

const (
	sqliteReaders = 4
	postgresConns = 16
)

func (s *Store) openSQLite(path string) error {
	if path == "" {
		return errors.New("store: sqlite: without a path")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.dialect = DialectSQLite
	if path, err = s.claimFile(path); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := s.openSQLiteFiles(path); err != nil {
		return errors.Join(err, s.lock.Close())
	}
	return nil
}

// claimFile makes the file of the evidence, and the last folder of its path, readable by their owner only, and locks
// them for this process: a second one would mark the other's exchanges as unknown and its used tokens as doubtful. It
// returns the path without symbolic links, so that a file has one lock under all its names.
func (s *Store) claimFile(path string) (string, error) {
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if err := touch(path); err != nil {
		return "", err
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	s.lock, err = lockFile(path + ".lock")
	return path, err
}

func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- the path is configuration
	if err != nil {
		return err
	}
	return f.Close()
}

func (s *Store) openSQLiteFiles(path string) error {
	// A commit on the main file is on disk when it returns; one on the file of used tokens may be lost by a power
	// failure, which [fileReplay.NotBefore] makes harmless.
	write, err := openSQLiteFile(path, "FULL", 1, s.cfg)
	if err != nil {
		return err
	}
	s.write = newWriter(write, s.cfg.Timeout)
	used, err := openSQLiteFile(path+"-replay", "NORMAL", 1, s.cfg)
	if err != nil {
		return errors.Join(err, write.Close())
	}
	s.used = newWriter(used, s.cfg.Timeout)
	if s.read, err = openSQLiteFile(path, "FULL", sqliteReaders, s.cfg); err != nil {
		return errors.Join(err, write.Close(), used.Close())
	}
	return nil
}

// openSQLiteFile opens one file in WAL mode. Transactions take the write lock when they begin: one that read first and
// wrote later could fail half-way.
func openSQLiteFile(path, synchronous string, conns int, cfg Config) (*sql.DB, error) {
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(" + strconv.FormatInt(cfg.Timeout.Milliseconds(), 10) + ")",
		"journal_mode(WAL)",
		"synchronous(" + synchronous + ")",
		"wal_autocheckpoint(4000)", // 16 MiB: pages that change often are copied back less often
		"secure_delete(1)",         // what is erased is overwritten, not only unlinked
	}}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

func (s *Store) openPostgres() error {
	cfg, err := pgx.ParseConfig(s.cfg.DSN)
	if err != nil {
		// The parser's error may quote the DSN and its password.
		return errors.New("store: the PostgreSQL DSN cannot be parsed")
	}
	s.dialect = DialectPostgres
	cfg.ConnectTimeout = s.cfg.Timeout
	// Whatever the server's default, a commit that returns is on disk; a lock is not waited for longer than a call.
	cfg.RuntimeParams["synchronous_commit"] = "on"
	cfg.RuntimeParams["lock_timeout"] = strconv.FormatInt(s.cfg.Timeout.Milliseconds(), 10)
	cfg.RuntimeParams["application_name"] = "snodo"
	s.read = stdlib.OpenDB(*cfg)
	s.read.SetMaxOpenConns(postgresConns)
	s.read.SetMaxIdleConns(postgresConns)
	s.write = newWriter(s.read, s.cfg.Timeout)
	s.used = s.write
	return nil
}
