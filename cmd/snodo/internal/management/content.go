// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package management

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// Content is a body that is no JSON of this package, with the headers that go with it.
type Content struct {
	Media  string
	Data   []byte
	Header http.Header
}

// Send posts a body as it is and reads the JSON answer. The path is escaped already.
func (c *Client) Send(ctx context.Context, escaped string, query url.Values, content Content, into any) error {
	answer, err := c.raw(ctx, http.MethodPost, escaped, query, content)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return bilingual.Errorf("risposta dello Snodo: %w", "answer of the hub: %w", err)
	}
	return nil
}

// Fetch reads an answer that is no JSON. The path is escaped already.
func (c *Client) Fetch(ctx context.Context, escaped string, query url.Values, header http.Header) ([]byte, error) {
	return c.raw(ctx, http.MethodGet, escaped, query, Content{Header: header})
}

// raw sends one request and returns the whole answer; every answer but 2xx is an error.
func (c *Client) raw(ctx context.Context, method, escaped string, query url.Values, content Content) ([]byte, error) {
	var body io.Reader
	if content.Data != nil {
		body = bytes.NewReader(content.Data)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://gestione"+escaped+"?"+query.Encode(), body)
	if err != nil {
		return nil, bilingual.Errorf("richiesta allo Snodo: %w", "ask the hub: %w", err)
	}
	for name, values := range content.Header {
		req.Header[name] = values
	}
	req.Header.Set("Accept-Language", c.lang)
	if content.Media != "" {
		req.Header.Set("Content-Type", content.Media)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err // the invented host says nothing
		}
		return nil, bilingual.Errorf("%w %s (snodo serve è in esecuzione?): %w", "%w %s (is snodo serve running?): %w", ErrUnreachable, c.socket, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return nil, refused(resp)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, bilingual.Errorf("la risposta dello Snodo si è interrotta: %w", "the answer of the hub broke off: %w", err)
	}
	return answer, nil
}
