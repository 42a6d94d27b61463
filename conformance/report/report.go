// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package report writes what a conformance run found: for a terminal, as JSON, as JUnit
// XML, as one HTML page and as badges.
//
// It owns the forms alone: verdicts and redaction are of package conformance, on which it
// depends. It writes to what it is handed and never opens a file or the network.
package report

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/conformance"
)

// JSON writes the whole report; conformance.ReadReport reads it again.
func JSON(w io.Writer, r *conformance.Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// verdicts are the words for the verdicts.
func verdicts() map[conformance.Verdict]conformance.Text {
	return map[conformance.Verdict]conformance.Text{
		conformance.Pass:        {IT: "superato", EN: "pass"},
		conformance.Fail:        {IT: "fallito", EN: "fail"},
		conformance.Skip:        {IT: "saltato", EN: "skipped"},
		conformance.Unsupported: {IT: "non adottato", EN: "unsupported"},
		conformance.Error:       {IT: "errore della suite", EN: "error of the suite"},
	}
}

// Word is the word for a verdict.
func Word(v conformance.Verdict, lang string) string { return verdicts()[v].In(lang) }

// order is how the verdicts stand in reports: what must be mended first.
func order() []conformance.Verdict {
	return []conformance.Verdict{conformance.Fail, conformance.Error, conformance.Pass, conformance.Skip, conformance.Unsupported}
}

// Counts writes the number of cases of each verdict.
func Counts(c conformance.Counts, lang string) string {
	var parts []string
	for _, v := range order() {
		if c[v] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", Word(v, lang), c[v]))
		}
	}
	return strings.Join(parts, ", ")
}

// Text writes a summary for a terminal: a table of the rules that are not kept, the
// heaviest of them with what to do about them, then a line for each pattern and one for
// the run.
func Text(w io.Writer, r *conformance.Report, lang string) error {
	var b strings.Builder
	pick := func(it, en string) string { return conformance.Text{IT: it, EN: en}.In(lang) }
	fmt.Fprintf(&b, "%s %s %s\n", pick("conformità:", "conformance:"), r.Role, r.Target)
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  · %s\n", n.In(lang))
	}
	tellFailures(&b, failures(r), lang)
	fmt.Fprintln(&b)
	for _, badge := range r.Badges {
		fmt.Fprintf(&b, "%-22s %-20s %s\n", badge.Pattern, Word(badge.Verdict, lang), Counts(badge.Counts, lang))
	}
	fmt.Fprintf(&b, "%s %s\n", pick("in tutto:", "in all:"), Counts(r.Counts, lang))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// Badge is a pattern in the form that shields.io reads from an address.
type Badge struct {
	SchemaVersion int    `json:"schemaVersion"`
	Label         string `json:"label"`
	Message       string `json:"message"`
	Color         string `json:"color"`
}

// Badges are one badge for each pattern, and first that of the run.
func Badges(r *conformance.Report, lang string) []Badge {
	colours := map[conformance.Verdict]string{
		conformance.Pass: "brightgreen", conformance.Fail: "red", conformance.Error: "orange", conformance.Skip: "lightgrey", conformance.Unsupported: "lightgrey",
	}
	badge := func(label string, v conformance.Verdict, c conformance.Counts) Badge {
		played := c[conformance.Pass] + c[conformance.Fail] + c[conformance.Error]
		return Badge{SchemaVersion: 1, Label: label, Message: fmt.Sprintf("%s %d/%d", Word(v, lang), c[conformance.Pass], played), Color: colours[v]}
	}
	whole := conformance.Pass
	switch r.ExitCode() {
	case conformance.ExitFail:
		whole = conformance.Fail
	case conformance.ExitUndecided:
		whole = conformance.Error
	}
	list := []Badge{badge("ModI "+string(r.Role), whole, r.Counts)}
	for _, one := range r.Badges {
		list = append(list, badge(string(one.Pattern), one.Verdict, one.Counts))
	}
	return list
}

// The JUnit form that test reporters read.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Name    string       `xml:"name,attr"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitOutcome `xml:"failure"`
		Error   *junitOutcome `xml:"error"`
		Skipped *junitOutcome `xml:"skipped"`
	}
	junitOutcome struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the report as JUnit XML, a suite for each group of rules.
func JUnit(w io.Writer, r *conformance.Report, lang string) error {
	out := junitSuites{Name: "ModI " + string(r.Role)}
	place := map[string]int{}
	for _, one := range r.Results {
		group, _, _ := strings.Cut(one.Case.ID, "/")
		group, _, _ = strings.Cut(group, "#")
		i, ok := place[group]
		if !ok {
			i = len(out.Suites)
			place[group] = i
			out.Suites = append(out.Suites, junitSuite{Name: group})
		}
		out.Suites[i].add(one, group, lang)
	}
	slices.SortFunc(out.Suites, func(a, b junitSuite) int { return strings.Compare(a.Name, b.Name) })
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(r conformance.Result, group, lang string) {
	c := junitCase{Name: r.Case.ID + " " + r.Case.Title.In(lang), Class: group}
	var took float64
	for _, e := range r.Exchanges {
		took += e.Took.Seconds()
	}
	c.Time = fmt.Sprintf("%.3f", took)
	outcome := &junitOutcome{
		Message: r.Reason.In(lang),
		Text:    strings.Join([]string{r.Expected.In(lang), r.Found.In(lang), r.Mend.In(lang), r.Case.Source}, "\n"),
	}
	s.Tests++
	switch r.Verdict {
	case conformance.Fail:
		s.Failures++
		c.Failure = outcome
	case conformance.Error:
		s.Errors++
		c.Error = outcome
	case conformance.Skip, conformance.Unsupported:
		s.Skipped++
		c.Skipped = &junitOutcome{Message: Word(r.Verdict, lang) + ": " + r.Reason.In(lang)}
	case conformance.Pass:
	}
	s.Cases = append(s.Cases, c)
}

// BadgesJSON writes the badges as a list.
func BadgesJSON(w io.Writer, r *conformance.Report, lang string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(Badges(r, lang)); err != nil {
		return fmt.Errorf("write badges: %w", err)
	}
	return nil
}
