// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package rest makes and checks the ModI proofs that travel in HTTP headers:
// INTEGRITY_REST_02 (Agid-JWT-Signature and Digest, on requests and replies) and
// AUDIT_REST_02 (Agid-JWT-TrackingEvidence bound to a voucher).
//
// It depends on modi, modi/token and modi/voucher, and does no I/O but reading the
// message body that it is handed. It remembers nothing: the replay of a jti is for the
// caller, who has the store.
package rest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// The HTTP headers of the patterns, spelled as the guideline does. Use them with the
// methods of http.Header, which bring them to canonical form.
const (
	HeaderSignature        = "Agid-JWT-Signature"
	HeaderTrackingEvidence = "Agid-JWT-TrackingEvidence"
	HeaderDigest           = "Digest"
)

// Message is one HTTP request or reply: its headers in canonical form, as net/http
// keeps them, and its body as it is on the wire, after any Content-Encoding. A nil Body
// is an empty one.
type Message struct {
	Header http.Header
	Body   modi.Body
}

func (m Message) empty() bool { return m.Body == nil || m.Body.Len() == 0 }

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
	BackDate time.Duration // how far iat and nbf lie before Now; 5 s unless the peer's clock is known to lag
	Lifetime time.Duration // exp-iat, above zero; 300 s by default of the platform
}

// times returns iat (also nbf), exp and a new jti.
func (s Stamp) times() (iat, exp time.Time, jti string, err error) {
	if s.Lifetime <= 0 || s.Rand == nil {
		return iat, exp, "", errors.New("stamp without lifetime or randomness")
	}
	jti, err = uuid.New(s.Rand)
	iat = s.Now.Add(-s.BackDate).Truncate(time.Second).UTC()
	return iat, iat.Add(s.Lifetime).Truncate(time.Second), jti, err
}

// Proof is what a made or verified token proves.
type Proof struct {
	Pattern             modi.Pattern
	JTI, KID            string
	Owner               string // owner of the verified key: clientId or producerKeychainId; empty when made by us
	Issuer              string
	IssuedAt, ExpiresAt time.Time
	Compact             string // the token itself, for evidence; never for logs
	BodyDigest          string // the Digest header, INTEGRITY_REST_02 only

	// AUDIT_REST_02 only.
	UserID, UserLocation, LoA, PurposeID string
}

// checkOwner wants the key to belong to the party that the voucher names.
func checkOwner(o *check.Opened, owner string) {
	if owner != "" && o.Key.Owner != owner {
		o.Faults.Add(modi.FaultOwnerMismatch, "a key of "+owner, "a key of another party")
	}
}

// single takes the only value of a header.
func single(h http.Header, name string) (value string, fault modi.Fault, found string) {
	values := h.Values(name)
	switch len(values) {
	case 0:
		return "", modi.FaultTokenMissing, "none"
	case 1:
		return values[0], "", ""
	default:
		return "", modi.FaultTokenRepeated, fmt.Sprintf("%d", len(values))
	}
}
