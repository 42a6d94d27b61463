// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package voucher

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// Assertion is the content of a client assertion.
type Assertion struct {
	ClientID  string
	PurposeID string        // empty for an API client, which has no purpose
	Audience  string        // aud of the environment, without https://
	Digest    *Digest       // set for AUDIT_REST_02
	Lifetime  time.Duration // exp-iat, above zero
	BackDate  time.Duration // how far iat lies before now, less than Lifetime, so that a late clock at PDND accepts it
}

// assertionClaims are the members that PDND documents, and no others: with its strict
// flag on it refuses nbf, client_id and anything else.
type assertionClaims struct {
	Issuer    string  `json:"iss"`
	Subject   string  `json:"sub"`
	Audience  string  `json:"aud"`
	JTI       string  `json:"jti"`
	IssuedAt  int64   `json:"iat"`
	ExpiresAt int64   `json:"exp"`
	PurposeID string  `json:"purposeId,omitempty"`
	Digest    *Digest `json:"digest,omitempty"`
}

// Sign writes the assertion for the instant now with a new jti from rand. Its header
// has exactly kid, alg and typ. It fails when rand or the signer does, when the key does
// not fit RS256, or when the token would be over before it is made; what PDND would refuse is found by CheckAssertion.
func (a Assertion) Sign(now time.Time, rand io.Reader, key token.SigningKey) (string, error) {
	return a.sign(now, rand, key, nil)
}

// SignChecked is Sign of an assertion that is to be sent: its claims and its kid are held against e before they are
// signed, as CheckAssertion does afterwards with a token that somebody else has made. The error is then a *modi.Refusal
// under pdnd.assertion/*.
func (a Assertion) SignChecked(now time.Time, rand io.Reader, key token.SigningKey, e AssertionExpectation) (string, error) {
	return a.sign(now, rand, key, func(claims *token.Claims) error {
		f := check.For(token.ClientAssertion())
		checkAssertionKey(key.KID, e.Public, &f)
		checkAssertionClaims(claims, e, &f)
		return f.Err()
	})
}

func (a Assertion) sign(now time.Time, rand io.Reader, key token.SigningKey, look func(*token.Claims) error) (string, error) {
	switch {
	case a.Lifetime <= 0:
		return "", errors.New("sign client assertion: no lifetime")
	case a.BackDate < 0 || a.BackDate >= a.Lifetime:
		return "", fmt.Errorf("sign client assertion: back-dated by %s with a lifetime of %s", a.BackDate, a.Lifetime)
	}
	jti, err := uuid.New(rand)
	if err != nil {
		return "", fmt.Errorf("sign client assertion: %w", err)
	}
	iat := now.Add(-a.BackDate)
	compact, err := token.SignChecked(token.ClientAssertion(), token.HeaderExtra{}, assertionClaims{
		Issuer:    a.ClientID,
		Subject:   a.ClientID,
		Audience:  a.Audience,
		JTI:       jti,
		IssuedAt:  iat.Unix(),
		ExpiresAt: iat.Add(a.Lifetime).Unix(),
		PurposeID: a.PurposeID,
		Digest:    a.Digest,
	}, key, look)
	if err != nil {
		return "", fmt.Errorf("sign client assertion: %w", err)
	}
	return compact, nil
}

// AssertionExpectation is what the environment and the client demand of an assertion.
type AssertionExpectation struct {
	ClientID string
	Audience string
	API      bool // an API client: purposeId forbidden instead of mandatory
	Now      time.Time
	Public   crypto.PublicKey // the key registered on PDND
}

// CheckAssertion tells before sending whether PDND would accept an assertion, since
// PDND hides its reason behind one masked 400. It also refuses what PDND tolerates and
// its manual forbids. The error is a *modi.Refusal under pdnd.assertion/*.
func CheckAssertion(compact string, e AssertionExpectation) error {
	kind := token.ClientAssertion()
	u, err := token.Parse(compact, kind)
	if err != nil {
		return err
	}
	claims, err := u.Verify(e.Public)
	if claims == nil {
		return err
	}
	f := check.For(kind)
	if err != nil {
		f.Add(modi.FaultTypeMismatch, "typ JWT", jose.Quote(u.Header().Type))
	}
	checkAssertionKey(u.KID(), e.Public, &f)
	checkAssertionClaims(claims, e, &f)
	return f.Err()
}

func checkAssertionKey(kid string, pub crypto.PublicKey, f *check.Findings) {
	thumbprint, err := token.Thumbprint(pub)
	if err != nil || thumbprint != kid {
		f.Add(modi.FaultKIDMismatch, "the thumbprint of the signing key", jose.Quote(kid))
	}
}

func checkAssertionClaims(c *token.Claims, e AssertionExpectation, f *check.Findings) {
	allowed := []string{"iss", "sub", "aud", "jti", "iat", "exp", "purposeId", "digest"}
	for _, name := range c.Names() {
		if !slices.Contains(allowed, name) {
			f.Add(modi.FaultClaimNotAllowed, "only "+strings.Join(allowed, ", "), jose.Quote(name))
		}
	}
	f.Equal(f.Text(c, "iss", modi.FaultIssuerMissing), e.ClientID, modi.FaultIssuerMismatch)
	sub := f.Text(c, "sub", modi.FaultSubjectMissing)
	if sub != "" && (sub != e.ClientID || !uuid.Valid(sub)) {
		f.Add(modi.FaultSubjectMismatch, "the UUID "+jose.Quote(e.ClientID), jose.Quote(sub))
	}
	f.CheckAudience(f.ReadAudience(c), e.Audience)
	f.JTI(c)
	f.CheckTimes(f.ReadTimes(c, check.NotBeforeIgnored), e.Now, modi.PartyTimes())
	checkAssertionPurpose(c, e.API, f)
	checkAssertionDigest(c, f)
}

func checkAssertionPurpose(c *token.Claims, api bool, f *check.Findings) {
	if api {
		if c.Has("purposeId") {
			f.Add(modi.FaultPurposeNotAllowed, "no purposeId for an API client", "one")
		}
		return
	}
	purpose := f.Text(c, "purposeId", modi.FaultPurposeMissing)
	if purpose != "" && !uuid.Valid(purpose) {
		f.Add(modi.FaultPurposeMalformed, "a UUID", jose.Quote(purpose))
	}
}

func checkAssertionDigest(c *token.Claims, f *check.Findings) {
	if !c.Has("digest") {
		return
	}
	o, ok := c.Members("digest")
	alg, _ := o.String("alg")
	value, _ := o.String("value")
	if !ok || len(o) != 2 || alg != DigestAlg || !lowerHex64(value) {
		f.Add(modi.FaultDigestMalformed, "exactly alg SHA256 and value of 64 lower-case hexadecimal digits", "something else")
	}
}

func lowerHex64(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}
