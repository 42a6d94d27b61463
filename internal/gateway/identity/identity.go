// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package identity writes and checks what the hub tells a back end of who calls: a JWT that the back end can verify, where
// plain headers could have been written by whoever reaches it.
//
// It owns the statement and its JWS form: typ snodo-identity+jwt, ES256 by a key of the ente that serves nothing else, the
// header X-Snodo-Identity. It depends on modi/token alone and holds no key.
package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// Header carries the statement, in canonical form.
const Header = "X-Snodo-Identity"

// Lifetime is how long a statement is good: it is made for one request that leaves at once.
const Lifetime = time.Minute

// A statement about a body outlives its sending: a back end takes paceRate bytes a second at least, or has it for longest.
const (
	paceRate = 32 << 10
	longest  = time.Hour
)

// LifetimeOf is how long the statement about a request is good whose body has so many bytes, at most 61 minutes: whoever
// verifies it when the last of them is there must not find it expired. It is about that body alone, however long it lives.
func LifetimeOf(length int64) time.Duration {
	return Lifetime + min(time.Duration(max(length, 0)/paceRate)*time.Second, longest)
}

// Statement says who calls, for which request. Its identifiers are those that a verified voucher or certificate gave.
type Statement struct {
	Issuer    string `json:"iss"` // codice IPA of the ente
	Audience  string `json:"aud"` // address of the back end, as it is configured
	Subject   string `json:"sub"` // consumerId on PDND, or the codice fiscale of a certificate
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
	JTI       string `json:"jti"` // id of the exchange in the hub's evidence

	Environment string   `json:"ambiente"`
	Service     string   `json:"servizio"`
	Operation   string   `json:"operazione"`
	Client      string   `json:"clientId,omitempty"`
	Purpose     string   `json:"purposeId,omitempty"`
	Operator    Operator `json:"operatore,omitzero"`

	Method string `json:"metodo"`
	Path   string `json:"percorso"` // escaped, below Audience
	Body   string `json:"impronta"` // SHA-256 of the body, in hexadecimal
}

// Operator is who, inside the consumer, caused the call, as its tracking evidence says.
type Operator struct {
	UserID       string `json:"userID,omitempty"`
	UserLocation string `json:"userLocation,omitempty"`
	LoA          string `json:"LoA,omitempty"`
}

// ErrMismatch reports a statement about another request, or one that is not for now: a "no".
var ErrMismatch = errors.New("the statement is not about this request")

func kind() token.Kind { return token.Provenance().WithTypes("snodo-identity+jwt") }

// Digest is the Body of a statement.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// DigestOf is Digest for a body that is read once.
func DigestOf(body io.Reader) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, body); err != nil {
		return "", fmt.Errorf("digest of the body: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Sign states s from the instant now on for so long with an ES256 key; it sets the times.
func Sign(s Statement, now time.Time, life time.Duration, key token.SigningKey) (string, error) {
	s.IssuedAt, s.ExpiresAt = now.Unix(), now.Add(life).Unix()
	compact, err := token.Sign(kind(), token.HeaderExtra{}, s, key)
	if err != nil {
		return "", fmt.Errorf("sign identity: %w", err)
	}
	return compact, nil
}

// Request is what a back end received.
type Request struct {
	Audience     string // its own address, as the hub's configuration has it
	Method, Path string // Path escaped, below Audience
	Body         []byte
}

// Verify checks a statement as a back end does: signature by a published key, for this back end, this request and now, with
// 5 seconds for clocks that differ. The error is a *modi.Refusal for a bad token, wraps ErrMismatch when the token is about
// something else, and wraps modi.ErrKeyUnknown or another error of keys for the key.
func Verify(ctx context.Context, compact string, r Request, now time.Time, keys modi.KeyResolver) (Statement, error) {
	var s Statement
	u, err := token.Parse(compact, kind())
	if err != nil {
		return s, err
	}
	key, err := keys.ResolveKey(ctx, u.KID())
	if err != nil {
		return s, fmt.Errorf("key of the identity: %w", err)
	}
	claims, err := u.Verify(key.Public)
	if err != nil {
		return s, err
	}
	if err := claims.Decode(&s); err != nil {
		return s, fmt.Errorf("%w: its claims cannot be read", ErrMismatch)
	}
	const skew = 5 * time.Second
	switch {
	case s.Audience != r.Audience:
		return s, fmt.Errorf("%w: it is for another back end", ErrMismatch)
	case s.Method != r.Method || s.Path != r.Path || s.Body != Digest(r.Body):
		return s, fmt.Errorf("%w: method, path or body differ", ErrMismatch)
	case !now.Before(time.Unix(s.ExpiresAt, 0)) || time.Unix(s.IssuedAt, 0).After(now.Add(skew)):
		return s, fmt.Errorf("%w: it is not for now", ErrMismatch)
	}
	return s, nil
}
