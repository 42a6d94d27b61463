// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// procedure is the back end of an exposure as everybody calls it, for a caller that waits and from the queue: within its
// deadline, behind its breaker, and as often at once as the recipe says. What the hub itself answers in its place never
// comes here. It is safe for concurrent use.
//
// The deadline is for each piece of the request that the back end takes, and for its answer once it has them all: how long
// a long request lasts depends on its length.
type procedure struct {
	next     Doer
	service  string // name of the recipe
	guard    *registry.Guard
	deadline time.Duration
	answer   int64  // bytes of an answer that is read whole; 0 = the client's own
	places   *seats // of the calls under way; nil where the recipe does not bound them
	clock    modi.Clock
	observer Observer
}

var _ Doer = (*procedure)(nil)

// errLate is the cause of the end of a call whose deadline passed.
var errLate = errors.New("the back end took longer than its deadline")

// seatedKey marks the context of a call that has its place among those under way: see enter.
type seatedKey struct{}

// Do asks the back end once. 502, 503, 504 and silence mean that it is not there: a *registry.Fault of kind ErrUnavailable,
// as when the breaker is open (registry.ErrGuardOpen). When ctx ends first the error is ctx's, and is not held against it. A
// call from the queue waits for a place, and is refused with hub.exposure/concurrency when there is none in time.
func (p *procedure) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	leave, err := p.place(ctx, req.Header.Get(HeaderConsumer))
	if err != nil {
		return nil, err
	}
	defer leave()
	if p.answer > 0 {
		x.MaxBody = p.answer
	}
	var answer *outbound.Response
	err = p.guard.Do(ctx, func(ctx context.Context) error {
		own, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		late := time.AfterFunc(p.deadline, func() { stop(errLate) })
		defer late.Stop()
		body := &sending{progress: func() { late.Reset(p.deadline) }}
		began := p.clock()
		var err error
		answer, err = p.next.Do(own, body.of(own, req), x)
		p.ended(answer, began)
		if lost := body.broken(); err != nil && lost != nil {
			return lost
		}
		return p.judge(ctx, own, answer, err)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Stream is Do for an answer that is read as it comes: the deadline is for its head. ctx ends with the reading of the body.
// It is for calls that have a place, to a back end that is a Streamer.
func (p *procedure) Stream(ctx context.Context, req *http.Request) (*outbound.Stream, error) {
	streamer, ok := p.next.(Streamer)
	if !ok {
		return nil, &outbound.Error{Reason: outbound.ReasonPrepare, Detail: "the back end hands nothing on as it comes"}
	}
	var stream *outbound.Stream
	err := p.guard.Do(ctx, func(ctx context.Context) error {
		own, stop := context.WithCancelCause(ctx)
		late := time.AfterFunc(p.deadline, func() { stop(errLate) })
		began := p.clock()
		var err error
		stream, err = streamer.Stream(own, req)
		late.Stop()
		head := &outbound.Response{}
		if err == nil {
			head.Status, head.Header = stream.Status, stream.Header
		}
		p.ended(head, began)
		if err = p.judge(ctx, own, head, err); err != nil {
			stop(nil)
		}
		return err
	})
	if err != nil {
		if stream != nil {
			_ = stream.Body.Close() // it is given up: there is nobody to tell
		}
		return nil, err
	}
	return stream, nil
}

// judge tells what a call says of the back end. ctx is whoever's asks, own the call's.
func (p *procedure) judge(ctx, own context.Context, answer *outbound.Response, err error) error {
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil && errors.Is(context.Cause(own), errLate):
		err = &outbound.Error{Reason: outbound.ReasonTimeout, Detail: errLate.Error()}
	}
	return backEndFault(answer, err, p.clock())
}

func (p *procedure) ended(answer *outbound.Response, began time.Time) {
	status := 0
	if answer != nil {
		status = answer.Status
	}
	p.observer.backEnd(p.service, status, p.clock().Sub(began))
}

// place takes one among the calls under way, for a call that no caller waits for.
func (p *procedure) place(ctx context.Context, consumer string) (leave func(), err error) {
	if p.places == nil || ctx.Value(seatedKey{}) != nil {
		return func() {}, nil
	}
	within, cancel := context.WithTimeout(ctx, p.deadline)
	defer cancel()
	leave, ok := p.places.wait(within, consumer)
	switch {
	case ok:
		return leave, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, problem.New(problem.RuleConcurrency).After(retryConcurrency)
}

// backEndFault tells what a call says of the procedure. Only what is ErrUnavailable counts against it: an answer that
// cannot be read shows that it is there, and a network setting of the hub's own says nothing of it.
//
// What the back end itself tells as a problem, as a view does, is told as it is.
func backEndFault(answer *outbound.Response, err error, now time.Time) error {
	var own *problem.Error
	if errors.As(err, &own) {
		return own
	}
	if err != nil {
		switch reason := outbound.ReasonOf(err); {
		case reason == outbound.ReasonTooLarge, reason == outbound.ReasonEncoding:
			return problem.New(problem.RuleBackEndBadAnswer).Because(err)
		case reason.Local(), reason == outbound.ReasonPrepare:
			return problem.New(problem.RuleBackEndSettings).Because(err)
		default:
			return &registry.Fault{Kind: registry.ErrUnavailable, Err: err}
		}
	}
	switch answer.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		wait := registry.ParseRetryAfter(answer.Header, now)
		return &registry.Fault{Kind: registry.ErrUnavailable, Status: answer.Status, RetryAfter: wait}
	}
	return nil
}
