// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/registry"
)

// judge turns the last answer into a reply or a fault. A 2xx must be of the expected
// type and, where the recipe says so, signed by the producer; an error answer need not
// be signed (producers rarely do, and the guideline is silent). Redirects are not
// followed and, but for a 303 that the call expects, not believed.
func (x *exchange) judge(ctx context.Context, resp *outbound.Response) (registry.Reply, error) {
	reply := x.reply(resp)
	if resp.Status < 400 {
		if err := x.believe(ctx, resp, reply); err != nil {
			return registry.Reply{}, x.failed(err)
		}
	}
	if err := x.classify(reply); err != nil {
		return registry.Reply{}, x.failed(asFault(err, reply))
	}
	return reply, nil
}

func (x *exchange) reply(resp *outbound.Response) registry.Reply {
	return registry.Reply{
		Status: resp.Status, Header: resp.Header, Body: resp.Body,
		RegistryID: registryID(resp), Received: x.transport.clock(),
	}
}

func (x *exchange) classify(r registry.Reply) error {
	if x.call.Classify != nil {
		return x.call.Classify(r)
	}
	return registry.ClassifyByStatus(r)
}

// believe checks an answer that is no error.
func (x *exchange) believe(ctx context.Context, resp *outbound.Response, reply registry.Reply) error {
	bad := func(text modi.Text, violations []modi.Violation, err error) error {
		return &registry.Fault{
			Kind: registry.ErrBadReply, Status: reply.Status, RegistryID: reply.RegistryID,
			Text: text, Violations: violations, Err: err,
		}
	}
	seeOther := resp.Status == http.StatusSeeOther && x.call.SeeOther
	if (resp.Status < 200 || resp.Status >= 300) && !seeOther {
		return bad(textRedirect(), nil, nil)
	}
	if !x.expectedType(resp) {
		return bad(textWrongType(), nil, nil)
	}
	if !x.binding.signed {
		return nil
	}
	producer := cmp.Or(x.binding.producerID, x.voucher.ProducerID)
	if producer == "" {
		return bad(textNoProducer(), nil, errors.New("neither the recipe nor the voucher names the producer"))
	}
	lookups, err := x.binding.lookups()
	if err != nil {
		return &registry.Fault{Kind: registry.ErrSettings, Status: reply.Status, Text: textNoKey(), Err: err}
	}
	proof, err := rest.IntegrityVerifier{
		Audience: x.client.ID, Keys: x.binding.platform.ProducerKeys(lookups, producer),
		Clock: x.transport.clock, Times: modi.PartyTimes(), Lenient: x.binding.lenient,
	}.Verify(ctx, rest.Message{Header: resp.WireHeader, Body: modi.Bytes(resp.Wire)})
	var refusal *modi.Refusal
	switch {
	case errors.As(err, &refusal):
		return bad(textBadSignature(), refusal.Violations, err)
	case err != nil:
		return &registry.Fault{
			Kind: registry.ErrPDND, Status: reply.Status, RegistryID: reply.RegistryID, Text: textKeysUnknown(), Err: err,
		}
	}
	err = x.once(ctx, proof)
	switch {
	case errors.As(err, &refusal):
		return bad(textBadSignature(), refusal.Violations, err)
	case err != nil:
		return &registry.Fault{Kind: registry.ErrState, Status: reply.Status, Text: textReplayUnknown(), Err: err}
	}
	record := &x.attempts[len(x.attempts)-1]
	record.ResponseSignature, record.ResponseDigest = proof.Compact, proof.BodyDigest
	return nil
}

// expectedType tells whether the content is of a type that the call accepts: those of
// its Accept header, else JSON. An empty answer has none.
func (x *exchange) expectedType(resp *outbound.Response) bool {
	if len(resp.Body) == 0 {
		return true
	}
	got, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return false
	}
	accept := x.call.Header.Get("Accept")
	if accept == "" {
		return got == "application/json" || strings.HasSuffix(got, "+json")
	}
	for item := range strings.SplitSeq(accept, ",") {
		want, _, err := mime.ParseMediaType(item)
		if err == nil && (want == got || want == "*/*") {
			return true
		}
	}
	return false
}

// registryID is what a help desk asks for: the transaction of a GovWay gateway.
func registryID(resp *outbound.Response) string {
	if id := registry.SafeWord(resp.Header.Get("GovWay-Transaction-ID")); id != "" {
		return id
	}
	if resp.Status < http.StatusBadRequest || !bytes.Contains(resp.Body, []byte("govway_id")) {
		return ""
	}
	p, _ := registry.ParseGovWayProblem(resp.Body)
	return p.ID
}

// failed marks the last attempt with its fault.
func (x *exchange) failed(err error) error {
	if len(x.attempts) > 0 {
		x.attempts[len(x.attempts)-1].Fault = faultName(err)
	}
	return err
}
