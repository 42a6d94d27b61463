// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
)

const (
	minRSABits = 2048
	coordinate = 32 // bytes of a P-256 coordinate
)

// ErrJWK means the members do not describe an acceptable public key.
var ErrJWK = errors.New("not an acceptable public JWK")

// JWK is a public RSA key as PDND publishes it (RFC 7517).
type JWK struct {
	Kty string `json:"kty"`
	N   string `json:"n"`
	E   string `json:"e"`
	Use string `json:"use,omitempty"`
	Alg string `json:"alg,omitempty"`
	Kid string `json:"kid,omitempty"`
}

// RSAJWK describes a public RSA key for signatures under the given kid.
func RSAJWK(pub *rsa.PublicKey, kid string) JWK {
	enc := base64.RawURLEncoding
	return JWK{
		Kty: "RSA",
		N:   enc.EncodeToString(pub.N.Bytes()),
		E:   enc.EncodeToString(big.NewInt(int64(pub.E)).Bytes()),
		Use: "sig",
		Alg: "RS256",
		Kid: kid,
	}
}

// PublicKey returns the RSA key of a JWK: at least 2048 bits, exponent odd and at
// least 3. Every error wraps [ErrJWK].
func (j JWK) PublicKey() (*rsa.PublicKey, error) {
	if j.Kty != "RSA" {
		return nil, fmt.Errorf("%w: kty is not RSA", ErrJWK)
	}
	return rsaKey(Members{"n": j.N, "e": j.E})
}

// Thumbprint is the RFC 7638 SHA-256 thumbprint of an RSA or P-256 public key: 43
// base64url characters. PDND uses it as the kid of the keys of clients and keychains.
func Thumbprint(pub crypto.PublicKey) (string, error) {
	enc := base64.RawURLEncoding
	var canonical string
	switch k := pub.(type) {
	case *rsa.PublicKey:
		j := RSAJWK(k, "")
		canonical = `{"e":"` + j.E + `","kty":"RSA","n":"` + j.N + `"}`
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil || k.Curve != elliptic.P256() {
			return "", fmt.Errorf("%w: only P-256 is supported", ErrJWK)
		}
		canonical = `{"crv":"P-256","kty":"EC","x":"` + enc.EncodeToString(point[1:1+coordinate]) +
			`","y":"` + enc.EncodeToString(point[1+coordinate:]) + `"}`
	default:
		return "", fmt.Errorf("%w: neither RSA nor EC", ErrJWK)
	}
	sum := sha256.Sum256([]byte(canonical))
	return enc.EncodeToString(sum[:]), nil
}

// EmbeddedKey reads the jwk member of a DPoP proof as PDND does: exactly kty, n, e for
// RSA or exactly crv, kty, x, y for P-256; any other member, a private one above all,
// is refused. Every error wraps [ErrJWK].
func EmbeddedKey(value any) (crypto.PublicKey, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: no object", ErrJWK)
	}
	m := Members(object)
	switch kty, _ := m.String("kty"); kty {
	case "RSA":
		if extra := m.Extra("kty", "n", "e"); len(extra) > 0 {
			return nil, fmt.Errorf("%w: unexpected members %q", ErrJWK, extra)
		}
		return rsaKey(m)
	case "EC":
		if extra := m.Extra("kty", "crv", "x", "y"); len(extra) > 0 {
			return nil, fmt.Errorf("%w: unexpected members %q", ErrJWK, extra)
		}
		return ecKey(m)
	default:
		return nil, fmt.Errorf("%w: kty is neither RSA nor EC", ErrJWK)
	}
}

// ParseJWK reads a published public JWK. Unknown members are ignored, private ones are
// refused. Every error wraps [ErrJWK].
func ParseJWK(raw []byte) (*rsa.PublicKey, error) {
	object, err := DecodeObject(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJWK, err)
	}
	m := Members(object)
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k", "oth"} {
		if m.Has(private) {
			return nil, fmt.Errorf("%w: private member %q", ErrJWK, private)
		}
	}
	var j JWK
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJWK, err)
	}
	return j.PublicKey()
}

func rsaKey(m Members) (*rsa.PublicKey, error) {
	n, okN := unsigned(m, "n")
	e, okE := unsigned(m, "e")
	if !okN || !okE {
		return nil, fmt.Errorf("%w: n or e is not base64url", ErrJWK)
	}
	if n.BitLen() < minRSABits {
		return nil, fmt.Errorf("%w: %d bits, at least %d are needed", ErrJWK, n.BitLen(), minRSABits)
	}
	if !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 || e.Bit(0) == 0 {
		return nil, fmt.Errorf("%w: exponent out of range", ErrJWK)
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

func ecKey(m Members) (*ecdsa.PublicKey, error) {
	if crv, _ := m.String("crv"); crv != "P-256" {
		return nil, fmt.Errorf("%w: the curve is not P-256", ErrJWK)
	}
	point := []byte{4}
	for _, name := range []string{"x", "y"} {
		text, _ := m.String(name)
		raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil || len(raw) != coordinate {
			return nil, fmt.Errorf("%w: %s is not a P-256 coordinate", ErrJWK, name)
		}
		point = append(point, raw...)
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, fmt.Errorf("%w: the point is not on the curve", ErrJWK)
	}
	return pub, nil
}

func unsigned(m Members, name string) (*big.Int, bool) {
	text, _ := m.String(name)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) == 0 {
		return nil, false
	}
	return new(big.Int).SetBytes(raw), true
}
