// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/modi"
)

// Technology is how an e-service speaks. The patterns of this package sign HTTP messages;
// some of their tokens travel with SOAP messages too.
type Technology string

// The technologies.
const (
	REST Technology = "REST"
	SOAP Technology = "SOAP"
)

// Piece is one token that a message carries.
type Piece struct {
	Pattern  modi.Pattern
	Header   string // HTTP header of the token
	Optional bool   // the parties may leave it out
}

// Combination is a set of patterns that go together, and what its messages carry. Digest
// goes with every Agid-JWT-Signature over a body.
type Combination struct {
	Technology     Technology
	Patterns       []modi.Pattern
	Request, Reply []Piece
}

// headerProof is the HTTP header of a DPoP proof.
const headerProof = "DPoP"

// Combinations returns the combinations of the guideline and of PDND, from the simplest
// on. Every pattern of identity that is written here as ID_AUTH_REST_01 may be 02.
func Combinations() []Combination {
	const (
		id    = modi.PatternIDAuthREST01
		whole = modi.PatternIntegrityREST01
		vouch = modi.PatternVoucher
		sign  = modi.PatternIntegrityREST02
		trace = modi.PatternAuditREST01
		bound = modi.PatternAuditREST02
		proof = modi.PatternDPoP
	)
	var out []Combination
	for _, patterns := range [][]modi.Pattern{
		{id},
		{whole},
		{id, whole},
		{id, trace},
		{whole, trace},
		{id, whole, trace},
		{vouch},
		{vouch, sign},
		{vouch, whole},
		{vouch, trace},
		{vouch, bound},
		{vouch, sign, trace},
		{vouch, sign, bound},
		{vouch, whole, trace},
		{vouch, whole, bound},
		{vouch, proof},
		{vouch, proof, sign},
		{vouch, proof, trace},
		{vouch, proof, bound},
		{vouch, proof, sign, trace},
		{vouch, proof, sign, bound},
		{vouch, proof, modi.PatternPDNDResponse},
	} {
		out = append(out, combination(REST, patterns))
	}
	for _, patterns := range [][]modi.Pattern{{vouch}, {vouch, trace}, {vouch, bound}} {
		out = append(out, combination(SOAP, patterns))
	}
	return out
}

// Combine tells whether patterns go together. The error says why they do not.
func Combine(t Technology, patterns ...modi.Pattern) (Combination, error) {
	if t != REST && t != SOAP {
		return Combination{}, fmt.Errorf("technology %q is neither REST nor SOAP", t)
	}
	if len(patterns) == 0 {
		return Combination{}, errors.New("no pattern")
	}
	for i, p := range patterns {
		if len(requestPieces(p))+len(replyPieces(p, nil)) == 0 {
			return Combination{}, fmt.Errorf("%s does not travel in a message of an e-service", p)
		}
		if slices.Contains(patterns[:i], p) {
			return Combination{}, fmt.Errorf("%s stands twice", p)
		}
	}
	for _, rule := range []func(Technology, set) error{soapRule, identityRule, integrityRule, auditRule, platformRule} {
		err := rule(t, patterns)
		if err != nil {
			return Combination{}, err
		}
	}
	return combination(t, patterns), nil
}

// set is a list of patterns asked about its members.
type set []modi.Pattern

func (s set) has(p modi.Pattern) bool { return slices.Contains(s, p) }

// count tells how many of these patterns are in the set.
func (s set) count(patterns ...modi.Pattern) int {
	n := 0
	for _, p := range patterns {
		if s.has(p) {
			n++
		}
	}
	return n
}

func soapRule(t Technology, s set) error {
	if t != SOAP {
		return nil
	}
	for _, p := range s {
		switch p {
		case modi.PatternVoucher, modi.PatternDPoP, modi.PatternAuditREST01, modi.PatternAuditREST02:
		default:
			return fmt.Errorf("%s is not for SOAP: WS-Security signs there", p)
		}
	}
	return nil
}

func identityRule(_ Technology, s set) error {
	switch {
	case s.count(modi.PatternIDAuthREST01, modi.PatternIDAuthREST02, modi.PatternVoucher) > 1:
		return errors.New("more than one pattern of identity: all of them use Authorization")
	case s.has(modi.PatternDPoP) && !s.has(modi.PatternVoucher):
		return fmt.Errorf("%s proves possession of the key of a voucher and needs one", modi.PatternDPoP)
	}
	return nil
}

func integrityRule(_ Technology, s set) error {
	switch {
	case s.count(modi.PatternIntegrityREST01, modi.PatternIntegrityREST02) > 1:
		return errors.New("INTEGRITY_REST_01 and INTEGRITY_REST_02 use the same header")
	case s.has(modi.PatternIntegrityREST02) && !s.has(modi.PatternVoucher):
		return errors.New("INTEGRITY_REST_02 takes the identity from a PDND voucher and needs one")
	}
	return nil
}

func auditRule(_ Technology, s set) error {
	identities := s.count(modi.PatternIDAuthREST01, modi.PatternIDAuthREST02, modi.PatternIntegrityREST01, modi.PatternVoucher)
	switch {
	case s.count(modi.PatternAuditREST01, modi.PatternAuditREST02) > 1:
		return errors.New("AUDIT_REST_01 and AUDIT_REST_02 use the same header")
	case s.has(modi.PatternAuditREST02) && !s.has(modi.PatternVoucher):
		return errors.New("AUDIT_REST_02 is bound to a PDND voucher and needs one")
	case s.has(modi.PatternAuditREST01) && identities == 0:
		return errors.New("AUDIT_REST_01 needs a pattern that says who calls")
	}
	return nil
}

func platformRule(_ Technology, s set) error {
	if s.has(modi.PatternPDNDResponse) && s.count(modi.PatternVoucher, modi.PatternDPoP) != len(s)-1 {
		return fmt.Errorf("%s goes with a voucher and a DPoP proof only", modi.PatternPDNDResponse)
	}
	return nil
}

// combination lists what the messages of patterns that go together carry.
func combination(t Technology, patterns []modi.Pattern) Combination {
	c := Combination{Technology: t, Patterns: slices.Clone(patterns)}
	for _, p := range patterns {
		c.Request = append(c.Request, requestPieces(p)...)
		c.Reply = append(c.Reply, replyPieces(p, patterns)...)
	}
	return c
}

func requestPieces(p modi.Pattern) []Piece {
	switch p {
	case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02, modi.PatternVoucher:
		return []Piece{{Pattern: p, Header: HeaderAuthorization}}
	case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02:
		return []Piece{{Pattern: p, Header: HeaderSignature}}
	case modi.PatternAuditREST01, modi.PatternAuditREST02:
		return []Piece{{Pattern: p, Header: HeaderTrackingEvidence}}
	case modi.PatternDPoP:
		return []Piece{{Pattern: p, Header: headerProof}}
	default:
		return nil
	}
}

// replyPieces are fewer: vouchers, proofs of possession and tracking evidence go one way.
// Beside a signature of the same certificate the reply's identity token says nothing new.
func replyPieces(p modi.Pattern, all set) []Piece {
	switch p {
	case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
		return []Piece{{Pattern: p, Header: HeaderAuthorization, Optional: all.has(modi.PatternIntegrityREST01)}}
	case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternPDNDResponse:
		return []Piece{{Pattern: p, Header: HeaderSignature}}
	default:
		return nil
	}
}
