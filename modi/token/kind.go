// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package token reads and writes the compact JWS of ModI and PDND: one Kind per token,
// with the header members, typ and algorithms that belong to it.
//
// The way in is Parse, then Verify, then Claims: a claim cannot be reached before the
// signature has verified. It also reads sets of JSON Web Keys. It depends on modi and
// on the sealed JOSE core, does no I/O and decides nothing about claims: that is for
// the packages voucher and rest. Everything in it is safe for concurrent use.
package token

import (
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// Algorithm is the name of a JWS signature algorithm (RFC 7518 §3.1).
type Algorithm string

// The algorithms of ModI. AgID lists HMAC too, but parties that share no secret cannot
// use it, and RFC 8725 §3.2 forbids the mix.
const (
	RS256 Algorithm = "RS256"
	RS384 Algorithm = "RS384"
	RS512 Algorithm = "RS512"
	ES256 Algorithm = "ES256"
	ES384 Algorithm = "ES384"
	ES512 Algorithm = "ES512"
)

// Kind is what distinguishes one kind of token from another. The zero Kind admits
// nothing.
type Kind struct {
	area       modi.Area
	pattern    modi.Pattern
	typ        string
	algorithms []Algorithm
	members    []string // header members admitted
	validKID   func(string) bool
	kidForm    string
}

// ClientAssertion is the token of RFC 7523 that asks PDND for a voucher: RS256 only,
// header exactly alg, kid, typ.
func ClientAssertion() Kind {
	return partyKind(modi.AreaAssertion, modi.PatternClientAssertion, "JWT", RS256)
}

// Voucher is the access token that PDND issues: RS256, typ at+jwt also when it is bound
// to a DPoP key, kid of PDND's own (not a thumbprint).
func Voucher() Kind {
	return Kind{
		area:       modi.AreaVoucher,
		pattern:    modi.PatternVoucher,
		typ:        "at+jwt",
		algorithms: []Algorithm{RS256},
		members:    []string{"alg", "kid", "typ", "use"},
		validKID:   validPlatformKID,
		kidForm:    "1 to 128 letters, digits, dots, dashes or underscores",
	}
}

// Integrity is the Agid-JWT-Signature of INTEGRITY_REST_02, of a request or a reply.
func Integrity() Kind {
	return partyKind(modi.AreaIntegrity, modi.PatternIntegrityREST02, "JWT", RS256, RS384, RS512, ES256, ES384, ES512)
}

// Audit is the Agid-JWT-TrackingEvidence of AUDIT_REST_02.
func Audit() Kind {
	return partyKind(modi.AreaAudit, modi.PatternAuditREST02, "JWT", RS256, RS384, RS512, ES256, ES384, ES512)
}

// Provenance is the statement that the hub signs with the ente seal.
func Provenance() Kind {
	return partyKind(modi.AreaProvenance, modi.PatternProvenance, "snodo-provenance+jwt", ES256)
}

// DPoPProof is the proof of possession of RFC 9449: it carries its key, so it has no
// kid. PDND admits RS256 and ES256.
func DPoPProof() Kind {
	return Kind{
		area:       modi.AreaDPoP,
		pattern:    modi.PatternDPoP,
		typ:        "dpop+jwt",
		algorithms: []Algorithm{RS256, ES256},
		members:    []string{"alg", "jwk", "typ"},
	}
}

// partyKind is a token signed by a party with a key whose kid is its thumbprint.
func partyKind(area modi.Area, pattern modi.Pattern, typ string, algorithms ...Algorithm) Kind {
	return Kind{
		area:       area,
		pattern:    pattern,
		typ:        typ,
		algorithms: algorithms,
		members:    []string{"alg", "kid", "typ"},
		validKID:   ValidKID,
		kidForm:    "43 base64url characters",
	}
}

// Violation builds a violation of this kind's area.
func (k Kind) Violation(f modi.Fault, expected, found string) modi.Violation {
	return modi.Violation{Rule: k.area.Rule(f), Pattern: k.pattern, Expected: expected, Found: found}
}

func (k Kind) embedsKey() bool { return slices.Contains(k.members, "jwk") }

func (k Kind) algorithmList() string {
	names := make([]string, len(k.algorithms))
	for i, a := range k.algorithms {
		names[i] = string(a)
	}
	return strings.Join(names, ", ")
}

// ValidKID tells whether s has the form of the kid that PDND gives to a party's key: an
// RFC 7638 SHA-256 thumbprint, 43 base64url characters. A kid of another form must not
// reach a URL or a cache.
func ValidKID(s string) bool {
	return len(s) == 43 && only(s, "-_")
}

func validPlatformKID(s string) bool {
	return s != "" && len(s) <= 128 && only(s, "-_.")
}

// only tells whether s has nothing but ASCII letters, digits and the bytes of extra.
func only(s, extra string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte(extra, c) >= 0:
		default:
			return false
		}
	}
	return true
}

// sameType compares media types as RFC 7515 §4.1.9 does: ASCII letters without regard
// to case.
func sameType(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
