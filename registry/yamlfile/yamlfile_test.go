// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package yamlfile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

type word string

type inner struct {
	Name string `yaml:"name"`
	Wait time.Duration
}

type sample struct {
	Text   string            `yaml:"text"`
	Word   word              `yaml:"word"`
	On     bool              `yaml:"on"`
	Whole  int64             `yaml:"whole"`
	Count  uint32            `yaml:"count"`
	Share  float64           `yaml:"share"`
	Wait   time.Duration     `yaml:"wait"`
	List   []string          `yaml:"list"`
	Inner  inner             `yaml:"inner"`
	Ptr    *inner            `yaml:"ptr"`
	Items  []*inner          `yaml:"items"`
	Named  map[string]inner  `yaml:"named"`
	Labels map[word]string   `yaml:"labels"`
	Any    map[string]any    `yaml:"any"`
	Hidden string            `yaml:"-"`
	Free   map[string]string `yaml:"free"`
}

// decode parses data and binds it, as every reader of a file does.
func decode(file string, data []byte, into any) error {
	doc, err := yamlfile.Parse(file, data)
	if err != nil {
		return err
	}
	return doc.Into(into).Err()
}

func TestBindsPlainYAML(t *testing.T) {
	var got sample
	err := decode("x.yaml", []byte(`# a comment
text: "81234500015"
word: fisso
on: true
whole: -12
count: 3
share: 0.5
wait: 1m30s
list: [a, 'b', "c"]
inner: {name: n, wait: 5s}
ptr:
  name: p
items:
  - name: first
  - {name: second}
named:
  one: {name: 1}
  two:
labels: {k: v}
any:
  type: object
  max: 16
  ratio: 1.5
  open: false
  none:
  list: [1, {a: b}]
free: {007: bond, true: yes}
`), &got)
	if err != nil {
		t.Fatal(err)
	}
	want := sample{
		Text: "81234500015", Word: "fisso", On: true, Whole: -12, Count: 3, Share: 0.5, Wait: 90 * time.Second,
		List: []string{"a", "b", "c"}, Inner: inner{Name: "n", Wait: 5 * time.Second}, Ptr: &inner{Name: "p"},
		Items: []*inner{{Name: "first"}, {Name: "second"}}, Named: map[string]inner{"one": {Name: "1"}, "two": {}},
		Labels: map[word]string{"k": "v"},
		Any: map[string]any{
			"type": "object", "max": int64(16), "ratio": 1.5, "open": false, "none": nil,
			"list": []any{int64(1), map[string]any{"a": "b"}},
		},
		Free: map[string]string{"007": "bond", "true": "yes"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("value (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"unknown key":             {"text: a\nother: b\n", `x.yaml:2: unknown key "other": known keys are any, count, free, inner, items, labels, list, named, on, ptr, share, text, wait, whole, word`},
		"unknown key, other case": {"TEXT: a\n", `x.yaml:1: unknown key "TEXT": did you mean "text"?`},
		"hidden field":            {"'-': a\n", `x.yaml:1: unknown key "-": known keys are any, count, free, inner, items, labels, list, named, on, ptr, share, text, wait, whole, word`},
		"repeated key":            {"text: a\nword: b\ntext: c\n", `x.yaml:3: key "text" is written twice (first at line 1)`},
		"repeated key in a flow":  {"named: {a: {}, a: {}}\n", `x.yaml:1: key "a" is written twice (first at line 1)`},
		"anchor":                  {"text: &a b\n", `x.yaml:1: an anchor (&) is not read here: write the value out in plain YAML`},
		"alias bomb":              {"list: &a [x]\nfree: {k: *a}\n", "x.yaml:1: an anchor (&) is not read here: write the value out in plain YAML\nx.yaml:2: an alias (*) is not read here: write the value out in plain YAML"},
		"merge key":               {"inner:\n  <<: {name: a}\n", `x.yaml:2: a merge key (<<) cannot be a key`},
		"tag":                     {"text: !!str 1\n", `x.yaml:1: a tag (!) is not read here: write the value out in plain YAML`},
		"second document":         {"text: a\n---\ntext: b\n", `x.yaml:2: a second document in one file is not read: remove it or give it its own file`},
		"null for a string":       {"text:\n", `x.yaml:1: expected a string, found nothing`},
		"bool for a string":       {"text: true\n", `x.yaml:1: expected a string, found true or false`},
		"string for a bool":       {"on: \"true\"\n", `x.yaml:1: expected true or false, found a string`},
		"yes for a bool":          {"on: yes\n", `x.yaml:1: expected true or false, found a string`},
		"fraction for an integer": {"whole: 1.5\n", `x.yaml:1: expected a whole number, found 1.5`},
		"hex for an integer":      {"whole: 0x10\n", `x.yaml:1: expected a whole number, found 0x10`},
		"too large for an integer": {
			"count: 4294967296\n", `x.yaml:1: expected a whole number not below 0, found 4294967296`,
		},
		"negative for a count":    {"count: -1\n", `x.yaml:1: expected a whole number not below 0, found -1`},
		"string for a number":     {"share: half\n", `x.yaml:1: expected a number, found a string`},
		"infinity":                {"share: .inf\n", `x.yaml:1: this YAML construct is not read here: write the value out in plain YAML`},
		"number for a duration":   {"wait: 30\n", `x.yaml:1: expected a duration such as "30s", "5m" or "24h"`},
		"duration without a unit": {"wait: \"30\"\n", `x.yaml:1: expected a duration such as "30s", "5m" or "24h"`},
		"scalar for a list":       {"list: a\n", `x.yaml:1: expected a list, found a string`},
		"list for a group":        {"inner: []\n", `x.yaml:1: expected a group of keys, found a list`},
		"group for a string":      {"text:\n  a: b\n", `x.yaml:1: expected a string, found a group of keys`},
		"list at the top":         {"- a\n", `x.yaml:1: expected a group of keys, found a list`},
		"broken":                  {"text: [a\n", `x.yaml:1: not valid YAML: sequence end token ']' not found`},
		"all at once": {"text: 1\nwait: 1\nlist:\n  - true\n  - {}\ninner:\n  nome: x\n", `x.yaml:2: expected a duration such as "30s", "5m" or "24h"
x.yaml:4: expected a string, found true or false
x.yaml:5: expected a string, found a group of keys
x.yaml:7: unknown key "nome": known keys are name, wait`},
	} {
		t.Run(name, func(t *testing.T) {
			err := decode("x.yaml", []byte(c.data), &sample{})
			var faults yamlfile.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error is %v, want Faults", err)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusesWhatIsTooLargeOrTooDeep(t *testing.T) {
	large := "text: " + strings.Repeat("a", yamlfile.MaxSize) + "\n"
	deep := "any: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "\n"
	for name, data := range map[string]string{"large": large, "deep": deep} {
		if err := decode("x.yaml", []byte(data), &sample{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAnEmptyFileIsADocumentWithoutValues(t *testing.T) {
	for _, data := range []string{"", "\n", "# only a comment\n", "---\n", "null\n"} {
		got := sample{Text: "kept"}
		if err := decode("x.yaml", []byte(data), &got); err != nil {
			t.Errorf("%q: %v", data, err)
		}
		if got.Text != "kept" {
			t.Errorf("%q: a value was changed", data)
		}
	}
}

func TestRefusesTargetsThatCannotBeBound(t *testing.T) {
	var none *sample
	for name, into := range map[string]any{"value": sample{}, "nil": none, "channel": &struct {
		Text chan int `yaml:"text"`
	}{}} {
		if err := decode("x.yaml", []byte("text: 1\n"), into); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestLinesOfPaths(t *testing.T) {
	doc, err := yamlfile.Parse("x.yaml", []byte("a: 1\nb:\n  c: 2\n  d:\n    - x\n    - e: 3\n      f: 4\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path []any
		line int
		name string
	}{
		{nil, 1, ""},
		{yamlfile.Path("a"), 1, "a"},
		{yamlfile.Path("b", "c"), 3, "b.c"},
		{yamlfile.Path("b", "d", 0), 5, "b.d[0]"},
		{yamlfile.Path("b", "d", 1, "f"), 7, "b.d[1].f"},
		{yamlfile.Path("b", "d", 1, "g"), 6, "b.d[1].g"},
		{yamlfile.Path("b", "d", 9, "g"), 4, "b.d[9].g"},
		{yamlfile.Path("b", "z"), 2, "b.z"},
		{yamlfile.Path(1, "z"), 1, "z"},
		{yamlfile.Path("b", true), 2, "b.true"},
	} {
		if got := doc.Line(c.path...); got != c.line {
			t.Errorf("line of %v is %d, want %d", c.path, got, c.line)
		}
		if got := yamlfile.Name(c.path); got != c.name {
			t.Errorf("Name(%v) is %q, want %q", c.path, got, c.name)
		}
	}
}

func TestTextOfPaths(t *testing.T) {
	doc, err := yamlfile.Parse("x.yaml", []byte("a: uno\nb: [due, {c: 3}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for want, path := range map[string][]any{"uno": {"a"}, "due": {"b", 0}, "3": {"b", 1, "c"}} {
		if got := doc.Text(path...); got != want {
			t.Errorf("text at %v is %q, want %q", path, got, want)
		}
	}
	if got := doc.Text("b", 7) + doc.Text("b"); got != "" {
		t.Errorf("text is %q where there is none", got)
	}
}

func TestReportsAreSortedByFileAndLine(t *testing.T) {
	doc, err := yamlfile.Parse("b.yaml", []byte("x: 1\ny: 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := doc.Report(yamlfile.Faults{yamlfile.NewFault("b.yaml", 2, "zeta", "z"), yamlfile.NewFault("a.yaml", 0, "tutto il file", "whole file")})
	r.Addf(yamlfile.Path("y"), "un %s, %s", "a %s, %s", "x", modi.Text{IT: "due", EN: "two"})
	r.Require("", "x")
	if r.Require("there", "x") != true || r.Doc() != doc || doc.File() != "b.yaml" {
		t.Error("Require, Doc or File is wrong")
	}
	want := "a.yaml: whole file\nb.yaml:1: x is missing\nb.yaml:2: a x, two\nb.yaml:2: z"
	if got := r.Faults().Err().Error(); got != want {
		t.Errorf("faults are\n%s\nwant\n%s", got, want)
	}
	wantIT := "a.yaml: tutto il file\nb.yaml:1: x manca\nb.yaml:2: un x, due\nb.yaml:2: zeta"
	if got := r.Faults().In("it"); got != wantIT {
		t.Errorf("faults in Italian are\n%s\nwant\n%s", got, wantIT)
	}
	if err := (yamlfile.Faults{}).Err(); err != nil {
		t.Errorf("no faults are an error: %v", err)
	}
}

// FuzzBind: whatever the bytes, Parse and Into return, and its faults point into the file.
func FuzzBind(f *testing.F) {
	for _, seed := range []string{
		"text: a\nlist: [b]\n", "a: &a [*a]\n", "? x\n: y\n", "{", "- - -", "text: |\n  a\n  b\n", "text: >-\n a\n", "\t", "%YAML 1.2\n---\na: b\n",
		"any: {a: [1, 2.5, null, ~, true]}\n", "\xff\xfe", "inner: {<<: *x}\n", "!!map {a: b}\n", "a: 'it''s'\nb: \"\\u00e0\"\n", "whole: 0777\n", "...\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var into sample
		var faults yamlfile.Faults
		err := decode("x.yaml", data, &into)
		if err != nil && !errors.As(err, &faults) {
			t.Fatalf("error is %T, want Faults", err)
		}
		lines := 1 + strings.Count(string(data), "\n")
		for _, fault := range faults {
			if fault.Line < 0 || fault.Line > lines || fault.Message.EN == "" {
				t.Errorf("fault %+v points outside the %d lines", fault, lines)
			}
		}
	})
}
