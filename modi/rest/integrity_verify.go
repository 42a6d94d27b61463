// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
)

// IntegrityVerifier checks INTEGRITY_REST_01 or 02 on the messages of one service and
// direction. It is safe for concurrent use and holds no state.
type IntegrityVerifier struct {
	// Pattern is INTEGRITY_REST_02 (also when empty), with Keys; INTEGRITY_REST_01, with
	// Certificates; or PDND_API_V3_RESPONSE, with the keys of PDND's API and Issuer.
	Pattern  modi.Pattern
	Audience string // exact; our client_id when the message is a reply; empty only for PDND's replies
	Issuer   string // exact; empty: not compared, since the key says who signed
	// Owner is who must own the key: the voucher's client_id on a request, the
	// producer keychain on a reply. Empty means that the caller checks Proof.Owner.
	// On a reply of PDND, whose key is its own, it is our client_id: a claim client_id
	// that is there must be it.
	Owner string
	// Organization is the codice fiscale that the certificate must name. Empty means that
	// the caller judges the certificate of the proof.
	Organization string
	// RequireOnEmpty asks for token and Digest also without a body. By default an
	// empty message needs neither, and a Digest on it is refused. See EmptyPayload.
	RequireOnEmpty bool
	// RequireJTI asks for a jti in INTEGRITY_REST_01 too, as beside ID_AUTH_REST_02.
	RequireJTI   bool
	HeaderName   string            // empty: Agid-JWT-Signature
	MustSign     []string          // headers that must be signed when they are there, beside those of the guideline
	References   []token.Reference // INTEGRITY_REST_01: how the certificate may be named; empty: x5c, x5t#S256
	Algorithms   []token.Algorithm // empty: RS256-512 and ES256-512; RS256 on PDND's replies
	Types        []string          // empty: JWT; at+jwt on PDND's replies
	Keys         modi.KeyResolver
	Certificates modi.CertificateResolver
	Clock        modi.Clock
	Times        modi.Times // modi.PartyTimes
	// RequestDigest is, on a reply, the Digest header of the request that was sent, when
	// the reply must confirm it (non repudiation). A reply without a body has a token, and
	// so confirms, only with RequireOnEmpty.
	RequestDigest string
	Lenient       modi.Lenient
}

// ownerless tells whether the signature of any client of the registry would do. A reply of
// PDND has the key of PDND, and a certificate says itself whose it is.
func (v *IntegrityVerifier) ownerless() bool {
	return v.Owner == "" && v.Pattern != modi.PatternIntegrityREST01 && v.Pattern != modi.PatternPDNDResponse
}

// kind is the kind of token that the verifier wants; an error means that it was not told
// all that it needs.
func (v *IntegrityVerifier) kind() (token.Kind, error) {
	kind, err := integrityKind(form{v.Pattern, v.References, v.Algorithms, v.Types, v.Lenient})
	platform := kind.Pattern() == modi.PatternPDNDResponse
	switch {
	case err != nil:
	case v.Clock == nil, v.Times == modi.Times{}, v.Audience == "" && !platform, v.Issuer == "" && platform:
		err = errors.New("integrity verifier without audience, issuer, clock or times")
	}
	if err != nil {
		return kind, fmt.Errorf("%w: %w", modi.ErrUndecided, err)
	}
	if v.HeaderName == "" {
		v.HeaderName = HeaderSignature
	}
	return kind, nil
}

// due tells whether a message without a body needs the token: where the service asks it
// always, and for a header that must be signed.
func (v IntegrityVerifier) due(m Message) bool {
	return v.RequireOnEmpty || slices.ContainsFunc(v.MustSign, func(name string) bool { return len(m.values(name)) > 0 })
}

// Verify checks the one Agid-JWT-Signature of a message and that body and headers are
// the signed ones. An empty message without token, where none is required, gives the
// zero Proof and no error. The error is a *modi.Refusal under modi.integrity/*, with
// every fault of the message once the signature has verified, or wraps
// modi.ErrUndecided when a key or the body could not be read.
//
// It does not know which jti were used: after a nil error the caller must use up
// (Proof.ReplayOwner, JTI).
func (v IntegrityVerifier) Verify(ctx context.Context, m Message) (Proof, error) {
	kind, err := v.kind()
	if err != nil {
		return Proof{}, err
	}
	compact, fault, found := single(m.Header, v.HeaderName)
	switch {
	case fault == modi.FaultTokenMissing && m.empty() && !v.due(m):
		f := check.For(kind)
		_, err = v.checkDigest(m, &f)
		if err == nil {
			err = f.Err()
		}
		return Proof{}, err
	case fault != "":
		return Proof{}, modi.Refuse(kind.Violation(fault, "one "+v.HeaderName+" header", found))
	}
	o, err := open(ctx, compact, kind, v.Keys, v.Certificates)
	if err != nil {
		return Proof{}, err
	}
	p := v.checkClaims(o, kind.Pattern())
	var unread error
	p.BodyDigest, unread = v.checkDigest(m, &o.Faults)
	v.checkHeaders(o, m)
	p.RequestDigest = v.checkRequestDigest(o)
	err = o.Faults.Err()
	if err == nil {
		err = unread // what is wrong is wrong whatever the body is
	}
	if err != nil {
		return Proof{}, err
	}
	return p, nil
}

func (v IntegrityVerifier) checkClaims(o *check.Opened, pattern modi.Pattern) Proof {
	c, f := o.Claims, &o.Faults
	p := proofOf(o, pattern)
	nbf := check.NotBeforeOptional
	if pattern == modi.PatternPDNDResponse {
		nbf = check.NotBeforeIgnored
		for _, name := range []string{"aud", "sub", "nbf"} {
			if c.Has(name) {
				f.Add(modi.FaultClaimNotAllowed, "no claim "+name, "one")
			}
		}
		p.Issuer = f.Text(c, "iss", modi.FaultIssuerMissing)
		v.checkAddressee(o)
	} else {
		aud := f.ReadAudience(c)
		f.CheckAudience(aud, v.Audience)
		p.Audience = strings.Join(aud, " ")
	}
	if v.Issuer != "" {
		f.Equal(p.Issuer, v.Issuer, modi.FaultIssuerMismatch)
	}
	times := f.ReadTimes(c, nbf)
	f.CheckTimes(times, v.Clock(), v.Times)
	p.IssuedAt, p.ExpiresAt = times.IssuedAt, times.ExpiresAt
	if pattern == modi.PatternIntegrityREST01 && !v.RequireJTI {
		p.JTI = f.OptionalJTI(c)
	} else {
		p.JTI = f.JTI(c)
	}
	if pattern != modi.PatternPDNDResponse {
		checkOwner(o, v.Owner, v.Organization)
	}
	return p
}

// checkAddressee wants a reply of PDND that says whose it is to be ours.
func (v IntegrityVerifier) checkAddressee(o *check.Opened) {
	got, ok := o.Claims.String("client_id")
	switch {
	case v.Owner == "" || !o.Claims.Has("client_id"):
	case !ok || got != v.Owner:
		o.Faults.Add(modi.FaultAudienceMismatch, "client_id "+jose.Quote(v.Owner), "that of another client")
	}
}

// checkRequestDigest wants the reply to confirm the request that was sent.
func (v IntegrityVerifier) checkRequestDigest(o *check.Opened) string {
	got, _ := o.Claims.String("request_digest")
	switch {
	case v.RequestDigest == "":
	case !o.Claims.Has("request_digest"):
		o.Faults.Add(modi.FaultRequestDigestMissing, "the claim request_digest", "none")
	case got != v.RequestDigest:
		o.Faults.Add(modi.FaultRequestDigestMismatch, "the Digest header of the request that was sent", "another value")
	}
	return got
}

// needsDigest tells whether the message must carry a signed Digest.
func (v IntegrityVerifier) needsDigest(m Message) bool { return !m.empty() || v.RequireOnEmpty }

// checkDigest compares the Digest header with the bytes of the body. The error is not a
// refusal: the body could not be read.
func (v IntegrityVerifier) checkDigest(m Message, f *check.Findings) (string, error) {
	values := m.Header.Values(HeaderDigest)
	switch {
	case len(values) == 0 && v.needsDigest(m):
		f.AddHint(modi.FaultDigestMissing, "one Digest header", "none", hint.OtherDigest(slices.Collect(maps.Keys(m.Header))))
		return "", nil
	case len(values) == 0:
		return "", nil
	case len(values) > 1:
		f.Add(modi.FaultDigestRepeated, "one Digest header", fmt.Sprintf("%d", len(values)))
		return "", nil
	}
	if !v.needsDigest(m) && !v.Lenient.Allows(modi.LenientDigestOnEmpty) {
		f.Add(modi.FaultDigestOnEmptyBody, "no Digest without a body", "one")
		if !m.hasToken(v.HeaderName) {
			return "", nil // nothing was signed: what it says does not matter
		}
	}
	digests, err := parseDigest(values[0], v.Lenient)
	if err != nil {
		f.AddHint(modi.FaultDigestMalformed, "SHA-256=, SHA-384= or SHA-512= and padded base64 of that length", "something else", digestHint(m, values[0], f))
		return "", nil
	}
	if m.HeadOnly {
		return "", nil
	}
	for _, d := range digests {
		got, err := m.body().Digest(d.alg)
		if err != nil {
			return "", fmt.Errorf("%w: digest of the body: %w", modi.ErrUndecided, err)
		}
		if !bytes.Equal(got, d.sum) {
			f.AddHint(modi.FaultDigestMismatch, fmt.Sprintf("%s of the %d bytes received", d.alg, m.body().Len()), "another value", digestHint(m, values[0], f))
			break
		}
	}
	return values[0], nil
}

// digestHint looks for the body that a wrong Digest is of. A body that is large or cannot
// be read again goes without, and so does the sender whose key is another's: the search is
// for whoever may call.
func digestHint(m Message, header string, f *check.Findings) modi.Text {
	if m.HeadOnly || m.body().Len() > hint.MaxBody || f.Has(modi.FaultOwnerMismatch) {
		return modi.Text{}
	}
	r, err := m.body().Open()
	if err != nil {
		return modi.Text{}
	}
	content, err := io.ReadAll(io.LimitReader(r, hint.MaxBody))
	if closeErr := r.Close(); err != nil || closeErr != nil {
		return modi.Text{}
	}
	return hint.Digest(header, content, m.Header.Get("Content-Encoding"))
}

func (v IntegrityVerifier) checkHeaders(o *check.Opened, m Message) {
	f := &o.Faults
	raw, ok := o.Claims.Value("signed_headers")
	if !ok {
		f.Add(modi.FaultSignedHeadersMissing, "the claim signed_headers", "none")
		return
	}
	signed, err := parseSignedHeaders(raw, v.Lenient)
	if err != nil {
		f.Add(modi.FaultSignedHeadersMalformed, "a non-empty list of objects with one lower-case name and a string", err.Error())
		return
	}
	if v.needsDigest(m) && !lists(signed, "digest") {
		f.Add(modi.FaultDigestNotSigned, "digest among signed_headers", "not listed")
	}
	v.checkSignedHeaders(signed, m, f)
}

func lists(signed []signedHeader, name string) bool {
	for _, s := range signed {
		if s.name == name {
			return true
		}
	}
	return false
}
