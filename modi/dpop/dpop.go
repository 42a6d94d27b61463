// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package dpop makes and checks the proofs of possession of RFC 9449 that PDND calls
// REST_JWS_2021_POP: the one that asks the token endpoint for a voucher bound to a key,
// and the one that goes with such a voucher to an e-service.
//
// It depends on modi, modi/token and modi/rest, and does no I/O: keys, clock and randomness are
// handed in. It verifies no voucher, that is for modi/voucher, and remembers no jti: the
// replay of a proof is for the caller, who has the store.
package dpop

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// HeaderProof is the HTTP header of a proof.
const HeaderProof = "DPoP"

// Input is what a proof says: the request that it is made for.
type Input struct {
	Method string // HTTP method, as on the request line
	URL    string // absolute URL of the request; query and fragment are left out of the proof
	// Voucher is the compact voucher that goes with the proof to an e-service. It is
	// empty in a proof for the token endpoint, where there is none yet.
	Voucher string
}

// proofClaims are the members that PDND admits, and ath, which goes to e-services only.
type proofClaims struct {
	Method    string `json:"htm"`
	URL       string `json:"htu"`
	TokenHash string `json:"ath,omitempty"`
	IssuedAt  int64  `json:"iat"`
	JTI       string `json:"jti"`
}

// Prove writes a proof for one request at the instant now, with a new jti from rand. Its
// header has exactly alg, jwk and typ, and jwk exactly the members of the public key,
// since PDND refuses others. htu is written as URL is, without query and fragment: PDND
// compares it byte by byte. It fails when the method or the URL are not those of an HTTP
// request, when rand or the signer fails, and when the key is not for RS256 or ES256.
// The kid of the key is not used.
func Prove(in Input, now time.Time, rand io.Reader, key token.SigningKey) (string, error) {
	if !methodToken(in.Method) {
		return "", errors.New("prove possession: the method is not that of an HTTP request")
	}
	_, err := NormalizeHTU(in.URL)
	if err != nil {
		return "", fmt.Errorf("prove possession: %w", err)
	}
	jti, err := uuid.New(rand)
	if err != nil {
		return "", fmt.Errorf("prove possession: %w", err)
	}
	claims := proofClaims{Method: in.Method, URL: withoutQuery(in.URL), IssuedAt: now.Unix(), JTI: jti}
	if in.Voucher != "" {
		claims.TokenHash = TokenHash(in.Voucher)
	}
	compact, err := token.Sign(token.DPoPProof(), token.HeaderExtra{}, claims, key)
	if err != nil {
		return "", fmt.Errorf("prove possession: %w", err)
	}
	return compact, nil
}

// TokenHash is the ath of a voucher (RFC 9449 §4.2): base64url without padding of the
// SHA-256 of its compact text.
func TokenHash(voucher string) string {
	sum := sha256.Sum256([]byte(voucher))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Scheme is the authorization scheme of a voucher.
type Scheme string

// The schemes.
const (
	SchemeBearer Scheme = "Bearer"
	SchemeDPoP   Scheme = "DPoP"
)

// Presented is the voucher of a request and the scheme that it came with. Nothing in it
// is verified.
type Presented struct {
	Scheme  Scheme
	Compact string
}

// Present takes the voucher out of a request: exactly one Authorization header with the
// scheme Bearer or DPoP in any case, one space and a token. The error is a *modi.Refusal
// under pdnd.voucher/*.
func Present(h http.Header) (Presented, error) {
	scheme, compact, err := check.Authorization(h, token.Voucher(), string(SchemeDPoP), string(SchemeBearer))
	return Presented{Scheme: Scheme(scheme), Compact: compact}, err
}

// single takes the only proof of a request. A comma cannot be part of a JWS: it is the
// mark of several headers that were joined on the way.
func single(h http.Header, kind token.Kind) (string, error) {
	values := h.Values(HeaderProof)
	switch {
	case len(values) == 0:
		return "", modi.Refuse(kind.Violation(modi.FaultTokenMissing, "one DPoP header", "none"))
	case len(values) > 1:
		return "", modi.Refuse(kind.Violation(modi.FaultTokenRepeated, "one DPoP header", fmt.Sprintf("%d", len(values))))
	case strings.Contains(values[0], ","):
		return "", modi.Refuse(kind.Violation(modi.FaultTokenRepeated, "one proof in the DPoP header", "a list"))
	default:
		return values[0], nil
	}
}

// methodToken tells whether s is a token of RFC 9110 §5.6.2.
func methodToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}

func quoteOrNone(s string) string {
	if s == "" {
		return "none"
	}
	return jose.Quote(s)
}
