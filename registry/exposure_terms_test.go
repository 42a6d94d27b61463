// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/registry"
)

// TestEveryCombinationOfTheGuidelineIsSpoken: what modi/rest lists for REST is what a recipe may ask, but for the replies of
// PDND's own API.
func TestEveryCombinationOfTheGuidelineIsSpoken(t *testing.T) {
	spoken := 0
	for _, c := range rest.Combinations() {
		if c.Technology != rest.REST {
			continue
		}
		e, dpop, own := registry.Exposure{DPoP: registry.DPoPNo}, false, false
		for _, p := range c.Patterns {
			switch p {
			case modi.PatternDPoP:
				e.DPoP, dpop = registry.DPoPRequired, true
			case modi.PatternPDNDResponse:
				own = true
			default:
				e.Patterns.Request = append(e.Patterns.Request, p)
			}
		}
		if own {
			continue
		}
		terms, err := e.Terms("")
		if err != nil {
			t.Errorf("%v: %v", c.Patterns, err)
			continue
		}
		spoken++
		var asked []modi.Pattern
		for _, p := range []modi.Pattern{terms.Identity, terms.Integrity, terms.Audit} {
			if p != "" && (len(asked) == 0 || asked[0] != p) {
				asked = append(asked, p)
			}
		}
		if dpop {
			asked = append(asked[:1:1], append([]modi.Pattern{modi.PatternDPoP}, asked[1:]...)...)
		}
		if diff := cmp.Diff(c.Patterns, asked); diff != "" {
			t.Error(diff)
		}
	}
	if spoken < 20 {
		t.Errorf("only %d combinations", spoken)
	}
}

func TestTermsOfOperations(t *testing.T) {
	e := registry.Exposure{
		Patterns: registry.RecipePatterns{
			Request: []modi.Pattern{modi.PatternIntegrityREST02, modi.PatternAuditREST02}, Response: []modi.Pattern{modi.PatternIntegrityREST02},
		},
		DPoP: registry.DPoPOptional,
		Operations: map[string]registry.ExposureOperation{
			"bare":     {Patterns: &registry.RecipePatterns{}},
			"required": {DPoP: registry.DPoPRequired},
			"hybrid": {Patterns: &registry.RecipePatterns{
				Request: []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST01}, Response: []modi.Pattern{modi.PatternIntegrityREST01, modi.PatternIDAuthREST02},
			}},
			"alone": {DPoP: registry.DPoPNo, Patterns: &registry.RecipePatterns{Request: []modi.Pattern{modi.PatternIntegrityREST01}}},
		},
	}
	whole := registry.ExposureTerms{
		Identity: modi.PatternVoucher, Integrity: modi.PatternIntegrityREST02, Audit: modi.PatternAuditREST02,
		DPoP: registry.DPoPOptional, Answer: modi.PatternIntegrityREST02,
	}
	required := whole
	required.DPoP = registry.DPoPRequired
	for id, want := range map[string]registry.ExposureTerms{
		"":         whole,
		"other":    whole,
		"bare":     {Identity: modi.PatternVoucher, DPoP: registry.DPoPOptional},
		"required": required,
		"hybrid": {
			Identity: modi.PatternVoucher, Integrity: modi.PatternIntegrityREST01, DPoP: registry.DPoPOptional,
			Answer: modi.PatternIntegrityREST01, AnswerIdentity: modi.PatternIDAuthREST02,
		},
		"alone": {Identity: modi.PatternIntegrityREST01, Integrity: modi.PatternIntegrityREST01, DPoP: registry.DPoPNo},
	} {
		got, err := e.Terms(id)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v %s", id, err, diff)
		}
	}
	for id, byCertificate := range map[string]bool{"": false, "bare": false, "hybrid": true, "alone": true} {
		if got, _ := e.Terms(id); got.ByCertificate() != byCertificate || got.AnswersByCertificate() != (id == "hybrid") {
			t.Errorf("%q: by certificate %v, answers %v", id, got.ByCertificate(), got.AnswersByCertificate())
		}
	}
}
