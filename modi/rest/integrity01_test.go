// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

func integrity01(t testing.TB) rest.IntegrityVerifier {
	t.Helper()
	return rest.IntegrityVerifier{
		Pattern: modi.PatternIntegrityREST01, Audience: moditest.Audience, Organization: moditest.Organization,
		Certificates: trusted(t), Clock: moditest.Clock, Times: modi.PartyTimes(),
	}
}

func TestIntegrity01RoundTrip(t *testing.T) {
	for name, c := range map[string]struct {
		in     rest.IntegrityInput
		verify func(*rest.IntegrityVerifier)
		digest string
	}{
		"plain":   {rest.IntegrityInput{}, func(*rest.IntegrityVerifier) {}, digest256(body)},
		"SHA-384": {rest.IntegrityInput{Digest: crypto.SHA384}, func(*rest.IntegrityVerifier) {}, digest384(body)},
		"SHA-512": {rest.IntegrityInput{Digest: crypto.SHA512}, func(*rest.IntegrityVerifier) {}, digest512(body)},
		"hexadecimal, agreed": {rest.IntegrityInput{DigestHex: true}, func(v *rest.IntegrityVerifier) {
			v.Lenient = modi.Lenient{modi.LenientDigestHex}
		}, hexDigest(t, digest256(body))},
		"own header, thumbprint": {rest.IntegrityInput{HeaderName: "Custom-JWT-Signature", References: []token.Reference{token.X5TS256}}, func(v *rest.IntegrityVerifier) {
			v.HeaderName = "Custom-JWT-Signature"
		}, digest256(body)},
		"headers agreed": {rest.IntegrityInput{SignedHeaders: []string{"X-Pratica", "Authorization"}, ClientID: "c_x001/app"}, func(v *rest.IntegrityVerifier) {
			v.MustSign, v.RequireJTI = []string{"X-Pratica", "X-Absent"}, true
		}, digest256(body)},
	} {
		t.Run(name, func(t *testing.T) {
			m := rest.Message{Header: headers("Content-Type", typeJSON, "X-Pratica", "2026/17", "Authorization", "Bearer x"), Body: modi.Bytes(body)}
			c.in.Pattern, c.in.Audience = modi.PatternIntegrityREST01, moditest.Audience
			made, err := rest.SignIntegrity(&m, c.in, stamp(), signer(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Header.Get("Digest"); got != c.digest {
				t.Errorf("Digest %q, want %q", got, c.digest)
			}
			v := integrity01(t)
			c.verify(&v)
			proof, err := v.Verify(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			proof.Organization = ""
			if diff := cmp.Diff(made, proof); diff != "" {
				t.Errorf("made and verified differ:\n%s", diff)
			}
		})
	}
}

func hexDigest(t testing.TB, header string) string {
	t.Helper()
	sum, err := modi.Bytes(body).Digest(crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(header, "=")
	return name + "=" + hex.EncodeToString(sum)
}

func TestSignIntegrityRefusesWhatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		in  rest.IntegrityInput
		key token.SigningKey
	}{
		"unknown pattern":            {rest.IntegrityInput{Pattern: modi.PatternVoucher, Issuer: "i", Audience: "a"}, clientKey(t)},
		"02 without issuer":          {rest.IntegrityInput{Audience: "a"}, clientKey(t)},
		"01 without audience":        {rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01}, signer(t)},
		"01 without certificate":     {rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Audience: "a"}, clientKey(t)},
		"02 with certificate":        {rest.IntegrityInput{Issuer: "i", Audience: "a", References: []token.Reference{token.X5C}}, clientKey(t)},
		"PDND's reply with audience": {rest.IntegrityInput{Pattern: modi.PatternPDNDResponse, Issuer: "i", Audience: "a"}, clientKey(t)},
		"PDND's reply, no issuer":    {rest.IntegrityInput{Pattern: modi.PatternPDNDResponse}, clientKey(t)},
		"header that is none":        {rest.IntegrityInput{Issuer: "i", Audience: "a", HeaderName: "a b"}, clientKey(t)},
		"header that signs itself":   {rest.IntegrityInput{Issuer: "i", Audience: "a", HeaderName: "X-Sig", SignedHeaders: []string{"x-sig"}}, clientKey(t)},
		"weak digest":                {rest.IntegrityInput{Issuer: "i", Audience: "a", Digest: crypto.SHA1}, clientKey(t)},
	} {
		t.Run(name, func(t *testing.T) {
			m := rest.Message{Header: headers("Content-Type", typeJSON), Body: modi.Bytes(body)}
			before := m.Header.Clone()
			_, err := rest.SignIntegrity(&m, c.in, stamp(), c.key)
			if diff := cmp.Diff(before, m.Header); err == nil || diff != "" {
				t.Errorf("error %v, header (-before +after):\n%s", err, diff)
			}
		})
	}
}

// A certified message, with the token of these claims.
func certifiedMessage(t testing.TB, claims map[string]any, content string, other http.Header) rest.Message {
	t.Helper()
	h := other.Clone()
	h.Set(rest.HeaderSignature, certify(t, claims, moditest.RSA(t, 0)))
	return rest.Message{Header: h, Body: modi.Bytes(content)}
}

func TestIntegrity01Refusals(t *testing.T) {
	plain := headers("Content-Type", typeJSON, "Digest", digest256(body))
	more := headers("Content-Type", typeJSON, "Digest", digest256(body), "X-Pratica", "1")
	for name, c := range map[string]struct {
		claims map[string]any
		header http.Header
		set    func(*rest.IntegrityVerifier)
		rules  []modi.RuleID
	}{
		"good":                        {goodIntegrity(), plain, nil, nil},
		"no jti":                      {moditest.With(goodIntegrity(), "jti", nil), plain, nil, nil},
		"no jti beside 02":            {moditest.With(goodIntegrity(), "jti", nil), plain, func(v *rest.IntegrityVerifier) { v.RequireJTI = true }, []modi.RuleID{modi.IntegrityJTIMissing}},
		"no iss":                      {moditest.With(goodIntegrity(), "iss", nil, "sub", nil), plain, nil, nil},
		"iss of another":              {goodIntegrity(), plain, func(v *rest.IntegrityVerifier) { v.Issuer = "c_x009" }, []modi.RuleID{modi.IntegrityIssuerMismatch}},
		"another organisation":        {goodIntegrity(), plain, func(v *rest.IntegrityVerifier) { v.Organization = "00000000000" }, []modi.RuleID{modi.IntegrityOwnerMismatch}},
		"header agreed, not signed":   {goodIntegrity(), more, func(v *rest.IntegrityVerifier) { v.MustSign = []string{"X-Pratica"} }, []modi.RuleID{modi.IntegrityHeaderNotSigned}},
		"header agreed, not there":    {goodIntegrity(), plain, func(v *rest.IntegrityVerifier) { v.MustSign = []string{"X-Pratica"} }, nil},
		"algorithm not agreed":        {goodIntegrity(), plain, func(v *rest.IntegrityVerifier) { v.Algorithms = []token.Algorithm{token.ES256} }, []modi.RuleID{modi.IntegrityAlgorithmNotAllowed}},
		"thumbprint wanted":           {goodIntegrity(), plain, func(v *rest.IntegrityVerifier) { v.References = []token.Reference{token.X5TS256} }, []modi.RuleID{modi.IntegrityReferenceNotAllowed}},
		"another typ agreed":          {goodIntegrity(), plain, func(v *rest.IntegrityVerifier) { v.Types = []string{"modi+jwt"} }, []modi.RuleID{modi.IntegrityTypeMismatch}},
		"by kid where 02 is expected": {goodIntegrity(), plain, func(v *rest.IntegrityVerifier) { v.Pattern = "" }, []modi.RuleID{modi.IntegrityHeaderNotAllowed}},
		"revoked": {goodIntegrity(), plain, func(v *rest.IntegrityVerifier) {
			v.Certificates = moditest.Certificates{Down: &modi.CertificateRefused{Fault: modi.FaultCertificateRevoked, Expected: "a certificate in force", Found: "a revoked one"}}
		}, []modi.RuleID{modi.IntegrityCertificateRevoked}},
		"header not the one agreed": {goodIntegrity(), plain, func(v *rest.IntegrityVerifier) { v.HeaderName = "Custom-JWT-Signature" }, []modi.RuleID{modi.IntegrityTokenMissing}},
	} {
		t.Run(name, func(t *testing.T) {
			v := integrity01(t)
			if c.set != nil {
				c.set(&v)
			}
			_, err := v.Verify(t.Context(), certifiedMessage(t, c.claims, body, c.header))
			moditest.WantRules(t, err, c.rules...)
			for _, violation := range violations(err) {
				if want := v.Pattern; want != "" && violation.Pattern != want {
					t.Errorf("pattern %s, want %s", violation.Pattern, want)
				}
			}
		})
	}
}

func violations(err error) []modi.Violation {
	var refusal *modi.Refusal
	if errors.As(err, &refusal) {
		return refusal.Violations
	}
	return nil
}

func TestReplyConfirmsTheRequest(t *testing.T) {
	m := rest.Message{Header: headers("Content-Type", typeJSON), Body: modi.Bytes(body)}
	in := rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Audience: moditest.Audience, RequestDigest: digest256("sent")}
	made, err := rest.SignIntegrity(&m, in, stamp(), signer(t))
	if err != nil {
		t.Fatal(err)
	}
	v := integrity01(t)
	for want, rules := range map[string][]modi.RuleID{
		"": nil, digest256("sent"): nil, digest256("other"): {modi.IntegrityRequestDigestMismatch},
	} {
		v.RequestDigest = want
		proof, err := v.Verify(t.Context(), m)
		moditest.WantRules(t, err, rules...)
		if err == nil && proof.RequestDigest != made.RequestDigest {
			t.Errorf("request_digest %q", proof.RequestDigest)
		}
	}
	plain := certifiedMessage(t, goodIntegrity(), body, headers("Content-Type", typeJSON, "Digest", digest256(body)))
	v.RequestDigest = digest256("sent")
	_, err = v.Verify(t.Context(), plain)
	moditest.WantRules(t, err, modi.IntegrityRequestDigestMissing)
}

// The replies of PDND's own API have their own profile.
func TestPDNDReply(t *testing.T) {
	const issuer = "https://api.uat.interop.pagopa.it"
	key := clientKey(t)
	key.KID = moditest.PlatformKID
	m := rest.Message{Header: headers("Content-Type", typeJSON, "X-Correlation-ID", "c0ffee"), Body: modi.Bytes(body)}
	in := rest.IntegrityInput{Pattern: modi.PatternPDNDResponse, Issuer: issuer, SignedHeaders: []string{"X-Correlation-ID"}}
	made, err := rest.SignIntegrity(&m, in, stamp(), key)
	if err != nil {
		t.Fatal(err)
	}
	v := rest.IntegrityVerifier{
		Pattern: modi.PatternPDNDResponse, Issuer: issuer, MustSign: []string{"X-Correlation-ID"},
		Keys: moditest.Only(moditest.PlatformKID, "", key.Signer.Public()), Clock: moditest.Clock, Times: modi.PartyTimes(),
	}
	proof, err := v.Verify(t.Context(), m)
	if diff := cmp.Diff(made, proof); err != nil || diff != "" {
		t.Errorf("error %v; made and verified differ:\n%s", err, diff)
	}
	now := moditest.Now().Unix()
	good := map[string]any{
		"jti": "1", "iss": issuer, "iat": now, "exp": now + 100,
		"signed_headers": list("digest", digest256(body), "x-correlation-id", "c0ffee", "content-type", typeJSON),
	}
	const head = `{"alg":"RS256","kid":"` + moditest.PlatformKID + `","typ":"at+jwt","use":"sig"}`
	for name, c := range map[string]struct {
		header string
		claims map[string]any
		rules  []modi.RuleID
	}{
		"good":            {head, good, nil},
		"aud":             {head, moditest.With(good, "aud", "x"), []modi.RuleID{modi.IntegrityClaimNotAllowed}},
		"sub and nbf":     {head, moditest.With(good, "sub", "x", "nbf", now), []modi.RuleID{modi.IntegrityClaimNotAllowed, modi.IntegrityClaimNotAllowed}},
		"no iss":          {head, moditest.With(good, "iss", nil), []modi.RuleID{modi.IntegrityIssuerMissing}},
		"production":      {head, moditest.With(good, "iss", "https://api.interop.pagopa.it"), []modi.RuleID{modi.IntegrityIssuerMismatch}},
		"no jti":          {head, moditest.With(good, "jti", nil), []modi.RuleID{modi.IntegrityJTIMissing}},
		"a party's typ":   {strings.Replace(head, "at+jwt", "JWT", 1), good, []modi.RuleID{modi.IntegrityTypeMismatch}},
		"ES256":           {strings.Replace(head, "RS256", "ES256", 1), good, []modi.RuleID{modi.IntegrityAlgorithmNotAllowed}},
		"correlation id":  {head, moditest.With(good, "signed_headers", list("digest", digest256(body), "content-type", typeJSON)), []modi.RuleID{modi.IntegrityHeaderNotSigned}},
		"signed by other": {strings.Replace(head, "f2\"", "f9\"", 1), good, []modi.RuleID{modi.IntegrityKeyUnknown}},
	} {
		t.Run(name, func(t *testing.T) {
			h := m.Header.Clone()
			h.Set(rest.HeaderSignature, moditest.Forge(t, c.header, moditest.JSON(t, c.claims), moditest.RSA(t, 0)))
			_, err := v.Verify(t.Context(), rest.Message{Header: h, Body: modi.Bytes(body)})
			if name == "sub and nbf" {
				if got := violations(err); len(got) != 2 || got[0].Rule != modi.IntegrityClaimNotAllowed || got[1].Rule != got[0].Rule {
					t.Errorf("violations %+v", got)
				}
				return
			}
			moditest.WantRules(t, err, c.rules...)
		})
	}
	v.Owner = moditest.ClientID
	for id, rules := range map[any][]modi.RuleID{
		nil: nil, moditest.ClientID: nil, moditest.ConsumerID: {modi.IntegrityAudienceMismatch}, 7: {modi.IntegrityAudienceMismatch}, "": {modi.IntegrityAudienceMismatch},
	} {
		h := m.Header.Clone()
		h.Set(rest.HeaderSignature, moditest.Forge(t, head, moditest.JSON(t, moditest.With(good, "client_id", id)), moditest.RSA(t, 0)))
		_, err := v.Verify(t.Context(), rest.Message{Header: h, Body: modi.Bytes(body)})
		moditest.WantRules(t, err, rules...)
	}
	v.Issuer = ""
	_, err = v.Verify(t.Context(), m)
	if !errors.Is(err, modi.ErrUndecided) {
		t.Errorf("no issuer: %v", err)
	}
}

func TestEmptyPayloadModes(t *testing.T) {
	for name, want := range map[string][2]bool{
		"payload": {false, false}, "always": {true, true}, "any-reply": {false, true}, "any-request": {true, false},
	} {
		mode, err := rest.ParseEmptyPayload(name)
		if err != nil || mode.Requires(rest.Request) != want[0] || mode.Requires(rest.Reply) != want[1] {
			t.Errorf("%s: %v on a request, %v on a reply, %v", name, mode.Requires(rest.Request), mode.Requires(rest.Reply), err)
		}
	}
	_, err := rest.ParseEmptyPayload("never")
	if err == nil || rest.EmptyPayload(99).Requires(rest.Request) {
		t.Error("an unknown mode was taken")
	}
}
