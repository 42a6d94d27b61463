// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/snodo-pa/snodo/conformance/internal/judge"
	"github.com/snodo-pa/snodo/modi"
)

// maxWitnesses is how many exchanges a result shows.
const maxWitnesses = 3

// watch gathers what checks see over a whole run. It is safe for concurrent use.
type watch struct {
	mu   sync.Mutex
	seen map[string]*sight // by id of the check
	jtis map[string]bool
}

// sight is what one check saw.
type sight struct {
	good, bad       int
	expected, found string
	places          []Text // where it was not kept, in a document
	witnesses       []Exchange
}

func newWatch() *watch { return &watch{seen: map[string]*sight{}, jtis: map[string]bool{}} }

// findings writes down what the judge found in a message, under the checks of a variant.
func (w *watch) findings(variant string, list []judge.Finding, e Exchange) {
	for _, f := range list {
		w.see(string(f.Rule)+"#"+variant, f.OK, f.Expected, f.Found, e)
	}
}

// see writes one observation down.
func (w *watch) see(id string, ok bool, expected, found string, e Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.seen[id]
	if s == nil {
		s = &sight{}
		w.seen[id] = s
	}
	if ok {
		s.good++
		return
	}
	s.bad++
	if s.bad == 1 {
		s.expected, s.found = expected, found
	}
	if len(s.witnesses) < maxWitnesses {
		s.witnesses = append(s.witnesses, e)
	}
}

// place writes down whether a document keeps a check somewhere in it.
func (w *watch) place(id string, ok bool, where Text, e Exchange) {
	w.see(id, ok, "", "", e)
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.seen[id]; !ok && !slices.Contains(s.places, where) {
		s.places = append(s.places, where)
		s.witnesses = s.witnesses[:1] // it is one document
	}
}

// maxPlaces is how many places of a document a result tells.
const maxPlaces = 40

// whereNot tells the places where a document does not keep a check.
func (s *sight) whereNot() Text {
	var it, en []string
	for _, one := range s.places[:min(len(s.places), maxPlaces)] {
		it, en = append(it, one.IT), append(en, one.EN)
	}
	if more := len(s.places) - maxPlaces; more > 0 {
		it, en = append(it, fmt.Sprintf("e altri %d punti", more)), append(en, fmt.Sprintf("and %d other places", more))
	}
	return Text{IT: clean(strings.Join(it, "; ")), EN: clean(strings.Join(en, "; "))}
}

// result is the verdict of a check at the end of a run.
func (w *watch) result(c Case) Result {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := Result{Case: c, Verdict: Skip, Reason: Text{
		IT: "nessun messaggio osservato permette di giudicarlo", EN: "no message that was seen lets it be judged",
	}}
	s := w.seen[c.ID]
	switch {
	case s == nil:
	case s.bad > 0:
		r.Verdict, r.Exchanges, r.Mend = Fail, s.witnesses, c.Mend
		r.Reason = Text{
			IT: fmt.Sprintf("non rispettata in %d osservazioni su %d", s.bad, s.bad+s.good),
			EN: fmt.Sprintf("not kept in %d observations of %d", s.bad, s.bad+s.good),
		}
		r.Expected, r.Found = told(s.expected), told(s.found)
		if len(s.places) > 0 {
			r.Expected, r.Found = c.Title, s.whereNot()
		}
	default:
		r.Verdict = Pass
		r.Reason = Text{IT: fmt.Sprintf("rispettata in %d osservazioni", s.good), EN: fmt.Sprintf("kept in %d observations", s.good)}
	}
	return r
}

// same is a text that is the same in both languages: names and values.
func same(text string) Text { return Text{IT: clean(text), EN: clean(text)} }

// conclude tells the result of every check of the role that the run plays and whose area
// keep admits.
func (s *Suite) conclude(keep func(Case) bool) {
	for _, c := range s.cases {
		if c.Expect != "observe" || !s.wanted(c) || !keep(c) {
			continue
		}
		r := s.watch.result(c)
		if r.Verdict == Skip && !s.adopted(c) {
			r.Verdict, r.Reason = Unsupported, Text{IT: "pattern non adottato", EN: "a pattern that is not used"}
		}
		s.tell(r)
	}
}

// adopted tells whether the party under test is known to use a pattern of a check.
func (s *Suite) adopted(c Case) bool {
	if len(c.Patterns) == 0 {
		return true
	}
	return slices.ContainsFunc(c.Patterns, func(p modi.Pattern) bool {
		return slices.Contains(s.report.Patterns, p) || slices.Contains(s.config.ReplyPatterns, p) ||
			p == modi.PatternClientAssertion && slices.Contains(s.report.Patterns, modi.PatternVoucher)
	})
}

// area is the part of a rule before the slash.
func area(c Case) string {
	name, _, _ := strings.Cut(string(c.Rule), "/")
	return name
}

// once wants an identifier that was not seen before.
func (w *watch) once(id, jti string, e Exchange) {
	if jti == "" {
		return
	}
	w.mu.Lock()
	again := w.jtis[id+" "+jti]
	w.jtis[id+" "+jti] = true
	w.mu.Unlock()
	w.see(id, !again, "a jti that was not used before", "one that was", e)
}
