// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package api reads PDND's platform API, version 3 or 2: the catalogue, agreements,
// purposes, clients, keychains, tenants, delegations and the feeds of events.
//
// It owns the shape of the platform's objects and the reading of whole lists. It depends on
// pdnd, which sends one request with its voucher, verifies the reply and keeps the limits
// of the ente. It writes nothing: that is package admin's, which `serve` never links.
//
// An error is either *Error, the platform's "no", or a *registry.Fault, a "don't know", as
// pdnd.Platform.Call has them.
package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// Error is a "no" of the platform.
type Error = pdnd.APIError

// What an *Error is, for errors.Is.
var (
	ErrRefused   = pdnd.ErrRefused
	ErrNotFound  = pdnd.ErrNotFound
	ErrConflict  = pdnd.ErrConflict
	ErrForbidden = pdnd.ErrForbidden
)

// Client reads the platform API with the credentials of one API client. It is safe for
// concurrent use.
type Client struct {
	platform    *pdnd.Platform
	credentials pdnd.Credentials
}

// New returns a client of the environment of p. Credentials with a DPoP key read v3, whose
// replies are signed; without they read v2.
func New(p *pdnd.Platform, c pdnd.Credentials) *Client { return &Client{platform: p, credentials: c} }

// get reads one object into a value of type T. path is escaped.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	var out T
	reply, err := c.platform.Call(ctx, c.credentials, pdnd.Request{Method: http.MethodGet, Path: path, Query: query})
	if err != nil {
		return out, err
	}
	return out, Decode(reply, &out)
}

// Decode reads the object of a reply. One that is none of the platform's is a "don't know".
func Decode(reply *pdnd.Reply, into any) error {
	if err := json.Unmarshal(reply.Body, into); err != nil {
		return &registry.Fault{Kind: registry.ErrPDND, Status: reply.Status, Text: textUnreadable()}
	}
	return nil
}

// Path joins steps of a path, each escaped.
func Path(steps ...string) string {
	path := ""
	for _, step := range steps {
		path += "/" + url.PathEscape(step)
	}
	return path
}

func textUnreadable() modi.Text {
	return modi.Text{
		IT: "la risposta delle API di PDND non ha la forma attesa",
		EN: "the reply of the API of PDND is not of the expected form",
	}
}
