// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/conformance"
)

// failing is the results of one rule and one severity that did not pass: what is to be
// mended once, however many cases show it.
type failing struct {
	Verdict  conformance.Verdict
	Rule     string // of the results; for cases to be accepted their id, without the message
	Severity string
	Results  []conformance.Result
}

// First is the result that the others are like.
func (f failing) First() conformance.Result { return f.Results[0] }

// Anchor names the rule in a page.
func (f failing) Anchor() string {
	return string(f.Verdict) + "-" + strings.NewReplacer("/", "-", "#", "-").Replace(f.Rule) + "-" + f.Severity
}

// severities are from the heaviest to the lightest.
func severities() []string { return []string{"must", "strict", "advisory"} }

// failures gathers what failed, then what the suite could not judge, the heaviest first and
// what most cases show before the rest.
func failures(r *conformance.Report) []failing {
	var out []failing
	for _, one := range r.Results {
		if one.Verdict != conformance.Fail && one.Verdict != conformance.Error {
			continue
		}
		rule := ruleOf(one.Case)
		i := slices.IndexFunc(out, func(f failing) bool {
			return f.Verdict == one.Verdict && f.Rule == rule && f.Severity == one.Case.Severity
		})
		if i < 0 {
			i = len(out)
			out = append(out, failing{Verdict: one.Verdict, Rule: rule, Severity: one.Case.Severity})
		}
		out[i].Results = append(out[i].Results, one)
	}
	slices.SortStableFunc(out, func(a, b failing) int {
		return cmp.Or(
			slices.Index(order(), a.Verdict)-slices.Index(order(), b.Verdict),
			slices.Index(severities(), a.Severity)-slices.Index(severities(), b.Severity),
			len(b.Results)-len(a.Results),
		)
	})
	return out
}

// ruleOf is what a case is about: its rule, or for one to be accepted its variant.
func ruleOf(c conformance.Case) string {
	if c.Rule != "" {
		return string(c.Rule)
	}
	return strings.TrimSuffix(c.ID, "."+c.Subject)
}

// maxTold is how many rules a terminal is told in full; the page has them all.
const maxTold = 8

// tellFailures writes a table of what is to be mended, then the heaviest rules in full,
// each by one case.
func tellFailures(b *strings.Builder, list []failing, lang string) {
	pick := func(it, en string) string { return conformance.Text{IT: it, EN: en}.In(lang) }
	if len(list) == 0 {
		return
	}
	width := len(pick("regola", "rule"))
	for _, f := range list {
		width = max(width, len(f.Rule))
	}
	fmt.Fprintf(b, "\n%-*s  %-8s  %5s  %s\n", width, pick("REGOLA", "RULE"), pick("GRAVITÀ", "SEVERITY"), pick("CASI", "CASES"), pick("ESITO", "VERDICT"))
	for _, f := range list {
		fmt.Fprintf(b, "%-*s  %-8s  %5d  %s\n", width, f.Rule, f.Severity, len(f.Results), Word(f.Verdict, lang))
	}
	fmt.Fprintf(b, "%s\n", bySeverity(list, pick))
	for _, f := range list[:min(len(list), maxTold)] {
		tellFailure(b, f, pick, lang)
	}
	if more := len(list) - maxTold; more > 0 {
		fmt.Fprintf(b, pick("\nAltre %d regole, e ogni caso con i suoi scambi, sono in report.html e report.json (--reports CARTELLA).\n",
			"\nAnother %d rules, and every case with its exchanges, are in report.html and report.json (--reports FOLDER).\n"), more)
	}
}

// bySeverity counts the cases of each severity that did not pass.
func bySeverity(list []failing, pick func(it, en string) string) string {
	counts := map[string]int{}
	for _, f := range list {
		counts[f.Severity] += len(f.Results)
	}
	var parts []string
	for _, severity := range severities() {
		if counts[severity] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", severity, counts[severity]))
		}
	}
	return pick("da sistemare: ", "to be mended: ") + strings.Join(parts, ", ")
}

// maxRow is how long a row of a terminal's report may be, in characters: a document has
// many places, and the page tells them all.
const maxRow = 400

func shortened(text string) string {
	if runes := []rune(text); len(runes) > maxRow {
		return string(runes[:maxRow]) + " …"
	}
	return text
}

func tellFailure(b *strings.Builder, f failing, pick func(it, en string) string, lang string) {
	one := f.First()
	fmt.Fprintf(b, "\n%s %s\n  %s\n  %s\n", strings.ToUpper(Word(f.Verdict, lang)), one.Case.ID, one.Case.Title.In(lang), one.Reason.In(lang))
	if len(f.Results) > 1 {
		fmt.Fprintf(b, pick("  e altri %d casi della stessa regola\n", "  and %d other cases of the same rule\n"), len(f.Results)-1)
	}
	for _, row := range [][2]string{
		{pick("atteso: ", "expected:"), one.Expected.In(lang)}, {pick("trovato:", "found:   "), one.Found.In(lang)}, {pick("rimedio:", "mend:    "), one.Mend.In(lang)},
	} {
		if row[1] != "" {
			fmt.Fprintf(b, "  %s %s\n", row[0], shortened(row[1]))
		}
	}
	fmt.Fprintf(b, "  %s %s (%s)\n", pick("fonte:  ", "source:  "), one.Case.Source, one.Case.Severity)
}
