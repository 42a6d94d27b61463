// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
)

// TestTheCatalogueIsWhole: every case has an id of its own, titles in both languages, a
// source, an edition, roles, a severity and what to do about it.
func TestTheCatalogueIsWhole(t *testing.T) {
	all, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	seen, accepted, roles := map[string]bool{}, 0, map[Role]int{}
	for _, c := range all {
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = true
		if c.Title.IT == "" || c.Title.EN == "" || c.Source == "" || c.Edition == "" || len(c.Roles) == 0 || c.Mend.IT == "" || c.Mend.EN == "" {
			t.Errorf("%s is not whole: %+v", c.ID, c)
		}
		if !slices.Contains([]string{"must", "strict", "advisory"}, c.Severity) || !slices.Contains([]string{"accept", "reject", "undecided", "observe"}, c.Expect) {
			t.Errorf("%s: %s, %s", c.ID, c.Severity, c.Expect)
		}
		rule, _, _ := strings.Cut(c.ID, "#")
		if c.Expect != "accept" && rule != string(c.Rule) || c.Expect == "accept" && rule != "accept" {
			t.Errorf("%s probes %s", c.ID, c.Rule)
		}
		if c.Expect == "accept" {
			accepted++
		}
		for _, r := range c.Roles {
			roles[r]++
		}
	}
	if len(all) < 180 || accepted < 40 {
		t.Errorf("%d cases, %d of them positive", len(all), accepted)
	}
	for _, r := range Roles() {
		if roles[r] < 10 {
			t.Errorf("%d cases for %s", roles[r], r)
		}
	}
}

func TestFind(t *testing.T) {
	c, ok, err := Find("modi.integrity/digest-mismatch#body-changed.integrity-02")
	if err != nil || !ok || c.Status != 400 || len(c.Steps) != 1 || c.Roles[0] != RoleErogatore {
		t.Errorf("%+v, %t, %v", c, ok, err)
	}
	if _, ok, err := Find("nessuno#x"); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
}

// TestEveryStepOfTheTableIsDescribed in words that explain can print.
func TestEveryStepOfTheTableIsDescribed(t *testing.T) {
	known := forge.Mutations()
	all, err := cases.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		for _, s := range c.Steps {
			if text := describe(s); !strings.HasPrefix(text, s.Do) || known[s.Do] == "" {
				t.Errorf("%s: %q", c.ID, text)
			}
		}
	}
	got := describe(cases.Step{Do: "claim.set", Token: "voucher", Name: "aud", Value: "x"})
	if got != `claim.set name="aud" token="voucher" value="x"` {
		t.Error(got)
	}
}
