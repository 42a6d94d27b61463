// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package report

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/snodo-pa/snodo/conformance"
)

//go:embed page.html
var page string

// HTML writes one page that needs nothing else: no script, no address, readable by a
// screen reader and on paper.
func HTML(w io.Writer, r *conformance.Report, lang string) error {
	if lang != "en" {
		lang = "it"
	}
	pick := func(it, en string) string { return conformance.Text{IT: it, EN: en}.In(lang) }
	t, err := template.New("page").Funcs(template.FuncMap{
		"t":      pick,
		"in":     func(x conformance.Text) string { return x.In(lang) },
		"word":   func(v conformance.Verdict) string { return Word(v, lang) },
		"counts": func(c conformance.Counts) string { return Counts(c, lang) },
		"when":   func(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") },
		"ms":     func(d time.Duration) string { return d.Round(time.Millisecond).String() },
		"mark":   mark,
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("page of the report: %w", err)
	}
	data := struct {
		*conformance.Report

		Lang     string
		Whole    conformance.Verdict
		Failures []failing
		Groups   []group
	}{r, lang, whole(r), failures(r), groups(r, lang)}
	if err := t.Execute(w, data); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// mark is a sign for a verdict: colour alone tells nothing to who does not see it.
func mark(v conformance.Verdict) string {
	return map[conformance.Verdict]string{
		conformance.Pass: "✓", conformance.Fail: "✗", conformance.Error: "!", conformance.Skip: "–", conformance.Unsupported: "○",
	}[v]
}

// whole is the verdict that the exit code stands for.
func whole(r *conformance.Report) conformance.Verdict {
	switch r.ExitCode() {
	case conformance.ExitPass:
		return conformance.Pass
	case conformance.ExitFail:
		return conformance.Fail
	default:
		return conformance.Error
	}
}

// group is the results of one verdict that asks for nothing.
type group struct {
	Verdict conformance.Verdict
	Title   string
	Results []conformance.Result
}

func groups(r *conformance.Report, lang string) []group {
	var out []group
	for _, v := range order() {
		if v == conformance.Fail || v == conformance.Error {
			continue
		}
		g := group{Verdict: v, Title: Word(v, lang)}
		for _, one := range r.Results {
			if one.Verdict == v {
				g.Results = append(g.Results, one)
			}
		}
		if len(g.Results) > 0 {
			out = append(out, g)
		}
	}
	return out
}
