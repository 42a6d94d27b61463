// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// prove verifies the patterns of the operation over the bytes received. Every key must belong to the client of the
// voucher, every certificate to its organisation. The integrity token is due when there is a body and verified whenever
// it is there; the tracking evidence is due when the operation asks for it, and also when the voucher says that one was
// bound to it. Both are verified before either is told, so that the caller mends its request once.
func (i *In) prove(ctx context.Context, x *serving) error {
	if !x.terms.byVoucher() {
		return i.proveByCertificate(ctx, x)
	}
	e := x.exposed
	keys := i.ConsumerKeys(e.ente.CodiceIPA, e.binding.Environment, x.voucher.ClientID)
	var integrity, audit error
	if x.terms.Integrity != "" {
		x.integrity, integrity = i.integrityVerifier(x, keys).Verify(ctx, x.message())
		if integrity == nil {
			integrity = x.ownCertificate()
		}
	}
	if x.terms.Audit != "" || x.voucher.Digest != nil {
		x.audit, audit = i.verifyAudit(ctx, x, keys)
	}
	return together(integrity, audit)
}

// integrityVerifier checks INTEGRITY_REST_02 with the keys of the voucher's client, or INTEGRITY_REST_01 with the
// certificates of the exposure.
func (i *In) integrityVerifier(x *serving, keys modi.KeyResolver) rest.IntegrityVerifier {
	v := rest.IntegrityVerifier{
		Pattern: x.terms.Integrity, Audience: x.exposed.binding.Audience, Clock: i.judging(x), Times: modi.PartyTimes(),
		Lenient: x.exposed.lenient,
	}
	if v.Pattern == modi.PatternIntegrityREST01 {
		v.Certificates = x.exposed.certificates
		return v
	}
	v.Keys, v.Owner = keys, x.voucher.ClientID
	return v
}

func (x *serving) message() rest.Message {
	return rest.Message{Header: x.in.Header, Host: x.in.Host, Body: x.body(), HeadOnly: x.ahead}
}

// together joins what the verifiers said, in their order: every "no" in one refusal. A "don't know" is told only where
// there is no "no": trying again would not help. Each verifier tells nothing of claims whose own signature failed.
func together(verdicts ...error) error {
	var broken []modi.Violation
	var undecided error
	for _, err := range verdicts {
		var refusal *modi.Refusal
		switch {
		case errors.As(err, &refusal):
			broken = append(broken, refusal.Violations...)
		case undecided == nil:
			undecided = err
		}
	}
	if len(broken) > 0 {
		return modi.Refuse(broken...)
	}
	return undecided
}
