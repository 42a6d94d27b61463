// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/conformance"
	"github.com/snodo-pa/snodo/conformance/report"
	"github.com/snodo-pa/snodo/modi"
)

// sample is a report with every verdict in it, made by a run of the role openapi with
// what such a run does not have set by hand.
func sample(t testing.TB) *conformance.Report {
	t.Helper()
	path := filepath.Join(t.TempDir(), "api.yaml")
	if err := os.WriteFile(path, []byte("openapi: 3.0.3\npaths: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	r, err := conformance.Run(t.Context(), conformance.Config{Role: conformance.RoleOpenAPI, OpenAPI: path, Clock: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	r.Settings = []conformance.Setting{{Name: "openapi", Value: "api.yaml"}}
	r.Notes = []conformance.Text{{IT: "una nota", EN: "a note"}}
	r.Results = r.Results[:5]
	for i, v := range conformance.Verdicts() {
		r.Results[i].Verdict = v
		r.Results[i].Case.Patterns = append(r.Results[i].Case.Patterns, "PDND_VOUCHER")
		r.Results[i].Expected = conformance.Text{IT: "4xx <rifiutato>", EN: "4xx <refused>"}
		r.Results[i].Found = conformance.Text{IT: "200 & accettato", EN: "200 & accepted"}
		r.Results[i].Mend = conformance.Text{IT: "rifiutare", EN: "refuse"}
	}
	r.Results[4].Exchanges = []conformance.Exchange{{
		At: at, Took: 12 * time.Millisecond,
		Request: conformance.Wire{
			Start: "POST https://api.ente.example/v1", Fields: []conformance.Field{{Name: "Authorization", Value: "Bearer ‹token, 800›"}},
			Tokens: []conformance.Token{{Place: "Authorization", Header: `{"alg":"RS256"}`, Claims: `{"jti":"1"}`}}, Body: `{"a":"<script>alert(1)</script>"}`,
		},
		Reply: &conformance.Wire{Start: "200 OK", Fields: []conformance.Field{}},
	}}
	r.Counts = conformance.Counts{conformance.Pass: 1, conformance.Fail: 1, conformance.Error: 1, conformance.Skip: 1, conformance.Unsupported: 1}
	r.Badges = []conformance.Badge{{Pattern: "PDND_VOUCHER", Verdict: conformance.Fail, Counts: r.Counts}}
	r.Verdict = conformance.Fail
	return r
}

func TestJSONCanBeReadAgain(t *testing.T) {
	r := sample(t)
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	got, err := conformance.ReadReport(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := report.JSON(&again, got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), again.String()); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(b.String(), `\u003c`) {
		t.Error("escaped for HTML")
	}
}

// TestThePageIsWholeAndAlone: well formed, in the language asked, with headings in order,
// with nothing that is fetched or run, and with what was received shown as text.
func TestThePageIsWholeAndAlone(t *testing.T) {
	for lang, word := range map[string]string{"it": "Come rimediare", "en": "How to mend it", "": "Come rimediare"} {
		var b bytes.Buffer
		if err := report.HTML(&b, sample(t), lang); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		for _, wanted := range []string{word, "<main>", `<caption>`, `scope="col"`, `class="skip"`, "@media print", "&lt;script&gt;", "&lt;rif"} {
			if !strings.Contains(page, wanted) && (lang != "en" || wanted != "&lt;rif") {
				t.Errorf("%s: there is no %s", lang, wanted)
			}
		}
		for _, forbidden := range []string{"<script", "<link", "<img", "src=", "@import", "url("} {
			if strings.Contains(page, forbidden) {
				t.Errorf("%s: there is %s", lang, forbidden)
			}
		}
		if addresses := regexp.MustCompile(`href="[^#][^"]*"`).FindAllString(page, -1); len(addresses) > 0 {
			t.Errorf("%v", addresses)
		}
		if want := map[string]string{"it": `lang="it"`, "en": `lang="en"`, "": `lang="it"`}[lang]; !strings.Contains(page, want) {
			t.Errorf("there is no %s", want)
		}
		wellFormed(t, page)
	}
}

// wellFormed reads a page whose elements are all closed.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	level, headings := 0, 0
	for {
		next, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := next.(xml.StartElement)
		if !ok || len(start.Name.Local) != 2 || start.Name.Local[0] != 'h' || start.Name.Local == "hr" {
			continue
		}
		n := int(start.Name.Local[1] - '0')
		if n > level+1 {
			t.Errorf("h%d after h%d", n, level)
		}
		level = n
		headings++
	}
	if headings < 4 {
		t.Errorf("%d headings", headings)
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := report.JUnit(&b, sample(t), "en"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Suites) != 1 || got.Suites[0].Tests != 5 || got.Suites[0].Failures != 1 || got.Suites[0].Errors != 1 || got.Suites[0].Skipped != 2 {
		t.Errorf("%+v", got)
	}
	failed := 0
	for _, c := range got.Suites[0].Cases {
		if c.Failure != nil {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("%d failures", failed)
	}
}

func TestTextSaysWhatToDo(t *testing.T) {
	var b bytes.Buffer
	if err := report.Text(&b, sample(t), "it"); err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{"FALLITO", "ERRORE DELLA SUITE", "rimedio: rifiutare", "una nota", "PDND_VOUCHER", "in tutto: fallito 1, errore della suite 1, superato 1"} {
		if !strings.Contains(b.String(), wanted) {
			t.Errorf("there is no %q in\n%s", wanted, b.String())
		}
	}
	if strings.Contains(b.String(), "SALTATO") {
		t.Error("what was skipped is listed")
	}
}

// TestFailuresAreGathered by rule, the heaviest first, so that many cases of one fault are
// one line; the terminal is told the first ones in full, and the page all of them.
func TestFailuresAreGathered(t *testing.T) {
	r := sample(t)
	r.Results = nil
	add := func(id, rule, severity string, verdict conformance.Verdict) {
		r.Results = append(r.Results, conformance.Result{
			Case: conformance.Case{ID: id, Rule: modi.RuleID(rule), Severity: severity, Subject: "voucher", Title: conformance.Text{IT: "titolo di " + id, EN: "title of " + id}}, Verdict: verdict,
		})
	}
	add("suite.answer/late#all", "suite.answer/late", "advisory", conformance.Fail)
	add("a.b/e#1.voucher", "a.b/e", "must", conformance.Error)
	add("a.b/uno#1.voucher", "a.b/uno", "must", conformance.Fail)
	for i := range 9 {
		add(fmt.Sprintf("a.b/due#%d.voucher", i), "a.b/due", "must", conformance.Fail)
		add(fmt.Sprintf("a.b/altra-%d#1.voucher", i), fmt.Sprintf("a.b/altra-%d", i), "strict", conformance.Fail)
	}
	r.Results[2].Expected, r.Results[2].Found = conformance.Text{IT: "x"}, conformance.Text{IT: strings.Repeat("è", maxRow+1)}
	add("accept#plain.voucher", "", "must", conformance.Fail)
	add("a.b/buono#1.voucher", "a.b/buono", "must", conformance.Pass)
	var text, page bytes.Buffer
	if err := errors.Join(report.Text(&text, r, "it"), report.HTML(&page, r, "it")); err != nil {
		t.Fatal(err)
	}
	table, told, _ := strings.Cut(text.String(), "da sistemare: must 12, strict 9, advisory 1\n")
	last := -1
	for _, rule := range []string{"a.b/due ", "a.b/uno ", "accept#plain ", "a.b/altra-0 ", "suite.answer/late ", "a.b/e "} {
		at := strings.Index(table, "\n"+rule)
		if at <= last {
			t.Errorf("%s is not in its place in\n%s", rule, table)
		}
		last = at
	}
	if n := strings.Count(told, "FALLITO"); n != 8 || !strings.Contains(told, "e altri 8 casi della stessa regola") || !strings.Contains(told, "Altre 6 regole") {
		t.Errorf("%d rules are told in full\n%s", n, told)
	}
	if !strings.Contains(told, strings.Repeat("è", maxRow)+" …") || !strings.Contains(page.String(), strings.Repeat("è", maxRow+1)) {
		t.Error("a long row is not cut, or not whole in the page")
	}
	whole := page.String()
	if strings.Contains(whole, "<details open") || strings.Count(whole, "<table") != strings.Count(whole, "<caption") || strings.Count(whole, "<article ") != 14 {
		t.Errorf("%d tables, %d captions, %d articles", strings.Count(whole, "<table"), strings.Count(whole, "<caption"), strings.Count(whole, "<article "))
	}
	ids := map[string]bool{}
	for _, id := range regexp.MustCompile(`id="([^"]+)"`).FindAllStringSubmatch(whole, -1) {
		if ids[id[1]] {
			t.Errorf("the anchor %s is there twice", id[1])
		}
		ids[id[1]] = true
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(whole, -1) {
		if !ids[link[1]] {
			t.Errorf("the link %s leads nowhere", link[1])
		}
	}
	wellFormed(t, whole)
}

func TestBadges(t *testing.T) {
	var b bytes.Buffer
	if err := report.BadgesJSON(&b, sample(t), "en"); err != nil {
		t.Fatal(err)
	}
	var got []report.Badge
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []report.Badge{
		{SchemaVersion: 1, Label: "ModI openapi", Message: "fail 1/3", Color: "red"},
		{SchemaVersion: 1, Label: "PDND_VOUCHER", Message: "fail 1/3", Color: "red"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	undecided := sample(t)
	undecided.Results = undecided.Results[2:4]
	if got := report.Badges(undecided, "it"); got[0].Color != "orange" {
		t.Errorf("%+v", got)
	}
	passed := sample(t)
	passed.Results = passed.Results[:1]
	if got := report.Badges(passed, "it"); got[0].Color != "brightgreen" {
		t.Errorf("%+v", got)
	}
}

func TestDifference(t *testing.T) {
	before, after := sample(t), sample(t)
	after.Results[0].Verdict, after.Results[4].Verdict, after.Results[2].Verdict = conformance.Fail, conformance.Pass, conformance.Unsupported
	after.Results = after.Results[:5:5]
	var b bytes.Buffer
	if err := report.Difference(&b, conformance.Compare(before, after), "it"); err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{"peggiorati (1)", "superato → fallito", "migliorati (1)", "altri cambiamenti (1)", "invariati: 2"} {
		if !strings.Contains(b.String(), wanted) {
			t.Errorf("there is no %q in\n%s", wanted, b.String())
		}
	}
	after.Results = after.Results[1:]
	b.Reset()
	if err := report.Difference(&b, conformance.Compare(before, after), "en"); err != nil || !strings.Contains(b.String(), "pass → absent") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// maxRow is the length of a row that a terminal is shown.
const maxRow = 400

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	r := sample(t)
	for name, write := range map[string]func() error{
		"JSON":   func() error { return report.JSON(full{}, r) },
		"JUnit":  func() error { return report.JUnit(full{}, r, "it") },
		"HTML":   func() error { return report.HTML(full{}, r, "it") },
		"text":   func() error { return report.Text(full{}, r, "it") },
		"badges": func() error { return report.BadgesJSON(full{}, r, "it") },
		"diff":   func() error { return report.Difference(full{}, conformance.Compare(r, r), "it") },
	} {
		if write() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
