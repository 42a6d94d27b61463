// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/conformance"
	"github.com/snodo-pa/snodo/conformance/report"
)

const docs = "../../docs/conformance"

// TestPagesAreCurrent holds the pages in docs against the cases. SNODO_GENERATE=1 writes
// them.
func TestPagesAreCurrent(t *testing.T) {
	pages, err := report.Pages()
	if err != nil {
		t.Fatal(err)
	}
	there, err := filepath.Glob(filepath.Join(docs, "cases*.md"))
	if err != nil {
		t.Fatal(err)
	}
	generate := os.Getenv("SNODO_GENERATE") != ""
	for _, path := range there {
		if _, ok := pages[filepath.Base(path)]; !ok {
			if !generate {
				t.Errorf("%s is about no case", path)
			} else if err := os.Remove(path); err != nil {
				t.Error(err)
			}
		}
	}
	for name, want := range pages {
		path := filepath.Join(docs, name)
		if generate {
			if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%s is not current: SNODO_GENERATE=1 go test ./conformance/report -run TestPagesAreCurrent (%v)", path, err)
		}
	}
}

// TestEveryCaseIsOnAPage, by its id or by that of its variant.
func TestEveryCaseIsOnAPage(t *testing.T) {
	pages, err := report.Pages()
	if err != nil {
		t.Fatal(err)
	}
	var whole strings.Builder
	for _, text := range pages {
		whole.WriteString(text)
	}
	all, err := conformance.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if !strings.Contains(whole.String(), "`"+strings.TrimSuffix(c.ID, "."+c.Subject)+"`") {
			t.Errorf("%s is on no page", c.ID)
		}
	}
}
