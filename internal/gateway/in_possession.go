// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/registry"
)

// admitBound verifies a voucher that may or must be bound to a key (REST_JWS_2021_POP), and the proof that its caller
// holds the key, made for this method and for the public address of the e-service. Until the proof stands nobody is
// known: whoever has the voucher alone is not its caller.
func (i *In) admitBound(ctx context.Context, x *serving) error {
	e := x.exposed
	presented, err := dpop.Present(x.in.Header)
	if err != nil {
		return err
	}
	if presented.Scheme == dpop.SchemeBearer && x.terms.DPoP == registry.DPoPOptional {
		return i.admitVoucher(ctx, x, presented.Compact)
	}
	verified, err := i.verifyVoucher(ctx, e, &e.bound, presented.Compact)
	if err != nil {
		return err
	}
	proof, err := dpop.Possession{
		Verifier: dpop.Verifier{Clock: i.Clock, Times: modi.ProofTimes()}, Method: x.in.Method, URL: e.binding.PublicURL + x.rest,
	}.VerifyPresented(x.in.Header, presented, verified.JKT)
	if err != nil {
		return err
	}
	x.compact, x.voucher, x.possession = presented.Compact, verified, &proof
	return nil
}
