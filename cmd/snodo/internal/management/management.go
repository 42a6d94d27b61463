// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package management calls the listener "gestione" of a running hub over its Unix
// socket.
//
// It owns the client side of that API: paths, bounds, and the difference between a hub
// that says no and a hub that does not answer. It depends on internal/bilingual alone
// and never opens the hub's database or keys.
package management

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// maxAnswer bounds a JSON answer; exports are streamed and not bounded.
const maxAnswer = 64 << 20

// RefusedError is the hub's "no": it answered with a problem document.
type RefusedError struct {
	Status int
	Title  string
	Detail string
	Rule   string
	Remedy string // what to do about it
}

// Error gives title, detail and rule of the problem; a problem without detail gives its remedy.
func (e *RefusedError) Error() string {
	text := e.Title
	if more := cmp.Or(e.Detail, e.Remedy); more != "" {
		text += ": " + more
	}
	if e.Rule != "" {
		text += " [" + e.Rule + "]"
	}
	return text
}

// ErrUnreachable reports that no hub answers on the socket.
var ErrUnreachable = bilingual.New("nessuno Snodo risponde sul socket", "no hub answers on the socket")

// Client talks to one hub. It is safe for concurrent use.
type Client struct {
	socket string
	lang   string
	http   *http.Client
}

// New returns a client for the hub listening on a Unix socket; lang chooses the language
// of problems (it, en).
func New(socket, lang string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	return &Client{socket: socket, lang: lang, http: &http.Client{Transport: &http.Transport{DialContext: dial}}}
}

// Get reads a JSON document into the value pointed to by into.
func (c *Client) Get(ctx context.Context, path string, query url.Values, into any) error {
	return c.json(ctx, http.MethodGet, path, query, nil, into)
}

// Post sends body as JSON and reads the answer into the value pointed to by into.
func (c *Client) Post(ctx context.Context, path string, body, into any) error {
	return c.json(ctx, http.MethodPost, path, nil, body, into)
}

// Delete removes what path names.
func (c *Client) Delete(ctx context.Context, path string) error {
	return c.json(ctx, http.MethodDelete, path, nil, nil, nil)
}

// Stream copies an answer, however long, to w.
func (c *Client) Stream(ctx context.Context, path string, query url.Values, w io.Writer) error {
	resp, err := c.do(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(w, resp.Body); err != nil {
		return bilingual.Errorf("la risposta dello Snodo si è interrotta: %w", "the answer of the hub broke off: %w", err)
	}
	return nil
}

func (c *Client) json(ctx context.Context, method, path string, query url.Values, body, into any) error {
	var sent io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		sent = bytes.NewReader(encoded)
	}
	resp, err := c.do(ctx, method, path, query, sent)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into); err != nil {
		return bilingual.Errorf("risposta dello Snodo: %w", "answer of the hub: %w", err)
	}
	return nil
}

// do sends one request and turns every answer but 2xx into an error.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body io.Reader) (*http.Response, error) {
	target := url.URL{Scheme: "http", Host: "gestione", Path: path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, bilingual.Errorf("richiesta allo Snodo: %w", "ask the hub: %w", err)
	}
	req.Header.Set("Accept-Language", c.lang)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err // the invented host says nothing
		}
		return nil, bilingual.Errorf("%w %s (snodo serve è in esecuzione?): %w", "%w %s (is snodo serve running?): %w", ErrUnreachable, c.socket, err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, refused(resp)
}

func refused(resp *http.Response) error {
	var problem struct {
		Title, Detail, Rule string
		Remedy              string `json:"rimedio"`
	}
	err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&problem)
	if err != nil || problem.Title == "" {
		return bilingual.Errorf("lo Snodo risponde %s senza un documento di errore", "the hub answers %s without a problem document", resp.Status)
	}
	return &RefusedError{Status: resp.StatusCode, Title: problem.Title, Detail: problem.Detail, Rule: problem.Rule, Remedy: problem.Remedy}
}
