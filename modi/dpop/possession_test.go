// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
)

// Beside a verified voucher the proof says which key, which jti and until when it must
// be remembered; the voucher that counts is the verified one.
func TestPossessionOfAVerifiedVoucher(t *testing.T) {
	p := dpop.Possession{Verifier: verifier(), Method: http.MethodPost, URL: address}
	message := func(authorization ...string) http.Header {
		return http.Header{"Authorization": authorization, "Dpop": {forge(t, header(t), claims())}}
	}
	proof, err := p.VerifyPossession(t.Context(), message("DPoP "+voucher), voucher, jkt(t))
	moditest.WantRules(t, err)
	if proof.Pattern != modi.PatternDPoP || proof.KID != jkt(t) || proof.JTI != "p-1" || !proof.ExpiresAt.After(moditest.Now()) || proof.Compact == "" {
		t.Errorf("proof %+v", proof)
	}
	for scheme, rules := range map[dpop.Scheme][]modi.RuleID{dpop.SchemeDPoP: nil, dpop.SchemeBearer: {modi.DPoPSchemeNotAllowed}} {
		proof, err := p.VerifyPresented(message("DPoP "+voucher), dpop.Presented{Scheme: scheme, Compact: voucher}, jkt(t))
		moditest.WantRules(t, err, rules...)
		if (proof.KID == jkt(t)) != (rules == nil) {
			t.Errorf("%s: proof %+v", scheme, proof)
		}
	}
	for name, c := range map[string]struct {
		header         http.Header
		compact, bound string
		rules          []modi.RuleID
	}{
		"unbound":                  {message("DPoP " + voucher), voucher, "", []modi.RuleID{modi.DPoPVoucherNotBound}},
		"bound to another key":     {message("DPoP " + voucher), voucher, strings.Repeat("A", 43), []modi.RuleID{modi.DPoPKeyMismatch}},
		"no proof":                 {http.Header{"Authorization": {"DPoP " + voucher}}, voucher, jkt(t), []modi.RuleID{modi.DPoPTokenMissing}},
		"another voucher verified": {message("DPoP " + voucher), voucher + "x", jkt(t), []modi.RuleID{modi.DPoPATHMismatch}},
	} {
		t.Run(name, func(t *testing.T) {
			proof, err := p.VerifyPossession(t.Context(), c.header, c.compact, c.bound)
			moditest.WantRules(t, err, c.rules...)
			if proof != (rest.Proof{}) {
				t.Errorf("proof %+v", proof)
			}
		})
	}
}
