// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"sync"
	"testing"
	"time"
)

// now is the instant of every test in this package.
func now() time.Time { return time.Unix(1_767_225_600, 0) }

var rsaKeyOnce = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func testRSA(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsaKeyOnce()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func testEC(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func mustSign(t testing.TB, key crypto.Signer, header, claims Members) string {
	t.Helper()
	compact, err := Sign(rand.Reader, key, header, claims)
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// wantFault fails unless the fault has the name; an empty name wants no fault.
func wantFault(t *testing.T, fault *Fault, name string) {
	t.Helper()
	switch {
	case name == "" && fault != nil:
		t.Fatalf("refused a good one: %v", fault)
	case name != "" && fault == nil:
		t.Fatalf("accepted, expected %s", name)
	case name != "" && fault.Name != name:
		t.Fatalf("got %v, expected %s", fault, name)
	}
}
