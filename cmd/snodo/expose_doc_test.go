// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// TestExposing follows docs/expose.md: every block that begins with "# file:" is saved, every sh block is run, in one shell and
// one folder. Only the ports are others.
func TestExposing(t *testing.T) {
	docs, err := filepath.Abs(filepath.Join("..", "..", "docs"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(docs, "expose.md"))
	if err != nil {
		t.Fatal(err)
	}
	borgo := ambiente.BorgoFiorito()
	for _, id := range []string{borgo.EserviceOf("ricerca-pratiche"), borgo.DescriptorOf("ricerca-pratiche")} {
		if !strings.Contains(string(page), id) {
			t.Errorf("the page does not name %s", id)
		}
	}
	folder := shortDir(t)
	document, err := os.ReadFile(filepath.Join(docs, "ricerca-pratiche.openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "ricerca-pratiche.openapi.yaml"), document, 0o600); err != nil {
		t.Fatal(err)
	}
	script := literally(t, string(page))
	for _, port := range []string{"18080", "18081"} {
		script = strings.ReplaceAll(script, port, freePort(t))
	}
	script = strings.ReplaceAll(script, "--port 19090", "--port 0")
	out, err := runPage(t, folder, "set -eu\n"+script)
	if err != nil {
		t.Fatalf("%v\n%s%s%s", err, out, logOf(folder, "mock.log"), logOf(folder, "serve.log"))
	}
	if n := strings.Count(script, "curl "); n < 9 {
		t.Errorf("the page calls %d times", n)
	}
}

// runAsSQLite3 is main for the copies of the test binary called sqlite3: what the page needs of it, where it is not installed.
func runAsSQLite3() {
	statements, err := io.ReadAll(os.Stdin)
	if err == nil && len(os.Args) == 2 {
		var db *sql.DB
		if db, err = sql.Open("sqlite", os.Args[1]); err == nil {
			_, err = db.Exec(string(statements))
			_ = db.Close()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
