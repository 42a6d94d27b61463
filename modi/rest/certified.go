// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"context"
	"fmt"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/token"
)

// form is what an e-service fixes about the form of one kind of token.
type form struct {
	pattern    modi.Pattern
	references []token.Reference
	algorithms []token.Algorithm
	types      []string
	lenient    modi.Lenient
}

// apply returns the kind with all that is set.
func (s form) apply(k token.Kind, certified bool) token.Kind {
	k = k.WithPattern(s.pattern).WithTypes(s.types...).WithLenient(s.lenient)
	if len(s.algorithms) > 0 {
		k = k.WithAlgorithms(s.algorithms...)
	}
	if certified {
		k = k.WithCertificates(s.references...)
	}
	return k
}

// idAuthKind is the kind of ID_AUTH_REST_01 or 02; the zero pattern is 01.
func idAuthKind(s form) (token.Kind, error) {
	switch s.pattern {
	case "":
		s.pattern = modi.PatternIDAuthREST01
	case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
	default:
		return token.Kind{}, fmt.Errorf("pattern %q is not ID_AUTH_REST_01 or 02", s.pattern)
	}
	return s.apply(token.IDAuth(), true), nil
}

// integrityKind is the kind of INTEGRITY_REST_01 or 02, or of PDND's replies; the zero
// pattern is 02.
func integrityKind(s form) (token.Kind, error) {
	switch s.pattern {
	case "", modi.PatternIntegrityREST02:
		s.pattern = modi.PatternIntegrityREST02
		return s.apply(token.Integrity(), false), nil
	case modi.PatternIntegrityREST01:
		return s.apply(token.Integrity(), true), nil
	case modi.PatternPDNDResponse:
		return s.apply(token.PDNDResponse(), false), nil
	default:
		return token.Kind{}, fmt.Errorf("pattern %q is not INTEGRITY_REST_01 or 02 or %s", s.pattern, modi.PatternPDNDResponse)
	}
}

// auditKind is the kind of AUDIT_REST_01 or 02; the zero pattern is 02. certified says
// that a certificate names the key.
func auditKind(s form, certified bool) (token.Kind, error) {
	switch s.pattern {
	case "":
		s.pattern = modi.PatternAuditREST02
	case modi.PatternAuditREST01, modi.PatternAuditREST02:
	default:
		return token.Kind{}, fmt.Errorf("pattern %q is not AUDIT_REST_01 or 02", s.pattern)
	}
	return s.apply(token.Audit(), certified), nil
}

// open verifies the signature of a token with the key that it names, by kid or by
// certificate.
func open(ctx context.Context, compact string, kind token.Kind, keys modi.KeyResolver, certificates modi.CertificateResolver) (*check.Opened, error) {
	if kind.Certified() {
		return check.OpenCertified(ctx, compact, kind, certificates)
	}
	return check.Open(ctx, compact, kind, keys)
}
