// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// PossessionVerifier checks the DPoP proof that comes with a voucher. The error is a
// *modi.Refusal under pdnd.dpop/*, or wraps modi.ErrUndecided. bound is cnf.jkt of the
// voucher, empty when it has none; compact is the voucher itself, which came with the
// scheme DPoP.
type PossessionVerifier interface {
	VerifyPossession(ctx context.Context, h http.Header, compact, bound string) (Proof, error)
}

// Verifier checks all proofs of one message. A nil field is a proof that the combination
// does not have: its header is not looked at. It is safe for concurrent use and holds no
// state. A voucher that is bound to a key is admitted with Possession and never without,
// whatever Voucher.AllowBound says.
//
// Integrity and Audit are completed with what the verified voucher says (Owner, PurposeID,
// Digest) where they leave it empty. A certificate has no registry that ties it to the
// client of a voucher: where INTEGRITY_REST_01, or tracking evidence under a certificate,
// goes with a voucher, set Organization of its verifier or judge the certificate of the
// proof.
//
// A key that is named by kid belongs to some client of the registry, whichever it is: where
// there is no Voucher to say which, Owner says it, or AnyOwner that the caller looks at
// Proof.Owner.
type Verifier struct {
	Voucher    *voucher.Verifier  // Authorization: Bearer, or DPoP where Possession is set
	IDAuth     *IDAuthVerifier    // Authorization: Bearer; never together with Voucher
	Integrity  *IntegrityVerifier // Agid-JWT-Signature and Digest
	Audit      *AuditVerifier     // Agid-JWT-TrackingEvidence
	Possession PossessionVerifier // DPoP; needs Voucher
	AnyOwner   bool               // the caller checks who owns the keys of Integrity and Audit
}

// Result holds the proofs that stood. One that was refused, or not due and not there, is
// nil.
type Result struct {
	Voucher                              *voucher.Voucher
	VoucherToken                         string // compact, for evidence; never for logs
	IDAuth, Integrity, Audit, Possession *Proof
}

// Verify checks every proof and tells the faults of all of them in one *modi.Refusal, so
// that a caller mends its message once. A proof says nothing of its claims before its own
// signature has verified; what needs the voucher is left out when the voucher was
// refused. Where no proof is refused and one could not be judged, the error wraps
// modi.ErrUndecided. Result holds the proofs that stood also beside an error.
//
// Authorization by ID_AUTH_REST_* and Agid-JWT-Signature by INTEGRITY_REST_01 must be
// signed with the same key, tracking evidence under a certificate by the organisation that
// calls, and no token may serve in two headers. The replay of a jti is for the caller.
func (v Verifier) Verify(ctx context.Context, m Message) (Result, error) {
	if v.Voucher != nil && v.IDAuth != nil || v.Possession != nil && v.Voucher == nil {
		return Result{}, fmt.Errorf("%w: verifier with two proofs of identity, or a proof of possession without voucher", modi.ErrUndecided)
	}
	if !v.AnyOwner && v.Voucher == nil && (v.Integrity != nil && v.Integrity.ownerless() || v.Audit != nil && v.Audit.ownerless()) {
		return Result{}, fmt.Errorf("%w: verifier of keys by kid without voucher or owner: any client could sign", modi.ErrUndecided)
	}
	var r Result
	var said verdicts
	if v.Voucher != nil {
		v.verifyVoucher(ctx, m.Header, &r, &said)
	}
	if v.IDAuth != nil {
		said.proof(&r.IDAuth)(v.IDAuth.Verify(ctx, m.Header))
	}
	if v.Integrity != nil {
		said.proof(&r.Integrity)(v.integrity(r.Voucher).Verify(ctx, m))
	}
	if v.Audit != nil {
		said.proof(&r.Audit)(v.audit(r.Voucher).Verify(ctx, m.Header))
	}
	for _, agree := range []func(Result) error{sameSigner, sameCaller, ownTokens} {
		said.add(agree(r))
	}
	return r, said.err()
}

// verifyVoucher verifies the voucher and the proof that its key is held.
func (v Verifier) verifyVoucher(ctx context.Context, h http.Header, r *Result, said *verdicts) {
	verifier, scheme, kind := *v.Voucher, "Bearer", token.Voucher()
	verifier.AllowBound = v.Possession != nil // who else would check the proof of a bound one
	if v.Possession != nil {
		scheme, kind = "DPoP", token.DPoPResourceProof()
	}
	_, compact, err := check.Authorization(h, kind, scheme)
	if err != nil {
		said.add(err)
		return
	}
	vo, err := verifier.Verify(ctx, compact)
	if err != nil {
		said.add(err)
		return
	}
	r.Voucher, r.VoucherToken = vo, compact
	if v.Possession != nil {
		said.proof(&r.Possession)(v.Possession.VerifyPossession(ctx, h, compact, vo.JKT))
	}
}

func (v Verifier) integrity(vo *voucher.Voucher) IntegrityVerifier {
	out := *v.Integrity
	if out.Owner == "" && vo != nil {
		out.Owner = vo.ClientID
	}
	if v.IDAuth != nil && v.IDAuth.Pattern == modi.PatternIDAuthREST02 {
		out.RequireJTI = true
	}
	return out
}

func (v Verifier) audit(vo *voucher.Voucher) AuditVerifier {
	out := *v.Audit
	if v.Voucher == nil {
		return out
	}
	if vo == nil {
		out.Unbound = true
		return out
	}
	if out.Owner == "" {
		out.Owner = vo.ClientID
	}
	if out.PurposeID == "" {
		out.PurposeID = vo.PurposeID
	}
	if out.Digest == nil {
		out.Digest = vo.Digest
	}
	return out
}

// sameSigner wants one key behind both tokens of the sender.
func sameSigner(r Result) error {
	if r.IDAuth == nil || r.Integrity == nil || r.Integrity.Certificate == nil ||
		token.SamePublicKey(r.IDAuth.Certificate.PublicKey, r.Integrity.Certificate.PublicKey) {
		return nil
	}
	kind := token.Integrity().WithPattern(r.Integrity.Pattern)
	return modi.Refuse(kind.Violation(modi.FaultSignerMismatch, "the key that signed Authorization", "another key"))
}

// sameCaller wants the evidence to be of the organisation that calls, where certificates
// say who both are; of the same key where they name no organisation.
func sameCaller(r Result) error {
	caller := r.IDAuth
	if caller == nil {
		caller = r.Integrity
	}
	if caller == nil || caller.Certificate == nil || r.Audit == nil || r.Audit.Certificate == nil {
		return nil
	}
	expected, found := "evidence of the organisation "+caller.Organization, "that of another organisation"
	switch {
	case caller.Organization == "" && r.Audit.Organization == "":
		if token.SamePublicKey(caller.Certificate.PublicKey, r.Audit.Certificate.PublicKey) {
			return nil
		}
		expected, found = "evidence by the key of the caller", "another key"
	case caller.Organization == r.Audit.Organization:
		return nil
	case caller.Organization == "":
		expected = "evidence of the caller, whose certificate names no organisation"
	}
	return modi.Refuse(token.Audit().WithPattern(r.Audit.Pattern).Violation(modi.FaultOwnerMismatch, expected, found))
}

// ownTokens wants a token of its own in each header (RFC 8725 §3.12).
func ownTokens(r Result) error {
	var broken []modi.Violation
	seen := []string{r.VoucherToken}
	if r.IDAuth != nil {
		seen = append(seen, r.IDAuth.Compact)
	}
	for _, header := range []struct {
		proof *Proof
		kind  token.Kind
	}{{r.Integrity, token.Integrity()}, {r.Audit, token.Audit()}} {
		if header.proof == nil {
			continue
		}
		if slices.Contains(seen, header.proof.Compact) {
			broken = append(broken, header.kind.WithPattern(header.proof.Pattern).
				Violation(modi.FaultTokenRepeated, "a token of its own in each header", "the token of another header"))
		}
		seen = append(seen, header.proof.Compact)
	}
	if len(broken) == 0 {
		return nil
	}
	return modi.Refuse(broken...)
}

// verdicts gathers what the verifiers said: every "no", and the first "don't know".
type verdicts struct {
	broken    []modi.Violation
	undecided error
}

func (s *verdicts) add(err error) {
	var refusal *modi.Refusal
	switch {
	case errors.As(err, &refusal):
		s.broken = append(s.broken, refusal.Violations...)
	case s.undecided == nil:
		s.undecided = err
	}
}

// proof keeps the proof that a verifier returned, when it stood and was there.
func (s *verdicts) proof(into **Proof) func(Proof, error) {
	return func(p Proof, err error) {
		s.add(err)
		if err == nil && p.Compact != "" {
			*into = &p
		}
	}
}

// err is every "no" in one refusal. A "don't know" is told only where there is no "no":
// trying again would not help.
func (s *verdicts) err() error {
	if len(s.broken) > 0 {
		return modi.Refuse(s.broken...)
	}
	return s.undecided
}
