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

// What kinds are made of; never written to.
var (
	all                = []Algorithm{RS256, RS384, RS512, ES256, ES384, ES512}
	partyMembers       = []string{"alg", "kid", "typ"}
	platformMembers    = []string{"alg", "kid", "typ", "use"}
	certificateMembers = []string{"alg", "kid", "typ", "x5c", "x5t#S256", "x5u"}
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
	exactJWK   bool // jwk must have the members of a public key and no others
	platform   bool // the key is one of PDND's own
	otherTypes []string
	references []Reference // how the key may be named; nil: by kid or jwk
	lenient    modi.Lenient
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
		algorithms: all[:1],
		members:    platformMembers,
		platform:   true,
		validKID:   validPlatformKID,
		kidForm:    "1 to 128 letters, digits, dots, dashes or underscores",
	}
}

// Integrity is the Agid-JWT-Signature of INTEGRITY_REST_02, of a request or a reply; that of
// 01 by WithPattern and WithCertificates.
func Integrity() Kind {
	return partyKind(modi.AreaIntegrity, modi.PatternIntegrityREST02, "JWT", all...)
}

// IDAuth is the token of ID_AUTH_REST_01 and 02 that the sender signs with the key of a
// certificate.
func IDAuth() Kind {
	k := partyKind(modi.AreaIDAuth, modi.PatternIDAuthREST01, "JWT", all...)
	return k.WithCertificates()
}

// PDNDResponse is the Agid-JWT-Signature of the replies of PDND's own API, version 3: typ
// at+jwt although it is no access token, and a kid of PDND's own.
func PDNDResponse() Kind {
	k := Voucher()
	k.area, k.pattern = modi.AreaIntegrity, modi.PatternPDNDResponse
	return k
}

// Audit is the Agid-JWT-TrackingEvidence of AUDIT_REST_02; that of 01 by WithPattern.
func Audit() Kind {
	return partyKind(modi.AreaAudit, modi.PatternAuditREST02, "JWT", all...)
}

// Provenance is the statement that the hub signs with the ente seal.
func Provenance() Kind {
	return partyKind(modi.AreaProvenance, modi.PatternProvenance, "snodo-provenance+jwt", ES256)
}

// DPoPProof is the proof of possession of RFC 9449 as PDND admits it at its token
// endpoint: it carries its key, so it has no kid; RS256 or ES256; jwk with exactly the
// members of a public key.
func DPoPProof() Kind {
	return Kind{
		area:       modi.AreaDPoP,
		pattern:    modi.PatternDPoP,
		typ:        "dpop+jwt",
		algorithms: []Algorithm{RS256, ES256},
		members:    []string{"alg", "jwk", "typ"},
		exactJWK:   true,
	}
}

// DPoPResourceProof is the same proof as an e-service reads it: RFC 9449 §4.3 lets jwk
// hold more public members, such as kid, use or an alg equal to the header's.
func DPoPResourceProof() Kind {
	k := DPoPProof()
	k.exactJWK = false
	return k
}

// WithPattern returns the kind under another pattern of its area, such as
// INTEGRITY_REST_01 for Integrity. Violations name it.
func (k Kind) WithPattern(p modi.Pattern) Kind {
	k.pattern = p
	return k
}

// WithAlgorithms returns the kind with these algorithms alone.
func (k Kind) WithAlgorithms(algorithms ...Algorithm) Kind {
	k.algorithms = algorithms
	return k
}

// WithTypes returns the kind with these values of typ: the first is written, all are
// read.
func (k Kind) WithTypes(types ...string) Kind {
	if len(types) > 0 {
		k.typ, k.otherTypes = types[0], types[1:]
	}
	return k
}

// WithLenient returns the kind with these leniencies. Those of the form of a token
// (modi.LenientX5CNewlines, modi.LenientTypeAny) act here, the others in the verifiers.
func (k Kind) WithLenient(l modi.Lenient) Kind {
	k.lenient = l
	return k
}

// Pattern returns the pattern that violations of this kind name.
func (k Kind) Pattern() modi.Pattern { return k.pattern }

// Platform tells whether the key is one of PDND's own, whose kid is no thumbprint.
func (k Kind) Platform() bool { return k.platform }

// Certified tells whether the key is named by a certificate.
func (k Kind) Certified() bool { return k.references != nil }

// Lenient returns the leniencies of WithLenient.
func (k Kind) Lenient() modi.Lenient { return k.lenient }

// partyKind is a token signed by a party with a key whose kid is its thumbprint.
func partyKind(area modi.Area, pattern modi.Pattern, typ string, algorithms ...Algorithm) Kind {
	return Kind{
		area:       area,
		pattern:    pattern,
		typ:        typ,
		algorithms: algorithms,
		members:    partyMembers,
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

// admitsType tells whether a token of this kind may have this typ.
func (k Kind) admitsType(typ string) bool {
	if sameType(typ, k.typ) {
		return true
	}
	same := func(t string) bool { return sameType(typ, t) }
	if slices.ContainsFunc(k.otherTypes, same) {
		return true
	}
	return k.lenient.Allows(modi.LenientTypeAny) && !namesKind(typ)
}

// namesKind tells whether a typ tells a kind of token apart, ours or another's, as RFC
// 8725 §3.11 wants it to: such a typ is never let in where it is not that of the kind.
func namesKind(typ string) bool {
	const prefix, suffix = "application/", "+jwt"
	if len(typ) > len(prefix) && sameType(typ[:len(prefix)], prefix) {
		typ = typ[len(prefix):]
	}
	return len(typ) >= len(suffix) && sameType(typ[len(typ)-len(suffix):], suffix)
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
