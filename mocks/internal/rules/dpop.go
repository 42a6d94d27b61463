// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// The window PDND gives a DPoP proof.
const (
	ProofMaxAge = 60 * time.Second
	ProofFuture = 10 * time.Second
)

// Proof is a DPoP proof whose structure was accepted; its signature is checked apart.
type Proof struct {
	Token *Token
	Key   crypto.PublicKey
	JKT   string // RFC 7638 thumbprint of the key
	JTI   string
}

// ParseProof checks a DPoP proof as PDND does (RFC 9449 §4.3 and its own stricter
// schema): header exactly typ, alg, jwk; payload exactly jti, htm, htu, iat and, at a
// resource, ath. htu is compared as text. An empty voucher means the token endpoint,
// where ath is not allowed. It does not look at the signature.
func ParseProof(compact, method, uri, voucher string, now time.Time) (*Proof, *Fault) {
	t, err := Parse(compact)
	if err != nil {
		return nil, token("dpop-malformed", err.Error())
	}
	if fault := proofHeader(t.Header); fault != nil {
		return nil, fault
	}
	key, err := EmbeddedKey(t.Header["jwk"])
	if err != nil {
		return nil, token("dpop-jwk", err.Error())
	}
	if fault := proofClaims(t.Claims, method, uri, voucher, now); fault != nil {
		return nil, fault
	}
	jkt, err := Thumbprint(key)
	if err != nil {
		return nil, token("dpop-jwk", err.Error())
	}
	jti, _ := t.Claims.String("jti")
	return &Proof{Token: t, Key: key, JKT: jkt, JTI: jti}, nil
}

func proofHeader(h Members) *Fault {
	if typ, _ := h.String("typ"); typ != "dpop+jwt" {
		return token("dpop-typ", "typ is not dpop+jwt")
	}
	if alg, _ := h.String("alg"); alg != "RS256" && alg != "ES256" {
		return token("dpop-alg", "alg is neither RS256 nor ES256")
	}
	if extra := h.Extra("typ", "alg", "jwk"); len(extra) > 0 {
		return token("dpop-extra", "the header has unexpected members")
	}
	return nil
}

func proofClaims(c Members, method, uri, voucher string, now time.Time) *Fault {
	allowed := []string{"jti", "htm", "htu", "iat"}
	if voucher != "" {
		allowed = append(allowed, "ath")
	}
	if extra := c.Extra(allowed...); len(extra) > 0 {
		return token("dpop-extra", "the payload has unexpected claims")
	}
	if htm, _ := c.String("htm"); htm != method {
		return token("dpop-htm", "htm is not the method")
	}
	if htu, _ := c.String("htu"); htu != uri {
		return token("dpop-htu", "htu is not the configured address")
	}
	iat, ok := c.Seconds("iat")
	if !ok {
		return token("dpop-iat-missing", "iat is absent or no number")
	}
	at := float64(now.UnixNano()) / 1e9
	if iat > at+ProofFuture.Seconds() {
		return token("dpop-iat-future", "iat is in the future")
	}
	if iat < at-ProofMaxAge.Seconds() {
		return token("dpop-iat-old", "the proof has expired")
	}
	if _, ok := c.String("jti"); !ok {
		return token("dpop-jti", "jti is absent")
	}
	if voucher != "" {
		sum := sha256.Sum256([]byte(voucher))
		if ath, _ := c.String("ath"); ath != base64.RawURLEncoding.EncodeToString(sum[:]) {
			return token("dpop-ath", "ath is not that of the voucher")
		}
	}
	return nil
}
