// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

func TestCombinationsOfTheGuidelineAreLegal(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range rest.Combinations() {
		name := fmt.Sprint(c.Technology, c.Patterns)
		if seen[name] {
			t.Errorf("%s stands twice", name)
		}
		seen[name] = true
		again, err := rest.Combine(c.Technology, c.Patterns...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// Every other set of patterns is told apart with its reason.
func TestIllegalCombinations(t *testing.T) {
	const (
		id1, id2     = modi.PatternIDAuthREST01, modi.PatternIDAuthREST02
		whole, sign  = modi.PatternIntegrityREST01, modi.PatternIntegrityREST02
		trace, bound = modi.PatternAuditREST01, modi.PatternAuditREST02
		vouch, proof = modi.PatternVoucher, modi.PatternDPoP
		reply        = modi.PatternPDNDResponse
	)
	for _, c := range []struct {
		technology rest.Technology
		patterns   []modi.Pattern
		reason     string
	}{
		{rest.REST, nil, "no pattern"},
		{"GraphQL", []modi.Pattern{id1}, "neither REST nor SOAP"},
		{rest.REST, []modi.Pattern{modi.PatternClientAssertion}, "does not travel"},
		{rest.REST, []modi.Pattern{id1, id1}, "twice"},
		{rest.REST, []modi.Pattern{id1, id2}, "more than one pattern of identity"},
		{rest.REST, []modi.Pattern{id1, vouch}, "more than one pattern of identity"},
		{rest.REST, []modi.Pattern{whole, sign, vouch}, "same header"},
		{rest.REST, []modi.Pattern{sign}, "needs one"},
		{rest.REST, []modi.Pattern{id1, sign}, "needs one"},
		{rest.REST, []modi.Pattern{vouch, trace, bound}, "same header"},
		{rest.REST, []modi.Pattern{id1, bound}, "needs one"},
		{rest.REST, []modi.Pattern{trace}, "says who calls"},
		{rest.REST, []modi.Pattern{id1, proof}, "needs one"},
		{rest.REST, []modi.Pattern{vouch, sign, reply}, "only"},
		{rest.SOAP, []modi.Pattern{vouch, sign}, "not for SOAP"},
		{rest.SOAP, []modi.Pattern{id1}, "not for SOAP"},
		{rest.SOAP, []modi.Pattern{whole}, "not for SOAP"},
		{rest.SOAP, []modi.Pattern{vouch, reply}, "not for SOAP"},
	} {
		_, err := rest.Combine(c.technology, c.patterns...)
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s %v: error %v, want one with %q", c.technology, c.patterns, err, c.reason)
		}
	}
}

func TestCombinationsSayWhatTravels(t *testing.T) {
	c, err := rest.Combine(rest.REST, modi.PatternIDAuthREST02, modi.PatternIntegrityREST01, modi.PatternAuditREST01)
	if err != nil {
		t.Fatal(err)
	}
	request := []rest.Piece{
		{Pattern: modi.PatternIDAuthREST02, Header: "Authorization"},
		{Pattern: modi.PatternIntegrityREST01, Header: "Agid-JWT-Signature"},
		{Pattern: modi.PatternAuditREST01, Header: "Agid-JWT-TrackingEvidence"},
	}
	reply := []rest.Piece{
		{Pattern: modi.PatternIDAuthREST02, Header: "Authorization", Optional: true},
		{Pattern: modi.PatternIntegrityREST01, Header: "Agid-JWT-Signature"},
	}
	if diff := cmp.Diff([][]rest.Piece{request, reply}, [][]rest.Piece{c.Request, c.Reply}); diff != "" {
		t.Error(diff)
	}
	c, err = rest.Combine(rest.REST, modi.PatternVoucher, modi.PatternDPoP, modi.PatternPDNDResponse)
	if err != nil || len(c.Request) != 2 || c.Request[1].Header != "DPoP" || len(c.Reply) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}
