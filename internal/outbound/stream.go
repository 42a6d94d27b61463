// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Stream is a reply whose body is read as it comes. Its length is not bounded: whoever reads it holds a piece at a time.
type Stream struct {
	Status int
	Header http.Header
	Body   io.ReadCloser // its errors are *Error; closing it ends the exchange
	Length int64         // of Body, below 0 when the peer does not say
}

// Stream sends req once and returns the reply as soon as its head is there. ctx bounds the whole exchange, the reading
// of the body included; what waits for the head alone is for the caller to bound. The body is refused where it is
// encoded, and cut when a read of it brings nothing within the idle timeout. Every error is an *Error.
func (c *Client) Stream(ctx context.Context, req *http.Request) (*Stream, error) {
	if err := c.checkTarget(req.URL); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	out := req.Clone(ctx)
	out.Header.Set("Accept-Encoding", "identity")
	if out.Header.Get("User-Agent") == "" {
		out.Header.Set("User-Agent", "snodo")
	}
	raw, err := c.transport.RoundTrip(out) //nolint:bodyclose // the caller closes it, as the body of the Stream
	if err != nil {
		defer cancel(nil)
		return nil, clean(ctx, err)
	}
	body := newStreamBody(ctx, raw.Body, c.settings.IdleTimeout, cancel)
	if encoding := strings.Join(raw.Header.Values("Content-Encoding"), ","); encoding != "" && !strings.EqualFold(encoding, "identity") {
		_ = body.Close()
		return nil, &Error{Reason: ReasonEncoding, Detail: "a stream is read as it is"}
	}
	return &Stream{Status: raw.StatusCode, Header: raw.Header, Body: body, Length: raw.ContentLength}, nil
}

// streamBody is a body that is cut when it stalls. What its reader does between two pieces takes its own time: a consumer
// that is slow is no fault of the peer.
type streamBody struct {
	ctx    context.Context //nolint:containedctx // of the exchange, which the body outlives no longer than it is read
	raw    io.ReadCloser
	stall  *idle
	cancel context.CancelCauseFunc
}

func newStreamBody(ctx context.Context, raw io.ReadCloser, idle time.Duration, cancel context.CancelCauseFunc) *streamBody {
	s := &streamBody{ctx: ctx, raw: raw, stall: newIdle(idle, cancel), cancel: cancel}
	s.stall.stop() // it runs while a piece is waited for
	return s
}

// Read reads the next piece.
func (s *streamBody) Read(b []byte) (int, error) {
	s.stall.progress()
	n, err := s.raw.Read(b)
	s.stall.stop()
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, clean(s.ctx, err)
}

// Close ends the exchange, whether the body was read to its end or not.
func (s *streamBody) Close() error {
	s.stall.stop()
	err := s.raw.Close()
	s.cancel(nil)
	return err
}
