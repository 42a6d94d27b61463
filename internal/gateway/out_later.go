// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// laterAnswer is the answer to a request of before, which came as a callback.
type laterAnswer struct {
	asked    interaction.Asked
	question laterQuestion
	reply    registry.Reply
}

// laterQuestion is what is kept of a request until its answer is read.
type laterQuestion struct {
	Servizio   string          `json:"servizio"`
	Operazione string          `json:"operazione"`
	Contesto   Contesto        `json:"contesto"`
	Richiesta  json.RawMessage `json:"richiesta,omitempty"`
	Subjects   []string        `json:"subjects,omitempty"`
	Native     *nativeQuestion `json:"native,omitempty"`
}

// nativeQuestion is what a native call adds: what the procedimento is to cover.
type nativeQuestion struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// whole tells whether an answer is handed on whole, as those of native calls are.
func (l *laterAnswer) whole() bool { return l != nil && l.question.Native != nil }

// Answer returns the answer that came later to a request of the caller: esito in_attesa while there is none, the data
// afterwards, as often as it is asked for. Every delivery is evidence of its own, under the exchange of the request; what
// the procedimento does not cover any more is not delivered. Its errors are told by problem.From.
func (o *Out) Answer(ctx context.Context, caller Application, correlazione, requestID string) (*Acquired, error) {
	if o.Awaiting == nil {
		return nil, problem.New(problem.RuleAnswerUnknown)
	}
	asked, text, reply, err := o.Awaiting.Find(ctx, caller.Ente, caller.Name, correlazione)
	if err != nil {
		return nil, err
	}
	if reply == nil {
		return &Acquired{Esito: EsitoInAttesa, Correlazione: asked.ID, Scade: asked.Expires}, nil
	}
	l := &laterAnswer{asked: asked, reply: *reply}
	if err := json.Unmarshal(text, &l.question); err != nil {
		return nil, problem.New(problem.RuleStore).Because(errors.New("stored question cannot be read"))
	}
	q := l.question
	x := &acquiring{
		in:    Acquisition{Caller: caller, Servizio: q.Servizio, Operazione: q.Operazione, Contesto: q.Contesto, RequestID: requestID},
		later: l, richiesta: q.Richiesta, id: asked.ID, began: o.Clock(),
	}
	if q.Native != nil {
		x.native = &native{in: NativeCall{Method: q.Native.Method, Path: q.Native.Path}, reply: *reply}
	}
	x.concerns(q.Subjects...)
	o.carry(ctx, x, o.laterDown, o.laterUp)
	return x.answer, problem.At(x.err, x.place())
}

// openReply finds where the answer of the operation is to go, if it comes later, before anything is asked. ctx is that of
// the whole exchange.
func (o *Out) openReply(ctx context.Context, x *acquiring) error {
	name := x.in.Operazione
	if x.native != nil {
		name = x.native.operationOf(x.recipe)
	}
	i := x.recipe.Operations[name].Interaction
	if i == nil {
		return nil
	}
	x.replyTo = o.plan.replyTo[x.ente.CodiceIPA+"/"+x.in.Servizio+"/"+name]
	if o.Awaiting == nil || x.replyTo == "" {
		return &registry.Fault{Kind: registry.ErrUnsupported, Service: x.in.Servizio, Err: errors.New("nothing receives its answer")}
	}
	environment := x.binding.Environment
	o.Awaiting.Asking(ctx, x.ente.CodiceIPA, environment, i.Callback, x.recipe.Environments[environment].ProducerID)
	return nil
}

// await keeps the request of an answer that comes later, with all that reading it will need. Who was asked has to have
// accepted it with 202 and X-Correlation-ID (NONBLOCK_PUSH_REST, step 2); a native call that was refused is told as it is.
func (o *Out) await(ctx context.Context, x *acquiring) error {
	if x.recalled != nil || x.replyTo == "" {
		return nil
	}
	name, q := x.in.Operazione, laterQuestion{Servizio: x.in.Servizio, Contesto: x.in.Contesto, Richiesta: x.richiesta, Subjects: x.subjects}
	correlation := x.reply.Correlation
	if n := x.native; n != nil {
		if n.reply.Status >= http.StatusBadRequest {
			x.replyTo = ""
			return nil
		}
		name, correlation = n.operationOf(x.recipe), registry.Accepted(n.reply)
		q.Native = &nativeQuestion{Method: n.in.Method, Path: n.in.Path}
	}
	if correlation == "" {
		return problem.New(problem.RuleNotAccepted)
	}
	q.Operazione = name
	text, err := encodeJSON(q)
	if err != nil {
		return err
	}
	i, now := x.recipe.Operations[name].Interaction, o.Clock().UTC()
	expires := now.Add(cmp.Or(i.Keep, registry.DefaultKeep))
	// Who was asked has accepted: what becomes of the caller changes nothing.
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), storeDeadline)
	defer stop()
	if err := o.Awaiting.Await(late, interaction.Asked{
		ID: x.id, Ente: x.ente.CodiceIPA, Environment: x.binding.Environment, Application: x.in.Caller.Name,
		Exposure: i.Callback, Producer: x.recipe.Environments[x.binding.Environment].ProducerID, Correlation: correlation,
		AskedAt: now, Expires: expires,
	}, text); err != nil {
		return err
	}
	x.waits = expires
	return nil
}

// routeLater finds what was asked in the configuration of today.
func (o *Out) routeLater(ctx context.Context, x *acquiring) error {
	if x.native == nil {
		return o.route(ctx, x)
	}
	return o.routeNative(ctx, x)
}

func (o *Out) authoriseLater(ctx context.Context, x *acquiring) error {
	if x.native == nil {
		return o.authorise(ctx, x)
	}
	return o.authoriseNative(ctx, x)
}

// receive reads the callback as the answer of the operation. That of a native call is handed on as it came.
func (o *Out) receive(_ context.Context, x *acquiring) error {
	l := x.later
	x.enterScope()
	if l.whole() {
		return x.receiveWhole()
	}
	adapter, err := o.Catalogue.Adapter(x.in.Servizio)
	if err != nil {
		return err
	}
	receiver, ok := adapter.(registry.Receiver)
	if !ok {
		return &registry.Fault{Kind: registry.ErrUnsupported, Service: x.in.Servizio}
	}
	x.reply, err = receiver.Receive(x.in.Servizio, x.in.Operazione, registry.Request{Scope: &x.scope, Richiesta: x.richiesta}, l.reply)
	if x.reply.RegistryID == "" {
		x.reply.RegistryID = l.asked.Correlation
	}
	x.concerns(x.reply.Subjects...)
	return asFault(x.in.Servizio, err)
}

func (x *acquiring) receiveWhole() error {
	body := x.later.reply.Body
	if err := x.recipe.Classify(x.later.reply); err != nil {
		return err
	}
	var object map[string]json.RawMessage
	var compact bytes.Buffer
	err := json.Unmarshal(body, &object)
	if err == nil {
		err = json.Compact(&compact, body)
	}
	if err != nil || object == nil {
		return &registry.Fault{Kind: registry.ErrBadReply, Service: x.in.Servizio, Err: errors.New("the callback is not a JSON object")}
	}
	x.dati, x.reply.RegistryID = compact.Bytes(), x.later.asked.Correlation
	x.concerns(codesIn(body)...)
	return nil
}
