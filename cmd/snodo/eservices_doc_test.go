// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/backend"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// TestViewsOfThePagesFitTheirEservices: each view that a page of docs/eservices shows is one that the hub reads, for the e-service
// of the page.
func TestViewsOfThePagesFitTheirEservices(t *testing.T) {
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "eservices", "*.md"))
	if err != nil || len(pages) < 7 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	views := 0
	for _, path := range pages {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range strings.Split(string(page), "```") {
			view, isYAML := strings.CutPrefix(block, "yaml\n")
			if i%2 == 0 || !isYAML {
				continue
			}
			views++
			recipe := exposes[strings.TrimSuffix(filepath.Base(path), ".md")]
			if recipe == nil {
				t.Fatalf("%s is of no e-service", path)
			}
			document, err := schema.Compile(recipe.Document)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := backend.Read(path, []byte(view), document.Without(gateway.StatusPath), recipe.RequestHeaders); err != nil {
				t.Error(err)
			}
		}
	}
	if views < 2 {
		t.Errorf("%d views", views)
	}
}

// TestEveryReadyEserviceHasAPage that names it, in the list of them too.
func TestEveryReadyEserviceHasAPage(t *testing.T) {
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join("..", "..", "docs", "eservices", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range exposes {
		if !strings.Contains(string(list), "`"+name+"`") {
			t.Errorf("the list does not name %s", name)
		}
	}
}

// TestNewEserviceStartsAMockBackEnd, which answers until it is stopped.
func TestNewEserviceStartsAMockBackEnd(t *testing.T) {
	mock := startProcess(t, "new", "eservice", "--from", "stato-istanza", "--dir", filepath.Join(shortDir(t), "r"), "--mock", "127.0.0.1:0")
	var url string
	eventually(t, 30*time.Second, "the mock back end is up", func() bool {
		_, rest, found := strings.Cut(mock.out.String(), "http://127.0.0.1:")
		port, _, whole := strings.Cut(rest, " ")
		url = "http://127.0.0.1:" + strings.TrimSpace(port)
		return found && whole
	})
	if status, _, body := get(t, url+"/istanze/PRT-2026-0000126"); status != 200 || !strings.Contains(body, "accolta") {
		t.Errorf("%d %s", status, body)
	}
	if status, _, _ := get(t, url+"/istanze/PRT-2026-9999999"); status != 404 {
		t.Errorf("%d", status)
	}
	mock.stop(t)
}
