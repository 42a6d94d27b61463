// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// admitCertificate verifies ID_AUTH_REST_01 or 02: the caller is the organisation that the certificate names, when it is
// one of those that may call.
func (i *In) admitCertificate(ctx context.Context, x *serving) error {
	verifier := i.identityVerifier(x)
	proof, err := verifier.Verify(ctx, x.in.Header)
	if err != nil {
		return err
	}
	x.identity = &proof
	return x.knownAs(proof, token.IDAuth().WithPattern(proof.Pattern))
}

func (i *In) identityVerifier(x *serving) rest.IDAuthVerifier {
	return rest.IDAuthVerifier{
		Pattern: x.terms.Identity, Audience: x.exposed.binding.Audience, Certificates: x.exposed.certificates,
		Clock: i.judging(x), Times: modi.PartyTimes(), Lenient: x.exposed.lenient,
	}
}

// admitSigned verifies the signature of a message by its certificate, and all that its head says, before its body is read: of
// a stranger nothing is, nor for a message that was good once. What is signed is then judged whole by prove.
func (i *In) admitSigned(ctx context.Context, x *serving) error {
	verifier := i.integrityVerifier(x, nil)
	verifier.RequireOnEmpty = true
	proof, err := verifier.Verify(ctx, rest.Message{Header: x.in.Header, Host: x.in.Host, HeadOnly: true})
	if err != nil {
		return err
	}
	return x.knownAs(proof, token.Integrity().WithPattern(proof.Pattern))
}

// knownAs takes who calls from a certificate. What a voucher would say of the e-service is the exposure's own; there is
// no purpose.
func (x *serving) knownAs(proof rest.Proof, kind token.Kind) error {
	e := x.exposed
	consumer, ok := e.organisation(proof)
	if !ok {
		return modi.Refuse(kind.Violation(modi.FaultOwnerMismatch, "an organisation that may call this e-service", "another one"))
	}
	x.compact = proof.Compact
	x.voucher = &voucher.Voucher{
		JTI: proof.JTI, KID: proof.KID, Issuer: proof.Issuer, ClientID: proof.Organization, ConsumerID: consumer,
		ProducerID: e.producer, EserviceID: e.binding.EserviceID,
		Audience: []string{proof.Audience}, IssuedAt: proof.IssuedAt, ExpiresAt: proof.ExpiresAt,
	}
	return nil
}

// organisation finds the consumer whose certificate it is: its id on PDND, its codice fiscale where it has none there.
func (e *exposed) organisation(proof rest.Proof) (consumer string, ok bool) {
	if proof.Organization == "" || e.binding.Fiducia == nil {
		return "", false
	}
	consumer, ok = e.binding.Fiducia.Organizzazioni[proof.Organization]
	if consumer == "" {
		consumer = proof.Organization
	}
	return consumer, ok
}

// proveByCertificate verifies every proof of a caller that a certificate names, together: the same key behind identity
// and integrity, the same organisation behind the evidence, a token of its own in each header.
func (i *In) proveByCertificate(ctx context.Context, x *serving) error {
	e, t := x.exposed, x.terms
	v := rest.Verifier{}
	if t.Identity != modi.PatternIntegrityREST01 {
		identity := i.identityVerifier(x)
		v.IDAuth = &identity
	}
	if t.Integrity != "" {
		integrity := i.integrityVerifier(x, nil)
		integrity.RequireOnEmpty = t.Identity == modi.PatternIntegrityREST01
		v.Integrity = &integrity
	}
	if t.Audit != "" {
		v.Audit = &rest.AuditVerifier{
			Pattern: t.Audit, Audience: e.binding.Audience, Certificates: e.certificates, Clock: i.judging(x),
			Times: modi.PartyTimes(), Lenient: e.lenient,
		}
	}
	result, err := v.Verify(ctx, x.message())
	if err != nil {
		return err
	}
	if result.Integrity != nil {
		x.integrity = *result.Integrity
	}
	if result.Audit != nil {
		x.audit = *result.Audit
	}
	return nil
}

// ownCertificate wants the certificate that signed beside a voucher to be of the organisation that PDND says is calling.
func (x *serving) ownCertificate() error {
	if x.integrity.Certificate == nil {
		return nil // not due
	}
	if consumer, ok := x.exposed.organisation(x.integrity); !ok || consumer != x.voucher.ConsumerID {
		return modi.Refuse(token.Integrity().WithPattern(x.integrity.Pattern).Violation(
			modi.FaultOwnerMismatch, "a certificate of the organisation of the voucher", "that of another"))
	}
	return nil
}
