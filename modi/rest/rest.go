// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package rest makes and checks the ModI proofs that travel in HTTP headers:
// ID_AUTH_REST_01 and 02 (Authorization signed by the sender), INTEGRITY_REST_01 and 02
// (Agid-JWT-Signature and Digest, on requests and replies), AUDIT_REST_01 and 02
// (Agid-JWT-TrackingEvidence), and the signed replies of PDND's own API. Combinations says
// which of them go together, and Verifier checks a whole message.
//
// It depends on modi, modi/token, modi/hint and modi/voucher, and does no I/O but reading
// the message body that it is handed. It remembers nothing: the replay of a jti is for the
// caller, who has the store.
package rest

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// The HTTP headers of the patterns, spelled as the guideline does. Use them with the
// methods of http.Header, which bring them to canonical form.
const (
	HeaderSignature        = "Agid-JWT-Signature"
	HeaderTrackingEvidence = "Agid-JWT-TrackingEvidence"
	HeaderDigest           = "Digest"
	HeaderAuthorization    = "Authorization"
)

// Message is one HTTP request or reply: its headers in canonical form, as net/http
// keeps them, and its body as it is on the wire, after any Content-Encoding. A nil Body
// is an empty one.
//
// Host is that of a request, Request.Host, which net/http takes out of the headers: without
// it a message that signs host is refused, since there is nothing to compare. It counts as
// the only value of Host, which Header does not hold.
//
// HeadOnly says that a body follows which is not here yet. All but the comparison of its
// digest is judged, as of a body that is not empty; the proof then says nothing of the body
// (BodyDigest is empty), and the message must be judged again once it is here.
type Message struct {
	Header   http.Header
	Body     modi.Body
	Host     string
	HeadOnly bool
}

// values returns the values of a header, Host among them.
func (m Message) values(name string) []string {
	if m.Host != "" && strings.EqualFold(name, headerHost) {
		return []string{m.Host}
	}
	return valuesOf(m.Header, name)
}

const headerHost = "host"

func (m Message) empty() bool { return !m.HeadOnly && (m.Body == nil || m.Body.Len() == 0) }

func (m Message) hasToken(header string) bool { return len(valuesOf(m.Header, header)) > 0 }

func (m Message) body() modi.Body {
	if m.Body == nil {
		return modi.Bytes(nil)
	}
	return m.Body
}

// Stamp says when a token is made and how long it lives.
type Stamp struct {
	Now      time.Time
	Rand     io.Reader     // for jti and dnonce
	BackDate time.Duration // how far iat and nbf lie before Now, less than Lifetime; 5 s unless the peer's clock is known to lag
	Lifetime time.Duration // exp-iat, above zero; 300 s by default of the platform
	JTI      string        // empty: a new UUID. Set it where two tokens of a message must share theirs
}

// times returns iat (also nbf), exp and a new jti. A token whose life is over before it
// is made is refused, and so is one made ahead of its time.
func (s Stamp) times() (iat, exp time.Time, jti string, err error) {
	switch {
	case s.Lifetime <= 0 || s.Rand == nil:
		return iat, exp, "", errors.New("stamp without lifetime or randomness")
	case s.BackDate < 0 || s.BackDate >= s.Lifetime:
		return iat, exp, "", fmt.Errorf("stamp back-dated by %s with a lifetime of %s: the token would not be valid when it is made", s.BackDate, s.Lifetime)
	}
	jti = s.JTI
	if jti == "" {
		jti, err = uuid.New(s.Rand)
	}
	iat = s.Now.Add(-s.BackDate).Truncate(time.Second).UTC()
	return iat, iat.Add(s.Lifetime).Truncate(time.Second), jti, err
}

// Proof is what a made or verified token proves.
type Proof struct {
	Pattern             modi.Pattern
	JTI, KID            string
	Owner               string // owner of the verified key: clientId or producerKeychainId; empty when made by us
	Issuer, Subject     string
	Audience            string // several are joined by a space
	Algorithm           token.Algorithm
	IssuedAt, ExpiresAt time.Time
	Compact             string // the token itself, for evidence; never for logs
	BodyDigest          string // the Digest header, INTEGRITY_REST_* only
	RequestDigest       string // the claim request_digest, INTEGRITY_REST_* on replies only

	// Where a certificate names the key.
	Certificate  *x509.Certificate
	Organization string // codice fiscale that the certificate names; empty when it names none

	// AUDIT_REST_* only.
	UserID, UserLocation, LoA, PurposeID string
}

// proofOf starts the proof of a token whose signature has verified. iss and sub are
// optional in the guideline: the key says who signed.
func proofOf(o *check.Opened, p modi.Pattern) Proof {
	proof := Proof{
		Pattern: p, KID: o.Key.KID, Owner: o.Key.Owner, Algorithm: o.Token.Header().Algorithm,
		Compact: o.Token.Compact(), Certificate: o.Certificate,
	}
	if o.Certificate != nil {
		proof.Owner, proof.Organization = "", o.Key.Owner
	}
	proof.Issuer, _ = o.Claims.String("iss")
	proof.Subject, _ = o.Claims.String("sub")
	return proof
}

// checkOwner wants the key to belong to the party that the voucher names, or to the
// organisation expected where a certificate names it.
func checkOwner(o *check.Opened, owner, organization string) {
	if o.Certificate != nil {
		if organization != "" && o.Key.Owner != organization {
			found := "a certificate of another organisation"
			if o.Key.Owner == "" {
				found = "a certificate that names no organisation"
			}
			o.Faults.Add(modi.FaultOwnerMismatch, "a certificate of the organisation "+organization, found)
		}
		return
	}
	if owner != "" && o.Key.Owner != owner {
		o.Faults.Add(modi.FaultOwnerMismatch, "a key of "+owner, "a key of another party")
	}
}

// valuesOf is h.Values(name). Headers that every message has are found by their canonical
// form at once, which the guideline's spelling is not: this is a hot path.
func valuesOf(h http.Header, name string) []string {
	switch name {
	case HeaderSignature:
		return h["Agid-Jwt-Signature"]
	case HeaderTrackingEvidence:
		return h["Agid-Jwt-Trackingevidence"]
	case "digest":
		return h[HeaderDigest]
	case "content-type":
		return h["Content-Type"]
	case "content-encoding":
		return h["Content-Encoding"]
	default:
		return h.Values(name)
	}
}

// single takes the only value of a header.
func single(h http.Header, name string) (value string, fault modi.Fault, found string) {
	values := valuesOf(h, name)
	switch len(values) {
	case 0:
		return "", modi.FaultTokenMissing, "none"
	case 1:
		return values[0], "", ""
	default:
		return "", modi.FaultTokenRepeated, fmt.Sprintf("%d", len(values))
	}
}
