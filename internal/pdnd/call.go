// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/registry"
)

// maxAPIReply bounds a reply of the platform API that says nothing else: a page of fifty
// objects takes some 100 kB.
const maxAPIReply = 1 << 20

// Request is one request to the platform API.
type Request struct {
	Method      string
	Path        string // below the version, "/agreements/{id}", already escaped
	Query       url.Values
	Body        []byte
	ContentType string // of Body
	MaxReply    int64  // bytes, 0 for a megabyte
}

// Reply is a reply of the platform API that is no error and, in v3, was signed by it.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Version is the version of the platform API that credentials speak: v3 with a DPoP key,
// else v2.
func (c Credentials) Version() string {
	if c.DPoP.Signer != nil {
		return "v3"
	}
	return "v2"
}

// Call makes one request to the platform API with the voucher of an API client.
//
// A "no" of the platform is an *APIError, believed only in PDND's own words: a wrong base
// URL gives a 404 too. Everything else is a *registry.Fault. ErrPDND: no answer, a 5xx or
// an answer that is none of PDND's; ErrConfig: PDND refuses a fresh voucher of the client
// (401), which says nothing of what was asked; ErrThrottled: a 429, which holds back every request
// of the ente until its time is up, or the wait before one; ErrBadReply: a v3 reply without
// a good signature of PDND, with the rule in Violations; and those of Voucher. Every error
// but an *APIError leaves open whether a write has happened.
//
// A GET is repeated once after a lost connection or a 5xx, a write never. A voucher that
// the API refuses is replaced once: nothing was done with it.
func (p *Platform) Call(ctx context.Context, c Credentials, q Request) (*Reply, error) {
	key, want := c.throttleKey("api"), VoucherRequest{Client: c}
	for attempt := 1; ; attempt++ {
		if err := p.enter(ctx, key); err != nil {
			return nil, asTokenFault(err)
		}
		v, err := p.Voucher(ctx, want)
		if err != nil {
			return nil, err
		}
		resp, err := p.send(ctx, c, q, v)
		if err != nil {
			return nil, asTokenFault(err)
		}
		if resp.Status == http.StatusTooManyRequests {
			fault := &registry.Fault{Kind: registry.ErrThrottled, Status: resp.Status, Text: textThrottledAPI(resp.Header)}
			held := *p.hold(key, fault, resp.Header)
			return nil, &held
		}
		p.learn(key, resp.Header)
		if resp.Status == http.StatusUnauthorized && attempt == 1 {
			p.Invalidate(want, v)
			continue
		}
		return p.judge(ctx, c, q, resp)
	}
}

// send makes the attempts inside the guard of the API.
func (p *Platform) send(ctx context.Context, c Credentials, q Request, v Voucher) (resp *outbound.Response, err error) {
	err = guarded(ctx, p.apiGuards.of(c.network()), func(ctx context.Context) error {
		req, err := p.request(ctx, c, q)
		if err != nil {
			return err
		}
		attempts := 1
		if q.Method == http.MethodGet {
			attempts = 2
		}
		resp, err = p.client(c).Do(ctx, req, outbound.Exchange{
			Attempts: attempts, Retryable: worthRepeating, MaxBody: cmp.Or(q.MaxReply, maxAPIReply),
			Prepare: func(_ int, r *http.Request) error { return p.Authorize(r, c, v) },
		})
		if err != nil {
			return noAnswer(err)
		}
		if resp.Status >= 500 {
			return &registry.Fault{
				Kind: registry.ErrPDND, Status: resp.Status, Text: textNoAnswer(),
				RetryAfter: registry.ParseRetryAfter(resp.Header, p.clock()),
			}
		}
		return nil
	})
	return resp, err
}

func (p *Platform) request(ctx context.Context, c Credentials, q Request) (*http.Request, error) {
	address := p.profile.APIBase + "/" + c.Version() + q.Path
	if len(q.Query) > 0 {
		address += "?" + q.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, q.Method, address, bytes.NewReader(q.Body))
	if err != nil {
		return nil, errors.New("apiBase of the environment is not a URL")
	}
	req.Header.Set("Accept", "application/json, multipart/form-data")
	if len(q.Body) > 0 {
		req.Header.Set("Content-Type", q.ContentType)
	}
	return req, nil
}

// judge verifies a reply and tells "no" from "don't know".
func (p *Platform) judge(ctx context.Context, c Credentials, q Request, resp *outbound.Response) (*Reply, error) {
	if c.Version() == "v3" {
		if err := p.verifyReply(ctx, c, resp); err != nil {
			return nil, err
		}
	}
	if resp.Status >= 200 && resp.Status < 300 {
		return &Reply{Status: resp.Status, Header: resp.Header, Body: resp.Body}, nil
	}
	problem := readProblem(resp)
	if resp.Status < 400 || problem.code == "" {
		return nil, &registry.Fault{
			Kind: registry.ErrPDND, Status: resp.Status, Text: textNotPlatform(), RegistryID: problem.correlationID,
		}
	}
	if resp.Status == http.StatusUnauthorized {
		return nil, &registry.Fault{
			Kind: registry.ErrConfig, Status: resp.Status, Code: problem.code, Text: textClientRefused(c.ClientID), RegistryID: problem.correlationID,
		}
	}
	return nil, &APIError{
		Operation: q.Method + " " + route(q.Path), Status: resp.Status,
		Code: problem.code, Detail: problem.detail, CorrelationID: problem.correlationID,
	}
}

// verifyReply checks that a v3 reply, an error or an empty one too, was signed by PDND over
// the bytes received (platform API v3, Agid-JWT-Signature and Digest).
func (p *Platform) verifyReply(ctx context.Context, c Credentials, resp *outbound.Response) error {
	_, err := rest.IntegrityVerifier{
		Pattern: modi.PatternPDNDResponse, Issuer: cmp.Or(p.profile.APIIssuer, p.profile.Issuer), RequireOnEmpty: true,
		Owner: c.ClientID, MustSign: []string{"X-Correlation-Id"}, Keys: p.apiJWKS, Clock: p.clock, Times: modi.PartyTimes(),
	}.Verify(ctx, rest.Message{Header: resp.WireHeader, Body: modi.Bytes(resp.Wire)})
	if err == nil {
		return nil
	}
	fault := &registry.Fault{Kind: registry.ErrPDND, Status: resp.Status, Text: textReplyKeys(), Err: err}
	var refusal *modi.Refusal
	if errors.As(err, &refusal) {
		fault.Kind, fault.Text, fault.Violations = registry.ErrBadReply, textReplyUnsigned(), refusal.Violations
	}
	return fault
}
