// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package voucher

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
)

// Verifier checks the vouchers that reach one exposed e-service. Every field but
// AllowBound is mandatory: a verifier that lacks one refuses to decide. It is safe for
// concurrent use and holds no state.
//
// The producer, the e-service and the descriptor are checked beside the audience
// because any organisation can register an e-service of its own with our audience and
// obtain a genuine voucher for it.
type Verifier struct {
	Issuer        string // iss of the environment, such as uat.interop.pagopa.it
	Audience      string // audience of the e-service, compared exactly
	ProducerID    string
	EserviceID    string
	DescriptorIDs []string         // versions served: published and deprecated
	AllowBound    bool             // accept cnf.jkt: only for a caller that then checks the DPoP proof
	Keys          modi.KeyResolver // PDND's own keys, by kid
	Clock         modi.Clock
	Times         modi.Times // modi.VoucherTimes
}

// Verify checks a voucher in the order of the guideline: shape, algorithm, key,
// signature, then typ, issuer, audience, times, producer, e-service and descriptor
// together. The error is a *modi.Refusal under pdnd.voucher/*, or wraps
// modi.ErrUndecided when the keys of PDND are not known.
func (v Verifier) Verify(ctx context.Context, compact string) (*Voucher, error) {
	err := v.ready()
	if err != nil {
		return nil, err
	}
	o, err := check.Open(ctx, compact, token.Voucher(), v.Keys)
	if err != nil {
		return nil, err
	}
	if o.Key.Owner != "" {
		return nil, modi.Refuse(token.Voucher().Violation(modi.FaultKeyUnknown, "a key of PDND", "the key of a party"))
	}
	vo := read(o)
	v.check(vo, &o.Faults)
	err = o.Faults.Err()
	if err != nil {
		return nil, err
	}
	return vo, nil
}

// Recheck repeats every check but the signature's on a voucher that Verify returned: a
// cached one may have expired, or be sent to another e-service.
func (v Verifier) Recheck(vo *Voucher) error {
	err := v.ready()
	if err != nil {
		return err
	}
	f := check.For(token.Voucher())
	v.check(vo, &f)
	return f.Err()
}

// ready refuses to work with a check switched off by an empty field.
func (v Verifier) ready() error {
	if v.Issuer == "" || v.Audience == "" || v.ProducerID == "" || v.EserviceID == "" ||
		len(v.DescriptorIDs) == 0 || slices.Contains(v.DescriptorIDs, "") || v.Clock == nil || v.Times == (modi.Times{}) {
		return fmt.Errorf("%w: voucher verifier without issuer, audience, producer, e-service, descriptors, clock or times", modi.ErrUndecided)
	}
	return nil
}

func (v Verifier) check(vo *Voucher, f *check.Findings) {
	f.Equal(vo.Issuer, v.Issuer, modi.FaultIssuerMismatch)
	f.CheckAudience(vo.Audience, v.Audience)
	f.CheckTimes(check.Instants{IssuedAt: vo.IssuedAt, NotBefore: vo.NotBefore, ExpiresAt: vo.ExpiresAt}, v.Clock(), v.Times)
	same := func(claim, got string, want []string, fault modi.Fault) {
		if slices.Contains(want, got) {
			return
		}
		found := "none"
		if got != "" {
			found = jose.Quote(got)
		}
		f.Add(fault, claim+" "+strings.Join(want, " or "), found)
	}
	same("producerId", vo.ProducerID, []string{v.ProducerID}, modi.FaultProducerMismatch)
	same("eserviceId", vo.EserviceID, []string{v.EserviceID}, modi.FaultEserviceMismatch)
	same("descriptorId", vo.DescriptorID, v.DescriptorIDs, modi.FaultDescriptorMismatch)
	if vo.JKT != "" && !v.AllowBound {
		f.Add(modi.FaultDPoPRequired, "a Bearer voucher", "one bound to a DPoP key")
	}
}

// Bearer takes the voucher out of a request: exactly one Authorization header with the
// scheme Bearer in any case, one space and a token. The error is a *modi.Refusal.
func Bearer(h http.Header) (string, error) {
	_, compact, err := check.Authorization(h, token.Voucher(), "Bearer")
	return compact, err
}
