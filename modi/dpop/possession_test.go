// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop_test

import (
	"net/http"
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
	for name, c := range map[string]struct {
		header         http.Header
		compact, bound string
		rules          []modi.RuleID
	}{
		"unbound, Bearer":          {message("Bearer " + voucher), voucher, "", nil},
		"bound, Bearer":            {message("Bearer " + voucher), voucher, jkt(t), []modi.RuleID{modi.DPoPSchemeNotAllowed}},
		"unbound, DPoP":            {message("DPoP " + voucher), voucher, "", []modi.RuleID{modi.DPoPVoucherNotBound}},
		"no voucher":               {message(), voucher, jkt(t), []modi.RuleID{modi.VoucherTokenMissing}},
		"two vouchers":             {message("DPoP "+voucher, "DPoP "+voucher), voucher, jkt(t), []modi.RuleID{modi.VoucherTokenRepeated}},
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
