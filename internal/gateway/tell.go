// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/snodo-pa/snodo/internal/gateway/identity"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// Telling tells a back end who calls by a signed statement, made when the request leaves: one that was kept for later goes
// with a statement of its own. What it states it reads from the identity headers of the request, which this hub has
// written. Every field is mandatory but Plain. It is safe for concurrent use.
type Telling struct {
	Next interface {
		Doer
		Streamer
	}
	Ente, Environment, Service string
	Audience                   string // address of the back end, without a final slash
	Plain                      bool   // the headers stay beside the statement
	// Key signs. It is asked for every request.
	Key   func() (token.SigningKey, error)
	Clock modi.Clock
}

var (
	_ Doer     = (*Telling)(nil)
	_ Streamer = (*Telling)(nil)
)

// Do sends a request with its statement.
func (t *Telling) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	told, err := t.tell(ctx, req)
	if err != nil {
		return nil, err
	}
	return t.Next.Do(ctx, told, x)
}

// Stream is Do for an answer that is handed on as it comes.
func (t *Telling) Stream(ctx context.Context, req *http.Request) (*outbound.Stream, error) {
	told, err := t.tell(ctx, req)
	if err != nil {
		return nil, err
	}
	return t.Next.Stream(ctx, told)
}

// tell copies a request and puts the statement on it. Its errors are *outbound.Error: nothing was sent.
func (t *Telling) tell(ctx context.Context, req *http.Request) (*http.Request, error) {
	unprepared := func(detail string) error {
		return &outbound.Error{Reason: outbound.ReasonPrepare, Detail: detail}
	}
	key, err := t.Key()
	if err != nil {
		return nil, unprepared("the key of the identity is not there")
	}
	digest, err := digestOf(req)
	if err != nil {
		return nil, unprepared("the body cannot be read")
	}
	address := *req.URL
	address.RawQuery = ""
	said := func(name string) string { return undoHeaderSafe(req.Header.Get(name)) }
	compact, err := identity.Sign(identity.Statement{
		Issuer: t.Ente, Audience: t.Audience, Subject: said(HeaderConsumer), JTI: said(HeaderExchange),
		Environment: t.Environment, Service: t.Service, Operation: said(HeaderOperation),
		Client: said(HeaderClient), Purpose: said(HeaderPurpose),
		Operator: identity.Operator{UserID: said(HeaderOperator), UserLocation: said(HeaderOperatorLocation), LoA: said(HeaderOperatorLoA)},
		Method:   req.Method, Path: strings.TrimPrefix(address.String(), t.Audience), Body: digest,
	}, t.Clock(), identity.LifetimeOf(req.ContentLength), key)
	if err != nil {
		return nil, unprepared("the identity cannot be signed")
	}
	told := req.Clone(ctx)
	if !t.Plain {
		for _, name := range identityHeaders() {
			told.Header.Del(name)
		}
	}
	told.Header.Set(identity.Header, compact)
	return told, nil
}

// digestOf is the digest of a body that can be read twice, of none for one that cannot.
func digestOf(req *http.Request) (string, error) {
	if req.GetBody == nil {
		return identity.Digest(nil), nil
	}
	body, err := req.GetBody()
	if err != nil {
		return "", err
	}
	digest, err := identity.DigestOf(body)
	return digest, errors.Join(err, body.Close())
}

// identityHeaders are those that say who calls what; which exchange it is stays for whoever looks for it.
func identityHeaders() []string {
	return []string{HeaderOperation, HeaderConsumer, HeaderClient, HeaderPurpose, HeaderOperator, HeaderOperatorLocation, HeaderOperatorLoA}
}

// undoHeaderSafe gives back the claim that headerSafe wrote.
func undoHeaderSafe(s string) string {
	if text, err := url.PathUnescape(s); err == nil {
		return text
	}
	return s
}
