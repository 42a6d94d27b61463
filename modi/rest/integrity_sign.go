// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"crypto"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// IntegrityInput is what INTEGRITY_REST_01 and 02 say beside the message itself.
type IntegrityInput struct {
	// Pattern is INTEGRITY_REST_02 (also when empty), INTEGRITY_REST_01, or
	// PDND_API_V3_RESPONSE for a reply of PDND's own API, without sub, aud and nbf.
	Pattern       modi.Pattern
	Issuer        string            // client_id of the consumer, or the producer's id on a reply
	Subject       string            // empty: the same as Issuer
	ClientID      string            // empty: left out
	Audience      string            // audience of the e-service, or the consumer's client_id on a reply
	References    []token.Reference // INTEGRITY_REST_01: how to name the certificate; empty: its x5c, alone
	HeaderName    string            // empty: Agid-JWT-Signature
	SignedHeaders []string          // headers to sign beside digest, content-type and content-encoding
	DigestEmpty   bool              // sign the digest of an empty body too, for services that ask it always
	Digest        crypto.Hash       // SHA-256 (also when 0), SHA-384 or SHA-512
	DigestHex     bool              // write Digest in hexadecimal, for services that ask it
	RequestDigest string            // on a reply, for non repudiation: the Digest header of the request
}

type integrityClaims struct {
	Issuer        string         `json:"iss,omitempty"`
	Subject       string         `json:"sub,omitempty"`
	ClientID      string         `json:"client_id,omitempty"`
	Audience      string         `json:"aud,omitempty"`
	IssuedAt      int64          `json:"iat"`
	NotBefore     int64          `json:"nbf,omitempty"`
	ExpiresAt     int64          `json:"exp"`
	JTI           string         `json:"jti"`
	SignedHeaders []signedHeader `json:"signed_headers"`
	RequestDigest string         `json:"request_digest,omitempty"`
}

// check completes the input and finds what is missing.
func (in *IntegrityInput) check() (token.Kind, error) {
	kind, err := integrityKind(form{pattern: in.Pattern, references: in.References})
	if err != nil {
		return kind, err
	}
	platform := kind.Pattern() == modi.PatternPDNDResponse
	switch {
	case in.Issuer == "" && !kind.Certified():
		return kind, errors.New("no issuer")
	case in.Audience == "" && !platform:
		return kind, errors.New("no audience")
	case platform && (in.Audience != "" || in.Subject != ""):
		return kind, errors.New("replies of PDND have no audience and no subject")
	}
	if in.Subject == "" && !platform {
		in.Subject = in.Issuer
	}
	if in.HeaderName == "" {
		in.HeaderName = HeaderSignature
	}
	if !lowerCaseToken(strings.ToLower(in.HeaderName)) {
		return kind, fmt.Errorf("%q is not the name of a header", in.HeaderName)
	}
	if in.Digest == 0 {
		in.Digest = crypto.SHA256
	}
	return kind, nil
}

// SignIntegrity signs a message: it sets Digest (over the body as it is) and
// Agid-JWT-Signature on m.Header, replacing what was there, and trims the values it signs.
// On an error m is as it was. Body, Content-Type,
// Content-Encoding and the signed headers must not change afterwards. An empty body
// gets no Digest unless in asks for it; with nothing to sign it fails, since the
// guideline wants no token there. It also fails on a header value that is not UTF-8,
// on a certificate that is not that of the key, and when the signer fails.
func SignIntegrity(m *Message, in IntegrityInput, s Stamp, key token.SigningKey) (Proof, error) {
	p, err := signIntegrity(m, in, s, key)
	if err != nil {
		return Proof{}, fmt.Errorf("sign integrity: %w", err)
	}
	return p, nil
}

func signIntegrity(m *Message, in IntegrityInput, s Stamp, key token.SigningKey) (Proof, error) {
	kind, err := in.check()
	if err != nil {
		return Proof{}, err
	}
	signing := *m
	signing.Header = http.Header{}
	maps.Copy(signing.Header, m.Header)
	signing.Header.Del(in.HeaderName)
	signing.Header.Del(HeaderDigest)
	var digest string
	if !m.empty() || in.DigestEmpty {
		sum, err := m.body().Digest(in.Digest)
		if err != nil {
			return Proof{}, fmt.Errorf("digest of the body: %w", err)
		}
		digest = formatDigest(in.Digest, sum, in.DigestHex)
		signing.Header.Set(HeaderDigest, digest)
	}
	signed, err := collect(signing, in.SignedHeaders, strings.ToLower(in.HeaderName))
	if err != nil {
		return Proof{}, err
	}
	iat, exp, jti, err := s.times()
	if err != nil {
		return Proof{}, err
	}
	claims := integrityClaims{
		Issuer: in.Issuer, Subject: in.Subject, ClientID: in.ClientID, Audience: in.Audience,
		IssuedAt: iat.Unix(), NotBefore: iat.Unix(), ExpiresAt: exp.Unix(), JTI: jti,
		SignedHeaders: signed, RequestDigest: in.RequestDigest,
	}
	extra := token.HeaderExtra{References: in.References}
	if kind.Pattern() == modi.PatternPDNDResponse {
		claims.NotBefore, extra.Use = 0, "sig"
	}
	compact, err := token.Sign(kind, extra, claims, key)
	if err != nil {
		return Proof{}, err
	}
	signing.Header.Set(in.HeaderName, compact)
	if m.Header == nil {
		m.Header = http.Header{}
	}
	clear(m.Header)
	maps.Copy(m.Header, signing.Header)
	proof := Proof{
		Pattern: kind.Pattern(), JTI: jti, KID: key.KID, Issuer: in.Issuer, Subject: in.Subject, Audience: in.Audience,
		Algorithm: key.Algorithm, IssuedAt: iat, ExpiresAt: exp, Compact: compact, BodyDigest: digest,
		RequestDigest: in.RequestDigest,
	}
	if kind.Certified() {
		proof.Certificate = key.Chain[0]
	}
	return proof, nil
}

// collect lists the headers to sign with the values that go on the wire. net/http trims
// spaces around a value when it writes it, so they are trimmed before signing, in a copy of
// the values that takes their place in m.Header. A value that
// is not UTF-8 is refused: JSON cannot hold it, and what would be signed is another text.
// own is the header of the token itself, which it cannot sign.
func collect(m Message, extra []string, own string) ([]signedHeader, error) {
	names := []string{"digest", "content-type", "content-encoding"}
	for _, name := range extra {
		lower := strings.ToLower(name)
		switch {
		case slices.Contains(names, lower):
			continue
		case !lowerCaseToken(lower) || lower == own:
			return nil, fmt.Errorf("header %q cannot be signed", name)
		case len(m.values(lower)) == 0:
			return nil, fmt.Errorf("header %q to be signed is not in the message", name)
		}
		names = append(names, lower)
	}
	var out []signedHeader
	for _, name := range names {
		values := slices.Clone(m.values(name))
		for i, v := range values {
			if !utf8.ValidString(v) {
				return nil, fmt.Errorf("header %q cannot be signed: its value is not UTF-8", name)
			}
			values[i] = textproto.TrimString(v)
			out = append(out, signedHeader{name: name, value: values[i]})
		}
		if len(values) > 0 && (m.Host == "" || name != headerHost) {
			m.Header[textproto.CanonicalMIMEHeaderKey(name)] = values
		}
	}
	if len(out) == 0 {
		return nil, errors.New("nothing to sign: the body is empty and no header is named")
	}
	return out, nil
}
