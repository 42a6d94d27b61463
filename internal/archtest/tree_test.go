// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// source is one file of an invented tree.
type source struct{ path, text string }

// invent makes the parsed files of an invented tree.
func invent(t *testing.T, sources ...source) []goFile {
	t.Helper()
	var files []file
	for _, s := range sources {
		files = append(files, file{s.path, []byte(s.text)})
	}
	code, err := parseGo(files)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// wantFindings compares findings with the pieces that each must hold, in order.
func wantFindings(t *testing.T, found, want []string) {
	t.Helper()
	if len(found) != len(want) {
		t.Fatalf("%d findings, expected %d:\n%s", len(found), len(want), strings.Join(found, "\n"))
	}
	for i, piece := range want {
		if !strings.Contains(found[i], piece) {
			t.Errorf("finding %d is %q, expected to hold %q", i, found[i], piece)
		}
	}
}

func TestReadTreeLeavesOutWhatIsNotOfTheProject(t *testing.T) {
	tree := fstest.MapFS{
		".git/config":    {Data: []byte("x")},
		".gitignore":     {Data: []byte("# built\n/bin/\n*.db\n")},
		"bin/snodo":      {Data: []byte("x")},
		"a/bin/kept.txt": {Data: []byte("x")},
		"a/state.db":     {Data: []byte("x")},
		"main.go":        {Data: []byte("package main\n")},
	}
	files, err := readTree(tree)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.path)
	}
	if diff := cmp.Diff([]string{".gitignore", "a/bin/kept.txt", "main.go"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestReadTreeRefusesAPatternItDoesNotUnderstand(t *testing.T) {
	for _, pattern := range []string{"docs/*.html", "!kept.db", "[a"} {
		_, err := readTree(fstest.MapFS{".gitignore": {Data: []byte(pattern + "\n")}})
		if err == nil {
			t.Errorf("pattern %q was accepted", pattern)
		}
	}
}

func TestParseGoTellsOfBrokenCode(t *testing.T) {
	if _, err := parseGo([]file{{"a.go", []byte("pakage a")}}); err == nil {
		t.Error("broken code was accepted")
	}
	code, err := parseGo([]file{{"a/testdata/b.go", []byte("pakage a")}, {"a.md", nil}})
	if err != nil || len(code) != 0 {
		t.Errorf("test data and documents were parsed: %v, %v", code, err)
	}
}

func TestFindRootFailsOutsideAModule(t *testing.T) {
	if root, err := findRoot(t.TempDir()); err == nil {
		t.Errorf("found %s", root)
	}
}

func TestSuitesAreTests(t *testing.T) {
	for path, want := range map[string]bool{
		"internal/store/storetest/suite.go": true,
		"internal/store/store_test.go":      true,
		"internal/store/store.go":           false,
		"internal/archtest/tree.go":         false,
	} {
		if got := (file{path: path}).isTest(); got != want {
			t.Errorf("isTest(%s) = %t", path, got)
		}
	}
}
