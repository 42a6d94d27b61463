// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// forward has the request answered, once: it is a request of its own, with allow-listed headers and the caller's verified
// identity. 502, 503, 504 and silence mean that the procedure is not there; every other status is its answer. Silence is
// the procedure's only within its own deadline: when the time of the whole exchange ends first, or the caller leaves, it is
// not held against it.
func (i *In) forward(budget context.Context, x *serving) error {
	switch {
	case x.terms.bulk:
		return i.forwardStream(budget, x)
	case x.upload != nil: // how long it lasts depends on its length: the time of an exchange does not bound it
		return i.ask(x.whole, x)
	}
	return i.ask(budget, x)
}

// ask makes the one call.
func (i *In) ask(ctx context.Context, x *serving) error {
	ctx = context.WithValue(ctx, seatedKey{}, true)
	req, err := x.backEndRequest(ctx)
	if err != nil {
		return err
	}
	if x.answer, err = x.exposed.backEnd.Do(ctx, req, outbound.Exchange{}); err != nil {
		x.answer = nil
		return i.backEndError(x, err)
	}
	return nil
}

// backEndError tells why there is no answer of the procedure.
func (i *In) backEndError(x *serving, err error) error {
	if problem.Explain(err).Row.Rule == problem.RuleBackEndBadAnswer {
		i.Observer.badAnswer(x.exposed.recipe.Name)
	}
	var fault *registry.Fault
	if errors.As(err, &fault) && errors.Is(err, registry.ErrUnavailable) {
		return problem.New(problem.RuleBackEndUnavailable).After(fault.RetryAfter).Because(err)
	}
	return err
}

// backEndRequest builds a new request: nothing of the caller's passes but what is listed here.
func (x *serving) backEndRequest(ctx context.Context) (*http.Request, error) {
	target := x.exposed.url + x.match.Path
	if len(x.query) > 0 {
		target += "?" + x.query.Encode() // every parameter is one the document lists
	}
	req, err := http.NewRequestWithContext(ctx, x.in.Method, target, bytes.NewReader(x.in.Body))
	if err != nil {
		return nil, errors.New("the request to the back end cannot be built")
	}
	if x.upload != nil {
		if req.Body, err = x.upload.Open(); err != nil {
			return nil, err
		}
		req.ContentLength, req.GetBody = x.upload.Len(), x.upload.Open
	}
	for _, name := range x.terms.headers {
		if values := x.in.Header.Values(name); len(values) > 0 && !hopByHop(x.in.Header, name) {
			req.Header[name] = append([]string(nil), values...)
		}
	}
	req.Header.Set("Accept", x.match.Accept)
	if x.body().Len() > 0 {
		// The bare media type: validate has seen that the body is UTF-8, and no other parameter means anything.
		media, _ := schema.MediaType(x.in.Header)
		req.Header.Set(headerContentType, media)
	}
	x.setIdentity(req.Header)
	return req, nil
}

func (x *serving) setIdentity(h http.Header) {
	if mode := x.exposed.binding.BackEnd.Identity; mode == config.IdentityJWT || mode == config.IdentityBoth {
		h.Set(HeaderOperation, headerSafe(x.match.ID)) // for Telling
	}
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
