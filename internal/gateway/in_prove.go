// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// prove verifies the patterns of the exposure over the bytes received. Every key must belong to the client of the
// voucher. INTEGRITY_REST_02 is due when there is a body and verified whenever it is there; AUDIT_REST_02 is due when
// the exposure asks for it, and also when the voucher says that an evidence was bound to it. Both are verified before
// either is told, so that the caller mends its request once.
func (i *In) prove(ctx context.Context, x *serving) error {
	e := x.exposed
	keys := i.ConsumerKeys(e.ente.CodiceIPA, e.binding.Environment, x.voucher.ClientID)
	var integrity, audit error
	if e.integrity {
		x.integrity, integrity = rest.IntegrityVerifier{
			Audience: e.binding.Audience, Owner: x.voucher.ClientID, Keys: keys, Clock: i.Clock, Times: modi.PartyTimes(),
			Lenient: e.lenient,
		}.Verify(ctx, rest.Message{Header: x.in.Header, Host: x.in.Host, Body: modi.Bytes(x.in.Body)})
	}
	if e.audit || x.voucher.Digest != nil {
		x.audit, audit = i.verifyAudit(ctx, x, keys)
	}
	return together(integrity, audit)
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
