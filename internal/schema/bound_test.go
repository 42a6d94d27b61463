// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/internal/problem"
)

// inventedMembers is an object of n members that no schema knows.
func inventedMembers(n int) string {
	var b strings.Builder
	b.WriteString(`{"nome":7`)
	for i := range n {
		fmt.Fprintf(&b, `,"x%d":0`, i)
	}
	return b.String() + "}"
}

func postB(t *testing.T, body string) error {
	t.Helper()
	m, err := compiled(t).Match(http.MethodPost, "/a/7/b")
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.CheckRequest(Request{Params: m.Params, Header: jsonHeader(), Body: []byte(body)})
	return err
}

// TestManyViolationsCostLinearTime: what is told of a message, and what is written of it, does not grow with its
// faults; and the fault of a known member is told whatever else is invented around it.
func TestManyViolationsCostLinearTime(t *testing.T) {
	err := postB(t, inventedMembers(5000))
	var v *Violations
	if !errors.As(err, &v) {
		t.Fatalf("got %v", err)
	}
	if len(v.Items) != problem.MaxViolations || v.More != 5001-problem.MaxViolations {
		t.Errorf("%d told and %d more", len(v.Items), v.More)
	}
	refusal := Problem(err)
	if n := len(refusal.Error()); n > 500 {
		t.Errorf("%d bytes in a log", n)
	}
	document, _ := problem.From(refusal, "it", "")
	if document.Rule != problem.RuleSchema {
		t.Errorf("headed by %s: the wrong type of nome is the gravest", document.Rule)
	}
	if len(document.Violations) != problem.MaxViolations || len(document.Detail) > 8000 || !strings.Contains(document.Detail, "4969") {
		t.Errorf("%d violations, detail of %d bytes", len(document.Violations), len(document.Detail))
	}
}

func TestTooManyValuesAreRefusedBeforeTheSchema(t *testing.T) {
	for name, text := range map[string]string{
		"members":  inventedMembers(MaxValues),
		"elements": "[" + strings.Repeat("0,", MaxValues) + "0]",
		"nested":   "[" + strings.Repeat("[[0]],", MaxValues/3) + "[[[0]]]]",
	} {
		_, err := ParseJSON([]byte(text))
		var fault *JSONError
		if !errors.As(err, &fault) || fault.Fault != TooMany || fault.Error() == "" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := problem.Status(Problem(err)); got != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: status %d", name, got)
		}
	}
	if _, err := ParseJSON([]byte("[" + strings.Repeat("0,", MaxValues-2) + "0]")); err != nil {
		t.Errorf("exactly MaxValues: %v", err)
	}
}

// TestNamesOfCallersAreCut: neither answer nor log repeats a text of any length, and no log repeats it at all.
func TestNamesOfCallersAreCut(t *testing.T) {
	long := strings.Repeat("RSSMRA85T10A562S", 4000)
	m, err := compiled(t).Match(http.MethodGet, "/a/7")
	if err != nil {
		t.Fatal(err)
	}
	_, query := m.CheckRequest(Request{Params: m.Params, Query: url.Values{"n": {"1"}, long: {"1"}}})
	for name, err := range map[string]error{
		"query":    query,
		"member":   postB(t, `{"nome":"a","`+long+`":1}`),
		"repeated": postB(t, `{"`+long+`":1,"`+long+`":1}`),
		"nested":   postB(t, `{"nome":"a","voci":[{"`+long+`":{"`+long+`":1}}]}`),
	} {
		document, _ := problem.From(Problem(err), "en", "")
		if len(document.Violations) != 1 || len(document.Violations[0].Where) > 250 || len(document.Detail) > 500 {
			t.Errorf("%s: %+v", name, document)
		}
		if log := Problem(err).Error(); strings.Contains(log, "RSSMRA") || len(log) > 200 {
			t.Errorf("%s: logged %.300s", name, log)
		}
	}
}

func TestNameIsCutBetweenCharacters(t *testing.T) {
	if got := Name(strings.Repeat("è", 100)); got != strings.Repeat("è", 64)+"..." || !utf8.ValidString(got) {
		t.Errorf("got %q", got)
	}
	if got := Name(strings.Repeat("è", 64)); strings.Contains(got, ".") {
		t.Errorf("got %q", got)
	}
	if got := Name("a\x1b[2J\u202e"); got != "a?[2J?" {
		t.Errorf("got %q", got)
	}
}

// TestMatchedPathIsRebuilt: what goes to the next hop is the template filled in, whatever the caller's spelling was.
func TestMatchedPathIsRebuilt(t *testing.T) {
	d := compiled(t)
	for path, want := range map[string]string{
		"/%61/7": "/a/7", "/a/%37": "/a/7", "/a/%3f": "/a/%3F", "/a/x%23": "/a/x%23", "/a/è": "/a/%C3%A8", "/a/%2525": "/a/%2525",
	} {
		if m, err := d.Match(http.MethodGet, path); err != nil || m.Path != want {
			t.Errorf("%s: %q, %v", path, m.Path, err)
		}
	}
}

func TestDocumentWithoutATemplate(t *testing.T) {
	d := compiled(t)
	less := d.Without("/a/fisso")
	if m, err := less.Match(http.MethodGet, "/a/fisso"); err != nil || m.Template != "/a/{id}" {
		t.Errorf("got %v, %v", m.Template, err)
	}
	if m, err := d.Match(http.MethodGet, "/a/fisso"); err != nil || m.Template != "/a/fisso" {
		t.Errorf("the document itself has changed: %v, %v", m.Template, err)
	}
	if len(d.Without("/altro").Operations()) != len(d.Operations()) {
		t.Error("an unknown template took something away")
	}
}

func TestProblemOfARepeatedMemberNamesIt(t *testing.T) {
	document, _ := problem.From(Problem(postB(t, `{"nome":"a","nome":"b"}`)), "it", "")
	want := problem.RuleDuplicateMember
	if document.Rule != want || len(document.Violations) != 1 || document.Violations[0].Where != "/nome" {
		t.Errorf("got %+v", document)
	}
}
