// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

func auditInput01() rest.AuditInput {
	return rest.AuditInput{
		Pattern: modi.PatternAuditREST01, Audience: moditest.Audience, UserID: "operatore-17", UserLocation: "postazione-04",
	}
}

// Without PDND there is no voucher to be bound to: purposeId, iss and dnonce are not due.
func TestAudit01WithCertificate(t *testing.T) {
	in := auditInput01()
	in.References = []token.Reference{token.X5C}
	in.Claims = map[string]string{"ufficio": "anagrafe"}
	made, err := rest.SignAudit(in, stamp(), signer(t))
	if err != nil {
		t.Fatal(err)
	}
	v := rest.AuditVerifier{
		Pattern: modi.PatternAuditREST01, Audience: moditest.Audience, Organization: moditest.Organization,
		Certificates: trusted(t), Clock: moditest.Clock, Times: modi.PartyTimes(),
		Claims: []rest.ClaimRule{{Name: "ufficio", OneOf: []string{"anagrafe"}}},
	}
	proof, err := v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, made.Compact))
	if err != nil || proof.Pattern != modi.PatternAuditREST01 || proof.Certificate == nil || proof.PurposeID != "" {
		t.Errorf("proof %+v, %v", proof, err)
	}
	v.PurposeID = moditest.PurposeID
	_, err = v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, made.Compact))
	moditest.WantRules(t, err, modi.AuditPurposeMissing)

	v.Pattern, v.Digest = "", digestOf(made.Compact)
	_, err = v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, made.Compact))
	moditest.WantRules(t, err, modi.AuditPurposeMissing, modi.AuditIssuerMissing, modi.AuditDnonceMissing)
}

func TestAudit01WithVoucher(t *testing.T) {
	in := auditInput01()
	in.Issuer, in.PurposeID, in.LoA = moditest.ClientID, moditest.PurposeID, "SPID_L2"
	made, err := rest.SignAudit(in, stamp(), clientKey(t))
	if err != nil {
		t.Fatal(err)
	}
	v := auditVerifier(t, nil)
	v.Pattern = modi.PatternAuditREST01
	proof, err := v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, made.Compact))
	if err != nil || proof.LoA != "SPID_L2" || proof.PurposeID != moditest.PurposeID {
		t.Errorf("proof %+v, %v", proof, err)
	}
	v.PurposeID, v.Owner = moditest.ConsumerID, moditest.ConsumerID
	_, err = v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, made.Compact))
	moditest.WantRules(t, err, modi.AuditPurposeMismatch, modi.AuditIssuerMismatch, modi.AuditOwnerMismatch)
}

func TestOptionalEvidence(t *testing.T) {
	v := auditVerifier(t, nil)
	v.Optional = true
	proof, err := v.Verify(t.Context(), headers())
	if err != nil || proof != (rest.Proof{}) {
		t.Errorf("proof %+v, %v", proof, err)
	}
	// A voucher that was bound to an evidence says that there is one.
	v.Digest = digestOf("x")
	_, err = v.Verify(t.Context(), headers())
	moditest.WantRules(t, err, modi.AuditTokenMissing)
	v.Digest = nil
	_, err = v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, "x"))
	moditest.WantRules(t, err, modi.AuditMalformed)
}

func TestSignAuditRefusesWhatCannotBe(t *testing.T) {
	for name, spoil := range map[string]func(*rest.AuditInput){
		"pattern":               func(in *rest.AuditInput) { in.Pattern = modi.PatternVoucher },
		"claim of the pattern":  func(in *rest.AuditInput) { in.Claims = map[string]string{"aud": "x"} },
		"claim that is left":    func(in *rest.AuditInput) { in.Claims = map[string]string{"dnonce": "1"} },
		"claim without name":    func(in *rest.AuditInput) { in.Claims = map[string]string{"": "1"} },
		"02 without a purpose":  func(in *rest.AuditInput) { in.Pattern = modi.PatternAuditREST02 },
		"certificate not there": func(in *rest.AuditInput) { in.References = []token.Reference{token.X5C} },
		"no user":               func(in *rest.AuditInput) { in.UserID = "" },
	} {
		t.Run(name, func(t *testing.T) {
			in := auditInput01()
			spoil(&in)
			_, err := rest.SignAudit(in, stamp(), clientKey(t))
			if err == nil {
				t.Error("signed")
			}
		})
	}
	_, err := rest.SignAudit(auditInput01(), rest.Stamp{Lifetime: time.Minute}, clientKey(t))
	if err == nil {
		t.Error("signed without randomness")
	}
}

// The values are the caller's own people: rules tell what is wrong, never what was found.
func TestClaimRules(t *testing.T) {
	code := regexp.MustCompile(`^[A-Z]{2}[0-9]+$`)
	for name, c := range map[string]struct {
		rule  rest.ClaimRule
		value any
		want  modi.RuleID
	}{
		"there":                  {rest.ClaimRule{Name: "ufficio"}, "segreto", ""},
		"missing":                {rest.ClaimRule{Name: "ufficio"}, nil, modi.AuditClaimMissing},
		"missing, optional":      {rest.ClaimRule{Name: "ufficio", Optional: true}, nil, ""},
		"number":                 {rest.ClaimRule{Name: "ufficio"}, 7, modi.AuditClaimInvalid},
		"number, primitive":      {rest.ClaimRule{Name: "ufficio", Primitive: true, Pattern: regexp.MustCompile(`^7$`)}, 7, ""},
		"boolean, primitive":     {rest.ClaimRule{Name: "ufficio", Primitive: true, OneOf: []string{"true"}}, true, ""},
		"object, primitive":      {rest.ClaimRule{Name: "ufficio", Primitive: true}, map[string]any{}, modi.AuditClaimInvalid},
		"pattern":                {rest.ClaimRule{Name: "ufficio", Pattern: code}, "AB12", ""},
		"pattern broken":         {rest.ClaimRule{Name: "ufficio", Pattern: code}, "segreto", modi.AuditClaimInvalid},
		"list":                   {rest.ClaimRule{Name: "ufficio", OneOf: []string{"a", "b"}}, "b", ""},
		"not in the list":        {rest.ClaimRule{Name: "ufficio", OneOf: []string{"a", "b"}}, "segreto", modi.AuditClaimInvalid},
		"short":                  {rest.ClaimRule{Name: "ufficio", MinLength: 8}, "segreto", modi.AuditClaimInvalid},
		"long, counted in runes": {rest.ClaimRule{Name: "ufficio", MaxLength: 4}, "àèìò", ""},
		"too long":               {rest.ClaimRule{Name: "ufficio", MaxLength: 3}, "segreto", modi.AuditClaimInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			compact := forge(t, moditest.With(goodAudit(), "ufficio", c.value), moditest.RSA(t, 0))
			v := auditVerifier(t, digestOf(compact))
			v.Claims = []rest.ClaimRule{c.rule}
			_, err := v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, compact))
			if c.want == "" {
				moditest.WantRules(t, err)
				return
			}
			moditest.WantRules(t, err, c.want)
			if strings.Contains(err.Error(), "segreto") {
				t.Errorf("the value is told: %v", err)
			}
		})
	}
}
