// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package fileview

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	csvFile  = "\ufeffid;stato;nota\r\nPRT-1;accolta;\r\nPRT-2;respinta;\"a;b\"\r\nPRT-3;accolta;c\r\n"
	jsonFile = `[{"id":"PRT-1","anno":2026},{"anno":2025,"id":"PRT-2","aperta":true},{"id":"PRT-3","anno":null}]`
)

func write(t testing.TB, path, text string, at time.Time) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func source(t testing.TB, kind Kind, text string) *Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dati")
	write(t, path, text, time.Unix(1_700_000_000, 0))
	return Open(Settings{Kind: kind, Path: path, Separator: ';'})
}

func TestFindsInCSV(t *testing.T) {
	s := source(t, CSV, csvFile)
	got, err := s.Find(t.Context(), map[string]string{"id": "PRT-2"}, 1)
	want := Table{Columns: []string{"id", "stato", "nota"}, Rows: [][]any{{"PRT-2", "respinta", "a;b"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	got, err = s.Find(t.Context(), map[string]string{"stato": "accolta"}, 5)
	if err != nil || len(got.Rows) != 2 || got.Rows[0][0] != "PRT-1" || got.Rows[0][2] != nil {
		t.Errorf("%v, %v", got, err)
	}
	for _, where := range []map[string]string{{"nota": ""}, {"id": "PRT-9"}, {"id": "PRT-1", "stato": "respinta"}, {"id": "prt-1"}} {
		if got, err := s.Find(t.Context(), where, 5); err != nil || len(got.Rows) != 0 {
			t.Errorf("%v found %v, %v", where, got, err)
		}
	}
	if got, err := s.Find(t.Context(), nil, 3); err != nil || len(got.Rows) != 3 {
		t.Errorf("all: %v, %v", got, err)
	}
}

func TestFindsInJSON(t *testing.T) {
	s := source(t, JSON, jsonFile)
	got, err := s.Find(t.Context(), map[string]string{"anno": "2025"}, 1)
	want := Table{Columns: []string{"id", "anno", "aperta"}, Rows: [][]any{{"PRT-2", json.Number("2025"), true}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if got, err := s.Find(t.Context(), map[string]string{"id": "PRT-3"}, 1); err != nil || got.Rows[0][1] != nil || len(got.Rows[0]) != 3 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestOneRowTooManyIsNotCutOff(t *testing.T) {
	s := source(t, CSV, csvFile)
	if _, err := s.Find(t.Context(), map[string]string{"stato": "accolta"}, 1); !errors.Is(err, ErrTooMuch) {
		t.Error(err)
	}
}

func TestAChangedFileIsReadAgainAndAnAbsentOneIsNotRemembered(t *testing.T) {
	s := source(t, CSV, csvFile)
	at := time.Unix(1_700_000_000, 0)
	ask := func() (Table, error) { return s.Find(t.Context(), map[string]string{"id": "PRT-1"}, 1) }
	if got, err := ask(); err != nil || got.Rows[0][1] != "accolta" {
		t.Fatal(got, err)
	}
	write(t, s.s.Path, strings.Replace(csvFile, "accolta", "chiusaa", 1), at.Add(time.Second)) // as long as before
	if got, err := ask(); err != nil || got.Rows[0][1] != "chiusaa" {
		t.Error(got, err)
	}
	write(t, s.s.Path+".new", strings.Replace(csvFile, "accolta", "sospesa", 1), at.Add(time.Second)) // as old as before
	if err := os.Rename(s.s.Path+".new", s.s.Path); err != nil {
		t.Fatal(err)
	}
	if got, err := ask(); err != nil || got.Rows[0][1] != "sospesa" {
		t.Error(got, err)
	}
	write(t, s.s.Path, "id;stato\nPRT-1;acc", at.Add(2*time.Second))
	if _, err := ask(); err != nil {
		t.Errorf("a shorter file is still a file: %v", err)
	}
	write(t, s.s.Path, "id;stato\nPRT-1", at.Add(3*time.Second))
	if _, err := ask(); !errors.Is(err, ErrSettings) {
		t.Errorf("cut short: %v", err)
	}
	if err := os.Remove(s.s.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(); !errors.Is(err, ErrUnavailable) {
		t.Errorf("gone: %v", err)
	}
}

func TestRefusesAFileThat(t *testing.T) {
	for name, tc := range map[string]struct {
		kind Kind
		text string
	}{
		"is empty":                       {CSV, ""},
		"has a name twice":               {CSV, "a;a\n1;2\n"},
		"has a column without name":      {CSV, "a;\n1;2\n"},
		"has a line too long":            {CSV, "a\n1;RSSMRA85T10A562S\n"},
		"has an open quote":              {CSV, "a\n\"RSSMRA85T10A562S\n"},
		"is Windows-1252":                {CSV, "citt\xe0\nx\n"},
		"is no array":                    {JSON, `{"a":1}`},
		"holds what is no object":        {JSON, `["RSSMRA85T10A562S"]`},
		"holds nested objects":           {JSON, `[{"a":{"b":"RSSMRA85T10A562S"}}]`},
		"holds a member twice":           {JSON, `[{"a":1,"a":2}]`},
		"goes on after the array":        {JSON, `[] []`},
		"is cut short":                   {JSON, `[{"a":"RSSMRA85T10A562S"`},
		"is no JSON in UTF-8":            {JSON, "[{\"a\":\"\xe0\"}]"},
		"is of a form that nobody knows": {"xml", "<a/>"},
	} {
		_, err := source(t, tc.kind, tc.text).Find(t.Context(), nil, 5)
		if !errors.Is(err, ErrSettings) || strings.Contains(err.Error(), "RSSMRA") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := source(t, CSV, csvFile)
	if _, err := s.Find(t.Context(), map[string]string{"altra": "x"}, 1); !errors.Is(err, ErrSettings) {
		t.Errorf("no such column: %v", err)
	}
	if _, err := Open(Settings{Kind: CSV, Path: t.TempDir()}).Find(t.Context(), nil, 1); !errors.Is(err, ErrSettings) {
		t.Errorf("a folder: %v", err)
	}
}

func TestValuesNeverRunTogether(t *testing.T) {
	s := source(t, CSV, "a;b\n1;12\n11;2\n")
	got, err := s.Find(t.Context(), map[string]string{"a": "1", "b": "12"}, 5)
	if err != nil || len(got.Rows) != 1 || got.Rows[0][0] != "1" {
		t.Error(got, err)
	}
}

// TestAsksOfEveryKindDoNotFillTheMemory: whoever calls chooses which filters go together.
func TestAsksOfEveryKindDoNotFillTheMemory(t *testing.T) {
	names := strings.Split("a;b;c;d;e;f", ";")
	s := source(t, CSV, "a;b;c;d;e;f\n1;1;1;1;1;1\n1;2;1;2;1;2\n")
	for set := range 1 << len(names) {
		where := map[string]string{}
		for i, name := range names {
			if set&(1<<i) != 0 {
				where[name] = "1"
			}
		}
		want := 2
		if set&0b101010 != 0 {
			want = 1
		}
		got, err := s.Find(t.Context(), where, 5)
		if err != nil || len(got.Rows) != want {
			t.Fatalf("%v: %v, %v", where, got, err)
		}
	}
	if n := len(s.content.indexes); n != maxIndexes {
		t.Errorf("%d indexes", n)
	}
}

func TestManyAskAtOnceWhileItChanges(t *testing.T) {
	s := source(t, CSV, csvFile)
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			column := []string{"id", "stato", "nota"}[i%3]
			if _, err := s.Find(context.Background(), map[string]string{column: "x"}, 5); err != nil && !errors.Is(err, ErrUnavailable) {
				t.Error(err)
			}
		})
	}
	next := s.s.Path + ".nuovo" // as whoever exports it does
	write(t, next, csvFile, time.Unix(1_800_000_000, 0))
	if err := os.Rename(next, s.s.Path); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Find(gone, nil, 5); !errors.Is(err, ErrUnavailable) {
		t.Errorf("the caller is gone: %v", err)
	}
}

// FuzzParse: every row has one value for each column.
func FuzzParse(f *testing.F) {
	f.Add(true, []byte(csvFile))
	f.Add(false, []byte(jsonFile))
	f.Fuzz(func(t *testing.T, isCSV bool, data []byte) {
		kind := JSON
		if isCSV {
			kind = CSV
		}
		c, err := parse(Settings{Kind: kind, Separator: ';'}, data)
		if err != nil {
			if !errors.Is(err, ErrSettings) {
				t.Fatal(err)
			}
			return
		}
		for _, row := range c.rows {
			if len(row) != len(c.columns) {
				t.Fatalf("%d values for %d columns", len(row), len(c.columns))
			}
		}
	})
}
