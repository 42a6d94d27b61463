// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const docs = "../../../docs/adapters"

func readDoc(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(docs, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var (
	csvBlock    = regexp.MustCompile("(?s)```csv\n(.*?)```")
	tableRow    = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([^|]*) \\| ([^|]*) \\| ([^|]*)\\|$")
	elementWord = regexp.MustCompile("`([a-zA-Z_]+)`")
)

// TestTheExamplesOfTheDocumentationAreValid and are one flow in three forms.
func TestTheExamplesOfTheDocumentationAreValid(t *testing.T) {
	fromJSON, faults := FromJSON([]byte(readDoc(t, "tesoreria/flusso.json")), Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	fromXML, faults := FromXML([]byte(readDoc(t, "tesoreria/flusso.xml")), Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	wantRules(t, fromJSON.Check(Version171, Policy{}))
	wantRules(t, fromXML.Check(Version171, Policy{}))
	if diff := cmp.Diff(fromJSON.Flusso, fromXML.Flusso); diff != "" {
		t.Error(diff)
	}
	for _, page := range []string{"tesoreria.md", "tesoreria.it.md"} {
		block := csvBlock.FindStringSubmatch(readDoc(t, page))
		if block == nil {
			t.Fatalf("%s has no CSV", page)
		}
		in, faults := FromCSV([]byte(block[1]), fromJSON.Flusso.Testata, 2026, Limits{})
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		wantRules(t, in.Check(Version171, Policy{}))
		if diff := cmp.Diff(fromJSON.Flusso, in.Flusso); diff != "" {
			t.Errorf("%s: %s", page, diff)
		}
	}
}

// TestTheColumnsOfTheDocumentation are all that Columns lists, fill what the table says, and are missed, by their name,
// where it says that they are needed.
func TestTheColumnsOfTheDocumentation(t *testing.T) {
	v := newVocabulary()
	for page, yes := range map[string]string{"tesoreria.md": "yes", "tesoreria.it.md": "sì"} {
		text := readDoc(t, page)
		example := csvBlock.FindStringSubmatch(text)[1]
		var names []string
		for _, row := range tableRow.FindAllStringSubmatch(text, -1) {
			name := row[1]
			names = append(names, name)
			var want, got []string
			for _, collection := range []bool{false, true} {
				if chain := v.chain(name, collection); len(chain) > 0 {
					want = append(want, chain[len(chain)-1].name)
				} else if name == columnNumber {
					want = append(want, "numero_"+orderName(collection))
				}
			}
			for _, m := range elementWord.FindAllStringSubmatch(row[4], -1) {
				got = append(got, m[1])
			}
			if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
				t.Errorf("%s, %s: %s", page, name, diff)
			}
			if missed := missedWithout(t, example, name); missed != (row[3] == yes) {
				t.Errorf("%s, %s: needed %q, missed %v", page, name, row[3], missed)
			}
		}
		if diff := cmp.Diff(Columns(), names); diff != "" {
			t.Errorf("%s: %s", page, diff)
		}
	}
}

// missedWithout tells whether every row of a CSV has a fault in a column that is taken out.
func missedWithout(t *testing.T, text, name string) bool {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	at := slices.Index(strings.Split(lines[0], ";"), name)
	if at < 0 {
		return false
	}
	for i, line := range lines {
		lines[i] = strings.Join(slices.Delete(strings.Split(line, ";"), at, at+1), ";")
	}
	in, faults := FromCSV([]byte(strings.Join(lines, "\n")), header(), 2026, Limits{})
	if in != nil {
		faults = in.Check(Version171, Policy{})
	}
	rows := map[int]bool{}
	for _, f := range faults {
		if f.Field == name {
			rows[f.Row] = true
		}
	}
	return rows[1] || rows[2] && rows[4]
}
