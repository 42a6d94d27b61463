// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

// admit verifies who calls, as far as the head of the request tells it: by voucher, bound to a key or not, or by
// certificate. Where the signature of the message alone tells it (INTEGRITY_REST_01), prove does: here it must be genuine.
func (i *In) admit(ctx context.Context, x *serving) error {
	switch {
	case x.terms.Identity == modi.PatternIntegrityREST01:
		return i.admitSigned(ctx, x)
	case !x.terms.byVoucher():
		return i.admitCertificate(ctx, x)
	case x.terms.DPoP != registry.DPoPNo:
		return i.admitBound(ctx, x)
	}
	compact, err := voucher.Bearer(x.in.Header)
	if err != nil {
		return err
	}
	return i.admitVoucher(ctx, x, compact)
}

// admitVoucher verifies a voucher for this e-service (modi.md §1.5.2): issuer, audience, producer, e-service, descriptor
// and times each time, PDND's signature once for the same bytes while its key stands.
func (i *In) admitVoucher(ctx context.Context, x *serving, compact string) error {
	verified, err := i.verifyVoucher(ctx, x.exposed, &x.exposed.verifier, compact)
	if err != nil {
		return err
	}
	x.compact, x.voucher = compact, verified
	return nil
}

func (i *In) verifyVoucher(ctx context.Context, e *exposed, v *voucher.Verifier, compact string) (*voucher.Voucher, error) {
	key := voucherKey{environment: e.binding.Environment, compact: compact}
	if known, ok := i.vouchers.get(key, i.Clock()); ok {
		now, err := v.Keys.ResolveKey(ctx, known.voucher.KID)
		if err == nil && token.SamePublicKey(now.Public, known.public) {
			i.Observer.voucherCache("hit")
			return known.voucher, v.Recheck(known.voucher)
		}
		i.vouchers.drop(key)
	}
	i.Observer.voucherCache("miss")
	verified, err := v.Verify(ctx, compact)
	if err != nil {
		return nil, err
	}
	// The key was used a moment ago: this is a look into the resolver's cache.
	if signer, err := v.Keys.ResolveKey(ctx, verified.KID); err == nil {
		key.compact = strings.Clone(compact) // the request that it is cut from does not stay
		i.vouchers.put(key, knownVoucher{voucher: verified, public: signer.Public, until: verified.ExpiresAt})
	}
	return verified, nil
}
