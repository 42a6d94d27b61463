// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package moditest makes keys, key registries and forged tokens for the tests of modi.
//
// It signs with the standard library alone, so that a mistake of modi cannot hide in
// its own mirror. Keys are generated when a test first asks for them and are never
// written anywhere. Nothing outside tests imports it.
package moditest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Identifiers of invented parties and services.
const (
	ClientID     = "0f2b6a1e-1111-4a00-8000-0000000000a1"
	PurposeID    = "0f2b6a1e-2222-4a00-8000-0000000000b1"
	ProducerID   = "0f2b6a1e-3333-4a00-8000-0000000000c1"
	ConsumerID   = "0f2b6a1e-4444-4a00-8000-0000000000c2"
	EserviceID   = "0f2b6a1e-5555-4a00-8000-0000000000d1"
	DescriptorID = "0f2b6a1e-6666-4a00-8000-0000000000e1"
	KeychainID   = "0f2b6a1e-7777-4a00-8000-0000000000f1"
	PlatformKID  = "0f2b6a1e-8888-4a00-8000-0000000000f2"
	Issuer       = "uat.interop.pagopa.it"
	Audience     = "https://api.comune.example/modi/c_x000/stato-istanza/v1"
)

// Now is the instant at which the tests take place: 2026-03-02 09:00:00 UTC.
func Now() time.Time { return time.Unix(1772442000, 0).UTC() }

// Clock always tells Now.
func Clock() time.Time { return Now() }

// RSA returns one of a few RSA keys of 2048 bits, the same for the same n.
func RSA(tb testing.TB, n int) *rsa.PrivateKey {
	tb.Helper()
	keys := [...]func() (*rsa.PrivateKey, error){firstRSA, secondRSA, thirdRSA}
	key, err := keys[n]()
	if err != nil {
		tb.Fatalf("generate RSA key: %v", err)
	}
	return key
}

var (
	firstRSA  = sync.OnceValues(newRSA)
	secondRSA = sync.OnceValues(newRSA)
	thirdRSA  = sync.OnceValues(newRSA)
)

func newRSA() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }

// EC returns a new key on a curve.
func EC(tb testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		tb.Fatalf("generate ECDSA key: %v", err)
	}
	return key
}

// Thumbprint computes the RFC 7638 thumbprint of an RSA or P-256 key from its text.
func Thumbprint(tb testing.TB, pub crypto.PublicKey) string {
	tb.Helper()
	var text string
	switch key := pub.(type) {
	case *rsa.PublicKey:
		text = fmt.Sprintf(`{"e":"%s","kty":"RSA","n":"%s"}`, B64(big.NewInt(int64(key.E)).Bytes()), B64(key.N.Bytes()))
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			tb.Fatalf("encode key: %v", err)
		}
		half := len(point) / 2
		text = fmt.Sprintf(`{"crv":"%s","kty":"EC","x":"%s","y":"%s"}`, key.Curve.Params().Name, B64(point[1:1+half]), B64(point[1+half:]))
	default:
		tb.Fatalf("key of type %T", pub)
	}
	sum := sha256.Sum256([]byte(text))
	return B64(sum[:])
}

// B64 encodes in base64url without padding.
func B64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// JSON encodes a value.
func JSON(tb testing.TB, v any) string {
	tb.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		tb.Fatalf("encode: %v", err)
	}
	return string(b)
}

// With copies members with changes, given as name and value pairs; a nil value takes the
// member out.
func With(m map[string]any, changes ...any) map[string]any {
	out := maps.Clone(m)
	for i := 0; i+1 < len(changes); i += 2 {
		name := fmt.Sprint(changes[i])
		if changes[i+1] == nil {
			delete(out, name)
		} else {
			out[name] = changes[i+1]
		}
	}
	return out
}

// Forge signs any header and payload text, whatever they say, with the algorithm that
// fits the key and SHA-256.
func Forge(tb testing.TB, header, payload string, key crypto.Signer) string {
	tb.Helper()
	input := B64([]byte(header)) + "." + B64([]byte(payload))
	return input + "." + B64(Signature(tb, input, key, crypto.SHA256))
}

// Signature signs text as RFC 7518 §3.3-3.4 says.
func Signature(tb testing.TB, input string, key crypto.Signer, hash crypto.Hash) []byte {
	tb.Helper()
	h := hash.New()
	h.Write([]byte(input))
	sig, err := key.Sign(rand.Reader, h.Sum(nil), hash)
	if err != nil {
		tb.Fatalf("sign: %v", err)
	}
	pub, ok := key.Public().(*ecdsa.PublicKey)
	if !ok {
		return sig
	}
	var p struct{ R, S *big.Int }
	_, err = asn1.Unmarshal(sig, &p)
	if err != nil {
		tb.Fatalf("decode signature: %v", err)
	}
	size := (pub.Curve.Params().BitSize + 7) / 8
	return append(p.R.FillBytes(make([]byte, size)), p.S.FillBytes(make([]byte, size))...)
}

// Keys is a key registry. Keys it does not hold are unknown; a non-nil Down is its
// answer to everything.
type Keys struct {
	ByKID map[string]modi.Key
	Down  error
}

// ResolveKey answers from the map.
func (k Keys) ResolveKey(_ context.Context, kid string) (modi.Key, error) {
	if k.Down != nil {
		return modi.Key{}, k.Down
	}
	key, ok := k.ByKID[kid]
	if !ok {
		return modi.Key{}, fmt.Errorf("registry of the test: %w", modi.ErrKeyUnknown)
	}
	return key, nil
}

// Only is a registry with one key.
func Only(kid, owner string, pub crypto.PublicKey) Keys {
	return Keys{ByKID: map[string]modi.Key{kid: {KID: kid, Owner: owner, Public: pub}}}
}

// WantRules fails unless err is a refusal with exactly these rules, in any order. No
// rule at all means that err must be nil.
func WantRules(tb testing.TB, err error, want ...modi.RuleID) {
	tb.Helper()
	got := Rules(tb, err)
	if len(got) != len(want) {
		tb.Fatalf("rules %v, want %v (error: %v)", got, want, err)
	}
	for _, id := range want {
		if !got[id] {
			tb.Fatalf("rules %v, want %v (error: %v)", got, want, err)
		}
	}
}

// Rules returns the rules that a refusal lists; every one must be in the table.
func Rules(tb testing.TB, err error) map[modi.RuleID]bool {
	tb.Helper()
	out := map[modi.RuleID]bool{}
	if err == nil {
		return out
	}
	refusal, ok := err.(*modi.Refusal) //nolint:errorlint // verifiers promise this very type
	if !ok {
		tb.Fatalf("error is %T, want *modi.Refusal: %v", err, err)
	}
	for _, v := range refusal.Violations {
		if !slices.ContainsFunc(modi.Rules(), func(r modi.Rule) bool { return r.ID == v.Rule }) {
			tb.Fatalf("rule %q is not in the table", v.Rule)
		}
		if v.Expected == "" || v.Found == "" || v.Pattern == "" {
			tb.Fatalf("violation %+v does not say pattern, expected and found", v)
		}
		out[v.Rule] = true
	}
	return out
}
