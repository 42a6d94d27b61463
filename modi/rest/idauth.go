// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/token"
)

// IDAuthInput is what ID_AUTH_REST_01 and 02 say of the sender.
type IDAuthInput struct {
	Pattern    modi.Pattern      // ID_AUTH_REST_01 (also when empty) or ID_AUTH_REST_02
	Issuer     string            // the sending organisation; empty: left out
	Subject    string            // the sending application; empty: left out
	ClientID   string            // empty: left out
	Audience   string            // of the e-service, or the consumer's id on a reply
	References []token.Reference // how to name the certificate; empty: its x5c, alone
}

type idAuthClaims struct {
	Issuer    string `json:"iss,omitempty"`
	Subject   string `json:"sub,omitempty"`
	ClientID  string `json:"client_id,omitempty"`
	Audience  string `json:"aud"`
	IssuedAt  int64  `json:"iat"`
	NotBefore int64  `json:"nbf"`
	ExpiresAt int64  `json:"exp"`
	JTI       string `json:"jti"`
}

// SignIDAuth signs the token of the sender and sets Authorization: Bearer on m.Header,
// replacing what was there. It has a jti in both patterns: 01 lets it be. It fails without
// an audience, when the certificate is not that of the key, and when the signer fails.
func SignIDAuth(m *Message, in IDAuthInput, s Stamp, key token.SigningKey) (Proof, error) {
	if in.Audience == "" {
		return Proof{}, errors.New("sign identity: no audience")
	}
	kind, err := idAuthKind(form{pattern: in.Pattern, references: in.References})
	if err != nil {
		return Proof{}, fmt.Errorf("sign identity: %w", err)
	}
	iat, exp, jti, err := s.times()
	if err != nil {
		return Proof{}, fmt.Errorf("sign identity: %w", err)
	}
	compact, err := token.Sign(kind, token.HeaderExtra{References: in.References}, idAuthClaims{
		Issuer: in.Issuer, Subject: in.Subject, ClientID: in.ClientID, Audience: in.Audience,
		IssuedAt: iat.Unix(), NotBefore: iat.Unix(), ExpiresAt: exp.Unix(), JTI: jti,
	}, key)
	if err != nil {
		return Proof{}, fmt.Errorf("sign identity: %w", err)
	}
	if m.Header == nil {
		m.Header = http.Header{}
	}
	m.Header.Set(HeaderAuthorization, "Bearer "+compact)
	return Proof{
		Pattern: kind.Pattern(), JTI: jti, KID: key.KID, Issuer: in.Issuer, Subject: in.Subject, Audience: in.Audience,
		Algorithm: key.Algorithm, IssuedAt: iat, ExpiresAt: exp, Compact: compact, Certificate: key.Chain[0],
	}, nil
}

// IDAuthVerifier checks ID_AUTH_REST_01 and 02 on the messages of one service and
// direction. It is safe for concurrent use and holds no state.
type IDAuthVerifier struct {
	Pattern      modi.Pattern      // ID_AUTH_REST_01 (also when empty) or ID_AUTH_REST_02
	Audience     string            // exact
	Organization string            // codice fiscale that the certificate must name; empty: the caller judges who it is
	References   []token.Reference // how the certificate may be named; empty: x5c, x5t#S256
	Algorithms   []token.Algorithm // empty: RS256-512 and ES256-512
	Types        []string          // empty: JWT
	Certificates modi.CertificateResolver
	Clock        modi.Clock
	Times        modi.Times // modi.PartyTimes
	Lenient      modi.Lenient
}

// Verify checks the one Authorization header of a message. The error is a *modi.Refusal
// under modi.id-auth/*, with every fault once the signature has verified, or wraps
// modi.ErrUndecided when the certificate could not be judged. References without X5U never
// lead to an address that the token names.
//
// It does not know which jti were used: for ID_AUTH_REST_02 the caller must use up
// (Proof.ReplayOwner, JTI).
func (v IDAuthVerifier) Verify(ctx context.Context, h http.Header) (Proof, error) {
	if v.Audience == "" || v.Clock == nil || v.Times == (modi.Times{}) {
		return Proof{}, fmt.Errorf("%w: identity verifier without audience, clock or times", modi.ErrUndecided)
	}
	kind, err := idAuthKind(form{v.Pattern, v.References, v.Algorithms, v.Types, v.Lenient})
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", modi.ErrUndecided, err)
	}
	_, compact, err := check.Authorization(h, kind, "Bearer")
	if err != nil {
		return Proof{}, err
	}
	o, err := check.OpenCertified(ctx, compact, kind, v.Certificates)
	if err != nil {
		return Proof{}, err
	}
	c, f := o.Claims, &o.Faults
	p := proofOf(o, kind.Pattern())
	aud := f.ReadAudience(c)
	f.CheckAudience(aud, v.Audience)
	p.Audience = strings.Join(aud, " ")
	times := f.ReadTimes(c, check.NotBeforeOptional)
	f.CheckTimes(times, v.Clock(), v.Times)
	p.IssuedAt, p.ExpiresAt = times.IssuedAt, times.ExpiresAt
	if kind.Pattern() == modi.PatternIDAuthREST02 {
		p.JTI = f.JTI(c)
	} else {
		p.JTI = f.OptionalJTI(c)
	}
	// RFC 8725 §3.12: the signature or the evidence of another header cannot stand in for an
	// identity.
	for _, name := range []string{"signed_headers", "request_digest", "userID", "userLocation", "LoA", "dnonce"} {
		if c.Has(name) {
			f.Add(modi.FaultClaimNotAllowed, "no claim "+name, "one")
		}
	}
	checkOwner(o, "", v.Organization)
	err = f.Err()
	if err != nil {
		return Proof{}, err
	}
	return p, nil
}
