// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package cases

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// idForm is what an id looks like: area.token/fault or accept, then a variant.
var idForm = regexp.MustCompile(`^(accept|(modi|pdnd|hub)\.[a-z0-9-]+/[a-z0-9-]+)#[a-z0-9]+([.-][a-z0-9]+)*$`)

// check finds what is wrong with the whole table.
func check(all []Case) []error {
	var faults []error
	seen := map[string]bool{}
	known := modi.Rules()
	for _, c := range all {
		add := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("case %s: %s", c.ID, fmt.Sprintf(format, args...)))
		}
		if seen[c.ID] {
			add("the id is there twice")
		}
		seen[c.ID] = true
		if !idForm.MatchString(c.ID) {
			add("the id is not <rule>#<variant> or accept#<variant>")
		}
		if c.Title.IT == "" || c.Title.EN == "" || c.Source == "" || len(c.Rows) == 0 {
			add("title, source and rows are needed")
		}
		for _, fault := range slices.Concat(checkWords(c), checkVerdict(c), checkRules(c, known), checkSource(c)) {
			add("%s", fault)
		}
	}
	return faults
}

// checkWords finds words that are not of the vocabulary.
func checkWords(c Case) []string {
	var faults []string
	unknown := func(what, word string) { faults = append(faults, fmt.Sprintf("no %s %q", what, word)) }
	if !slices.Contains(Layers(), c.Layer) {
		unknown("layer", string(c.Layer))
	}
	if !slices.Contains([]Verdict{Reject, RejectStrict, Accept}, c.Verdict) {
		unknown("verdict", string(c.Verdict))
	}
	if !slices.Contains([]Severity{Must, Strict, Advisory}, c.Severity) {
		unknown("severity", string(c.Severity))
	}
	if !slices.Contains([]Play{Once, Twice, Race, OtherOwner}, c.Play) {
		unknown("play", string(c.Play))
	}
	for _, g := range c.Given {
		if !slices.Contains(givens(), g) {
			unknown("circumstance", string(g))
		}
	}
	for _, l := range c.Lenient {
		if !slices.ContainsFunc(modi.Leniencies(), func(i modi.LeniencyInfo) bool { return i.Name == l }) {
			unknown("leniency", string(l))
		}
	}
	return faults
}

// cited finds the patterns and specifications that a source names.
var cited = regexp.MustCompile(`(ID_AUTH|INTEGRITY|AUDIT)_REST(_0[12])?|RFC 9449`)

// checkSource wants a source that names patterns to name one of the message's own, or one
// that they build upon: INTEGRITY_REST_01 is ID_AUTH_REST with a body, and a voucher is
// ID_AUTH_REST through PDND.
func checkSource(c Case) []string {
	named := cited.FindAllString(c.Source, -1)
	if len(named) == 0 {
		return nil
	}
	about := []string{}
	for _, p := range c.Patterns {
		about = append(about, string(p))
		switch p {
		case modi.PatternIDAuthREST02:
			about = append(about, string(modi.PatternIDAuthREST01))
		case modi.PatternIntegrityREST01:
			about = append(about, string(modi.PatternIDAuthREST01), string(modi.PatternIDAuthREST02))
		case modi.PatternVoucher:
			if len(c.Patterns) == 1 {
				about = append(about, string(modi.PatternIDAuthREST01), string(modi.PatternIDAuthREST02))
			}
			if strings.Contains(string(c.Expect.Rule), "dpop") {
				about = append(about, "RFC 9449")
			}
		case modi.PatternDPoP:
			about = append(about, "RFC 9449")
		default:
		}
	}
	for _, name := range named {
		if slices.ContainsFunc(about, func(one string) bool { return strings.HasPrefix(one, name) }) {
			return nil
		}
	}
	return []string{fmt.Sprintf("the source is about %s, the message about %s", strings.Join(named, ", "), strings.Join(about, ", "))}
}

// checkVerdict finds verdicts that contradict the rest of the case.
func checkVerdict(c Case) []string {
	var faults []string
	accepted := strings.HasPrefix(c.ID, accept+"#")
	if accepted != (c.Verdict == Accept) {
		faults = append(faults, "accept# and verdict A go together")
	}
	if (c.Verdict == RejectStrict && c.Layer == LayerModi) != (len(c.Lenient) > 0) {
		faults = append(faults, "verdict Rs and leniencies go together")
	}
	if !accepted && (c.Expect.Status < 400 || c.Expect.Status > 599) {
		faults = append(faults, fmt.Sprintf("status %d: a rule that modi does not declare needs one", c.Expect.Status))
	}
	return faults
}

// checkRules finds rules of modi that do not exist. Rules of the hub are checked where
// they are declared.
func checkRules(c Case, known []modi.Rule) []string {
	var faults []string
	for _, id := range append([]modi.RuleID{c.Expect.Rule}, c.Expect.Also...) {
		area, _, _ := strings.Cut(string(id), "/")
		ours := strings.HasPrefix(area, "modi.") || strings.HasPrefix(area, "pdnd.")
		if ours && !slices.ContainsFunc(known, func(r modi.Rule) bool { return r.ID == id }) {
			faults = append(faults, fmt.Sprintf("modi has no rule %s", id))
		}
	}
	return faults
}

// givens lists the circumstances.
func givens() []Given {
	return []Given{
		KeyRegistryDown, RevocationDown, RevokedByCRL, RevokedByOCSP, ReplayStoreDown, X5UHostConfigured, X5UNotFound,
		X5UNotACertificate, X5UDown, CertificatePinned, KeyDeleted,
	}
}
