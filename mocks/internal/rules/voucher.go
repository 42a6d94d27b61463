// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"slices"
	"strings"
	"time"
)

// Resource is the e-service a voucher is presented to.
type Resource struct {
	Issuer        string
	Audience      string
	ProducerID    string
	EserviceID    string
	DescriptorIDs []string
	Now           time.Time
	Future        time.Duration // tolerance for iat and nbf
}

// ParseVoucher parses a PDND voucher and checks its header: alg RS256, typ at+jwt, use
// sig when present, a kid, nothing else. Faults are of [ClassToken].
func ParseVoucher(compact string) (*Token, string, *Fault) {
	t, err := Parse(compact)
	if err != nil {
		return nil, "", token("voucher-malformed", err.Error())
	}
	if alg, _ := t.Header.String("alg"); alg != "RS256" {
		return nil, "", token("voucher-alg", "alg is not RS256")
	}
	if typ, _ := t.Header.String("typ"); !strings.EqualFold(typ, "at+jwt") {
		return nil, "", token("voucher-typ", "typ is not at+jwt")
	}
	if use, ok := t.Header.String("use"); t.Header.Has("use") && (!ok || use != "sig") {
		return nil, "", token("voucher-use", "use is not sig")
	}
	if extra := t.Header.Extra("alg", "typ", "kid", "use"); len(extra) > 0 {
		return nil, "", token("voucher-header", "the header has the unexpected members "+strings.Join(extra, ", "))
	}
	kid, ok := t.Header.String("kid")
	if !ok {
		return nil, "", token("voucher-kid", "kid is absent")
	}
	return t, kid, nil
}

// CheckIssued verifies what every voucher has, whatever it is for: the issuer, iat, nbf
// and exp, jti, client_id equal to sub. Faults are of [ClassToken].
func CheckIssued(c Members, issuer string, now time.Time, future time.Duration) *Fault {
	if iss, _ := c.String("iss"); iss != issuer {
		return token("voucher-iss", "iss is not the issuer of this environment")
	}
	if fault := CheckTimes(c, now, Window{Future: future, NeedNbf: true}, ClassToken); fault != nil {
		fault.Name = "voucher-" + fault.Name
		return fault
	}
	if _, ok := c.String("jti"); !ok {
		return token("voucher-jti", "jti is absent")
	}
	sub, okSub := c.String("sub")
	client, okClient := c.String("client_id")
	if !okSub || !okClient || sub != client {
		return token("voucher-sub", "sub and client_id are absent or differ")
	}
	return nil
}

// CheckVoucher verifies the claims of a consumer voucher at the e-service it is
// presented to. Audiences are split on commas, because PDND joins them into one text.
// Issuer and times are faults of [ClassToken], the rest of [ClassProfile], as GovWay
// answers them.
func CheckVoucher(c Members, r Resource) *Fault {
	if fault := CheckIssued(c, r.Issuer, r.Now, r.Future); fault != nil {
		return fault
	}
	audiences, ok := c.Strings("aud")
	if !ok {
		return profile("voucher-aud", "aud is absent or malformed")
	}
	found := slices.ContainsFunc(audiences, func(aud string) bool {
		return slices.Contains(strings.Split(aud, ","), r.Audience)
	})
	if !found {
		return profile("voucher-aud", "aud does not name the audience of the e-service")
	}
	if _, ok := c.String("purposeId"); !ok {
		return profile("voucher-purpose", "purposeId is absent")
	}
	if _, ok := c.String("consumerId"); !ok {
		return profile("voucher-consumer", "consumerId is absent")
	}
	if id, _ := c.String("producerId"); id != r.ProducerID {
		return profile("voucher-producer", "producerId is another producer's")
	}
	if id, _ := c.String("eserviceId"); id != r.EserviceID {
		return profile("voucher-eservice", "eserviceId is another e-service's")
	}
	if id, _ := c.String("descriptorId"); !slices.Contains(r.DescriptorIDs, id) {
		return profile("voucher-descriptor", "descriptorId is not among those served")
	}
	return nil
}
