// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/problem"
)

func TestCommittedPagesAreCurrent(t *testing.T) {
	if err := compare(filepath.Join("..", "..", "..", "docs", "problems")); err != nil {
		t.Error(err)
	}
}

func TestWriteThenCompare(t *testing.T) {
	out := filepath.Join(t.TempDir(), "problems")
	if err := write(out); err != nil {
		t.Fatal(err)
	}
	if err := compare(out); err != nil {
		t.Errorf("just written: %v", err)
	}
	page := filepath.Join(out, string(problem.RulePratica)+".md")
	if err := os.WriteFile(page, []byte("vecchia"), 0o600); err != nil {
		t.Fatal(err)
	}
	extra := filepath.Join(out, "hub.acquisition", "sparita.md")
	if err := os.WriteFile(extra, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(out, "README.md")); err != nil {
		t.Fatal(err)
	}
	err := compare(out)
	if err == nil {
		t.Fatal("old, missing and extra pages were not seen")
	}
	for _, want := range []string{"pratica.md is not current", "sparita.md belongs to no rule", "README.md"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if err := write(out); err != nil {
		t.Fatal(err)
	}
	if err := compare(out); err != nil {
		t.Errorf("written again: %v", err)
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(file); err == nil {
		t.Error("wrote below a file")
	}
	if err := compare(file); err == nil {
		t.Error("compared with a file")
	}
}
