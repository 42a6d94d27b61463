// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package identity_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/gateway/identity"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

type published map[string]modi.Key

func (p published) ResolveKey(_ context.Context, kid string) (modi.Key, error) {
	key, ok := p[kid]
	if !ok {
		return modi.Key{}, modi.ErrKeyUnknown
	}
	return key, nil
}

func key(t testing.TB) token.SigningKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := token.Thumbprint(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return token.SigningKey{KID: kid, Algorithm: token.ES256, Signer: private}
}

func TestStatementIsForOneRequestNow(t *testing.T) {
	k, now := key(t), time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)
	keys := published{k.KID: {KID: k.KID, Public: k.Signer.Public()}}
	received := identity.Request{Audience: "http://procedura.example/api", Method: "POST", Path: "/ricerche", Body: []byte(`{}`)}
	compact, err := identity.Sign(identity.Statement{
		Issuer: "c_a", Audience: received.Audience, Subject: "consumer", JTI: "1", Method: received.Method, Path: received.Path,
		Body: identity.Digest(received.Body),
	}, now, identity.Lifetime, k)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := identity.Verify(t.Context(), compact, received, now, keys); err != nil || s.Subject != "consumer" {
		t.Fatalf("%+v, %v", s, err)
	}
	for name, change := range map[string]func(r *identity.Request, at *time.Time){
		"another back end": func(r *identity.Request, _ *time.Time) { r.Audience = "http://altra.example" },
		"another method":   func(r *identity.Request, _ *time.Time) { r.Method = "PUT" },
		"another path":     func(r *identity.Request, _ *time.Time) { r.Path = "/altro" },
		"another body":     func(r *identity.Request, _ *time.Time) { r.Body = []byte(`{"a":1}`) },
		"too late":         func(_ *identity.Request, at *time.Time) { *at = at.Add(identity.Lifetime) },
		"before its time":  func(_ *identity.Request, at *time.Time) { *at = at.Add(-time.Minute) },
	} {
		r, at := received, now
		change(&r, &at)
		if _, err := identity.Verify(t.Context(), compact, r, at, keys); !errors.Is(err, identity.ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := key(t)
	if _, err := identity.Verify(t.Context(), compact, received, now, published{other.KID: {Public: other.Signer.Public()}}); !errors.Is(err, modi.ErrKeyUnknown) {
		t.Errorf("a key that is not published: %v", err)
	}
	var refused *modi.Refusal
	if _, err := identity.Verify(t.Context(), compact, received, now, published{k.KID: {Public: other.Signer.Public()}}); !errors.As(err, &refused) {
		t.Errorf("a signature of another key: %v", err)
	}
	provenance, err := token.Sign(token.Provenance(), token.HeaderExtra{}, map[string]string{"aud": received.Audience}, k)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.Verify(t.Context(), provenance, received, now, keys); !errors.As(err, &refused) {
		t.Errorf("a token of another kind: %v", err)
	}
}

// TestStatementOutlivesTheSendingOfItsBody, however slowly the back end takes it, and not for ever.
func TestStatementOutlivesTheSendingOfItsBody(t *testing.T) {
	for length, want := range map[int64]time.Duration{
		-1: identity.Lifetime, 0: identity.Lifetime, 1000: identity.Lifetime, 64 << 20: identity.Lifetime + 2048*time.Second,
		2 << 30: identity.Lifetime + time.Hour,
	} {
		if got := identity.LifetimeOf(length); got != want {
			t.Errorf("%d bytes: %v, want %v", length, got, want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	k := key(f)
	compact, err := identity.Sign(identity.Statement{Audience: "a"}, time.Unix(0, 0), identity.Lifetime, k)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(compact)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := identity.Verify(t.Context(), text, identity.Request{Audience: "a", Body: []byte("x")}, time.Unix(0, 0), published{})
		if err == nil {
			t.Error("accepted without keys")
		}
	})
}
