// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// AuditInput says who, inside the consumer, caused the call.
type AuditInput struct {
	Issuer       string // client_id
	Audience     string // audience of the e-service
	PurposeID    string // the purpose for which the voucher is asked
	UserID       string // opaque to the producer
	UserLocation string // workstation or office
	LoA          string // level of assurance; empty: left out
}

// Evidence is a tracking evidence ready to be sent, and what the client assertion must
// carry so that the voucher is bound to it.
type Evidence struct {
	Compact   string
	Digest    voucher.Digest
	JTI       string
	ExpiresAt time.Time
}

type auditClaims struct {
	Issuer       string `json:"iss"`
	Audience     string `json:"aud"`
	PurposeID    string `json:"purposeId"`
	Dnonce       string `json:"dnonce"`
	UserID       string `json:"userID"`
	UserLocation string `json:"userLocation"`
	LoA          string `json:"LoA,omitempty"`
	IssuedAt     int64  `json:"iat"`
	NotBefore    int64  `json:"nbf"`
	ExpiresAt    int64  `json:"exp"`
	JTI          string `json:"jti"`
}

// SignAudit writes the tracking evidence of AUDIT_REST_02 and its digest. dnonce, which
// keeps the digest from being guessed, is 13 random digits written as a string, the
// form that ANPR documents. It fails when a mandatory field is empty, when the
// randomness or the signer fails, or when the key does not fit.
func SignAudit(in AuditInput, s Stamp, key token.SigningKey) (Evidence, error) {
	if in.Issuer == "" || in.Audience == "" || in.PurposeID == "" || in.UserID == "" || in.UserLocation == "" {
		return Evidence{}, errors.New("sign tracking evidence: issuer, audience, purpose, user or location is empty")
	}
	iat, exp, jti, err := s.times()
	if err != nil {
		return Evidence{}, fmt.Errorf("sign tracking evidence: %w", err)
	}
	nonce, err := dnonce(s.Rand)
	if err != nil {
		return Evidence{}, fmt.Errorf("sign tracking evidence: %w", err)
	}
	compact, err := token.Sign(token.Audit(), token.HeaderExtra{}, auditClaims{
		Issuer: in.Issuer, Audience: in.Audience, PurposeID: in.PurposeID, Dnonce: nonce,
		UserID: in.UserID, UserLocation: in.UserLocation, LoA: in.LoA,
		IssuedAt: iat.Unix(), NotBefore: iat.Unix(), ExpiresAt: exp.Unix(), JTI: jti,
	}, key)
	if err != nil {
		return Evidence{}, fmt.Errorf("sign tracking evidence: %w", err)
	}
	return Evidence{Compact: compact, Digest: evidenceDigest(compact), JTI: jti, ExpiresAt: exp}, nil
}

// evidenceDigest hashes the compact text, all three parts and their dots.
func evidenceDigest(compact string) voucher.Digest {
	sum := sha256.Sum256([]byte(compact))
	return voucher.Digest{Alg: voucher.DigestAlg, Value: hex.EncodeToString(sum[:])}
}

// dnonce returns 13 digits, the first of them not zero so that a peer may read them as
// a number.
func dnonce(random io.Reader) (string, error) {
	const first, count = 1_000_000_000_000, 9_000_000_000_000
	n, err := rand.Int(random, big.NewInt(count))
	if err != nil {
		return "", fmt.Errorf("read random digits: %w", err)
	}
	return n.Add(n, big.NewInt(first)).String(), nil
}
