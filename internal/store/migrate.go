// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// A Migration is one step of the schema.
type Migration struct {
	Name    string // folder and file
	Version int64
	Applied bool
	At      time.Time // when it was applied; zero when it was not
}

// A schema is one set of migrations and the database that it is for.
type schema struct {
	folder  string
	dialect goose.Dialect
	db      *sql.DB
}

func (s *Store) schemas() []schema {
	if s.dialect == DialectPostgres {
		return []schema{{"postgres", goose.DialectPostgres, s.write.db}}
	}
	return []schema{
		{"sqlite", goose.DialectSQLite3, s.write.db},
		{"sqlite_replay", goose.DialectSQLite3, s.used.db},
	}
}

// provider returns the goose provider of a schema. On PostgreSQL an advisory lock keeps two processes from migrating
// together.
func (sc schema) provider() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, path.Join("migrations", sc.folder))
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if sc.dialect == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // asks every second, for five minutes
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(sc.dialect, sc.db, files, options...)
}

// Migrate brings the schema up to this program's and returns the steps that it took. Each step is a transaction.
func (s *Store) Migrate(ctx context.Context) ([]Migration, error) {
	var done []Migration
	for _, sc := range s.schemas() {
		p, err := sc.provider()
		if err != nil {
			return done, fmt.Errorf("migrate %s: %w", sc.folder, err)
		}
		results, err := p.Up(ctx)
		for _, r := range results {
			done = append(done, Migration{
				Name: path.Join(sc.folder, path.Base(r.Source.Path)), Version: r.Source.Version,
				Applied: true, At: s.cfg.Clock().UTC(),
			})
		}
		if err != nil {
			return done, unavailable("migrate "+sc.folder, err)
		}
	}
	return done, nil
}

// Status lists the steps of the schema, those not applied too.
func (s *Store) Status(ctx context.Context) ([]Migration, error) {
	var all []Migration
	for _, sc := range s.schemas() {
		p, err := sc.provider()
		if err != nil {
			return nil, fmt.Errorf("status of %s: %w", sc.folder, err)
		}
		list, err := p.Status(ctx)
		if err != nil {
			return nil, unavailable("status of "+sc.folder, err)
		}
		for _, m := range list {
			all = append(all, Migration{
				Name: path.Join(sc.folder, path.Base(m.Source.Path)), Version: m.Source.Version,
				Applied: m.State == goose.StateApplied, At: m.AppliedAt.UTC(),
			})
		}
	}
	return all, nil
}

// CheckSchema returns nil when the schema of the database is this program's. The error wraps [ErrSchema] and says what
// to do, or [ErrUnavailable].
func (s *Store) CheckSchema(ctx context.Context) error {
	for _, sc := range s.schemas() {
		p, err := sc.provider()
		if err != nil {
			return fmt.Errorf("schema %s: %w", sc.folder, err)
		}
		have, want, err := p.GetVersions(ctx)
		switch {
		case err != nil:
			return unavailable("read schema version of "+sc.folder, err)
		case have < want:
			return fmt.Errorf("%w: %s is at version %d, expected %d; run \"snodo migrate up\"",
				ErrSchema, sc.folder, have, want)
		case have > want:
			return fmt.Errorf("%w: %s is at version %d, this program knows up to %d; use the newer program",
				ErrSchema, sc.folder, have, want)
		}
	}
	return nil
}
