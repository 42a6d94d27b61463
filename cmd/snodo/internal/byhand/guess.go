// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// guess tells which pattern a token looks like, by the header that holds it and by what
// only tokens of that pattern have. It is empty when nothing tells.
func guess(where string, p parts) modi.Pattern {
	certificate := has(p.head, "x5c", "x5t#S256", "x5u")
	first, second := modi.PatternIDAuthREST01, modi.PatternIDAuthREST02
	typ := strings.ToLower(str(p.head, "typ"))
	switch {
	case where == dpop.HeaderProof, typ == "dpop+jwt", has(p.head, "jwk") && has(p.body, "htm", "htu"):
		return modi.PatternDPoP
	case where == rest.HeaderTrackingEvidence, has(p.body, "userID", "userLocation", "dnonce"):
		if has(p.body, "dnonce") {
			return modi.PatternAuditREST02
		}
		return modi.PatternAuditREST01
	case has(p.body, "signed_headers"), where == rest.HeaderSignature:
		switch {
		case typ == "at+jwt":
			return modi.PatternPDNDResponse
		case certificate:
			return modi.PatternIntegrityREST01
		default:
			return modi.PatternIntegrityREST02
		}
	case typ == "at+jwt", has(p.body, "producerId", "eserviceId", "descriptorId", "organizationId"):
		return modi.PatternVoucher
	case assertion(p):
		return modi.PatternClientAssertion
	case certificate && has(p.body, "jti"):
		return second
	case certificate:
		return first
	default:
		return ""
	}
}

// assertion tells a client assertion by its audience, or by being about its own issuer.
func assertion(p parts) bool {
	for _, a := range audience(p.body) {
		if strings.HasSuffix(strings.TrimRight(a, "/"), "client-assertion") {
			return true
		}
	}
	return str(p.body, "iss") != "" && str(p.body, "iss") == str(p.body, "sub") && has(p.body, "purposeId")
}

// kindOf is the form that a verifier wants of a token of a pattern.
func kindOf(p modi.Pattern) (token.Kind, bool) {
	every := []token.Reference{token.X5C, token.X5TS256, token.X5U}
	switch p {
	case modi.PatternVoucher:
		return token.Voucher(), true
	case modi.PatternClientAssertion:
		return token.ClientAssertion(), true
	case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
		return token.IDAuth().WithPattern(p).WithCertificates(every...), true
	case modi.PatternIntegrityREST01:
		return token.Integrity().WithPattern(p).WithCertificates(every...), true
	case modi.PatternIntegrityREST02:
		return token.Integrity(), true
	case modi.PatternAuditREST01, modi.PatternAuditREST02:
		return token.Audit().WithPattern(p), true
	case modi.PatternPDNDResponse:
		return token.PDNDResponse(), true
	case modi.PatternDPoP:
		return token.DPoPResourceProof(), true
	default:
		return token.Kind{}, false
	}
}

// claimsOf are the claims whose name a token of a pattern must spell right.
func claimsOf(p modi.Pattern) []string {
	common := []string{"iss", "aud", "iat", "exp", "jti"}
	switch p {
	case modi.PatternVoucher:
		return append(common, "nbf", "sub", "client_id", "purposeId", "producerId", "consumerId", "eserviceId", "descriptorId")
	case modi.PatternClientAssertion:
		return append(common, "sub", "purposeId")
	case modi.PatternIDAuthREST01:
		return []string{"aud", "iat", "exp"}
	case modi.PatternIDAuthREST02:
		return []string{"aud", "iat", "exp", "jti"}
	case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02:
		return []string{"aud", "iat", "exp", "jti", "signed_headers"}
	case modi.PatternPDNDResponse:
		return []string{"iss", "iat", "exp", "jti", "signed_headers"}
	case modi.PatternAuditREST01, modi.PatternAuditREST02:
		return append(common, "purposeId", "userID", "userLocation", "LoA", "dnonce")
	case modi.PatternDPoP:
		return []string{"htm", "htu", "iat", "jti", "ath"}
	default:
		return nil
	}
}

// typeOf is the typ that a token of a pattern must have.
func typeOf(p modi.Pattern) string {
	switch p {
	case modi.PatternVoucher, modi.PatternPDNDResponse:
		return "at+jwt"
	case modi.PatternDPoP:
		return "dpop+jwt"
	default:
		return "JWT"
	}
}
