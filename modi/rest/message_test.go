// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

func TestWholeCallIsAccepted(t *testing.T) {
	m, v := call(t)
	r, err := v.Verify(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if r.Voucher.ClientID != moditest.ClientID || r.Integrity.Owner != moditest.ClientID || r.Audit.UserID == "" || r.IDAuth != nil ||
		"Bearer "+r.VoucherToken != m.Header.Get("Authorization") {
		t.Errorf("result %+v", r)
	}
}

// Every fault of every proof is told at once, and what the voucher would have said is left
// out where the voucher was refused.
func TestWholeCallTellsEverything(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*rest.Message, *rest.Verifier)
		rules []modi.RuleID
	}{
		"voucher of another e-service": {func(_ *rest.Message, v *rest.Verifier) { v.Voucher.EserviceID = moditest.ConsumerID }, []modi.RuleID{modi.VoucherEserviceMismatch}},
		"voucher missing":              {func(m *rest.Message, _ *rest.Verifier) { m.Header.Del("Authorization") }, []modi.RuleID{modi.VoucherTokenMissing}},
		"all of them": {func(m *rest.Message, v *rest.Verifier) {
			v.Voucher.Audience = "https://altro.example"
			m.Body = modi.Bytes(body + " ")
			v.Audit.Audience = "https://altro.example"
		}, []modi.RuleID{modi.VoucherAudienceMismatch, modi.IntegrityDigestMismatch, modi.AuditAudienceMismatch}},
		"key of another client": {func(m *rest.Message, v *rest.Verifier) {
			keys := moditest.Only(clientKey(t).KID, moditest.ConsumerID, clientKey(t).Signer.Public())
			v.Integrity.Keys, v.Audit.Keys = keys, keys
		}, []modi.RuleID{modi.IntegrityOwnerMismatch, modi.AuditOwnerMismatch}},
		"evidence of another call": {func(m *rest.Message, _ *rest.Verifier) {
			m.Header.Set(rest.HeaderTrackingEvidence, forge(t, moditest.With(goodAudit(), "userID", "altro"), moditest.RSA(t, 0)))
		}, []modi.RuleID{modi.AuditDigestMismatch}},
		"evidence of another purpose": {func(m *rest.Message, v *rest.Verifier) {
			v.Audit.PurposeID = moditest.ConsumerID
		}, []modi.RuleID{modi.AuditPurposeMismatch}},
	} {
		t.Run(name, func(t *testing.T) {
			m, v := call(t)
			c.spoil(&m, &v)
			r, err := v.Verify(t.Context(), m)
			moditest.WantRules(t, err, c.rules...)
			if strings.HasPrefix(name, "voucher") && (r.Voucher != nil || r.Integrity == nil || r.Audit == nil) {
				t.Errorf("proofs that stood: %+v", r)
			}
		})
	}
}

// A "no" is told before a "don't know": trying again would not help.
func TestWholeCallUndecided(t *testing.T) {
	down := moditest.Keys{Down: errors.New("no answer")}
	m, v := call(t)
	v.Integrity.Keys = down
	_, err := v.Verify(t.Context(), m)
	if !errors.Is(err, modi.ErrUndecided) {
		t.Errorf("error %v", err)
	}
	v.Audit.Audience = "x"
	_, err = v.Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.AuditAudienceMismatch)

	for name, v := range map[string]rest.Verifier{
		"two identities":             {Voucher: v.Voucher, IDAuth: &rest.IDAuthVerifier{}},
		"possession without voucher": {Possession: possession{}},
	} {
		_, err = v.Verify(t.Context(), m)
		if !errors.Is(err, modi.ErrUndecided) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// twoTokens is a message with Authorization and Agid-JWT-Signature by these keys.
func twoTokens(t testing.TB, identity, integrity token.SigningKey, pattern modi.Pattern) rest.Message {
	t.Helper()
	m := rest.Message{Header: headers("Content-Type", typeJSON), Body: modi.Bytes(body)}
	_, err := rest.SignIDAuth(&m, rest.IDAuthInput{Pattern: pattern, Audience: moditest.Audience}, stamp(), identity)
	if err != nil {
		t.Fatal(err)
	}
	in := rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Audience: moditest.Audience, SignedHeaders: []string{"Authorization"}}
	_, err = rest.SignIntegrity(&m, in, stamp(), integrity)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBothHeadersHaveOneSigner(t *testing.T) {
	renewed := signer(t)
	renewed.Chain = []*x509.Certificate{moditest.Certificate(t, renewed.Signer, moditest.Organization)}
	other := moditest.RSA(t, 1)
	another := token.SigningKey{Algorithm: token.RS256, Signer: other, Chain: []*x509.Certificate{moditest.Certificate(t, other, moditest.Organization)}}
	for name, c := range map[string]struct {
		identity, integrity token.SigningKey
		rules               []modi.RuleID
	}{
		"one certificate":          {signer(t), signer(t), nil},
		"one key, renewed":         {signer(t), renewed, nil},
		"two of one organisation":  {signer(t), another, []modi.RuleID{modi.IntegritySignerMismatch}},
		"the other way round":      {another, signer(t), []modi.RuleID{modi.IntegritySignerMismatch}},
		"both of the other's keys": {another, another, nil},
	} {
		t.Run(name, func(t *testing.T) {
			store := trusted(t, renewed.Chain[0], another.Chain[0])
			id, integrity := idAuthVerifier(t), integrity01(t)
			id.Certificates, integrity.Certificates = store, store
			id.Pattern = modi.PatternIDAuthREST02
			v := rest.Verifier{IDAuth: &id, Integrity: &integrity}
			r, err := v.Verify(t.Context(), twoTokens(t, c.identity, c.integrity, id.Pattern))
			moditest.WantRules(t, err, c.rules...)
			if r.IDAuth == nil || r.Integrity == nil {
				t.Errorf("result %+v", r)
			}
		})
	}
}

// Beside ID_AUTH_REST_02 the signature needs a jti too.
func TestIntegrityBesideUniqueIdentityNeedsAJTI(t *testing.T) {
	m := twoTokens(t, signer(t), signer(t), modi.PatternIDAuthREST02)
	claims := moditest.With(goodIntegrity(), "jti", nil)
	m.Header.Set(rest.HeaderSignature, certify(t, claims, moditest.RSA(t, 0)))
	id, integrity := idAuthVerifier(t), integrity01(t)
	v := rest.Verifier{IDAuth: &id, Integrity: &integrity}
	_, err := v.Verify(t.Context(), m)
	moditest.WantRules(t, err)
	id.Pattern = modi.PatternIDAuthREST02
	_, err = v.Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.IntegrityJTIMissing)
}

func TestEmptyRequestWithIdentityAlone(t *testing.T) {
	m := rest.Message{}
	_, err := rest.SignIDAuth(&m, rest.IDAuthInput{Audience: moditest.Audience}, stamp(), signer(t))
	if err != nil {
		t.Fatal(err)
	}
	id, integrity := idAuthVerifier(t), integrity01(t)
	v := rest.Verifier{IDAuth: &id, Integrity: &integrity}
	r, err := v.Verify(t.Context(), m)
	if err != nil || r.IDAuth == nil || r.Integrity != nil {
		t.Errorf("result %+v, %v", r, err)
	}
	integrity.RequireOnEmpty = true
	_, err = v.Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.IntegrityTokenMissing)
}

// possession is a proof of possession that says what the test wants.
type possession struct{ err error }

func (p possession) VerifyPossession(_ context.Context, h http.Header, compact, bound string) (rest.Proof, error) {
	if p.err != nil {
		return rest.Proof{}, p.err
	}
	return rest.Proof{Pattern: modi.PatternDPoP, Compact: h.Get("DPoP"), Subject: bound, Issuer: compact}, nil
}

func TestPossessionGoesWithTheVoucher(t *testing.T) {
	m, v := call(t)
	v.Integrity, v.Audit, v.Possession = nil, nil, possession{}
	_, err := v.Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.DPoPSchemeNotAllowed)

	compact := strings.TrimPrefix(m.Header.Get("Authorization"), "Bearer ")
	m.Header.Set("Authorization", "DPoP "+compact)
	m.Header.Set("DPoP", "proof")
	r, err := v.Verify(t.Context(), m)
	if err != nil || r.Possession == nil || r.Possession.Issuer != compact {
		t.Errorf("result %+v, %v", r, err)
	}
	refused := modi.Refuse(modi.Violation{Rule: modi.DPoPHTMMismatch, Pattern: modi.PatternDPoP, Expected: "POST", Found: "GET"})
	v.Possession = possession{err: refused}
	r, err = v.Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.DPoPHTMMismatch)
	if r.Voucher == nil || r.Possession != nil {
		t.Errorf("result %+v", r)
	}
}

// A bound voucher that comes as Bearer is a stolen one: where nothing checks the proof it is
// refused, though the caller said that it may be bound.
func TestRejectsABoundVoucherWithoutPossession(t *testing.T) {
	m, v := call(t)
	now := moditest.Now().Unix()
	bound := moditest.Forge(t, `{"alg":"RS256","kid":"`+moditest.PlatformKID+`","typ":"at+jwt"}`, moditest.JSON(t, map[string]any{
		"iss": moditest.Issuer, "sub": moditest.ClientID, "client_id": moditest.ClientID, "aud": moditest.Audience,
		"iat": now - 5, "nbf": now - 5, "exp": now + 595, "jti": "v1", "purposeId": moditest.PurposeID,
		"producerId": moditest.ProducerID, "consumerId": moditest.ConsumerID, "eserviceId": moditest.EserviceID,
		"descriptorId": moditest.DescriptorID, "cnf": map[string]string{"jkt": strings.Repeat("A", 43)},
	}), moditest.RSA(t, 1))
	m.Header.Set("Authorization", "Bearer "+bound)
	v.Integrity, v.Audit = nil, nil
	for _, allow := range []bool{false, true} {
		v.Voucher.AllowBound = allow
		r, err := v.Verify(t.Context(), m)
		moditest.WantRules(t, err, modi.VoucherDPoPRequired)
		if r.Voucher != nil {
			t.Errorf("allowed %v: %+v", allow, r.Voucher)
		}
	}
}

// The verifier of the voucher is the caller's: completing it must not change it.
func TestVerifierLeavesItsPartsAlone(t *testing.T) {
	m, v := call(t)
	before := *v.Voucher
	integrity, audit := *v.Integrity, *v.Audit
	_, err := v.Verify(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if v.Voucher.AllowBound != before.AllowBound || v.Integrity.Owner != integrity.Owner || v.Audit.Digest != audit.Digest || v.Audit.Owner != audit.Owner {
		t.Error("Verify changed its verifiers")
	}
}
