// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi/internal/moditest"
)

func algorithm(t testing.TB, name string) Algorithm {
	t.Helper()
	a, ok := AlgorithmByName(name)
	if !ok {
		t.Fatalf("no algorithm %s", name)
	}
	return a
}

func wantKind(t *testing.T, err error, kind Kind) {
	t.Helper()
	var f *Fault
	if !errors.As(err, &f) || f.Kind != kind {
		t.Errorf("error %v, want a fault of kind %d", err, kind)
	}
}

func TestRejectsAlgorithmsOutsideTheList(t *testing.T) {
	for _, name := range []string{"none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "PS256", "PS384", "PS512", "EdDSA", "RS1", "ES256K", "rs256", "RS256 "} {
		_, ok := AlgorithmByName(name)
		if ok {
			t.Errorf("%q is in the list", name)
		}
	}
}

func TestCheckKeyTiesTheAlgorithmToTheKey(t *testing.T) {
	rsaKey := &moditest.RSA(t, 0).PublicKey
	p256 := &moditest.EC(t, elliptic.P256()).PublicKey
	p384 := &moditest.EC(t, elliptic.P384()).PublicKey
	p224 := &moditest.EC(t, elliptic.P224()).PublicKey
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	bits := func(n int, e int) *rsa.PublicKey {
		return &rsa.PublicKey{N: new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(n)), big.NewInt(1)), E: e}
	}
	for name, c := range map[string]struct {
		alg string
		key crypto.PublicKey
		ok  bool
	}{
		"RS256 with RSA 2048":       {"RS256", rsaKey, true},
		"RS512 with RSA 8192":       {"RS512", bits(8192, 65537), true},
		"RS256 with exponent 3":     {"RS256", bits(2048, 3), true},
		"ES256 with P-256":          {"ES256", p256, true},
		"ES384 with P-384":          {"ES384", p384, true},
		"RS256 with an EC key":      {"RS256", p256, false},
		"ES256 with an RSA key":     {"ES256", rsaKey, false},
		"ES256 with P-384":          {"ES256", p384, false},
		"ES384 with P-256":          {"ES384", p256, false},
		"ES256 with P-224":          {"ES256", p224, false},
		"RS256 with RSA 1024":       {"RS256", bits(1024, 65537), false},
		"RS256 with RSA 2047":       {"RS256", bits(2047, 65537), false},
		"RS256 with RSA 8193":       {"RS256", bits(8193, 65537), false},
		"RS256 with exponent 1":     {"RS256", bits(2048, 1), false},
		"RS256 with even exponent":  {"RS256", bits(2048, 65536), false},
		"RS256 with Ed25519":        {"RS256", edwards, false},
		"RS256 with a private key":  {"RS256", moditest.RSA(t, 0), false},
		"RS256 with no key":         {"RS256", nil, false},
		"RS256 with a nil RSA key":  {"RS256", (*rsa.PublicKey)(nil), false},
		"ES256 with a nil EC key":   {"ES256", (*ecdsa.PublicKey)(nil), false},
		"RS256 with a secret":       {"RS256", []byte("secret"), false},
		"RS256 with an RSA key 0 N": {"RS256", &rsa.PublicKey{E: 3}, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := algorithm(t, c.alg).CheckKey(c.key)
			if c.ok && err != nil {
				t.Errorf("refused: %v", err)
			}
			if !c.ok {
				wantKind(t, err, KeyUnsuitable)
			}
		})
	}
}

func TestSignThenVerifyEveryAlgorithm(t *testing.T) {
	keys := map[string]crypto.Signer{
		"RS256": moditest.RSA(t, 0), "RS384": moditest.RSA(t, 0), "RS512": moditest.RSA(t, 1),
		"ES256": moditest.EC(t, elliptic.P256()), "ES384": moditest.EC(t, elliptic.P384()), "ES512": moditest.EC(t, elliptic.P521()),
	}
	for name, key := range keys {
		t.Run(name, func(t *testing.T) {
			a := algorithm(t, name)
			for _, signer := range []crypto.Signer{key, opaque{key}} {
				compact, err := Sign(a, map[string]any{"typ": "JWT", "kid": "k"}, []byte(`{"iss":"x"}`), signer)
				if err != nil {
					t.Fatal(err)
				}
				c, err := ParseCompact(compact)
				if err != nil {
					t.Fatal(err)
				}
				err = a.Verify(key.Public(), c.Input, c.Signature)
				if err != nil {
					t.Errorf("own signature: %v", err)
				}
				head, _, _ := strings.Cut(compact, ".")
				if want := b64(`{"alg":"` + name + `","kid":"k","typ":"JWT"}`); head != want {
					t.Errorf("header %s, want %s", head, want)
				}
			}
		})
	}
}

// opaque hides the type of a key, as a key in a module or a service does.
type opaque struct{ crypto.Signer }

func TestVerifyRefuses(t *testing.T) {
	key := moditest.RSA(t, 0)
	ec := moditest.EC(t, elliptic.P256())
	input := "aGVhZA.Ym9keQ"
	good := moditest.Signature(t, input, key, crypto.SHA256)
	goodEC := moditest.Signature(t, input, ec, crypto.SHA256)
	der, err := ec.Sign(rand.Reader, moditest.Signature(t, input, ec, crypto.SHA256)[:32], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), good...)
	flipped[10] ^= 1
	for name, c := range map[string]struct {
		alg       string
		key       crypto.PublicKey
		input     string
		signature []byte
	}{
		"changed payload":       {"RS256", key.Public(), input + "A", good},
		"changed signature":     {"RS256", key.Public(), input, flipped},
		"truncated signature":   {"RS256", key.Public(), input, good[:255]},
		"extended signature":    {"RS256", key.Public(), input, append(append([]byte(nil), good...), 0)},
		"empty signature":       {"RS256", key.Public(), input, nil},
		"another key":           {"RS256", moditest.RSA(t, 1).Public(), input, good},
		"another hash":          {"RS512", key.Public(), input, good},
		"DER instead of r||s":   {"ES256", ec.Public(), input, der},
		"r and s zero":          {"ES256", ec.Public(), input, make([]byte, 64)},
		"leading zero added":    {"ES256", ec.Public(), input, append([]byte{0}, goodEC...)},
		"ES signature cut":      {"ES256", ec.Public(), input, goodEC[:63]},
		"ES changed payload":    {"ES256", ec.Public(), input + "A", goodEC},
		"ES another key":        {"ES256", moditest.EC(t, elliptic.P256()).Public(), input, goodEC},
		"ES empty signature":    {"ES256", ec.Public(), input, nil},
		"ES r and s exchanged":  {"ES256", ec.Public(), input, append(append([]byte(nil), goodEC[32:]...), goodEC[:32]...)},
		"ES all bits set":       {"ES256", ec.Public(), input, []byte(strings.Repeat("\xff", 64))},
		"ES order as signature": {"ES256", ec.Public(), input, append(elliptic.P256().Params().N.Bytes(), elliptic.P256().Params().N.Bytes()...)},
	} {
		t.Run(name, func(t *testing.T) {
			wantKind(t, algorithm(t, c.alg).Verify(c.key, []byte(c.input), c.signature), SignatureInvalid)
		})
	}
}

func TestVerifyRefusesPointOffTheCurve(t *testing.T) {
	off := &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)} //nolint:staticcheck // SA1019: the fields are how a wrong point is made
	err := algorithm(t, "ES256").Verify(off, []byte("x"), make([]byte, 64))
	wantKind(t, err, SignatureInvalid)
}

func TestSignRefuses(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		alg    string
		signer crypto.Signer
		header map[string]any
	}{
		"no key":            {"RS256", nil, nil},
		"weak key":          {"RS256", small, nil},
		"key of other type": {"ES256", moditest.RSA(t, 0), nil},

		"failing signer": {"RS256", failing{moditest.RSA(t, 0)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := Sign(algorithm(t, c.alg), c.header, []byte("{}"), c.signer)
			if err == nil {
				t.Errorf("signed %d bytes", len(out))
			}
		})
	}
}
