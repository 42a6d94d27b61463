// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
)

// The key and thumbprint of RFC 7638 §3.1.
const (
	rfc7638n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	rfc7638t = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
)

func TestThumbprintRFC7638(t *testing.T) {
	pub, err := JWK{Kty: "RSA", N: rfc7638n, E: "AQAB"}.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Thumbprint(pub)
	if err != nil || got != rfc7638t {
		t.Fatalf("got %q, %v; expected %q", got, err, rfc7638t)
	}
}

func TestThumbprintRejectsOtherKeys(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []any{&p384.PublicKey, "text", nil} {
		if _, err := Thumbprint(key); !errors.Is(err, ErrJWK) {
			t.Errorf("%T: got %v, expected ErrJWK", key, err)
		}
	}
}

func TestParseJWK(t *testing.T) {
	good, err := json.Marshal(RSAJWK(&testRSA(t).PublicKey, "kid"))
	if err != nil {
		t.Fatal(err)
	}
	if pub, err := ParseJWK(good); err != nil || !pub.Equal(&testRSA(t).PublicKey) {
		t.Fatalf("a good key is lost: %v", err)
	}
	small := `{"kty":"RSA","e":"AQAB","n":"` + b64(strings.Repeat("\xff", 128)) + `"}`
	cases := map[string]string{
		"private":       strings.Replace(string(good), `{`, `{"d":"AQAB",`, 1),
		"symmetric":     `{"kty":"oct","k":"AAAA"}`,
		"small":         small,
		"exponent one":  `{"kty":"RSA","e":"AQ","n":"` + rfc7638n + `"}`,
		"even exponent": `{"kty":"RSA","e":"Ag","n":"` + rfc7638n + `"}`,
		"huge exponent": `{"kty":"RSA","e":"` + strings.Repeat("A", 3) + "/" + `","n":"` + rfc7638n + `"}`,
		"long exponent": `{"kty":"RSA","e":"` + b64("\x01"+strings.Repeat("\x01", 8)) + `","n":"` + rfc7638n + `"}`,
		"no n":          `{"kty":"RSA","e":"AQAB"}`,
		"twice":         `{"kty":"RSA","kty":"RSA","e":"AQAB","n":"` + rfc7638n + `"}`,
		"wrong type":    `{"kty":"RSA","e":"AQAB","n":7}`,
		"no JSON":       `x`,
	}
	for name, raw := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseJWK([]byte(raw)); !errors.Is(err, ErrJWK) {
				t.Fatalf("got %v, expected ErrJWK", err)
			}
		})
	}
}

// ecMembers describes a P-256 key as the jwk member of a DPoP proof.
func ecMembers(t testing.TB, key *ecdsa.PrivateKey) map[string]any {
	t.Helper()
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"kty": "EC", "crv": "P-256", "x": b64(string(point[1:33])), "y": b64(string(point[33:]))}
}

func TestEmbeddedKeyIsExact(t *testing.T) {
	ec, pub := ecMembers(t, testEC(t)), RSAJWK(&testRSA(t).PublicKey, "")
	with := func(m map[string]any, name string, value any) map[string]any {
		c := map[string]any{name: value}
		for k, v := range m {
			if k != name {
				c[k] = v
			}
		}
		return c
	}
	rsaMembers := map[string]any{"kty": "RSA", "n": pub.N, "e": pub.E}
	for _, good := range []map[string]any{ec, rsaMembers} {
		if _, err := EmbeddedKey(good); err != nil {
			t.Fatalf("refused a good key: %v", err)
		}
	}
	cases := map[string]any{
		"EC with kid":      with(ec, "kid", "x"),
		"EC with d":        with(ec, "d", "AAAA"),
		"EC other curve":   with(ec, "crv", "P-384"),
		"EC short x":       with(ec, "x", "AAAA"),
		"EC off the curve": with(ec, "x", b64(strings.Repeat("\x01", 32))),
		"RSA with alg":     with(rsaMembers, "alg", "RS256"),
		"RSA with d":       with(rsaMembers, "d", "AAAA"),
		"RSA small":        with(rsaMembers, "n", b64(strings.Repeat("\xff", 128))),
		"oct":              map[string]any{"kty": "oct", "k": "AAAA"},
		"text":             "key",
		"absent":           nil,
	}
	for name, value := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := EmbeddedKey(value); !errors.Is(err, ErrJWK) {
				t.Fatalf("got %v, expected ErrJWK", err)
			}
		})
	}
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestPublicKeyPEMTakesOnlyWhatPDNDTakes(t *testing.T) {
	key := testRSA(t)
	pkix1, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&key.PublicKey))
	good := block("PUBLIC KEY", pkix1)
	for _, text := range [][]byte{good, pkcs1} {
		if pub, err := PublicKeyPEM(text); err != nil || !pub.Equal(&key.PublicKey) {
			t.Fatalf("refused a good key: %v", err)
		}
	}
	ec, err := x509.MarshalPKIXPublicKey(&testEC(t).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	small, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(3), 1022), E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][]byte{
		"no PEM":        []byte("key"),
		"private":       block("PRIVATE KEY", private),
		"private PKCS1": block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)),
		"certificate":   block("CERTIFICATE", cert),
		"EC":            block("PUBLIC KEY", ec),
		"1024 bit":      block("PUBLIC KEY", small),
		"two blocks":    append(append([]byte{}, good...), good...),
		"broken":        block("PUBLIC KEY", []byte("x")),
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := PublicKeyPEM(text); !errors.Is(err, ErrPEM) {
				t.Fatalf("got %v, expected ErrPEM", err)
			}
		})
	}
}
