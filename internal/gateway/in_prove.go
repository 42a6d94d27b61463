// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// prove verifies the patterns of the exposure over the bytes received. Every key must belong to the client of the
// voucher. INTEGRITY_REST_02 is due when there is a body and verified whenever it is there; AUDIT_REST_02 is due when
// the exposure asks for it, and also when the voucher says that an evidence was bound to it.
func (i *In) prove(ctx context.Context, x *serving) error {
	e := x.exposed
	keys := i.ConsumerKeys(e.ente.CodiceIPA, e.binding.Environment, x.voucher.ClientID)
	var err error
	if e.integrity {
		x.integrity, err = rest.IntegrityVerifier{
			Audience: e.binding.Audience, Owner: x.voucher.ClientID, Keys: keys, Clock: i.Clock, Times: modi.PartyTimes(),
		}.Verify(ctx, rest.Message{Header: x.in.Header, Body: modi.Bytes(x.in.Body)})
		if err != nil {
			return err
		}
	}
	if e.audit || x.voucher.Digest != nil {
		x.audit, err = rest.AuditVerifier{
			Audience: e.binding.Audience, Owner: x.voucher.ClientID, PurposeID: x.voucher.PurposeID,
			Digest: x.voucher.Digest, Keys: keys, Clock: i.Clock, Times: modi.PartyTimes(),
		}.Verify(ctx, x.in.Header)
	}
	return err
}
