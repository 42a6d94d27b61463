// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package fruitore

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

var keys = sync.OnceValue(func() []*rsa.PrivateKey {
	list := make([]*rsa.PrivateKey, 2)
	for i := range list {
		list[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return list
})

const (
	testClient  = "30000000-0000-4000-8000-000000000001"
	testPurpose = "30000000-0000-4000-8000-000000000002"
	testAud     = "https://api.example/v1"
)

func clock() time.Time { return time.Unix(1_767_225_600, 0) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newClient(t *testing.T, tokenURL string) *Client {
	t.Helper()
	kid, err := rules.Thumbprint(&keys()[0].PublicKey)
	must(t, err)
	return New(Options{
		Clock: clock, TokenURL: tokenURL, AssertionAudience: "as", ClientID: testClient,
		PurposeID: testPurpose, Audience: testAud, Key: keys()[0], Kid: kid,
	})
}

// platform answers every token request with the same text and status.
func platform(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestMessageIsOneAProducerAccepts(t *testing.T) {
	var got *http.Request
	var body []byte
	producer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	t.Cleanup(producer.Close)
	c := newClient(t, platform(t, http.StatusOK, `{"access_token":"v.v.v"}`))
	_, err := c.Do(t.Context(), http.MethodPost, producer.URL, []byte(`{"a":1}`), Hooks{})
	must(t, err)
	if got.Header.Get("Authorization") != "Bearer v.v.v" {
		t.Errorf("voucher %q", got.Header.Get("Authorization"))
	}
	party := rules.Party{ClientID: testClient, Audience: testAud, Now: clock(), Window: rules.Window{MaxAge: 300 * time.Second}}
	check := func(compact string, more func(rules.Members) *rules.Fault) {
		t.Helper()
		token, _, fault := rules.ParseParty(compact)
		if fault != nil {
			t.Fatal(fault)
		}
		must(t, token.Verify(&keys()[0].PublicKey))
		if fault := rules.CheckParty(token.Claims, party); fault != nil {
			t.Error(fault)
		}
		if fault := more(token.Claims); fault != nil {
			t.Error(fault)
		}
	}
	check(got.Header.Get("Agid-JWT-TrackingEvidence"), func(m rules.Members) *rules.Fault { return rules.CheckEvidence(m, testPurpose) })
	check(got.Header.Get("Agid-JWT-Signature"), func(m rules.Members) *rules.Fault { return rules.CheckSignedHeaders(m, got.Header) })
	if fault := rules.CheckDigest(got.Header, body); fault != nil {
		t.Error(fault)
	}
	_, err = c.Do(t.Context(), http.MethodGet, producer.URL, nil, Hooks{})
	must(t, err)
	if got.Header.Get("Agid-JWT-Signature") != "" || got.Header.Get("Digest") != "" {
		t.Error("a request without a body is signed")
	}
}

func TestAssertionHasTheDocumentedMembersOnly(t *testing.T) {
	c := newClient(t, "")
	compact, err := c.Assertion("d", nil)
	must(t, err)
	token, err := rules.Parse(compact)
	must(t, err)
	if extra := token.Claims.Extra("iss", "sub", "aud", "jti", "iat", "exp", "purposeId", "digest"); len(extra) > 0 || len(token.Claims) != 8 {
		t.Errorf("claims %v", token.Claims)
	}
	if extra := token.Header.Extra("alg", "typ", "kid"); len(extra) > 0 {
		t.Errorf("header %v", token.Header)
	}
}

func TestNoVoucher(t *testing.T) {
	for body, status := range map[string]int{`{"errors":[]}`: 400, `{}`: 200, `x`: 200, `{"access_token":"v"}`: 500} {
		c := newClient(t, platform(t, status, body))
		if _, err := c.Do(t.Context(), http.MethodGet, "http://127.0.0.1:1", nil, Hooks{}); !errors.Is(err, ErrNoVoucher) {
			t.Errorf("%d %s: %v", status, body, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newClient(t, "http://127.0.0.1:1").Voucher(cancelled, "", nil); err == nil || errors.Is(err, ErrNoVoucher) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := newClient(t, ":").Voucher(t.Context(), "", nil); err == nil {
		t.Error("asked an impossible address")
	}
}

// reply is a good signed answer with header and claims changed.
func reply(t *testing.T, body string, changes map[string]any) *Reply {
	t.Helper()
	digest := rules.Digest([]byte(`{"ok":true}`))
	claims := map[string]any{
		"aud": testClient, "iat": clock().Unix(), "exp": clock().Unix() + 60, "jti": "j",
		"signed_headers": rules.SignedHeaders(digest, "application/json"),
	}
	for name, value := range changes {
		claims[name] = value
	}
	kid, err := rules.Thumbprint(&keys()[1].PublicKey)
	must(t, err)
	compact, err := rules.Sign(rand.Reader, keys()[1], map[string]any{"alg": "RS256", "typ": "JWT", "kid": kid}, claims)
	must(t, err)
	h := http.Header{}
	h.Set("Digest", digest)
	h.Set("Content-Type", "application/json")
	h.Set("Agid-JWT-Signature", compact)
	return &Reply{Status: http.StatusOK, Header: h, Body: []byte(body)}
}

func TestCheckReply(t *testing.T) {
	c := newClient(t, "")
	const body = `{"ok":true}`
	must(t, c.CheckReply(reply(t, body, nil), &keys()[1].PublicKey))
	unsigned, foreign := reply(t, body, nil), reply(t, body, nil)
	unsigned.Header.Del("Agid-JWT-Signature")
	foreign.Header.Set("Content-Type", "text/html")
	malformed := reply(t, body, nil)
	malformed.Header.Set("Agid-JWT-Signature", strconv.Itoa(1))
	cases := map[string]struct {
		reply *Reply
		key   int
	}{
		"another key":      {reply(t, body, nil), 0},
		"another consumer": {reply(t, body, map[string]any{"aud": "x"}), 1},
		"old":              {reply(t, body, map[string]any{"iat": 1}), 1},
		"another body":     {reply(t, body+" ", nil), 1},
		"digest unsigned":  {reply(t, body, map[string]any{"signed_headers": []any{map[string]any{"content-type": "application/json"}}}), 1},
		"unsigned":         {unsigned, 1},
		"another type":     {foreign, 1},
		"malformed":        {malformed, 1},
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			if c.CheckReply(x.reply, &keys()[x.key].PublicKey) == nil {
				t.Error("accepted")
			}
		})
	}
}
