// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// KidPattern is the form of the kid of every key uploaded to PDND.
const KidPattern = `^[A-Za-z0-9_-]{43}$`

var (
	kidRegexp    = regexp.MustCompile(KidPattern)
	dnonceRegexp = regexp.MustCompile(`^[0-9]{13}$`)
)

// OneHeader returns the only value of a header that must be there exactly once.
func OneHeader(h http.Header, name string, class Class) (string, *Fault) {
	values := h.Values(name)
	if len(values) == 0 || values[0] == "" {
		return "", &Fault{class, "header-absent", "header " + name + " is absent"}
	}
	if len(values) > 1 {
		return "", &Fault{class, "header-repeated", "header " + name + " is present more than once"}
	}
	return values[0], nil
}

// ParseParty parses a token made by a party (not a voucher) and checks its header as
// the *_02 patterns ask: alg RS256, typ JWT, a kid of PDND, nothing else.
func ParseParty(compact string) (*Token, string, *Fault) {
	t, err := Parse(compact)
	if err != nil {
		return nil, "", profile("token-malformed", err.Error())
	}
	if alg, _ := t.Header.String("alg"); alg != "RS256" {
		return nil, "", profile("alg-not-allowed", "alg is not RS256")
	}
	if extra := t.Header.Extra("alg", "typ", "kid"); len(extra) > 0 {
		return nil, "", profile("header-member", "the header has the unexpected members "+strings.Join(extra, ", "))
	}
	if typ, _ := t.Header.String("typ"); !strings.EqualFold(typ, "JWT") {
		return nil, "", profile("typ-invalid", "typ is not JWT")
	}
	kid, _ := t.Header.String("kid")
	if !kidRegexp.MatchString(kid) {
		return nil, "", profile("kid-invalid", "kid is not a PDND key identifier")
	}
	return t, kid, nil
}

// Party is what a verifier expects of a token made by a consumer.
type Party struct {
	ClientID string // client_id of the voucher
	Audience string // ModI audience of the e-service, compared exactly
	Now      time.Time
	Window   Window
}

// CheckParty verifies the claims common to Agid-JWT-Signature and
// Agid-JWT-TrackingEvidence: aud equal to the audience or an array that holds it, jti
// present, iss, sub and client_id equal to the client when they are there, times.
func CheckParty(c Members, p Party) *Fault {
	audiences, ok := c.Strings("aud")
	if !ok {
		return profile("aud-missing", "aud is absent or malformed")
	}
	if !slices.Contains(audiences, p.Audience) {
		return profile("aud-mismatch", "aud is not the audience of the e-service")
	}
	if jti, ok := c.String("jti"); !ok || len(jti) > 255 {
		return profile("jti-invalid", "jti is absent, no text or longer than 255")
	}
	for _, name := range []string{"iss", "sub", "client_id"} {
		if value, ok := c.String(name); c.Has(name) && (!ok || value != p.ClientID) {
			return profile(name+"-mismatch", name+" is not the client of the voucher")
		}
	}
	return CheckTimes(c, p.Now, p.Window, ClassProfile)
}

// CheckEvidence verifies the claims of an AUDIT_REST_02 tracking evidence beyond
// [CheckParty]: purposeId equal to the voucher's, userID, userLocation and LoA present,
// LoA at most 20 characters, dnonce of 13 digits as a number or as text.
func CheckEvidence(c Members, purposeID string) *Fault {
	if value, _ := c.String("purposeId"); value == "" || value != purposeID {
		return profile("purpose-mismatch", "purposeId is absent or not the voucher's")
	}
	for _, name := range []string{"userID", "userLocation", "LoA"} {
		if _, ok := c.String(name); !ok {
			return profile(name+"-missing", name+" is absent or no text")
		}
	}
	if loa, _ := c.String("LoA"); len([]rune(loa)) > 20 {
		return profile("LoA-length", "LoA is longer than 20 characters")
	}
	var dnonce string
	switch value := c["dnonce"].(type) {
	case json.Number:
		dnonce = value.String()
	case string:
		dnonce = value
	}
	if !dnonceRegexp.MatchString(dnonce) {
		return profile("dnonce-invalid", "dnonce is not 13 digits")
	}
	return nil
}

// EvidenceDigest is the lowercase hex SHA-256 of a compact tracking evidence, the value
// that travels in the digest claim of assertion and voucher (AUDIT_REST_02).
func EvidenceDigest(compact string) string {
	sum := sha256.Sum256([]byte(compact))
	return hex.EncodeToString(sum[:])
}

// CheckBinding verifies that the voucher carries the digest of this very evidence: alg
// literally SHA256, value in hex of either case.
func CheckBinding(voucher Members, evidence string) *Fault {
	object, ok := voucher["digest"].(map[string]any)
	if !ok {
		return profile("voucher-digest-missing", "the voucher has no digest")
	}
	digest := Members(object)
	if alg, _ := digest.String("alg"); alg != "SHA256" {
		return profile("voucher-digest-alg", "digest.alg of the voucher is not SHA256")
	}
	if value, _ := digest.String("value"); !strings.EqualFold(value, EvidenceDigest(evidence)) {
		return profile("voucher-digest-mismatch", "digest.value of the voucher is not that of the evidence")
	}
	return nil
}
