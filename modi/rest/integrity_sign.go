// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// IntegrityInput is what INTEGRITY_REST_02 says beside the message itself.
type IntegrityInput struct {
	Issuer        string   // client_id of the consumer, or the producer's id on a reply
	Subject       string   // empty: the same as Issuer
	Audience      string   // audience of the e-service, or the consumer's client_id on a reply
	SignedHeaders []string // headers to sign beside digest, content-type and content-encoding
	DigestEmpty   bool     // sign the digest of an empty body too, for services that ask it always
}

type integrityClaims struct {
	Issuer        string         `json:"iss"`
	Subject       string         `json:"sub"`
	Audience      string         `json:"aud"`
	IssuedAt      int64          `json:"iat"`
	NotBefore     int64          `json:"nbf"`
	ExpiresAt     int64          `json:"exp"`
	JTI           string         `json:"jti"`
	SignedHeaders []signedHeader `json:"signed_headers"`
}

// SignIntegrity signs a message: it sets Digest (SHA-256 over the body as it is) and
// Agid-JWT-Signature on m.Header, replacing what was there. Body, Content-Type,
// Content-Encoding and the signed headers must not change afterwards. An empty body
// gets no Digest unless in asks for it; with nothing to sign it fails, since the
// guideline wants no token there.
func SignIntegrity(m *Message, in IntegrityInput, s Stamp, key token.SigningKey) (Proof, error) {
	if in.Issuer == "" || in.Audience == "" {
		return Proof{}, errors.New("sign integrity: no issuer or no audience")
	}
	if in.Subject == "" {
		in.Subject = in.Issuer
	}
	if m.Header == nil {
		m.Header = http.Header{}
	}
	m.Header.Del(HeaderSignature)
	m.Header.Del(HeaderDigest)
	var digest string
	if !m.empty() || in.DigestEmpty {
		sum, err := m.body().Digest(crypto.SHA256)
		if err != nil {
			return Proof{}, fmt.Errorf("sign integrity: digest of the body: %w", err)
		}
		digest = formatDigest(sum)
		m.Header.Set(HeaderDigest, digest)
	}
	signed, err := collect(m.Header, in.SignedHeaders)
	if err != nil {
		return Proof{}, fmt.Errorf("sign integrity: %w", err)
	}
	iat, exp, jti, err := s.times()
	if err != nil {
		return Proof{}, fmt.Errorf("sign integrity: %w", err)
	}
	compact, err := token.Sign(token.Integrity(), token.HeaderExtra{}, integrityClaims{
		Issuer: in.Issuer, Subject: in.Subject, Audience: in.Audience,
		IssuedAt: iat.Unix(), NotBefore: iat.Unix(), ExpiresAt: exp.Unix(), JTI: jti,
		SignedHeaders: signed,
	}, key)
	if err != nil {
		return Proof{}, fmt.Errorf("sign integrity: %w", err)
	}
	m.Header.Set(HeaderSignature, compact)
	return Proof{
		Pattern: modi.PatternIntegrityREST02, JTI: jti, KID: key.KID, Issuer: in.Issuer,
		IssuedAt: iat, ExpiresAt: exp, Compact: compact, BodyDigest: digest,
	}, nil
}

// collect lists the headers to sign with the values that go on the wire. net/http trims
// spaces around a value when it writes it, so they are trimmed before signing.
func collect(h http.Header, extra []string) ([]signedHeader, error) {
	names := []string{"digest", "content-type", "content-encoding"}
	for _, name := range extra {
		lower := strings.ToLower(name)
		switch {
		case slices.Contains(names, lower):
			continue
		case !lowerCaseToken(lower) || lower == "agid-jwt-signature":
			return nil, fmt.Errorf("header %q cannot be signed", name)
		case len(h.Values(lower)) == 0:
			return nil, fmt.Errorf("header %q to be signed is not in the message", name)
		}
		names = append(names, lower)
	}
	var out []signedHeader
	for _, name := range names {
		values := h.Values(name)
		for i, v := range values {
			values[i] = textproto.TrimString(v)
			out = append(out, signedHeader{name: name, value: values[i]})
		}
	}
	if len(out) == 0 {
		return nil, errors.New("nothing to sign: the body is empty and no header is named")
	}
	return out, nil
}
