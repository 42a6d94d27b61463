// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance_test

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// judge verifies a message as a service set up for the case does.
type judge func(ctx context.Context, m *forge.Message) (rest.Result, error)

// newJudge sets the verifiers of the case's patterns up.
func newJudge(t testing.TB, c cases.Case, lenient modi.Lenient) judge {
	t.Helper()
	if c.Patterns[0] == modi.PatternClientAssertion {
		return tokenEndpoint(t, c)
	}
	v := rest.Verifier{}
	needsPossession := false
	for _, p := range c.Patterns {
		switch p {
		case modi.PatternVoucher:
			v.Voucher = voucherVerifier(t, c)
		case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
			v.IDAuth = identityVerifier(t, c, p, lenient)
		case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternPDNDResponse:
			v.Integrity = integrityVerifier(t, c, p, lenient)
		case modi.PatternAuditREST01, modi.PatternAuditREST02:
			v.Audit = auditVerifier(t, c, p, lenient)
		case modi.PatternDPoP:
			needsPossession = true
		default:
			t.Fatalf("no verifier for %s", p)
		}
	}
	return func(ctx context.Context, m *forge.Message) (rest.Result, error) {
		v := v
		if needsPossession {
			v.Possession = dpop.Possession{Verifier: dpop.Verifier{Clock: clock, Times: modi.ProofTimes()}, Method: m.Method, URL: m.URL}
		}
		if v.Integrity != nil && c.Direction == cases.Response && v.Integrity.Pattern != modi.PatternPDNDResponse {
			confirmed := *v.Integrity
			confirmed.RequestDigest = m.Asked
			v.Integrity = &confirmed
		}
		return v.Verify(ctx, rest.Message{Header: m.Header, Body: modi.Bytes(m.Body)})
	}
}

func voucherVerifier(t testing.TB, c cases.Case) *voucher.Verifier {
	t.Helper()
	n := theWorld().Names
	return &voucher.Verifier{
		Issuer: n["issuer"], Audience: n["audience"], ProducerID: n["producer"], EserviceID: n["eservice"],
		DescriptorIDs: []string{n["descriptor"]}, Keys: newRegistry(t, platformKeys, c), Clock: clock, Times: modi.VoucherTimes(),
	}
}

func identityVerifier(t testing.TB, c cases.Case, p modi.Pattern, lenient modi.Lenient) *rest.IDAuthVerifier {
	t.Helper()
	return &rest.IDAuthVerifier{
		Pattern: p, Audience: audience(c), Organization: organisation(t, c), References: references(t, c), Algorithms: algorithms(c),
		Certificates: certificates(t, c), Clock: clock, Times: modi.PartyTimes(), Lenient: lenient,
	}
}

func integrityVerifier(t testing.TB, c cases.Case, p modi.Pattern, lenient modi.Lenient) *rest.IntegrityVerifier {
	t.Helper()
	v := &rest.IntegrityVerifier{
		Pattern: p, Audience: audience(c), HeaderName: c.Setup.SignatureHeader, MustSign: c.Setup.SignedHeaders,
		Algorithms: algorithms(c), Clock: clock, Times: modi.PartyTimes(), Lenient: lenient,
	}
	direction := rest.Request
	if c.Direction == cases.Response {
		direction = rest.Reply
	}
	if c.Setup.EmptyPayload != "" {
		mode, err := rest.ParseEmptyPayload(c.Setup.EmptyPayload)
		if err != nil {
			t.Fatal(err)
		}
		v.RequireOnEmpty = mode.Requires(direction)
	}
	switch {
	case p == modi.PatternPDNDResponse:
		v.Audience, v.Issuer, v.Keys = "", theWorld().Names["api-issuer"], newRegistry(t, apiKeys, c)
		v.Owner = theWorld().Names["client"]
	case p == modi.PatternIntegrityREST01:
		// The messages of the table carry a jti: INTEGRITY_REST_01 over ID_AUTH_REST_02.
		v.References, v.Certificates, v.RequireJTI = references(t, c), certificates(t, c), true
		v.Organization = organisation(t, c)
	case c.Direction == cases.Response:
		v.Audience, v.Owner, v.Keys = theWorld().Names["client"], theWorld().Names["keychain"], newRegistry(t, producerKeys, c)
	default:
		v.Keys = newRegistry(t, clientKeys, c)
	}
	return v
}

func auditVerifier(t testing.TB, c cases.Case, p modi.Pattern, lenient modi.Lenient) *rest.AuditVerifier {
	t.Helper()
	v := &rest.AuditVerifier{
		Pattern: p, Audience: audience(c), Optional: c.Setup.Optional, Algorithms: algorithms(c),
		Keys: newRegistry(t, clientKeys, c), Clock: clock, Times: modi.PartyTimes(), Lenient: lenient,
	}
	for _, r := range c.Setup.Claims {
		rule := rest.ClaimRule{Name: r.Name, OneOf: r.OneOf, MinLength: r.MinLength, MaxLength: r.MaxLength, Primitive: r.Primitive}
		if r.Pattern != "" {
			rule.Pattern = regexp.MustCompile(r.Pattern)
		}
		v.Claims = append(v.Claims, rule)
	}
	return v
}

// tokenEndpoint judges a token request as PDND does.
func tokenEndpoint(t testing.TB, c cases.Case) judge {
	t.Helper()
	n := theWorld().Names
	expect := voucher.AssertionExpectation{ClientID: n["client"], Audience: n["assertion-aud"], Now: clock(), Public: public(key(t, "client"))}
	return func(_ context.Context, m *forge.Message) (rest.Result, error) {
		form, err := url.ParseQuery(string(m.Body))
		if err != nil {
			return rest.Result{}, err
		}
		err = voucher.CheckAssertion(form.Get("client_assertion"), expect)
		if len(c.Patterns) == 1 || err != nil {
			return rest.Result{}, err
		}
		v := dpop.Verifier{Clock: clock, Times: modi.ProofTimes()}
		_, err = v.VerifyTokenRequest(dpop.Request{Method: m.Method, URL: m.URL, Header: m.Header})
		return rest.Result{}, err
	}
}

func audience(c cases.Case) string {
	if c.Direction == cases.Response {
		return theWorld().Names["consumer-audience"]
	}
	return theWorld().Names["audience"]
}

// organisation is the codice fiscale that the certificate must name.
func organisation(t testing.TB, c cases.Case) string {
	t.Helper()
	code, err := theWorld().Expand(c.Setup.Organisation)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(code, "CF:IT-")
}

func algorithms(c cases.Case) []token.Algorithm {
	var out []token.Algorithm
	for _, a := range c.Setup.Algorithms {
		out = append(out, token.Algorithm(a))
	}
	return out
}

func references(t testing.TB, c cases.Case) []token.Reference {
	t.Helper()
	known := map[string]token.Reference{"x5c": token.X5C, "x5t#S256": token.X5TS256, "x5u": token.X5U}
	var out []token.Reference
	for _, name := range c.Setup.References {
		r, ok := known[name]
		if !ok {
			t.Fatalf("no reference %q", name)
		}
		out = append(out, r)
	}
	return out
}

// check holds what a judge said against what the case expects.
func check(t testing.TB, c cases.Case, err error) {
	t.Helper()
	var refusal *modi.Refusal
	refused := errors.As(err, &refusal)
	switch {
	case c.Verdict == cases.Accept:
		if err != nil {
			t.Errorf("a good message was not accepted: %v", err)
		}
	case err == nil:
		t.Errorf("accepted; want %s", c.Expect.Rule)
	case c.Expect.Undecided:
		if refused || !errors.Is(err, modi.ErrUndecided) {
			t.Errorf("decided, with %v; nobody can know", err)
		}
	case !refused:
		t.Errorf("not decided: %v; want %s", err, c.Expect.Rule)
	default:
		checkRules(t, c, refusal)
	}
}

// checkRules wants the rule of the case, and no other than those that go with it.
func checkRules(t testing.TB, c cases.Case, refusal *modi.Refusal) {
	t.Helper()
	if !refusal.Has(c.Expect.Rule) {
		t.Errorf("refused, but not for %s: %v", c.Expect.Rule, refusal)
		return
	}
	want := map[modi.RuleID]bool{c.Expect.Rule: true}
	for _, id := range c.Expect.Also {
		want[id] = true
	}
	got := map[modi.RuleID]bool{}
	for _, v := range refusal.Violations {
		got[v.Rule] = true
		if !want[v.Rule] {
			t.Errorf("also refused for %s, which the message does not break: %v", v.Rule, v)
		}
	}
	for id := range want {
		if !got[id] {
			t.Errorf("not refused for %s as well", id)
		}
	}
}
