// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package admin writes on PDND in an ente's name: e-services, agreements, purposes, keys and
// their links, over version 3 of the platform API.
//
// It owns the credentials of m2m-admin clients, which live in a file of their own, and the
// writes. It depends on pdnd for one request and on api for the reads. Nothing that serves
// requests may import it: a process that answers the network must not be able to declare
// anything for an ente. It decides nothing: what to write is package plan's.
//
// Errors are those of package api. Every error but an *api.Error leaves open whether the
// write has happened: read before repeating it. No write is repeated here.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi/token"
)

// Credentials are an admin client. They are made here only, and nothing outside can turn
// them into those of an ordinary client.
type Credentials struct{ client pdnd.Credentials }

// ClientID is the client's id on PDND.
func (c Credentials) ClientID() string { return c.client.ClientID }

// KID names the key that signs its assertions.
func (c Credentials) KID() string { return c.client.Key.KID }

// NewCredentials joins the parts of an admin client. dpop is not optional: only v3 has all
// the writes, and it takes bound vouchers only. http is nil for the platform's own network.
func NewCredentials(clientID, ente string, key, dpop token.SigningKey, http pdnd.Doer) (Credentials, error) {
	if key.Signer == nil || dpop.Signer == nil {
		return Credentials{}, errors.New("an admin client needs the key of its assertions and a DPoP key")
	}
	return Credentials{pdnd.Credentials{ClientID: clientID, Key: key, DPoP: dpop, Ente: ente, HTTP: http}}, nil
}

// Open reads the admin client of an ente in an environment from its own file and opens its
// keys. The errors are those of config.LoadAdmin and of package keys; an environment that
// the file does not name wraps keys.ErrNotFound.
func Open(c *config.Config, p keys.Provider, codiceIPA, environment string, http pdnd.Doer) (Credentials, error) {
	clients, err := config.LoadAdmin(c, codiceIPA)
	if err != nil {
		return Credentials{}, err
	}
	named, ok := clients[environment]
	if !ok {
		return Credentials{}, bilingual.Errorf("%w: pdnd-admin.yaml di %s non ha un client per %s",
			"%w: pdnd-admin.yaml of %s has no client for %s", keys.ErrNotFound, codiceIPA, environment)
	}
	client, err := keys.OpenAdmin(p, codiceIPA+": pdnd-admin.yaml: "+environment, named)
	if err != nil {
		return Credentials{}, err
	}
	return NewCredentials(client.ID, codiceIPA, client.Assertion, client.DPoP, http)
}

// Client writes, and reads as any API client does. It is safe for concurrent use.
type Client struct {
	*api.Client

	platform    *pdnd.Platform
	credentials pdnd.Credentials
}

// New returns a client of the environment of p.
func New(p *pdnd.Platform, c Credentials) *Client {
	return &Client{Client: api.New(p, c.client), platform: p, credentials: c.client}
}

const (
	mediaJSON  = "application/json"
	mediaPatch = "application/merge-patch+json"
)

// write sends one object and reads the one it answers. body may be nil.
func write[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	var out T
	q := pdnd.Request{Method: method, Path: path, ContentType: mediaJSON}
	if method == http.MethodPatch {
		q.ContentType = mediaPatch
	}
	if body != nil {
		var err error
		q.Body, err = json.Marshal(body)
		if err != nil {
			return out, fmt.Errorf("pdnd admin: %w", err)
		}
	}
	reply, err := c.platform.Call(ctx, c.credentials, q)
	if err != nil {
		return out, err
	}
	return out, api.Decode(reply, &out)
}

// do sends a request that answers nothing (204).
func (c *Client) do(ctx context.Context, method, path string, body any) error {
	q := pdnd.Request{Method: method, Path: path, ContentType: mediaJSON}
	if body != nil {
		var err error
		q.Body, err = json.Marshal(body)
		if err != nil {
			return fmt.Errorf("pdnd admin: %w", err)
		}
	}
	_, err := c.platform.Call(ctx, c.credentials, q)
	return err
}
