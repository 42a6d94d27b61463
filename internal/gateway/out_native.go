// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// NativeCall is one request of an application in the registry's own form.
type NativeCall struct {
	Caller    Application
	Servizio  string // consumes recipe
	Contesto  Contesto
	Method    string
	Path      string // below the service, escaped as it was sent; "" or from "/"
	RawQuery  string
	Header    http.Header // all that came; what goes on is chosen here
	Body      []byte
	RequestID string
}

// NativeReply is the registry's answer as it is, also when it is an error of its own.
type NativeReply struct {
	Status   int
	Header   http.Header // what an application may be told
	Body     []byte
	Exchange string
	Ambiente string
	Location string // of Location, the path below the service with its query; "" = none, or elsewhere
}

// native is what a native call adds to its exchange.
type native struct {
	in       NativeCall
	allowed  string // the entry of chiamate that lets it through, "" = all of the service
	header   http.Header
	reply    registry.Reply
	location string
}

// Native carries one native call: the context is held against the procedimento, voucher, patterns, guard, quota and
// evidence are those of an acquisition, and the answer is handed on whole: nothing is narrowed, which is why the
// procedimento has to say passante. Its errors are told by problem.From; an answer of the registry is no error.
func (o *Out) Native(ctx context.Context, c NativeCall) (*NativeReply, error) {
	x := &acquiring{
		in:     Acquisition{Caller: c.Caller, Servizio: c.Servizio, Contesto: c.Contesto, RequestID: c.RequestID},
		native: &native{in: c}, began: o.Clock(),
	}
	if err := x.identify(o.Clock(), o.Rand); err != nil {
		return nil, err
	}
	o.carry(ctx, x, o.nativeDown, o.nativeUp)
	if x.err != nil {
		return nil, problem.At(x.err, x.place())
	}
	n := x.native
	return &NativeReply{
		Status: n.reply.Status, Header: answerOf(n.reply.Header), Body: n.reply.Body,
		Exchange: x.id, Ambiente: x.binding.Environment, Location: n.location,
	}, nil
}

func (o *Out) routeNative(_ context.Context, x *acquiring) error {
	if err := o.routeService(x); err != nil {
		return err
	}
	return o.routeProcedimento(x, "procedimento")
}

// authoriseNative is authorise for a call without an operation: the procedimento lets through the whole service, or the
// calls that it lists.
func (o *Out) authoriseNative(_ context.Context, x *acquiring) error {
	if err := x.listApplication(); err != nil {
		return err
	}
	i := slices.IndexFunc(x.procedimento.Operazioni, func(a config.Autorizzazione) bool {
		return a.Passante && a.Servizio == x.in.Servizio
	})
	if i < 0 || o.Transport == nil {
		return problem.New(problem.RuleNativeNotListed)
	}
	if listed := x.procedimento.Operazioni[i].Chiamate; len(listed) > 0 {
		segments := strings.Split(strings.TrimPrefix(x.native.in.Path, "/"), "/")
		n := slices.IndexFunc(listed, func(text string) bool {
			call, err := config.ParseChiamata(text)
			return err == nil && call.Matches(x.native.in.Method, segments)
		})
		if n < 0 {
			return problem.New(problem.RuleNativeNotListed)
		}
		x.native.allowed = listed[n]
	}
	return o.authorisePerson(x)
}

// operation is the call as evidence names it: never its path, which may name a person.
func (n *native) operation() string {
	if n.allowed != "" {
		return "passante " + n.allowed
	}
	return "passante " + n.in.Method
}

// messages are the call and its answer, for a recipe that keeps messages.
func (n *native) messages() []evidence.Message {
	head := n.in.Method + " " + n.target() + "\r\n\r\n"
	list := []evidence.Message{{
		Direction: evidence.DirectionRequest, MediaType: "message/http", Body: append([]byte(head), n.in.Body...),
	}}
	if n.reply.Status != 0 {
		list = append(list, evidence.Message{
			Direction: evidence.DirectionResponse, MediaType: n.reply.Header.Get(headerContentType), Body: n.reply.Body,
		})
	}
	return list
}

func (n *native) target() string {
	if n.in.RawQuery == "" {
		return n.in.Path
	}
	return n.in.Path + "?" + n.in.RawQuery
}

// send hands the call to the transport. The registry's answer is the caller's, whatever its status: of errors, the guard
// learns of those that say that the registry is out of order, and the limits of those that say that it is asked too
// much. A method that is idempotent by itself (RFC 9110 §9.2.2), or an operation of the recipe that is, may be tried
// again.
func (o *Out) send(ctx context.Context, x *acquiring) error {
	n := x.native
	x.enterScope()
	if err := o.openReply(ctx, x); err != nil {
		return err
	}
	if x.replyTo != "" {
		n.header.Set(registry.HeaderReplyTo, x.replyTo)
	}
	var last registry.Reply
	reply, err := o.Transport.Do(ctx, &x.scope, registry.Call{
		Service: x.in.Servizio, Method: n.in.Method, Path: n.target(), Header: n.header, Body: n.in.Body,
		Idempotent: n.idempotent(x.recipe), SeeOther: true,
		Classify: func(r registry.Reply) error {
			last = r
			return outOfOrder(x.recipe, r)
		},
	})
	if err != nil && !answered(err, last) {
		return asFault(x.in.Servizio, err)
	}
	if err != nil {
		reply = last
	}
	n.reply = reply
	n.location = x.below(reply.Header.Get("Location"))
	x.concerns(codesIn(reply.Body)...)
	return nil
}

// outOfOrder keeps of the meaning of an answer what transport and guard act on.
func outOfOrder(recipe *registry.Recipe, r registry.Reply) error {
	err := recipe.Classify(r)
	switch {
	case err == nil, r.Status == http.StatusSeeOther:
		return nil
	case errors.Is(err, registry.ErrUnavailable) && (r.Status >= 500 || r.Status == http.StatusRequestTimeout):
		return err
	case errors.Is(err, registry.ErrThrottled), errors.Is(err, registry.ErrSignature) && r.Status == http.StatusUnauthorized:
		return err
	}
	return nil
}

// answered tells whether an error is about the last answer, which can then be handed on.
func answered(err error, last registry.Reply) bool {
	var fault *registry.Fault
	if !errors.As(err, &fault) || last.Status == 0 || fault.Status != last.Status {
		return false
	}
	return errors.Is(err, registry.ErrUnavailable) || errors.Is(err, registry.ErrThrottled) || errors.Is(err, registry.ErrSignature)
}

func (n *native) idempotent(recipe *registry.Recipe) bool {
	switch n.in.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		return true
	}
	for _, op := range recipe.Operations {
		if op.Idempotent && op.Method == n.in.Method && op.Path == n.in.Path {
			return true
		}
	}
	return false
}

// operationOf finds the operation of the recipe that a native call makes: method and path, whatever stands in the places
// of its parameters. "" = none.
func (n *native) operationOf(recipe *registry.Recipe) string {
	segments := strings.Split(n.in.Path, "/")
	for _, name := range slices.Sorted(maps.Keys(recipe.Operations)) {
		op := recipe.Operations[name]
		same := func(template, segment string) bool { return strings.HasPrefix(template, "{") || template == segment }
		if op.Method == n.in.Method && slices.EqualFunc(strings.Split(op.Path, "/"), segments, same) {
			return name
		}
	}
	return ""
}
