// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package probing is the stand-in for PagoPA's prober, which calls the status operation
// of e-services with a reduced token.
//
// It owns that one call. It depends on mocks/internal/rules for identifiers only; the
// token is signed by whoever it is given.
package probing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// Timeout is how long the prober waits, by default.
const Timeout = 5 * time.Second

// Lifetime is how long its token lives.
const Lifetime = time.Second

// Prober calls e-services. All fields but HTTP are needed.
type Prober struct {
	// HTTP makes the calls; the default client when nil.
	HTTP *http.Client
	// Sign makes the token under the header of a voucher.
	Sign   func(claims any) (string, error)
	Issuer string
	Clock  func() time.Time
	Rand   io.Reader
}

// Request is what to probe.
type Request struct {
	// BaseURL is the first server address of the interface; /status is added to it.
	BaseURL string
	// Audience of the descriptor, an array in the token.
	Audience []string
	// Technology is "REST" or "SOAP"; "REST" when empty.
	Technology string
	// WithoutToken calls without Authorization.
	WithoutToken bool
	// Timeout; [Timeout] when zero.
	Timeout time.Duration
	// HTTP makes this call instead of the prober's client.
	HTTP *http.Client
}

// Result is what the prober notes.
type Result struct {
	// OK is any 2xx.
	OK bool
	// Status is 0 when there was no answer.
	Status int
	// Reason is the status of a bad answer, or why there was none.
	Reason string
}

// claims of the probing token: no nbf, sub, client_id or purposeId.
type claims struct {
	Aud []string `json:"aud"`
	Iss string   `json:"iss"`
	Iat int64    `json:"iat"`
	Exp int64    `json:"exp"`
	Jti string   `json:"jti"`
}

// envelope is the SOAP body of a probe.
const envelope = `<?xml version="1.0" encoding="UTF-8"?>` +
	`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">` +
	`<soapenv:Body><probingRequest xmlns="http://it/pagopa/interop/probing"/></soapenv:Body></soapenv:Envelope>`

// Probe calls once. A failure is a result, not an error.
func (p *Prober) Probe(ctx context.Context, r Request) Result {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := p.request(ctx, r)
	if err != nil {
		return Result{Reason: err.Error()}
	}
	client := r.HTTP
	if client == nil {
		client = p.HTTP
	}
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return Result{Reason: cause(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)); err != nil {
		return Result{Status: resp.StatusCode, Reason: cause(err)}
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return Result{Status: resp.StatusCode, Reason: fmt.Sprintf("%d", resp.StatusCode)}
	}
	return Result{OK: true, Status: resp.StatusCode}
}

func (p *Prober) request(ctx context.Context, r Request) (*http.Request, error) {
	method, contentType, body := http.MethodGet, "application/json", io.Reader(http.NoBody)
	if r.Technology == "SOAP" {
		method, contentType, body = http.MethodPost, "text/xml", strings.NewReader(envelope)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(r.BaseURL, "/")+"/status", body)
	if err != nil {
		return nil, errors.New("the address cannot be called")
	}
	ids := [2]string{}
	for i := range ids {
		if ids[i], err = rules.UUID(p.Rand); err != nil {
			return nil, err
		}
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Correlation-Id", ids[0])
	if r.Technology == "SOAP" {
		req.Header.Set("SOAPAction", "interop/probing")
	}
	if r.WithoutToken {
		return req, nil
	}
	now := p.Clock()
	token, err := p.Sign(claims{Aud: r.Audience, Iss: p.Issuer, Iat: now.Unix(), Exp: now.Add(Lifetime).Unix(), Jti: ids[1]})
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return req, nil
}

// cause tells a timeout from a refused connection.
func cause(err error) string {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "timeout"
	}
	return "no answer"
}
