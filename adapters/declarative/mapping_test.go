// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/registry"
)

// head comes before the operation of an archive.
const head = `name: prova
title: {it: Prova, en: Test}
registry: Ente inventato
adapter: declarative
environments:
  locale: {url: "http://127.0.0.1:9000/v1", audience: in-voucher}
errorShape: {code: codice}
errors:
  - {codes: [K1], kind: not-found, say: {it: il soggetto non c'è, en: not there}}
operations:
  prova:
    title: {it: Prova, en: Test}
    idempotent: true
    input: {type: object}
`

// TestMapping plays the cases of each archive of testdata/mapping: operation.yaml is the
// mapping, cases are blocks parted by empty lines. In a block "# " begins its name, "? "
// the richiesta, "! " an answer: status, [Header: value] as many as there are, body. The
// other lines are what must happen: the calls, then dati with warnings and subjects, or
// the refusal.
func TestMapping(t *testing.T) {
	paths, err := filepath.Glob("testdata/mapping/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil || len(a.Files) != 2 {
			t.Fatalf("%s: %d files, %v", path, len(a.Files), err)
		}
		recipe, err := registry.DecodeRecipe(path, []byte(head+string(a.Files[0].Data)))
		if err != nil {
			t.Fatal(err)
		}
		archive := strings.TrimSuffix(filepath.Base(path), ".txtar")
		for block := range strings.SplitSeq(strings.TrimSpace(string(a.Files[1].Data)), "\n\n") {
			c := readCase(t, block)
			t.Run(archive+"/"+c.name, func(t *testing.T) {
				if diff := cmp.Diff(c.want, c.play(t, recipe)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

type mappingCase struct {
	name, richiesta, want string
	answers               []registry.Reply
}

func readCase(t *testing.T, block string) mappingCase {
	t.Helper()
	var c mappingCase
	for line := range strings.Lines(block) {
		line = strings.TrimSuffix(line, "\n")
		mark, rest, _ := strings.Cut(line, " ")
		switch mark {
		case "#":
			c.name = rest
		case "?":
			c.richiesta = rest
		case "!":
			c.answers = append(c.answers, readAnswer(t, rest))
		default:
			c.want += line + "\n"
		}
	}
	return c
}

func readAnswer(t *testing.T, line string) registry.Reply {
	t.Helper()
	number, rest, _ := strings.Cut(line, " ")
	status, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	r := reply(status, "")
	for strings.HasPrefix(rest, "[") && strings.Contains(rest, ": ") {
		var field string
		field, rest, _ = strings.Cut(rest[1:], "] ")
		name, value, _ := strings.Cut(strings.TrimSuffix(field, "]"), ": ")
		r.Header.Set(name, value)
	}
	r.Body = []byte(rest)
	return r
}

// play asks and tells what happened.
func (c mappingCase) play(t *testing.T, recipe *registry.Recipe) string {
	t.Helper()
	d := open(t, recipe, c.answers...)
	out, err := d.ask("prova", c.richiesta)
	var b strings.Builder
	for _, call := range d.wire.Calls() {
		b.WriteString(call.Method + " " + call.Path)
		for _, name := range []string{"X-Pratica", "X-Lista"} {
			if v := call.Header.Get(name); v != "" {
				b.WriteString(" [" + name + ": " + v + "]")
			}
		}
		b.WriteString(strings.TrimRight(" "+string(call.Body), " ") + "\n")
	}
	if err != nil {
		b.WriteString(c.refusal(t, err))
		return b.String()
	}
	fmt.Fprintf(&b, "dati %s\n", out.Dati)
	for _, text := range out.Avvisi {
		fmt.Fprintf(&b, "avviso %s\n", text.IT)
	}
	for _, n := range out.Notes {
		fmt.Fprintf(&b, "avviso su %s: %s\n", strings.Join(n.Fields, ", "), n.Text.IT)
	}
	if len(out.Subjects) > 0 {
		fmt.Fprintf(&b, "soggetti %s\n", strings.Join(out.Subjects, " "))
	}
	return b.String()
}

// refusal tells a fault, which must never hold a value: those that must not be seen hold
// the word segreto.
func (c mappingCase) refusal(t *testing.T, err error) string {
	t.Helper()
	var f *registry.Fault
	if !errors.As(err, &f) {
		t.Fatalf("error is %v", err)
	}
	if shown := strings.ToLower(fmt.Sprintf("%v %+v %v", err, *f, f.Err)); strings.Contains(shown, "segreto") || strings.Contains(shown, "bncmrc") {
		t.Errorf("the fault shows a value: %s", shown)
	}
	if f.Err != nil {
		return fmt.Sprintf("refused: %v: %v\n", f.Kind, f.Err)
	}
	return fmt.Sprintf("refused: %v: %s\n", f.Kind, f.Text.IT)
}

// TestARequestKeepsNothingOfTheOneBefore: what one caller sent never shows in the call of
// another, and the richiesta is not changed.
func TestARequestKeepsNothingOfTheOneBefore(t *testing.T) {
	good := with(reply(200, `{"esito":"0"}`), "Location", "/R")
	d := open(t, cataloghi(t), good, good)
	for _, richiesta := range []string{`{"data":"2026-10-12","opera":{"titolo":"Uno"}}`, `{"opera":{}}`} {
		if _, err := d.ask("deposita", richiesta); err != nil {
			t.Fatal(err)
		}
	}
	if second := string(d.wire.Calls()[1].Body); strings.Contains(second, "Uno") || strings.Contains(second, "12/10") {
		t.Errorf("the second body is %s", second)
	}
	for _, call := range d.wire.Calls() {
		call.Header.Set("X-Changed", "yes")
	}
	if _, err := d.ask("deposita", `{"opera":{}}`); err != nil {
		t.Fatal(err)
	}
	if got := d.wire.Calls()[2].Header; got.Get("X-Changed") != "" || got.Get("Content-Type") != "application/json" || got.Get("Accept") == "" {
		t.Errorf("header is %v", got)
	}
}
