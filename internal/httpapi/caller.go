// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/store"
)

const (
	keyPrefix = "snodo_"
	maxKey    = 128
)

// caller authenticates an application by its key: exactly one Authorization header, scheme Bearer. The key is looked up
// by its SHA-256, which is all the store has of it.
func (a *API) caller(ctx context.Context, h http.Header) (gateway.Application, error) {
	values := h.Values("Authorization")
	switch len(values) {
	case 0:
		return gateway.Application{}, problem.New(problem.RuleNoKey)
	case 1:
	default:
		return gateway.Application{}, problem.New(problem.RuleRepeatedAuthorization)
	}
	scheme, key, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return gateway.Application{}, problem.New(problem.RuleNoKey)
	}
	if !strings.HasPrefix(key, keyPrefix) || len(key) > maxKey {
		return gateway.Application{}, problem.New(problem.RuleUnknownKey)
	}
	known, err := a.Keys.Lookup(ctx, store.DigestAPIKey(key))
	switch {
	case errors.Is(err, store.ErrRevoked):
		return gateway.Application{}, problem.New(problem.RuleRevokedKey)
	case errors.Is(err, store.ErrNotFound):
		return gateway.Application{}, problem.New(problem.RuleUnknownKey)
	case err != nil:
		return gateway.Application{}, problem.New(problem.RuleStore).Because(err)
	}
	return gateway.Application{Ente: known.Ente, Name: known.Application, KeyID: known.ID}, nil
}
