// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// send makes one attempt and reads the whole reply. It sends a copy of r: net/http may
// still be writing it when an attempt has failed, while the next one is being prepared.
// Its errors are *Error.
func (c *Client) send(r *http.Request, x Exchange) (*http.Response, *Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	out := r.Clone(ctx)
	out.Header.Set("Accept-Encoding", "identity")
	if out.Header.Get("User-Agent") == "" {
		out.Header.Set("User-Agent", "snodo")
	}
	if x.Prepare != nil {
		neverReplayed(out)
	}
	raw, err := c.transport.RoundTrip(out)
	if err != nil {
		return nil, nil, clean(ctx, err)
	}
	defer raw.Body.Close()
	limit := c.settings.MaxBody
	if x.MaxBody > 0 {
		limit = x.MaxBody
	}
	resp, err := readReply(raw, limit, newIdle(c.settings.IdleTimeout, cancel))
	if err != nil {
		return nil, nil, clean(ctx, err)
	}
	raw.Body = http.NoBody // the retry loop has nothing left to drain
	return raw, resp, nil
}

// neverReplayed keeps net/http from sending a prepared request again by itself on
// another connection, which it does for GET and for requests with an
// Idempotency-Key: the second copy would carry the jti of the first. A body that
// cannot be rewound stops it; this package's own retries sign anew.
func neverReplayed(r *http.Request) {
	if _, keyed := r.Header["Idempotency-Key"]; keyed {
		r.GetBody = nil
	}
	if _, keyed := r.Header["X-Idempotency-Key"]; keyed {
		r.GetBody = nil
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		r.GetBody = nil
		if r.Body == nil || r.Body == http.NoBody {
			r.Body = io.NopCloser(strings.NewReader(""))
		}
	}
}
