// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what the golden files should hold")

// archive is a file of testdata, whose parts are inputs and what is to come of them.
type archive struct {
	path string
	ar   *txtar.Archive
}

func archives(t *testing.T, folder string) []archive {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	var out []archive
	for _, path := range paths {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, archive{path, ar})
	}
	return out
}

func (a archive) name() string { return strings.TrimSuffix(filepath.Base(a.path), ".txtar") }

func (a archive) part(name string) ([]byte, bool) {
	for _, f := range a.ar.Files {
		if f.Name == name {
			return f.Data, true
		}
	}
	return nil, false
}

// want compares a part with what came out, or writes it.
func (a archive) want(t *testing.T, name, got string) {
	t.Helper()
	for i, f := range a.ar.Files {
		if f.Name != name {
			continue
		}
		if *update {
			a.ar.Files[i].Data = []byte(got)
			if err := os.WriteFile(a.path, txtar.Format(a.ar), 0o600); err != nil {
				t.Fatal(err)
			}
			return
		}
		if diff := cmp.Diff(string(f.Data), got); diff != "" {
			t.Errorf("%s (run with -update to take it):\n%s", name, diff)
		}
		return
	}
	t.Errorf("%s has no part %s", a.path, name)
}

// TestEveryElementIsInTheModel reads documents with every element that a structure admits. What the model does not
// know is listed, so that nothing new goes there unseen.
func TestEveryElementIsInTheModel(t *testing.T) {
	for _, a := range archives(t, "elementi") {
		t.Run(a.name(), func(t *testing.T) {
			doc, _ := a.part("doc.xml")
			d := read(t, string(doc))
			version, _, _ := strings.Cut(strings.TrimPrefix(a.name(), string(d.Kind())+"-"), "-")
			wantRules(t, d.Check(Version(version), CheckOptions{Unsigned: true}))
			once, err := model(d)
			if err != nil {
				t.Fatal(err)
			}
			a.want(t, "sconosciuti", unknownIn(once))
			asJSON, err := json.MarshalIndent(once, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			a.want(t, "model.json", string(asJSON)+"\n")
			written := read(t, text(t, once))
			wantRules(t, written.Check(Version(version), CheckOptions{Unsigned: true}))
			again, err := model(written)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(once, again); diff != "" {
				t.Error(diff)
			}
			if d.Kind() != KindFlusso {
				return
			}
			in, faults := FromJSON(asJSON, Limits{})
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			for _, f := range in.Check(Version(version), Policy{}) {
				if !strings.HasPrefix(f.Rule, "opi.flow/") { // what is written here adds up to nothing
					t.Error(f.In("en"))
				}
			}
		})
	}
}

// unknownIn lists the names of what a model keeps without knowing it.
func unknownIn(model any) string {
	var names []string
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			if resto, ok := v.Interface().(Resto); ok {
				for _, altro := range resto.Altri {
					name, _, _ := strings.Cut(strings.TrimPrefix(altro.XML, "<"), ">")
					names = append(names, name+"\n")
				}
				return
			}
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		default:
		}
	}
	walk(reflect.ValueOf(model))
	slices.Sort(names)
	return strings.Join(slices.Compact(names), "")
}

// TestForms takes flows in every form, and compares all that is told, in both languages, and what is built.
func TestForms(t *testing.T) {
	for _, a := range archives(t, "forme") {
		t.Run(a.name(), func(t *testing.T) {
			var in *Input
			var faults Faults
			for name, from := range map[string]func([]byte) (*Input, Faults){
				"input.csv":  func(data []byte) (*Input, Faults) { return FromCSV(data, header(), 2026, Limits{}) },
				"input.json": func(data []byte) (*Input, Faults) { return FromJSON(data, Limits{}) },
				"input.xml":  func(data []byte) (*Input, Faults) { return FromXML(data, Limits{}) },
			} {
				if data, ok := a.part(name); ok {
					in, faults = from(data)
				}
			}
			if in != nil {
				faults = in.Check(Version171, Policy{OpenYears: []int{2026}})
			}
			a.want(t, "faults.it", lines(faults.In("it")))
			a.want(t, "faults.en", lines(faults.In("en")))
			if len(faults) > 0 {
				return
			}
			out, err := in.XML()
			if err != nil {
				t.Fatal(err)
			}
			a.want(t, "flow.xml", string(out))
		})
	}
}

func lines(text string) string {
	if text == "" {
		return ""
	}
	return text + "\n"
}
