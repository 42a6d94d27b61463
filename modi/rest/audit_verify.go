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
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// AuditVerifier checks the tracking evidence of AUDIT_REST_01 or 02; that of 02 against
// the verified voucher that came with it. It is safe for concurrent use and holds no
// state.
type AuditVerifier struct {
	Pattern   modi.Pattern    // AUDIT_REST_02 (also when empty) or AUDIT_REST_01
	Audience  string          // exact
	Owner     string          // the voucher's client_id: owner of the key and iss; empty: not checked
	PurposeID string          // the voucher's purposeId; empty, for AUDIT_REST_01 alone: not compared
	Digest    *voucher.Digest // the voucher's digest; nil is a fault, since AUDIT_REST_02 needs it
	// Optional lets a request without tracking evidence pass, with the zero Proof; one that
	// is there is verified.
	Optional bool
	// Unbound leaves out what needs the voucher, because the voucher itself was refused:
	// then the proof is good for telling faults and for nothing else.
	Unbound      bool
	Organization string            // codice fiscale that the certificate must name; empty: not compared
	References   []token.Reference // how the certificate may be named; empty: x5c, x5t#S256
	Algorithms   []token.Algorithm // empty: RS256-512 and ES256-512
	Types        []string          // empty: JWT
	Claims       []ClaimRule       // agreed for the e-service, beside those of the pattern
	Keys         modi.KeyResolver
	Certificates modi.CertificateResolver // instead of Keys, where a certificate names the key
	Clock        modi.Clock
	Times        modi.Times // modi.PartyTimes
	Lenient      modi.Lenient
}

// ownerless tells whether the evidence of any client of the registry would do.
func (v AuditVerifier) ownerless() bool { return v.Certificates == nil && v.Owner == "" }

func (v AuditVerifier) kind() (token.Kind, error) {
	kind, err := auditKind(form{v.Pattern, v.References, v.Algorithms, v.Types, v.Lenient}, v.Certificates != nil)
	bound := kind.Pattern() == modi.PatternAuditREST02 && !v.Unbound
	if err == nil && (v.Audience == "" || v.Clock == nil || v.Times == (modi.Times{}) || v.PurposeID == "" && bound) {
		err = errors.New("audit verifier without audience, purpose, clock or times")
	}
	if err != nil {
		return kind, fmt.Errorf("%w: %w", modi.ErrUndecided, err)
	}
	return kind, nil
}

// Verify checks the one Agid-JWT-TrackingEvidence header of a request. The error is a
// *modi.Refusal under modi.audit/*, with every fault once the signature has verified,
// or wraps modi.ErrUndecided when the key is not known. The evidence may be sent again
// with its voucher: its jti is not for the replay check.
func (v AuditVerifier) Verify(ctx context.Context, header http.Header) (Proof, error) {
	kind, err := v.kind()
	if err != nil {
		return Proof{}, err
	}
	compact, fault, found := single(header, HeaderTrackingEvidence)
	if fault == modi.FaultTokenMissing && v.Optional && (v.Digest == nil || kind.Pattern() == modi.PatternAuditREST01) {
		return Proof{}, nil
	}
	if fault != "" {
		return Proof{}, modi.Refuse(kind.Violation(fault, "one Agid-JWT-TrackingEvidence header", found))
	}
	o, err := open(ctx, compact, kind, v.Keys, v.Certificates)
	if err != nil {
		return Proof{}, err
	}
	p := v.checkClaims(o, kind.Pattern())
	if kind.Pattern() == modi.PatternAuditREST02 {
		v.checkDnonce(o.Claims, &o.Faults)
		v.checkBinding(o)
	}
	for _, rule := range v.Claims {
		rule.check(o.Claims, &o.Faults)
	}
	err = o.Faults.Err()
	if err != nil {
		return Proof{}, err
	}
	return p, nil
}

func (v AuditVerifier) checkClaims(o *check.Opened, pattern modi.Pattern) Proof {
	c, f := o.Claims, &o.Faults
	p := proofOf(o, pattern)
	bound := pattern == modi.PatternAuditREST02
	if bound || v.Owner != "" || c.Has("iss") {
		p.Issuer = f.Text(c, "iss", modi.FaultIssuerMissing)
	}
	if v.Owner != "" {
		f.Equal(p.Issuer, v.Owner, modi.FaultIssuerMismatch)
	}
	aud := f.ReadAudience(c)
	f.CheckAudience(aud, v.Audience)
	p.Audience = strings.Join(aud, " ")
	times := f.ReadTimes(c, check.NotBeforeOptional)
	f.CheckTimes(times, v.Clock(), v.Times)
	p.IssuedAt, p.ExpiresAt = times.IssuedAt, times.ExpiresAt
	p.JTI = f.JTI(c)
	checkOwner(o, v.Owner, v.Organization)
	if bound || v.PurposeID != "" || c.Has("purposeId") {
		p.PurposeID = f.Text(c, "purposeId", modi.FaultPurposeMissing)
	}
	if v.PurposeID != "" {
		f.Equal(p.PurposeID, v.PurposeID, modi.FaultPurposeMismatch)
	}
	p.UserID = f.Text(c, "userID", modi.FaultUserIDMissing)
	p.UserLocation = f.Text(c, "userLocation", modi.FaultUserLocationMissing)
	if c.Has("LoA") {
		p.LoA = f.Text(c, "LoA", modi.FaultLoAMalformed)
	}
	return p
}

// checkDnonce accepts 13 digits as a number, as GovWay writes them, or as a string, as
// ANPR documents them.
func (v AuditVerifier) checkDnonce(c *token.Claims, f *check.Findings) {
	raw, ok := c.Value("dnonce")
	switch {
	case v.Lenient.Allows(modi.LenientDnonce):
	case !ok:
		f.AddHint(modi.FaultDnonceMissing, "the claim dnonce", "none", hint.Claim(c.Names(), "dnonce"))
	case !thirteenDigits(raw):
		f.Add(modi.FaultDnonceMalformed, "13 digits, as a number or a string", token.TypeOf(raw)+" that is not that")
	}
}

func thirteenDigits(raw string) bool {
	s, ok := jose.Unquote(raw)
	if !ok {
		s = raw
	}
	return len(s) == 13 && strings.Trim(s, "0123456789") == ""
}

// checkBinding wants the voucher's digest to be that of this very token. The algorithm
// is pinned: taking it from the voucher would let a weaker one in.
func (v AuditVerifier) checkBinding(o *check.Opened) {
	f := &o.Faults
	compact := o.Token.Compact()
	switch {
	case v.Unbound:
	case v.Digest == nil:
		f.Add(modi.FaultVoucherDigestMissing, "the claim digest in the voucher", "none")
	case v.Digest.Alg != voucher.DigestAlg || len(v.Digest.Value) != 64 || strings.Trim(v.Digest.Value, "0123456789abcdefABCDEF") != "":
		f.AddHint(modi.FaultVoucherDigestMalformed, "alg SHA256 and a value of 64 hexadecimal digits", "something else", hint.EvidenceDigest(v.Digest.Value, compact))
	case !strings.EqualFold(v.Digest.Value, evidenceDigest(compact).Value):
		f.AddHint(modi.FaultDigestMismatch, "the voucher's digest to be the SHA-256 of this evidence", "that of another one", hint.EvidenceDigest(v.Digest.Value, compact))
	}
}
