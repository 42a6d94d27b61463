// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// forward calls the procedure once, under its guard and deadline: it is a request of its own, with allow-listed headers
// and the caller's verified identity. 502, 503, 504 and silence mean that the procedure is not there; every other
// status is its answer.
func (i *In) forward(ctx context.Context, x *serving) error {
	ctx, cancel := context.WithTimeout(ctx, x.exposed.deadline)
	defer cancel()
	req, err := x.backEndRequest(ctx)
	if err != nil {
		return err
	}
	err = x.exposed.guard.Do(ctx, func(ctx context.Context) error {
		began := i.Clock()
		answer, err := x.exposed.backEnd.Do(ctx, req, outbound.Exchange{})
		status := 0
		if answer != nil {
			status = answer.Status
		}
		i.Observer.backEnd(x.exposed.recipe.Name, status, i.Clock().Sub(began))
		x.answer = answer
		return backEndFault(answer, err, i.Clock())
	})
	if err == nil {
		return nil
	}
	x.answer = nil
	var fault *registry.Fault
	if errors.As(err, &fault) && errors.Is(err, registry.ErrUnavailable) {
		return problem.New(problem.RuleBackEndUnavailable).After(fault.RetryAfter).Because(err)
	}
	return err
}

func backEndFault(answer *outbound.Response, err error, now time.Time) error {
	if err != nil {
		return &registry.Fault{Kind: registry.ErrUnavailable, Err: err}
	}
	switch answer.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		wait := registry.ParseRetryAfter(answer.Header, now)
		return &registry.Fault{Kind: registry.ErrUnavailable, Status: answer.Status, RetryAfter: wait}
	}
	return nil
}

// backEndRequest builds a new request: nothing of the caller's passes but what is listed here.
func (x *serving) backEndRequest(ctx context.Context) (*http.Request, error) {
	target := x.exposed.url + x.rest
	if len(x.query) > 0 {
		target += "?" + x.query.Encode() // every parameter is one the document lists
	}
	req, err := http.NewRequestWithContext(ctx, x.in.Method, target, bytes.NewReader(x.in.Body))
	if err != nil {
		return nil, errors.New("the request to the back end cannot be built")
	}
	for _, name := range x.exposed.requestHeaders {
		if values := x.in.Header.Values(name); len(values) > 0 && !hopByHop(x.in.Header, name) {
			req.Header[name] = append([]string(nil), values...)
		}
	}
	req.Header.Set("Accept", mediaJSON+", "+problem.MediaType)
	if len(x.in.Body) > 0 {
		req.Header.Set(headerContentType, x.in.Header.Get(headerContentType))
	}
	x.setIdentity(req.Header)
	return req, nil
}

func (x *serving) setIdentity(h http.Header) {
	for _, v := range []struct{ name, value string }{
		{HeaderExchange, x.id},
		{HeaderConsumer, x.voucher.ConsumerID},
		{HeaderClient, x.voucher.ClientID},
		{HeaderPurpose, x.voucher.PurposeID},
		{HeaderOperator, x.audit.UserID},
		{HeaderOperatorLocation, x.audit.UserLocation},
		{HeaderOperatorLoA, x.audit.LoA},
	} {
		if v.value != "" {
			h.Set(v.name, headerSafe(v.value))
		}
	}
}
