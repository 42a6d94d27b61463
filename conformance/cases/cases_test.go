// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package cases

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/snodo-pa/snodo/modi"
)

func TestTheTableIsSound(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 180 {
		t.Errorf("%d cases", len(all))
	}
	accepted := 0
	for _, c := range all {
		if c.Verdict == Accept {
			accepted++
		}
	}
	if accepted < len(all)/20 {
		t.Errorf("%d of %d cases are of messages to be accepted", accepted, len(all))
	}
}

// TestEveryKnownFaultHasACase wants every row of the list of known faults that is about
// REST messages and their exchange: those of SOAP, 166 to 185, are elsewhere.
func TestEveryKnownFaultHasACase(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, c := range all {
		for _, n := range c.Rows {
			seen[n] = true
			if n < 1 || n > 200 || n > 165 && n < 186 {
				t.Errorf("%s is about row %d, which is not of this table", c.ID, n)
			}
		}
	}
	for n := 1; n <= 200; n++ {
		if !seen[n] && (n <= 165 || n >= 186) {
			t.Errorf("row %d has no case", n)
		}
	}
}

func TestEverySubjectIsAcceptedAsItIs(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	plain := map[string]bool{}
	for _, c := range all {
		if c.Verdict == Accept && len(c.Steps) == 0 {
			plain[c.Subject] = true
		}
	}
	for _, s := range Subjects() {
		if !plain[s.Name] {
			t.Errorf("no case wants the genuine %s accepted", s.Name)
		}
	}
}

// one is a sound file with one case, for the tests that spoil it.
const one = `cases:
  - id: audience-missing#alone
    rows: [65]
    subjects: [voucher]
    it: manca aud
    en: aud is missing
    source: RFC 7519
    steps: [{do: claim.remove, name: aud}]
`

func loadText(text string) ([]Case, error) {
	return load(fstest.MapFS{"data/a.yaml": {Data: []byte(text)}})
}

func TestLoadsACase(t *testing.T) {
	all, err := loadText(one)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d cases, %v", len(all), err)
	}
	c := all[0]
	if c.ID != "pdnd.voucher/audience-missing#alone" || c.Layer != LayerModi || c.Verdict != Reject || c.Severity != Must ||
		c.Expect.Status != http.StatusUnauthorized || c.Direction != Request || c.Steps[0].Name != "aud" || c.Edition == "" {
		t.Errorf("%+v", c)
	}
}

func TestExpandsSubjectsAndGroups(t *testing.T) {
	all, err := loadText(strings.Replace(one, "[voucher]", "[voucher, kid]", 1))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	want := []string{
		"pdnd.voucher/audience-missing#alone.voucher", "modi.integrity/audience-missing#alone.integrity-02",
		"modi.audit/audience-missing#alone.audit-02", "modi.integrity/audience-missing#alone.integrity-02-response",
	}
	if !slices.Equal(ids, want) {
		t.Errorf("%v", ids)
	}
	if reply := all[3]; reply.Direction != Response || reply.Expect.Status != http.StatusBadGateway {
		t.Errorf("%+v", reply)
	}
	for name, members := range groups() {
		for _, member := range members {
			if _, ok := subjectByName(member); !ok {
				t.Errorf("group %s has no subject %s", name, member)
			}
		}
	}
}

func TestRefusesAnUnsoundTable(t *testing.T) {
	for _, c := range []struct{ name, old, with, want string }{
		{"unknown key", "    source:", "    sauce: x\n    source:", "unknown field"},
		{"repeated key", "    source:", "    source: x\n    source:", "already defined"},
		{"unknown subject", "[voucher]", "[vaucher]", `no subject "vaucher"`},
		{"no subject", "[voucher]", "[]", "about no subject"},
		{"no variant", "#alone", "", "has no #"},
		{"malformed variant", "#alone", "#Alone", "the id is not"},
		{"unknown rule", "audience-missing#", "audience-absent#", "modi has no rule pdnd.voucher/audience-absent"},
		{"unknown rule besides", "    source:", "    also: [audience-absent]\n    source:", "modi has no rule"},
		{"no title", "manca aud", `""`, "title, source and rows"},
		{"no rows", "[65]", "[]", "title, source and rows"},
		{"no source", "RFC 7519", `""`, "title, source and rows"},
		{"source of another pattern", "RFC 7519", "LG Interoperabilità, AUDIT_REST, RFC 7519", "the source is about AUDIT_REST"},
		{"source of no subject", "    source:", "    sources: {dpop: RFC 9449}\n    source:", `a source for "dpop"`},
		{"unknown layer", "    source:", "    layer: moon\n    source:", `no layer "moon"`},
		{"unknown verdict", "    source:", "    verdict: X\n    source:", `no verdict "X"`},
		{"unknown severity", "    source:", "    severity: high\n    source:", `no severity "high"`},
		{"unknown play", "    source:", "    play: thrice\n    source:", `no play "thrice"`},
		{"unknown circumstance", "    source:", "    given: [rain]\n    source:", `no circumstance "rain"`},
		{"unknown leniency", "    source:", "    verdict: Rs\n    lenient: [all]\n    source:", `no leniency "all"`},
		{"Rs without leniency", "    source:", "    verdict: Rs\n    source:", "leniencies go together"},
		{"leniency without Rs", "    source:", "    lenient: [typ-any]\n    source:", "leniencies go together"},
		{"accept with verdict R", "audience-missing#alone", "accept#alone\n    verdict: R", "go together"},
		{"hub rule without status", "audience-missing#", "hub.exposure/unknown#", "needs one"},
		{"twice", "cases:\n", one, "is there twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(one, c.old, c.with, 1)
			if c.name == "twice" {
				text = one + strings.TrimPrefix(one, "cases:\n")
			}
			_, err := loadText(text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q", err, c.want)
			}
		})
	}
}

func TestUndecidedIs503AndAcceptHasNoStatus(t *testing.T) {
	all, err := loadText(strings.Replace(one, "audience-missing#alone", "hub.keys/undecided#x\n    undecided: true", 1))
	if err != nil || all[0].Expect.Status != http.StatusServiceUnavailable || !all[0].Expect.Undecided {
		t.Errorf("%+v, %v", all, err)
	}
	all, err = loadText(strings.Replace(one, "audience-missing#alone", "accept#x", 1))
	if err != nil || all[0].Expect.Status != 0 || all[0].Expect.Rule != "" || all[0].Verdict != Accept {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestStatusFollowsTheClassOfTheRule(t *testing.T) {
	for id, want := range map[modi.RuleID]int{
		modi.IntegrityDigestMismatch: http.StatusBadRequest,
		modi.VoucherExpired:          http.StatusUnauthorized,
		modi.IntegrityReplayed:       http.StatusConflict,
		modi.IntegrityOwnerMismatch:  http.StatusForbidden,
	} {
		if got := status(Case{Expect: Expectation{Rule: id}, Direction: Request}, 0); got != want {
			t.Errorf("%s: %d, want %d", id, got, want)
		}
	}
}

// TestSourcesAreInOneLanguage: that of the texts that they cite, also where modi wrote them.
func TestSourcesAreInOneLanguage(t *testing.T) {
	english := regexp.MustCompile(`\b(the|of|for|with|and|or|is|equals|mandatory|optional|agreed|step|only|when|at most|used|present|signed when|no|check|replies)\b`)
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if word := english.FindString(c.Source); word != "" {
			t.Errorf("%s: %q in %q", c.ID, word, c.Source)
		}
	}
	for _, r := range modi.Rules() {
		if word := english.FindString(SourceOf(r)); word != "" {
			t.Errorf("%s: %q in %q", r.ID, word, SourceOf(r))
		}
	}
}

func TestAllGivesACopy(t *testing.T) {
	first, err := All()
	if err != nil {
		t.Fatal(err)
	}
	id := first[0].ID
	first[0] = Case{}
	again, err := All()
	if err != nil || again[0].ID != id {
		t.Errorf("%q, %v", again[0].ID, err)
	}
}
