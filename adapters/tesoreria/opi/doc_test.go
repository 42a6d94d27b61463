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
	for page, says := range map[string]struct{ yes, either string }{"tesoreria.md": {"yes", "one of the two"}, "tesoreria.it.md": {"sì", "una delle due"}} {
		text := readDoc(t, page)
		example := csvBlock.FindStringSubmatch(text)[1]
		either := alternativesOf(t, example)
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
			if missed := missedWithout(t, example, name); missed != (row[3] == says.yes) {
				t.Errorf("%s, %s: needed %q, missed %v", page, name, row[3], missed)
			}
			if either[name] != (row[3] == says.either) {
				t.Errorf("%s, %s: needed %q, of alternatives %v", page, name, row[3], either[name])
			}
		}
		if diff := cmp.Diff(Columns(), names); diff != "" {
			t.Errorf("%s: %s", page, diff)
		}
	}
}

// faultsWithout are the faults of a CSV from which a column is taken out; none of one that it has not.
func faultsWithout(t *testing.T, text, name string) Faults {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	at := slices.Index(strings.Split(lines[0], ";"), name)
	if at < 0 {
		return nil
	}
	for i, line := range lines {
		lines[i] = strings.Join(slices.Delete(strings.Split(line, ";"), at, at+1), ";")
	}
	in, faults := FromCSV([]byte(strings.Join(lines, "\n")), header(), 2026, Limits{})
	if in != nil {
		faults = in.Check(Version171, Policy{})
	}
	return faults
}

// alternativesOf are the columns of which, when one is taken out of a CSV, the faults of every row ask for one or another.
func alternativesOf(t *testing.T, text string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, name := range Columns() {
		rows := map[int]bool{}
		var wanted []string
		for _, f := range faultsWithout(t, text, name) {
			if _, list, ok := strings.Cut(f.What.EN, "expected: "); ok && strings.Contains(list, name) {
				rows[f.Row], wanted = true, strings.Split(list, ", ")
			}
		}
		for _, w := range wanted {
			found[w] = len(wanted) > 1 && rows[2] && rows[3] && rows[4]
		}
	}
	return found
}

// missedWithout tells whether every row of a CSV has a fault in a column that is taken out.
func missedWithout(t *testing.T, text, name string) bool {
	t.Helper()
	rows := map[int]bool{}
	for _, f := range faultsWithout(t, text, name) {
		if f.Field == name {
			rows[f.Row] = true
		}
	}
	return rows[1] || rows[2] && rows[4]
}
