// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/registry"
)

// What evidence.keep of a recipe may say; anything else means keepProofs.
const (
	keepMetadata = "metadata"
	keepMessages = "messages"
)

// describeCalls puts every attempt on the wire into the outcome: PDND tracing and quotas count calls, not exchanges.
func (x *acquiring) describeCalls(r *evidence.Record) {
	attempts := map[string]int{}
	for i, c := range x.calls.All() {
		attempts[c.Service]++
		r.Side.Calls = append(r.Side.Calls, evidence.Call{
			Service: c.Service, Eservice: c.EserviceID, Purpose: c.PurposeID, VoucherJTI: c.VoucherJTI, Kid: c.KID,
			Attempt: attempts[c.Service], Status: c.Status, Started: c.Started, Ended: c.Ended,
			IDOperazioneClient: c.OperationID, GovWayID: c.RegistryID, Rule: c.Fault,
		})
		if c.VoucherJTI != "" && !slices.Contains(r.Vouchers, c.VoucherJTI) {
			r.Vouchers = append(r.Vouchers, c.VoucherJTI)
		}
		if c.Service == x.in.Servizio && c.DescriptorID != "" {
			r.Descriptor = c.DescriptorID
		}
		describeProofs(&r.Side, i+1, c, x.recipe.Evidence.Keep)
	}
	if x.recipe.Evidence.Keep == keepMessages && x.native != nil {
		r.Side.Messages = append(r.Side.Messages, x.native.messages()...)
	} else if x.recipe.Evidence.Keep == keepMessages {
		r.Side.Messages = append(r.Side.Messages, evidence.Message{
			Direction: evidence.DirectionRequest, MediaType: mediaJSON, Body: x.in.Richiesta,
		})
		if x.dati != nil {
			r.Side.Messages = append(r.Side.Messages, evidence.Message{
				Direction: evidence.DirectionResponse, MediaType: mediaJSON, Body: x.dati,
			})
		}
	}
}

func describeProofs(side *evidence.Side, call int, c registry.CallRecord, keep string) {
	for _, d := range []struct{ name, value string }{{"request", c.RequestDigest}, {"response", c.ResponseDigest}} {
		if d.value != "" {
			side.Digests = append(side.Digests, evidence.Digest{
				Name: fmt.Sprintf("call %d %s", call, d.name), Algorithm: "SHA-256", Value: d.value,
			})
		}
	}
	if keep == keepMetadata {
		return
	}
	for _, p := range []struct {
		kind      evidence.TokenKind
		direction evidence.Direction
		kid       string
		compact   string
	}{
		{evidence.TokenSignature, evidence.DirectionRequest, c.KID, c.RequestSignature},
		{evidence.TokenTracking, evidence.DirectionRequest, c.KID, c.TrackingEvidence},
		{evidence.TokenSignature, evidence.DirectionResponse, "", c.ResponseSignature},
	} {
		if p.compact != "" {
			side.Proofs = append(side.Proofs, evidence.Proof{
				Token: p.kind, Direction: p.direction, Call: call, Kid: p.kid, Compact: p.compact,
			})
		}
	}
}
