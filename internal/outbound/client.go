// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package outbound is the hardened HTTP client: every byte the hub sends to another
// host goes through it.
//
// It owns the egress policy, the network settings of a connection, bounded replies,
// retries and errors that are safe to log. It depends on go-retryablehttp and, to read
// Retry-After, on registry. It knows no token: whoever signs does it in
// Exchange.Prepare. It follows no redirect, keeps no cookie and logs nothing.
package outbound

import (
	"context"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
)

// Client sends requests over one network setting. It pools connections and is safe
// for concurrent use.
type Client struct {
	settings  Settings
	transport *http.Transport
}

// New checks the settings and returns a client. It opens no connection.
func New(s Settings) (*Client, error) {
	s = s.withDefaults()
	t, err := newTransport(s)
	if err != nil {
		return nil, err
	}
	return &Client{settings: s, transport: t}, nil
}

// Close drops the idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Exchange says how one request is sent. The zero value sends it once.
type Exchange struct {
	// Prepare runs before every attempt (1, 2, ...): it sets the headers that must
	// differ, such as signatures. Those of the attempt before are still there. An error
	// ends the exchange.
	Prepare func(attempt int, r *http.Request) error
	// Retryable tells whether a further attempt is both harmless and useful; exactly
	// one of its arguments is nil. nil means never.
	Retryable func(resp *Response, err error) bool
	// Done is told the result of every attempt; exactly one of resp and err is nil.
	Done func(attempt int, resp *Response, err error)
	// Attempts is the most tries, the first included; less than 1 means 1.
	Attempts int
	// MaxBody bounds the reply in bytes; 0 means the client's setting.
	MaxBody int64
}

// Response is a whole reply.
//
// Header describes Body: where a content encoding was undone, it has none. WireHeader and
// Wire are as received: what a Digest header and signed headers speak of.
type Response struct {
	Status     int
	Header     http.Header
	Body       []byte
	WireHeader http.Header
	Wire       []byte
}

// Do sends req, again where x says so, and returns the last reply whatever its
// status: 3xx, 4xx and 5xx are replies. The deadline of ctx spans all attempts and
// waits; an attempt whose wait (Retry-After, or a jittered backoff) would end after
// it is not made, and the reply at hand is returned at once.
//
// Every error is an *Error.
func (c *Client) Do(ctx context.Context, req *http.Request, x Exchange) (*Response, error) {
	if err := c.checkTarget(req.URL); err != nil {
		return nil, err
	}
	a := &attempts{client: c, exchange: x}
	if x.Attempts <= 1 {
		if x.Prepare == nil {
			return a.only(req.WithContext(ctx)) // send makes the copy
		}
		return a.only(req.Clone(ctx))
	}
	r, err := retryablehttp.FromRequest(req.Clone(ctx))
	if err != nil {
		return nil, &Error{Reason: ReasonPrepare, Detail: "body cannot be read"}
	}
	err = a.prepare(r.Request)
	if err != nil {
		return nil, err
	}
	_, err = a.retrier().Do(r) //nolint:bodyclose // send has read and closed it: a.last is the whole reply
	switch {
	case err == nil && a.last != nil:
		return a.last, nil
	case a.err != nil:
		return nil, a.err
	}
	return nil, clean(ctx, err)
}

// attempts is the state of one Do: it is the RoundTripper below go-retryablehttp, so
// that whatever net/http and the retry loop do, every attempt passes send.
type attempts struct {
	client   *Client
	exchange Exchange
	count    int
	last     *Response // of the latest attempt, nil when it failed
	err      error     // of the latest attempt, an *Error
}

// only makes the one attempt that there is, without the retry loop and its copy of the body.
func (a *attempts) only(r *http.Request) (*Response, error) {
	if err := a.prepare(r); err != nil {
		return nil, err
	}
	if _, err := a.RoundTrip(r); err != nil { //nolint:bodyclose // send has read and closed it
		return nil, a.err
	}
	return a.last, nil
}

func (a *attempts) retrier() *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     a,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Logger:       nil, // it would log URLs
		RetryMax:     max(a.exchange.Attempts, 1) - 1,
		RetryWaitMin: a.client.settings.BackoffMin,
		RetryWaitMax: a.client.settings.BackoffMax,
		CheckRetry:   a.checkRetry,
		Backoff:      a.wait,
		PrepareRetry: a.prepare,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// prepare runs before every attempt. What it changes is not on the wire yet: send
// makes a copy for each attempt.
func (a *attempts) prepare(r *http.Request) error {
	a.count++
	if a.exchange.Prepare == nil {
		return nil
	}
	if err := a.exchange.Prepare(a.count, r); err != nil {
		a.last, a.err = nil, &Error{Reason: ReasonPrepare, cause: err}
		return a.err
	}
	return nil
}

// RoundTrip makes one attempt: send, read the bounded body.
func (a *attempts) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, resp, err := a.client.send(r, a.exchange)
	a.last, a.err = resp, nil
	if err != nil {
		a.err = err
	}
	if a.exchange.Done != nil {
		a.exchange.Done(a.count, a.last, a.err)
	}
	if err != nil {
		return nil, err
	}
	return raw, nil
}

func (a *attempts) checkRetry(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	switch {
	case ctx.Err() != nil, a.exchange.Retryable == nil, a.last == nil && a.err == nil:
		return false, nil
	case final(ReasonOf(a.err)):
		return false, nil
	case !a.exchange.Retryable(a.last, a.err):
		return false, nil
	}
	return a.fits(ctx), nil
}

// final tells whether trying again cannot help: the fault is in our settings, in the
// request, in what the peer chose to send, or lies with the caller who left.
func final(r Reason) bool {
	switch r {
	case ReasonAddress, ReasonCertificate, ReasonPrepare, ReasonCancelled, ReasonTooLarge, ReasonEncoding:
		return true
	default:
		return false
	}
}
