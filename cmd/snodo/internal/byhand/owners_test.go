// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand_test

import (
	"slices"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// A signature that verifies says that a key signed: whose key it is, is told to be unchecked
// wherever no option says whose it should be.
func TestTellsThatTheOwnerOfAKeyWasNotChecked(t *testing.T) {
	cert, store := certified(t)
	withCertificate := func(s *byhand.Signing, v *byhand.Verification) {
		s.References, v.Certificates = []token.Reference{token.X5C}, store
	}
	for name, c := range map[string]struct {
		key     token.SigningKey
		pattern modi.Pattern
		change  func(*byhand.Signing, *byhand.Verification)
		option  string // that would have it checked; empty: it was
	}{
		"client given":       {client(t), modi.PatternIntegrityREST02, nil, ""},
		"no client":          {client(t), modi.PatternIntegrityREST02, func(_ *byhand.Signing, v *byhand.Verification) { v.ClientID = "" }, "--client-id"},
		"evidence, client":   {client(t), modi.PatternAuditREST01, nil, ""},
		"evidence, none":     {client(t), modi.PatternAuditREST01, func(_ *byhand.Signing, v *byhand.Verification) { v.ClientID = "" }, "--client-id"},
		"organisation given": {cert, modi.PatternIntegrityREST01, func(s *byhand.Signing, v *byhand.Verification) { withCertificate(s, v); v.Organization = "00918273640" }, ""},
		"no organisation":    {cert, modi.PatternIntegrityREST01, withCertificate, "--organization"},
		"identity":           {cert, modi.PatternIDAuthREST02, withCertificate, "--organization"},
		"evidence, certificate": {cert, modi.PatternAuditREST01, func(s *byhand.Signing, v *byhand.Verification) {
			withCertificate(s, v)
			v.PurposeID = purposeID
		}, "--organization"},
	} {
		t.Run(name, func(t *testing.T) {
			s, v := signing(c.key, c.pattern), verification(keysOf(t, clientID, newRSA(t).Public()), c.pattern)
			v.PurposeID = purposeID
			if c.change != nil {
				c.change(&s, &v)
			}
			verdict := verify(t, sign(t, requestHead+"\r\n"+body, s), v)
			if !verdict.Accepted {
				t.Fatalf("%+v", verdict.Violations)
			}
			told := slices.ContainsFunc(verdict.Unchecked, func(x modi.Text) bool {
				return contains(x, "--client-id") || contains(x, "--organization")
			})
			right := slices.ContainsFunc(verdict.Unchecked, func(x modi.Text) bool { return contains(x, c.option) })
			if told != (c.option != "") || told && !right {
				t.Errorf("told %+v, want %q", verdict.Unchecked, c.option)
			}
		})
	}
}

// A reply of PDND without a token, or with one that says no issuer, is refused: that no
// --issuer was given does not leave it undecided.
func TestAReplyOfPDNDWithoutTokenIsRefused(t *testing.T) {
	v := byhand.Verification{Patterns: []modi.Pattern{modi.PatternPDNDResponse}, Reply: true, Clock: clock, Keys: keysOf(t, "", newRSA(t).Public())}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	claims := integrityClaims("SHA-256=" + sum(body))
	header := with(joseHeader(t), "typ", "at+jwt")
	for name, c := range map[string]struct {
		fields string
		rule   modi.RuleID
	}{
		"no token":  {"", modi.IntegrityTokenMissing},
		"no issuer": {"Agid-JWT-Signature: " + forge(t, header, with(claims, "iss", nil, "aud", nil, "sub", nil)) + "\r\nDigest: SHA-256=" + sum(body) + "\r\n", modi.IntegrityIssuerMissing},
	} {
		t.Run(name, func(t *testing.T) {
			verdict := verify(t, parse(t, head+c.fields+"\r\n"+body), v)
			if verdict.Accepted || !slices.ContainsFunc(verdict.Violations, func(x modi.Violation) bool { return x.Rule == c.rule }) {
				t.Errorf("%+v", verdict)
			}
		})
	}
}
