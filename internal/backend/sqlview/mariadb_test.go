// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

//go:build mariadb

package sqlview

import (
	"database/sql"
	"os"
	"testing"
)

// TestMariaDB runs the suite on the empty database that SNODO_TEST_MARIADB names, as user:password@tcp(host:port)/name.
func TestMariaDB(t *testing.T) {
	dsn := os.Getenv("SNODO_TEST_MARIADB")
	if dsn == "" {
		t.Skip("not-run: SNODO_TEST_MARIADB names no database")
	}
	writer, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = writer.Exec("DROP TABLE IF EXISTS pratiche")
		_ = writer.Close()
	})
	suite(t, database{kind: MariaDB, dsn: dsn, writer: writer, text: "CHAR", slow: "SELECT SLEEP(60)"})
}
