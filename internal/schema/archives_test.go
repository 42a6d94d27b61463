// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/internal/problem"
)

// TestRefusalsOfArchives holds each case of testdata against the schema of its archive. A
// block of cases has its name after "# ", the body after "? "; the other lines are the
// rule and, in both languages, what the caller is told.
func TestRefusalsOfArchives(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		object, blocks := unpackSchema(t, path)
		for _, block := range blocks {
			lines := strings.Split(block, "\n")
			name, body := strings.TrimPrefix(lines[0], "# "), strings.TrimPrefix(lines[1], "? ")
			t.Run(name, func(t *testing.T) {
				if diff := cmp.Diff(strings.Join(lines[2:], "\n"), verdict(object, body)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

func unpackSchema(t *testing.T, path string) (*Object, []string) {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil || len(a.Files) != 2 {
		t.Fatalf("%s: %d files, %v", path, len(a.Files), err)
	}
	var definition map[string]any
	if err := json.Unmarshal(a.Files[0].Data, &definition); err != nil {
		t.Fatal(err)
	}
	object, err := CompileObject(definition)
	if err != nil {
		t.Fatal(err)
	}
	return object, strings.Split(strings.TrimSpace(string(a.Files[1].Data)), "\n\n")
}

// verdict tells what a caller is told of a body.
func verdict(object *Object, body string) string {
	_, err := object.Check([]byte(body), "richiesta")
	if err == nil {
		return "good"
	}
	var b strings.Builder
	italian, _ := problem.From(Problem(err), "it", "")
	english, _ := problem.From(Problem(err), "en", "")
	fmt.Fprintf(&b, "%d %s", italian.Status, italian.Rule)
	if len(italian.Violations) == 0 {
		fmt.Fprintf(&b, "\n%s / %s", italian.Detail, english.Detail)
	}
	for i, v := range italian.Violations {
		e := english.Violations[i]
		fmt.Fprintf(&b, "\n%s: %s; %s / %s; %s", v.Where, v.Expected, v.Found, e.Expected, e.Found)
	}
	return b.String()
}

// TestNoRefusalRepeatsAValue of any case of the archives, in the document or in the log.
func TestNoRefusalRepeatsAValue(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		object, blocks := unpackSchema(t, path)
		for _, block := range blocks {
			body := strings.TrimPrefix(strings.Split(block, "\n")[1], "? ")
			_, err := object.Check([]byte(body), "richiesta")
			if err == nil {
				continue
			}
			logged := problem.ForLog(Problem(err))
			for _, value := range []string{"BNCMRC", "bncmrc", "Luca", "ÀÈÌ", "12/03/1985", `"segreto"`} {
				if strings.Contains(verdict(object, body), value) || strings.Contains(logged, value) {
					t.Errorf("%s: %s is told: %s; logged: %s", body, value, verdict(object, body), logged)
				}
			}
			if strings.Contains(logged, "segreto") {
				t.Errorf("%s: the log holds a name of the caller: %s", body, logged)
			}
		}
	}
}

// TestOneSchemaServesManyCallers at once, each with its own verdict.
func TestOneSchemaServesManyCallers(t *testing.T) {
	object, blocks := unpackSchema(t, "testdata/persona.txtar")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, block := range blocks {
				lines := strings.Split(block, "\n")
				if got := verdict(object, strings.TrimPrefix(lines[1], "? ")); got != strings.Join(lines[2:], "\n") {
					t.Errorf("%s: %s", lines[0], got)
				}
			}
		})
	}
	all.Wait()
}

// TestSchemasThatCannotBeCompiled are refused when the recipe is read, not when a citizen
// is asked about.
func TestSchemasThatCannotBeCompiled(t *testing.T) {
	for name, text := range map[string]string{
		"unknown type":        `{"type":"persona"}`,
		"pattern":             `{"type":"string","pattern":"["}`,
		"pattern below":       `{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","pattern":"("}}}}`,
		"list without items":  `{"type":"array"}`,
		"properties no group": `{"type":"object","properties":[]}`,
		"required no list":    `{"type":"object","required":"a"}`,
		"bound no number":     `{"type":"string","maxLength":"7"}`,
	} {
		var definition map[string]any
		if err := json.Unmarshal([]byte(text), &definition); err != nil {
			t.Fatal(err)
		}
		if _, err := CompileObject(definition); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := CompileObject(map[string]any{"x": func() {}}); err == nil {
		t.Error("a schema that is no JSON: accepted")
	}
}
