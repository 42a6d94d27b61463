// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// ReplayOwner says whose jti the proof has: the owner of the key in its registry; the key
// itself where a certificate names it, which may be issued again for the same key; the
// thumbprint of the key in a DPoP proof. With JTI and Pattern it is what must be used up
// where a token is good once. It is of the verified key, never a claim.
func (p Proof) ReplayOwner() string {
	switch {
	case p.Certificate != nil:
		sum := sha256.Sum256(p.Certificate.RawSubjectPublicKeyInfo)
		return base64.RawURLEncoding.EncodeToString(sum[:])
	case p.Owner != "":
		return p.Owner
	default:
		return p.KID
	}
}

// ReplayID is what is used up where the token is good once: its jti. INTEGRITY_REST_01 may
// leave that out; then it is the digest of what was signed, which is as unique, while an
// ECDSA signature over the same bytes may be made again. It is empty for the zero Proof.
func (p Proof) ReplayID() string {
	if p.JTI != "" || p.Compact == "" {
		return p.JTI
	}
	signed := sha256.Sum256([]byte(p.Compact[:strings.LastIndexByte(p.Compact, '.')+1]))
	return "sha256:" + hex.EncodeToString(signed[:])
}

// AcceptedUntil is when the token stops being accepted, whatever happens to it: the earlier
// of its expiry and of the age its iat may have, with the tolerance of a clock that runs
// ahead. Who uses it up must remember it until then.
func (p Proof) AcceptedUntil(times modi.Times) time.Time {
	aged := p.IssuedAt.Add(times.MaxAge)
	if p.ExpiresAt.Before(aged) {
		aged = p.ExpiresAt
	}
	return aged.Add(times.FutureIssued)
}

// Replayed refuses the token as one that was used before, by the rule of its pattern.
func (p Proof) Replayed(rule modi.RuleID) error {
	return modi.Refuse(modi.Violation{
		Rule: rule, Pattern: p.Pattern, Expected: "a jti not used before", Found: "one used before",
	})
}
