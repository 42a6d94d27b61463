// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/probing"
)

func TestProbingTokenIsReduced(t *testing.T) {
	w := newWorldForTest(t, Options{})
	var authorization string
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { authorization = r.Header.Get("Authorization") }))
	t.Cleanup(service.Close)
	if result := w.Probe(t.Context(), probing.Request{BaseURL: service.URL, Audience: []string{"https://a"}}); !result.OK {
		t.Fatalf("%+v", result)
	}
	token, err := rules.Parse(strings.TrimPrefix(authorization, "Bearer "))
	must(t, err)
	must(t, token.Verify(&keys()[4].PublicKey))
	if diff := cmp.Diff([]any{"https://a"}, token.Claims["aud"]); diff != "" {
		t.Errorf("aud (-want +got):\n%s", diff)
	}
	if extra := token.Claims.Extra("aud", "iss", "exp", "iat", "jti"); len(extra) > 0 {
		t.Errorf("extra claims %v", extra)
	}
	if extra := token.Header.Extra("typ", "use", "alg", "kid"); len(extra) > 0 {
		t.Errorf("extra header members %v", extra)
	}
	// It opens nothing on the platform itself.
	if a := w.get("/v2/keys/"+w.kid, authorization); a.status != http.StatusUnauthorized {
		t.Errorf("the platform takes it: %d", a.status)
	}
}
