// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// AuditVerifier checks the tracking evidence of AUDIT_REST_02 against the verified
// voucher that came with it. It is safe for concurrent use and holds no state.
type AuditVerifier struct {
	Audience  string          // exact
	Owner     string          // the voucher's client_id: owner of the key and iss; empty: not checked
	PurposeID string          // the voucher's purposeId
	Digest    *voucher.Digest // the voucher's digest; nil is a fault, since AUDIT_REST_02 needs it
	Keys      modi.KeyResolver
	Clock     modi.Clock
	Times     modi.Times // modi.PartyTimes
}

// Verify checks the one Agid-JWT-TrackingEvidence header of a request. The error is a
// *modi.Refusal under modi.audit/*, with every fault once the signature has verified,
// or wraps modi.ErrUndecided when the key is not known. The evidence may be sent again
// with its voucher: its jti is not for the replay check.
func (v AuditVerifier) Verify(ctx context.Context, header http.Header) (Proof, error) {
	if v.Audience == "" || v.PurposeID == "" || v.Clock == nil {
		return Proof{}, fmt.Errorf("%w: audit verifier without audience, purpose or clock", modi.ErrUndecided)
	}
	kind := token.Audit()
	compact, fault, found := single(header, HeaderTrackingEvidence)
	if fault != "" {
		return Proof{}, modi.Refuse(kind.Violation(fault, "one Agid-JWT-TrackingEvidence header", found))
	}
	o, err := check.Open(ctx, compact, kind, v.Keys)
	if err != nil {
		return Proof{}, err
	}
	p := v.checkClaims(o)
	v.checkBinding(o)
	err = o.Faults.Err()
	if err != nil {
		return Proof{}, err
	}
	return p, nil
}

func (v AuditVerifier) checkClaims(o *check.Opened) Proof {
	c, f := o.Claims, &o.Faults
	issuer := f.Text(c, "iss", modi.FaultIssuerMissing)
	if v.Owner != "" {
		f.Equal(issuer, v.Owner, modi.FaultIssuerMismatch)
	}
	f.CheckAudience(f.ReadAudience(c), v.Audience)
	times := f.ReadTimes(c, check.NotBeforeOptional)
	f.CheckTimes(times, v.Clock(), v.Times)
	jti := f.JTI(c)
	checkOwner(o, v.Owner)
	purpose := f.Text(c, "purposeId", modi.FaultPurposeMissing)
	f.Equal(purpose, v.PurposeID, modi.FaultPurposeMismatch)
	p := Proof{
		Pattern: modi.PatternAuditREST02, JTI: jti, KID: o.Key.KID, Owner: o.Key.Owner, Issuer: issuer,
		IssuedAt: times.IssuedAt, ExpiresAt: times.ExpiresAt, Compact: o.Token.Compact(), PurposeID: purpose,
		UserID:       f.Text(c, "userID", modi.FaultUserIDMissing),
		UserLocation: f.Text(c, "userLocation", modi.FaultUserLocationMissing),
	}
	if c.Has("LoA") {
		p.LoA = f.Text(c, "LoA", modi.FaultLoAMalformed)
	}
	checkDnonce(c, f)
	return p
}

// checkDnonce accepts 13 digits as a number, as GovWay writes them, or as a string, as
// ANPR documents them.
func checkDnonce(c *token.Claims, f *check.Findings) {
	raw, ok := c.Value("dnonce")
	if !ok {
		f.Add(modi.FaultDnonceMissing, "the claim dnonce", "none")
		return
	}
	if !thirteenDigits(raw) {
		f.Add(modi.FaultDnonceMalformed, "13 digits, as a number or a string", token.TypeOf(raw)+" that is not that")
	}
}

func thirteenDigits(raw json.RawMessage) bool {
	s, ok := jose.Unquote(raw)
	if !ok {
		s = string(raw)
	}
	return len(s) == 13 && strings.Trim(s, "0123456789") == ""
}

// checkBinding wants the voucher's digest to be that of this very token. The algorithm
// is pinned: taking it from the voucher would let a weaker one in.
func (v AuditVerifier) checkBinding(o *check.Opened) {
	f := &o.Faults
	switch {
	case v.Digest == nil:
		f.Add(modi.FaultVoucherDigestMissing, "the claim digest in the voucher", "none")
	case v.Digest.Alg != voucher.DigestAlg || len(v.Digest.Value) != 64 || strings.Trim(v.Digest.Value, "0123456789abcdefABCDEF") != "":
		f.Add(modi.FaultVoucherDigestMalformed, "alg SHA256 and a value of 64 hexadecimal digits", "something else")
	case !strings.EqualFold(v.Digest.Value, evidenceDigest(o.Token.Compact()).Value):
		f.Add(modi.FaultDigestMismatch, "the voucher's digest to be the SHA-256 of this evidence", "that of another one")
	}
}
