// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"errors"
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// Whether a voucher must be bound to a key of the caller (REST_JWS_2021_POP).
const (
	DPoPNo       = "no"
	DPoPOptional = "optional"
	DPoPRequired = "required"
)

// The formats of what an exposed e-service refuses.
const (
	RefusalsProblem = "problem" // RFC 9457, with the rule
	RefusalsSUAP    = "suap"    // {code, message} of the SUAP specifications; every answer is signed
)

// ExposureTerms are the proofs that one operation of an exposed e-service asks for and gives. A pattern that is empty is
// not part of them.
type ExposureTerms struct {
	// Identity is who says who calls: PDND_VOUCHER, ID_AUTH_REST_01 or ID_AUTH_REST_02, or INTEGRITY_REST_01 where the
	// signature alone does, which is then due without a body too.
	Identity  modi.Pattern
	Integrity modi.Pattern // INTEGRITY_REST_01 or 02
	Audit     modi.Pattern // AUDIT_REST_01 or 02
	DPoP      string       // DPoPNo, DPoPOptional or DPoPRequired

	Answer         modi.Pattern // INTEGRITY_REST_01 or 02 on what is answered
	AnswerIdentity modi.Pattern // ID_AUTH_REST_01 or 02 on what is answered
}

// ByCertificate tells whether a caller's key is named by a certificate, so that a trust store has to judge it.
func (t ExposureTerms) ByCertificate() bool {
	return t.Identity != modi.PatternVoucher || t.Integrity == modi.PatternIntegrityREST01
}

// AnswersByCertificate tells whether the key that signs answers needs a certificate.
func (t ExposureTerms) AnswersByCertificate() bool {
	return t.Answer == modi.PatternIntegrityREST01 || t.AnswerIdentity != ""
}

// RequestPatterns are those that the request of an exposed operation may be asked to carry.
func exposureRequestPatterns() []modi.Pattern {
	return []modi.Pattern{
		modi.PatternVoucher, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02, modi.PatternIntegrityREST01,
		modi.PatternIntegrityREST02, modi.PatternAuditREST01, modi.PatternAuditREST02,
	}
}

func exposureResponsePatterns() []modi.Pattern {
	return []modi.Pattern{
		modi.PatternIntegrityREST02, modi.PatternIntegrityREST01, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02,
	}
}

// Terms completes what an operation asks with what its e-service does; an id that Operations does not have is the
// e-service's. The voucher is part of them unless a pattern is named that takes the identity from a certificate; beside
// INTEGRITY_REST_01 it is named. The error says why patterns do not go together (guideline, combinations).
func (e *Exposure) Terms(operation string) (ExposureTerms, error) {
	patterns, dpop := e.Patterns, e.DPoP
	if o, ok := e.Operations[operation]; ok {
		if o.Patterns != nil {
			patterns = *o.Patterns
		}
		if o.DPoP != "" {
			dpop = o.DPoP
		}
	}
	return termsOf(patterns, dpop)
}

func termsOf(p RecipePatterns, dpop string) (ExposureTerms, error) {
	if dpop == "" {
		dpop = DPoPNo
	}
	request := slices.Clone(p.Request)
	one := func(list []modi.Pattern, among ...modi.Pattern) modi.Pattern {
		i := slices.IndexFunc(list, func(p modi.Pattern) bool { return slices.Contains(among, p) })
		if i < 0 {
			return ""
		}
		return list[i]
	}
	t := ExposureTerms{
		DPoP:           dpop,
		Identity:       one(request, modi.PatternVoucher, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02),
		Integrity:      one(request, modi.PatternIntegrityREST01, modi.PatternIntegrityREST02),
		Audit:          one(request, modi.PatternAuditREST01, modi.PatternAuditREST02),
		Answer:         one(p.Response, modi.PatternIntegrityREST01, modi.PatternIntegrityREST02),
		AnswerIdentity: one(p.Response, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02),
	}
	switch {
	case t.Identity != "":
	case t.Integrity == modi.PatternIntegrityREST01:
		t.Identity = modi.PatternIntegrityREST01
	default:
		t.Identity = modi.PatternVoucher
		request = append(request, modi.PatternVoucher)
	}
	if dpop != DPoPNo {
		request = append(request, modi.PatternDPoP)
	}
	if _, err := rest.Combine(rest.REST, request...); err != nil {
		return t, fmt.Errorf("request: %w", err)
	}
	return t, t.checkAnswer(p.Response)
}

// checkAnswer holds the patterns of an answer against each other: there is neither voucher nor evidence in it.
func (t ExposureTerms) checkAnswer(response []modi.Pattern) error {
	switch {
	case slices.Contains(response, modi.PatternIntegrityREST01) && slices.Contains(response, modi.PatternIntegrityREST02):
		return errors.New("response: INTEGRITY_REST_01 and INTEGRITY_REST_02 use the same header")
	case slices.Contains(response, modi.PatternIDAuthREST01) && slices.Contains(response, modi.PatternIDAuthREST02):
		return errors.New("response: more than one pattern of identity: all of them use Authorization")
	case t.AnswerIdentity != "" && t.Answer == modi.PatternIntegrityREST02:
		return fmt.Errorf("response: %s names the key by certificate, INTEGRITY_REST_02 by PDND", t.AnswerIdentity)
	}
	return nil
}
