// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package voucher makes and checks the tokens of PDND: the client assertion that asks
// for a voucher and the voucher itself (pattern REST_JWS_2021_Bearer).
//
// It depends on modi and modi/token and does no I/O: keys, clock and randomness are
// handed in. It does not look at purposes, quotas or DPoP proofs.
package voucher

import (
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/token"
)

// DigestAlg is the only algorithm name that PDND admits in a digest claim.
const DigestAlg = "SHA256"

// Digest binds a voucher to one tracking evidence (AUDIT_REST_02): Alg is SHA256 and
// Value the SHA-256 of the compact evidence in 64 hexadecimal digits, lower case when
// we write it.
type Digest struct {
	Alg   string `json:"alg"`
	Value string `json:"value"`
}

// Voucher is what a verified voucher says. Identifiers are UUIDs of PDND.
type Voucher struct {
	JTI, KID, Issuer                                 string
	ClientID, PurposeID                              string
	ProducerID, ConsumerID, EserviceID, DescriptorID string
	Audience                                         []string // split where PDND joins with commas
	IssuedAt, NotBefore, ExpiresAt                   time.Time
	Digest                                           *Digest // nil when absent; its content is checked by AUDIT_REST_02
	JKT                                              string  // thumbprint of the DPoP key, empty for a Bearer voucher
}

// read fills a Voucher from verified claims and records what is missing or malformed.
func read(o *check.Opened) *Voucher {
	c, f := o.Claims, &o.Faults
	times := f.ReadTimes(c, check.NotBeforeRequired)
	vo := &Voucher{
		KID:        o.Token.KID(),
		JTI:        f.JTI(c),
		Issuer:     f.Text(c, "iss", modi.FaultIssuerMissing),
		Audience:   splitAudience(f.ReadAudience(c)),
		IssuedAt:   times.IssuedAt,
		NotBefore:  times.NotBefore,
		ExpiresAt:  times.ExpiresAt,
		ClientID:   f.Text(c, "client_id", modi.FaultClientMissing),
		PurposeID:  f.Text(c, "purposeId", modi.FaultPurposeMissing),
		ConsumerID: f.Text(c, "consumerId", modi.FaultConsumerMissing),
	}
	subject := f.Text(c, "sub", modi.FaultSubjectMissing)
	if vo.ClientID != "" {
		f.Equal(subject, vo.ClientID, modi.FaultSubjectMismatch)
	}
	vo.ProducerID, _ = c.String("producerId")
	vo.EserviceID, _ = c.String("eserviceId")
	vo.DescriptorID, _ = c.String("descriptorId")
	vo.Digest = readDigest(c, f)
	vo.JKT = readConfirmation(c, f)
	return vo
}

// splitAudience undoes what PDND does to several audiences: one string, joined by
// commas. A list is left as it is.
func splitAudience(aud []string) []string {
	if len(aud) != 1 {
		return aud
	}
	return strings.Split(aud[0], ",")
}

func readDigest(c *token.Claims, f *check.Findings) *Digest {
	if !c.Has("digest") {
		return nil
	}
	o, ok := c.Members("digest")
	if !ok {
		raw, _ := c.Value("digest")
		f.Add(modi.FaultDigestMalformed, "an object with alg and value", token.TypeOf(raw))
		return nil
	}
	var d Digest
	d.Alg, _ = o.String("alg")
	d.Value, _ = o.String("value")
	return &d
}

func readConfirmation(c *token.Claims, f *check.Findings) string {
	if !c.Has("cnf") {
		return ""
	}
	o, _ := c.Members("cnf")
	jkt, _ := o.String("jkt")
	if !token.ValidKID(jkt) {
		f.Add(modi.FaultConfirmationMalformed, "an object whose jkt has 43 base64url characters", "something else")
		return ""
	}
	return jkt
}
