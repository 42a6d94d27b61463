// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package pgtest gives tests a PostgreSQL: the one that SNODO_TEST_POSTGRES names, or a throw-away cluster made from the
// binaries of the machine. It is for tests only and depends on no other package of the project.
package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Env names the environment variable with the URL of a PostgreSQL where the tests may create schemas.
const Env = "SNODO_TEST_POSTGRES"

const startTimeout = 60 * time.Second

// A Cluster is a running PostgreSQL.
type Cluster struct {
	dsn string
}

// Start returns the PostgreSQL that [Env] names, or starts one that ends with the test. Where there is none the test
// does not run; under CI it fails.
func Start(t *testing.T) *Cluster {
	t.Helper()
	if dsn := os.Getenv(Env); dsn != "" {
		return &Cluster{dsn: dsn}
	}
	bin := findBinaries()
	if bin == "" {
		const missing = "not-run: postgresql is not installed (Debian package postgresql) and " + Env + " is not set"
		if os.Getenv("CI") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return startCluster(t, bin)
}

// NewDatabase returns the URL of an empty database of the test's own. It is a schema, which its connections see alone:
// to make one is a hundred times faster.
func (c *Cluster) NewDatabase(t *testing.T) string {
	t.Helper()
	name := "snodo_" + strings.ToLower(rand.Text())
	c.exec(t, "CREATE SCHEMA "+name)
	t.Cleanup(func() { c.exec(t, "DROP SCHEMA "+name+" CASCADE") })
	u, err := url.Parse(c.dsn)
	if err != nil {
		t.Fatal("the URL of the test database cannot be parsed")
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

func (c *Cluster) exec(t *testing.T, statement string) {
	t.Helper()
	db, err := open(c.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	// The cleanup of a test runs when its context has ended.
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func open(dsn string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("the URL of the test database cannot be parsed")
	}
	return stdlib.OpenDB(*cfg), nil
}

// findBinaries returns the folder of the newest PostgreSQL of the Debian packages, or of the one in PATH.
func findBinaries() string {
	newest, folder := 0, ""
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well formed
	for _, f := range found {
		dir := filepath.Dir(f)
		if version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && version > newest {
			newest, folder = version, dir
		}
	}
	if folder == "" {
		if f, err := exec.LookPath("initdb"); err == nil {
			folder = filepath.Dir(f)
		}
	}
	return folder
}
