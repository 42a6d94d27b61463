// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// AuditInput says who, inside the consumer, caused the call.
type AuditInput struct {
	Pattern      modi.Pattern      // AUDIT_REST_02 (also when empty) or AUDIT_REST_01, which has no dnonce
	Issuer       string            // client_id; without PDND it may be empty
	Audience     string            // audience of the e-service
	PurposeID    string            // the purpose for which the voucher is asked; without PDND it may be empty
	UserID       string            // opaque to the producer
	UserLocation string            // workstation or office
	LoA          string            // level of assurance; empty: left out
	Claims       map[string]string // others, agreed for the e-service; they may not stand in for the ones above
	References   []token.Reference // not empty: a certificate names the key, in these ways
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
	Issuer       string `json:"iss,omitempty"`
	Audience     string `json:"aud"`
	PurposeID    string `json:"purposeId,omitempty"`
	Dnonce       string `json:"dnonce,omitempty"`
	UserID       string `json:"userID"`
	UserLocation string `json:"userLocation"`
	LoA          string `json:"LoA,omitempty"`
	IssuedAt     int64  `json:"iat"`
	NotBefore    int64  `json:"nbf"`
	ExpiresAt    int64  `json:"exp"`
	JTI          string `json:"jti"`
}

// SignAudit writes the tracking evidence of AUDIT_REST_01 or 02 and its digest. dnonce,
// which keeps the digest of 02 from being guessed, is 13 random digits written as a
// string, the form that ANPR documents. It fails when a mandatory field is empty, when the
// randomness or the signer fails, or when the key does not fit.
func SignAudit(in AuditInput, s Stamp, key token.SigningKey) (Evidence, error) {
	e, err := signAudit(in, s, key)
	if err != nil {
		return Evidence{}, fmt.Errorf("sign tracking evidence: %w", err)
	}
	return e, nil
}

func signAudit(in AuditInput, s Stamp, key token.SigningKey) (Evidence, error) {
	kind, err := auditKind(form{pattern: in.Pattern, references: in.References}, len(in.References) > 0)
	if err != nil {
		return Evidence{}, err
	}
	bound := kind.Pattern() == modi.PatternAuditREST02
	if in.Audience == "" || in.UserID == "" || in.UserLocation == "" || bound && (in.Issuer == "" || in.PurposeID == "") {
		return Evidence{}, errors.New("issuer, audience, purpose, user or location is empty")
	}
	iat, exp, jti, err := s.times()
	if err != nil {
		return Evidence{}, err
	}
	claims := auditClaims{
		Issuer: in.Issuer, Audience: in.Audience, PurposeID: in.PurposeID,
		UserID: in.UserID, UserLocation: in.UserLocation, LoA: in.LoA,
		IssuedAt: iat.Unix(), NotBefore: iat.Unix(), ExpiresAt: exp.Unix(), JTI: jti,
	}
	if bound {
		claims.Dnonce, err = dnonce(s.Rand)
		if err != nil {
			return Evidence{}, err
		}
	}
	payload, err := withClaims(claims, in.Claims)
	if err != nil {
		return Evidence{}, err
	}
	compact, err := token.Sign(kind, token.HeaderExtra{References: in.References}, payload, key)
	if err != nil {
		return Evidence{}, err
	}
	return Evidence{Compact: compact, Digest: evidenceDigest(compact), JTI: jti, ExpiresAt: exp}, nil
}

// withClaims adds agreed claims to those of the pattern.
func withClaims(claims auditClaims, agreed map[string]string) (any, error) {
	if len(agreed) == 0 {
		return claims, nil
	}
	data, err := json.Marshal(claims)
	if err != nil {
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	all := map[string]any{}
	err = json.Unmarshal(data, &all)
	if err != nil {
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	// Numbers go back as they were: a float64 holds seconds exactly, but writes them otherwise.
	all["iat"], all["nbf"], all["exp"] = claims.IssuedAt, claims.NotBefore, claims.ExpiresAt
	for name, value := range agreed {
		_, taken := all[name]
		if taken || slices.Contains([]string{"iss", "sub", "purposeId", "dnonce", "LoA", ""}, name) {
			return nil, fmt.Errorf("claim %q is not for the parties to agree on", name)
		}
		all[name] = value
	}
	return all, nil
}

// evidenceDigest hashes the compact text, all three parts and their dots.
func evidenceDigest(compact string) voucher.Digest {
	var usual [2048]byte // most evidences fit, and are then not copied to the heap
	sum := sha256.Sum256(append(usual[:0], compact...))
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
