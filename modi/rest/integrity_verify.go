// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"bytes"
	"context"
	"fmt"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/token"
)

// IntegrityVerifier checks INTEGRITY_REST_02 on the messages of one service and
// direction. It is safe for concurrent use and holds no state.
type IntegrityVerifier struct {
	Audience string // exact; our client_id when the message is a reply
	// Owner is who must own the key: the voucher's client_id on a request, the
	// producer keychain on a reply. Empty means that the caller checks Proof.Owner.
	Owner string
	// RequireOnEmpty asks for token and Digest also without a body. By default an
	// empty message needs neither, and a Digest on it is refused.
	RequireOnEmpty bool
	Keys           modi.KeyResolver
	Clock          modi.Clock
	Times          modi.Times // modi.PartyTimes
}

// Verify checks the one Agid-JWT-Signature of a message and that body and headers are
// the signed ones. An empty message without token, where none is required, gives the
// zero Proof and no error. The error is a *modi.Refusal under modi.integrity/*, with
// every fault of the message once the signature has verified, or wraps
// modi.ErrUndecided when a key or the body could not be read.
//
// It does not know which jti were used: after a nil error the caller must use up
// (Owner, JTI) of the proof.
func (v IntegrityVerifier) Verify(ctx context.Context, m Message) (Proof, error) {
	if v.Audience == "" || v.Clock == nil {
		return Proof{}, fmt.Errorf("%w: integrity verifier without audience or clock", modi.ErrUndecided)
	}
	kind := token.Integrity()
	compact, fault, found := single(m.Header, HeaderSignature)
	switch {
	case fault == modi.FaultTokenMissing && m.empty() && !v.RequireOnEmpty:
		if len(m.Header.Values(HeaderDigest)) > 0 {
			return Proof{}, modi.Refuse(kind.Violation(modi.FaultDigestOnEmptyBody, "no Digest without a body", "one"))
		}
		return Proof{}, nil
	case fault != "":
		return Proof{}, modi.Refuse(kind.Violation(fault, "one Agid-JWT-Signature header", found))
	}
	o, err := check.Open(ctx, compact, kind, v.Keys)
	if err != nil {
		return Proof{}, err
	}
	p := v.checkClaims(o)
	p.BodyDigest, err = v.checkDigest(m, &o.Faults)
	if err != nil {
		return Proof{}, err
	}
	v.checkHeaders(o, m)
	err = o.Faults.Err()
	if err != nil {
		return Proof{}, err
	}
	return p, nil
}

func (v IntegrityVerifier) checkClaims(o *check.Opened) Proof {
	c, f := o.Claims, &o.Faults
	f.CheckAudience(f.ReadAudience(c), v.Audience)
	times := f.ReadTimes(c, check.NotBeforeOptional)
	f.CheckTimes(times, v.Clock(), v.Times)
	jti := f.JTI(c)
	checkOwner(o, v.Owner)
	issuer, _ := c.String("iss") // optional in the guideline: the key says who signed
	return Proof{
		Pattern: modi.PatternIntegrityREST02, JTI: jti, KID: o.Key.KID, Owner: o.Key.Owner, Issuer: issuer,
		IssuedAt: times.IssuedAt, ExpiresAt: times.ExpiresAt, Compact: o.Token.Compact(),
	}
}

// needsDigest tells whether the message must carry a signed Digest.
func (v IntegrityVerifier) needsDigest(m Message) bool { return !m.empty() || v.RequireOnEmpty }

// checkDigest compares the Digest header with the bytes of the body. The error is not a
// refusal: the body could not be read.
func (v IntegrityVerifier) checkDigest(m Message, f *check.Findings) (string, error) {
	values := m.Header.Values(HeaderDigest)
	switch {
	case len(values) == 0 && v.needsDigest(m):
		f.Add(modi.FaultDigestMissing, "one Digest header", "none")
		return "", nil
	case len(values) == 0:
		return "", nil
	case len(values) > 1:
		f.Add(modi.FaultDigestRepeated, "one Digest header", fmt.Sprintf("%d", len(values)))
		return "", nil
	}
	if !v.needsDigest(m) {
		f.Add(modi.FaultDigestOnEmptyBody, "no Digest without a body", "one")
	}
	alg, want, err := parseDigest(values[0])
	if err != nil {
		f.Add(modi.FaultDigestMalformed, "SHA-256=, SHA-384= or SHA-512= and padded base64 of that length", "something else")
		return "", nil
	}
	got, err := m.body().Digest(alg)
	if err != nil {
		return "", fmt.Errorf("%w: digest of the body: %w", modi.ErrUndecided, err)
	}
	if !bytes.Equal(got, want) {
		f.Add(modi.FaultDigestMismatch, fmt.Sprintf("%s of the %d bytes received", alg, m.body().Len()), "another value")
	}
	return values[0], nil
}

func (v IntegrityVerifier) checkHeaders(o *check.Opened, m Message) {
	f := &o.Faults
	raw, ok := o.Claims.Value("signed_headers")
	if !ok {
		f.Add(modi.FaultSignedHeadersMissing, "the claim signed_headers", "none")
		return
	}
	signed, err := parseSignedHeaders(raw)
	if err != nil {
		f.Add(modi.FaultSignedHeadersMalformed, "a non-empty list of objects with one lower-case name and a string", err.Error())
		return
	}
	if v.needsDigest(m) && !lists(signed, "digest") {
		f.Add(modi.FaultDigestNotSigned, "digest among signed_headers", "not listed")
	}
	checkSignedHeaders(signed, m.Header, f)
}

func lists(signed []signedHeader, name string) bool {
	for _, s := range signed {
		if s.name == name {
			return true
		}
	}
	return false
}
