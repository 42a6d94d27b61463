// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// call hands the request to the adapter of the service. What happens on the wire (voucher, guard, signatures, retries,
// verified reply) is the transport's; every attempt comes back in x.calls. A recalled answer asks nobody.
func (o *Out) call(ctx context.Context, x *acquiring) error {
	if x.recalled != nil {
		return nil
	}
	adapter, err := o.Catalogue.Adapter(x.in.Servizio)
	if err != nil {
		return err
	}
	if err := o.openReply(ctx, x); err != nil {
		return err
	}
	x.enterScope()
	x.reply, err = adapter.Call(ctx, x.in.Servizio, x.in.Operazione, registry.Request{
		Scope: &x.scope, Richiesta: x.richiesta,
	})
	x.concerns(x.reply.Subjects...)
	return asFault(x.in.Servizio, err)
}

func (x *acquiring) enterScope() {
	x.scope = registry.Scope{
		ExchangeID: x.id, Ente: x.ente.CodiceIPA, Environment: x.binding.Environment,
		Applicazione: x.in.Caller.Name, Procedimento: x.in.Contesto.Procedimento, Pratica: x.in.Contesto.Pratica,
		Operator: x.operator, Purposes: x.procedimento.Purposes, Calls: &x.calls, ReplyTo: x.replyTo,
	}
}

// asFault keeps a verifier's "no" about a reply from being read as a fault of the application's request.
func asFault(service string, err error) error {
	var fault *registry.Fault
	var refusal *modi.Refusal
	if errors.As(err, &fault) || !errors.As(err, &refusal) {
		return err
	}
	return &registry.Fault{Kind: registry.ErrBadReply, Service: service, Violations: refusal.Violations, Err: err}
}
