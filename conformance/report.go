// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"cmp"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Format names the form of a report. It changes when a reader of the old one would
// misread the new one.
const Format = "snodo-conformance/1"

// Text is a sentence in the two languages of the suite.
type Text struct {
	IT string `json:"it"`
	EN string `json:"en"`
}

// In gives the sentence in a language: English for "en", else Italian.
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.EN
	}
	return t.IT
}

func text(t modi.Text) Text { return Text{IT: t.IT, EN: t.EN} }

// Report is what a run found. It holds no secret: tokens are decoded and without their
// signature, keys are names of files.
type Report struct {
	Format   string         `json:"format"`
	Role     Role           `json:"role"`
	Target   string         `json:"target"`
	Edition  string         `json:"edition,omitempty"`
	Patterns []modi.Pattern `json:"patterns"` // those that were judged
	Started  time.Time      `json:"started"`
	Ended    time.Time      `json:"ended"`
	Settings []Setting      `json:"settings"` // redacted
	Verdict  Verdict        `json:"verdict"`
	Counts   Counts         `json:"counts"`
	Badges   []Badge        `json:"badges"`
	Notes    []Text         `json:"notes,omitempty"`
	Results  []Result       `json:"results"`
}

// Setting is one line of the configuration of a run.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Counts says how many cases got each verdict.
type Counts map[Verdict]int

// Badge is the verdict of one pattern.
type Badge struct {
	Pattern modi.Pattern `json:"pattern"`
	Verdict Verdict      `json:"verdict"`
	Counts  Counts       `json:"counts"`
}

// Result is the verdict of one case, and what it rests on.
type Result struct {
	Case      Case       `json:"case"`
	Verdict   Verdict    `json:"verdict"`
	Reason    Text       `json:"reason"`
	Expected  Text       `json:"expected"`
	Found     Text       `json:"found"`
	Mend      Text       `json:"mend"` // what to do about a failure
	Exchanges []Exchange `json:"exchanges,omitempty"`
}

// Exchange is one request and its answer, decoded and redacted.
type Exchange struct {
	At      time.Time     `json:"at"`
	Took    time.Duration `json:"took_ns"`
	Request Wire          `json:"request"`
	Reply   *Wire         `json:"reply,omitempty"` // nil: there was none
	Failure string        `json:"failure,omitempty"`
}

// Wire is one message.
type Wire struct {
	Start  string  `json:"start"` // request or status line
	Fields []Field `json:"fields"`
	Tokens []Token `json:"tokens,omitempty"`
	Body   string  `json:"body,omitempty"`
}

// Field is one HTTP field; a token in it is replaced by its place.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Token is a JWS without its signature. Header and Claims are JSON texts, or what is
// there instead.
type Token struct {
	Place  string `json:"place"`
	Header string `json:"header"`
	Claims string `json:"claims"`
}

// ExitCode is the exit code of the run.
func (r *Report) ExitCode() int { return ExitCode(r.verdicts()...) }

func (r *Report) verdicts() []Verdict {
	all := make([]Verdict, len(r.Results))
	for i, one := range r.Results {
		all[i] = one.Verdict
	}
	return all
}

// close sums the results up.
func (r *Report) close(now time.Time) {
	r.Ended = now.UTC()
	r.Verdict = Worst(r.verdicts()...)
	r.Counts = count(r.verdicts())
	r.Badges = badges(r.Results)
}

func count(verdicts []Verdict) Counts {
	counts := Counts{}
	for _, v := range verdicts {
		counts[v]++
	}
	return counts
}

// badges sums the results of each pattern up. The verdict of a badge is that of the cases
// that were played: what was skipped for want of circumstances says nothing of a pattern.
func badges(results []Result) []Badge {
	byPattern := map[modi.Pattern][]Verdict{}
	for _, r := range results {
		for _, p := range r.Case.Patterns {
			byPattern[p] = append(byPattern[p], r.Verdict)
		}
	}
	out := []Badge{}
	for p, verdicts := range byPattern {
		out = append(out, Badge{Pattern: p, Verdict: played(verdicts), Counts: count(verdicts)})
	}
	slices.SortFunc(out, func(a, b Badge) int { return cmp.Compare(a.Pattern, b.Pattern) })
	return out
}

// played is the worst verdict of what was played, or of all when nothing was.
func played(verdicts []Verdict) Verdict {
	some := slices.DeleteFunc(slices.Clone(verdicts), func(v Verdict) bool { return v == Skip || v == Unsupported })
	if len(some) == 0 {
		some = verdicts
	}
	return Worst(some...)
}
