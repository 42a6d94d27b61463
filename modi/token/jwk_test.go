// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token_test

import (
	"crypto/elliptic"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

func TestJWKRoundTrip(t *testing.T) {
	key := moditest.RSA(t, 0)
	kid, err := token.Thumbprint(key.Public())
	if err != nil || kid != moditest.Thumbprint(t, key.Public()) || !token.ValidKID(kid) {
		t.Fatalf("thumbprint %q, %v", kid, err)
	}
	data, err := token.MarshalJWK(key.Public(), kid, token.RS256)
	if err != nil {
		t.Fatal(err)
	}
	one, err := token.ParseJWK(data)
	if err != nil || !key.PublicKey.Equal(one.Public) || one.KID != kid || one.Algorithm != "RS256" || one.Owner != "" {
		t.Errorf("ParseJWK = %+v, %v", one, err)
	}
	set, err := token.ParseJWKSet([]byte(`{"keys":[` + string(data) + `]}`))
	if err != nil || len(set) != 1 || set[0].KID != kid || !key.PublicKey.Equal(set[0].Public) {
		t.Errorf("ParseJWKSet = %+v, %v", set, err)
	}
}

func TestRejectsOversizedKeySets(t *testing.T) {
	huge := []byte(`{"keys":[` + strings.Repeat(" ", token.MaxJWKSetBytes) + `]}`)
	_, err := token.ParseJWKSet(huge)
	if err == nil || !strings.Contains(err.Error(), "exceeds") {
		t.Errorf("error %v", err)
	}
	_, err = token.ParseJWK(huge)
	if err == nil || !strings.Contains(err.Error(), "exceeds") {
		t.Errorf("error %v", err)
	}
}

func TestMarshalJWKRefuses(t *testing.T) {
	_, err := token.MarshalJWK(moditest.RSA(t, 0).Public(), "k", "none")
	if err == nil {
		t.Error("alg none was written")
	}
	_, err = token.MarshalJWK(moditest.EC(t, elliptic.P256()).Public(), "k", token.RS256)
	if err == nil {
		t.Error("alg RS256 was written on an EC key")
	}
}

// What a set yields must be usable and named, and must read back the same.
func FuzzParseJWKSet(f *testing.F) {
	data, err := token.MarshalJWK(moditest.RSA(f, 0).Public(), "k", token.RS256)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"keys":[` + string(data) + `]}`))
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"AA","kid":"h"}]}`))
	f.Add([]byte(`{"keys":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := token.ParseJWKSet(data)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, k := range keys {
			if k.KID == "" || seen[k.KID] {
				t.Fatalf("kid %q is empty or repeated", k.KID)
			}
			seen[k.KID] = true
			_, err = token.Thumbprint(k.Public)
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(keys) == 0 {
			t.Fatal("an empty set was accepted")
		}
	})
}
