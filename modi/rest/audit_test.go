// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

func auditVerifier(t testing.TB, d *voucher.Digest) rest.AuditVerifier {
	t.Helper()
	return rest.AuditVerifier{
		Audience: moditest.Audience, Owner: moditest.ClientID, PurposeID: moditest.PurposeID, Digest: d,
		Keys: clientKeys(t), Clock: moditest.Clock, Times: modi.PartyTimes(),
	}
}

func auditInput() rest.AuditInput {
	return rest.AuditInput{
		Issuer: moditest.ClientID, Audience: moditest.Audience, PurposeID: moditest.PurposeID,
		UserID: "operatore-17", UserLocation: "sportello-2", LoA: "LoA3",
	}
}

// digestOf computes the digest that PDND puts in the voucher.
func digestOf(compact string) *voucher.Digest {
	sum := sha256.Sum256([]byte(compact))
	return &voucher.Digest{Alg: "SHA256", Value: hex.EncodeToString(sum[:])}
}

func TestAuditRoundTrip(t *testing.T) {
	made, err := rest.SignAudit(auditInput(), stamp(), clientKey(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*digestOf(made.Compact), made.Digest); diff != "" {
		t.Error(diff)
	}
	proof, err := auditVerifier(t, &made.Digest).Verify(t.Context(), headers(rest.HeaderTrackingEvidence, made.Compact))
	if err != nil {
		t.Fatal(err)
	}
	iat := moditest.Now().Add(-5 * time.Second)
	want := rest.Proof{
		Pattern: modi.PatternAuditREST02, JTI: made.JTI, KID: clientKey(t).KID, Owner: moditest.ClientID, Issuer: moditest.ClientID,
		Audience: moditest.Audience, Algorithm: token.RS256, IssuedAt: iat, ExpiresAt: made.ExpiresAt, Compact: made.Compact,
		UserID: "operatore-17", UserLocation: "sportello-2", LoA: "LoA3", PurposeID: moditest.PurposeID,
	}
	if diff := cmp.Diff(want, proof); diff != "" {
		t.Error(diff)
	}
}

func TestEvidenceIsFreshEachTime(t *testing.T) {
	seen := map[string]bool{}
	for range 4 {
		e, err := rest.SignAudit(auditInput(), stamp(), clientKey(t))
		if err != nil {
			t.Fatal(err)
		}
		data, err := base64.RawURLEncoding.DecodeString(strings.Split(e.Compact, ".")[1])
		if err != nil {
			t.Fatal(err)
		}
		var claims struct{ Dnonce, JTI string }
		err = json.Unmarshal(data, &claims)
		if err != nil {
			t.Fatal(err)
		}
		if len(claims.Dnonce) != 13 || claims.Dnonce[0] == '0' || strings.Trim(claims.Dnonce, "0123456789") != "" {
			t.Errorf("dnonce %q", claims.Dnonce)
		}
		if seen[claims.Dnonce] || seen[claims.JTI] || seen[e.Digest.Value] {
			t.Error("dnonce, jti or digest repeats")
		}
		seen[claims.Dnonce], seen[claims.JTI], seen[e.Digest.Value] = true, true, true
	}
}

func TestSignAuditFails(t *testing.T) {
	for name, spoil := range map[string]func(*rest.AuditInput){
		"no issuer":   func(in *rest.AuditInput) { in.Issuer = "" },
		"no audience": func(in *rest.AuditInput) { in.Audience = "" },
		"no purpose":  func(in *rest.AuditInput) { in.PurposeID = "" },
		"no user":     func(in *rest.AuditInput) { in.UserID = "" },
		"no location": func(in *rest.AuditInput) { in.UserLocation = "" },
	} {
		in := auditInput()
		spoil(&in)
		_, err := rest.SignAudit(in, stamp(), clientKey(t))
		if err == nil {
			t.Errorf("%s: signed", name)
		}
	}
	short := stamp()
	short.Rand = bytes.NewReader(make([]byte, 16)) // enough for jti, not for dnonce
	_, err := rest.SignAudit(auditInput(), short, clientKey(t))
	if err == nil {
		t.Error("signed without randomness for dnonce")
	}
	_, err = rest.SignAudit(auditInput(), rest.Stamp{}, clientKey(t))
	if err == nil {
		t.Error("signed with an empty stamp")
	}
}

func goodAudit() map[string]any {
	now := moditest.Now().Unix()
	return map[string]any{
		"iss": moditest.ClientID, "aud": moditest.Audience, "purposeId": moditest.PurposeID, "dnonce": "4821093377120",
		"userID": "operatore-17", "userLocation": "sportello-2", "LoA": "LoA3",
		"iat": now - 5, "nbf": now - 5, "exp": now + 295, "jti": "7c1a",
	}
}

func TestAuditClaims(t *testing.T) {
	now := moditest.Now().Unix()
	for name, c := range map[string]struct {
		changes []any
		rules   []modi.RuleID
	}{
		"as documented":               {nil, nil},
		"dnonce a number":             {[]any{"dnonce", 1234567890123}, nil},
		"without LoA and nbf":         {[]any{"LoA", nil, "nbf", nil}, nil},
		"claims by agreement":         {[]any{"ufficio", "tributi"}, nil},
		"no userID":                   {[]any{"userID", nil}, []modi.RuleID{modi.AuditUserIDMissing}},
		"userID empty":                {[]any{"userID", ""}, []modi.RuleID{modi.AuditUserIDMissing}},
		"userID a number":             {[]any{"userID", 17}, []modi.RuleID{modi.AuditUserIDMissing}},
		"userid in lower case":        {[]any{"userID", nil, "userid", "x"}, []modi.RuleID{modi.AuditUserIDMissing}},
		"no userLocation":             {[]any{"userLocation", nil}, []modi.RuleID{modi.AuditUserLocationMissing}},
		"LoA a number":                {[]any{"LoA", 3}, []modi.RuleID{modi.AuditLoAMalformed}},
		"LoA empty":                   {[]any{"LoA", ""}, []modi.RuleID{modi.AuditLoAMalformed}},
		"no iss":                      {[]any{"iss", nil}, []modi.RuleID{modi.AuditIssuerMissing}},
		"iss of another client":       {[]any{"iss", moditest.ConsumerID}, []modi.RuleID{modi.AuditIssuerMismatch}},
		"no purposeId":                {[]any{"purposeId", nil}, []modi.RuleID{modi.AuditPurposeMissing}},
		"another purposeId":           {[]any{"purposeId", moditest.ConsumerID}, []modi.RuleID{modi.AuditPurposeMismatch}},
		"no dnonce":                   {[]any{"dnonce", nil}, []modi.RuleID{modi.AuditDnonceMissing}},
		"dnonce of 12 digits":         {[]any{"dnonce", "482109337712"}, []modi.RuleID{modi.AuditDnonceMalformed}},
		"dnonce of 14 digits":         {[]any{"dnonce", 12345678901234}, []modi.RuleID{modi.AuditDnonceMalformed}},
		"dnonce with a letter":        {[]any{"dnonce", "482109337712a"}, []modi.RuleID{modi.AuditDnonceMalformed}},
		"dnonce fractional":           {[]any{"dnonce", 12345678901.5}, []modi.RuleID{modi.AuditDnonceMalformed}},
		"dnonce a list":               {[]any{"dnonce", []string{"4821093377120"}}, []modi.RuleID{modi.AuditDnonceMalformed}},
		"no jti":                      {[]any{"jti", nil}, []modi.RuleID{modi.AuditJTIMissing}},
		"jti a number":                {[]any{"jti", 1}, []modi.RuleID{modi.AuditJTIMalformed}},
		"no aud":                      {[]any{"aud", nil}, []modi.RuleID{modi.AuditAudienceMissing}},
		"aud of another service":      {[]any{"aud", "https://other.example"}, []modi.RuleID{modi.AuditAudienceMismatch}},
		"aud an empty list":           {[]any{"aud", []string{}}, []modi.RuleID{modi.AuditAudienceMalformed}},
		"expired":                     {[]any{"exp", now}, []modi.RuleID{modi.AuditExpired}},
		"no exp":                      {[]any{"exp", nil}, []modi.RuleID{modi.AuditExpMissing}},
		"exp a string":                {[]any{"exp", "1"}, []modi.RuleID{modi.AuditExpMalformed}},
		"exp before iat":              {[]any{"iat", now + 4, "exp", now + 2}, []modi.RuleID{modi.AuditExpBeforeIAT}},
		"life of a day":               {[]any{"exp", now + 86400}, []modi.RuleID{modi.AuditLifetimeTooLong}},
		"no iat":                      {[]any{"iat", nil}, []modi.RuleID{modi.AuditIATMissing}},
		"iat a string":                {[]any{"iat", "1"}, []modi.RuleID{modi.AuditIATMalformed}},
		"iat too old":                 {[]any{"iat", now - 301}, []modi.RuleID{modi.AuditTooOld}},
		"iat in the future":           {[]any{"iat", now + 6}, []modi.RuleID{modi.AuditIssuedInFuture}},
		"nbf in the future":           {[]any{"nbf", now + 6}, []modi.RuleID{modi.AuditNotYetValid}},
		"nbf a string":                {[]any{"nbf", "1"}, []modi.RuleID{modi.AuditNBFMalformed}},
		"several faults are together": {[]any{"userID", nil, "aud", "x", "dnonce", nil}, []modi.RuleID{modi.AuditUserIDMissing, modi.AuditAudienceMismatch, modi.AuditDnonceMissing}},
	} {
		t.Run(name, func(t *testing.T) {
			compact := forge(t, moditest.With(goodAudit(), c.changes...), moditest.RSA(t, 0))
			proof, err := auditVerifier(t, digestOf(compact)).Verify(t.Context(), headers(rest.HeaderTrackingEvidence, compact))
			moditest.WantRules(t, err, c.rules...)
			if err != nil && proof != (rest.Proof{}) {
				t.Error("a refused evidence gave a proof")
			}
		})
	}
}

// AUDIT_REST_02 stands on the voucher's digest: it must be there, of the right form,
// and that of this very token.
func TestAuditBinding(t *testing.T) {
	compact := forge(t, goodAudit(), moditest.RSA(t, 0))
	other := forge(t, moditest.With(goodAudit(), "userID", "operatore-18"), moditest.RSA(t, 0))
	right := digestOf(compact)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(compact))
	for name, c := range map[string]struct {
		digest *voucher.Digest
		rules  []modi.RuleID
	}{
		"right":                      {right, nil},
		"hexadecimal in upper case":  {&voucher.Digest{Alg: "SHA256", Value: strings.ToUpper(right.Value)}, nil},
		"none":                       {nil, []modi.RuleID{modi.AuditVoucherDigestMissing}},
		"without value":              {&voucher.Digest{Alg: "SHA256"}, []modi.RuleID{modi.AuditVoucherDigestMalformed}},
		"without alg":                {&voucher.Digest{Value: right.Value}, []modi.RuleID{modi.AuditVoucherDigestMalformed}},
		"alg SHA-256":                {&voucher.Digest{Alg: "SHA-256", Value: right.Value}, []modi.RuleID{modi.AuditVoucherDigestMalformed}},
		"alg sha256":                 {&voucher.Digest{Alg: "sha256", Value: right.Value}, []modi.RuleID{modi.AuditVoucherDigestMalformed}},
		"alg MD5":                    {&voucher.Digest{Alg: "MD5", Value: right.Value}, []modi.RuleID{modi.AuditVoucherDigestMalformed}},
		"alg SHA512":                 {&voucher.Digest{Alg: "SHA512", Value: right.Value + right.Value}, []modi.RuleID{modi.AuditVoucherDigestMalformed}},
		"value in base64":            {&voucher.Digest{Alg: "SHA256", Value: base64.StdEncoding.EncodeToString(sum[:])}, []modi.RuleID{modi.AuditVoucherDigestMalformed}},
		"value not hexadecimal":      {&voucher.Digest{Alg: "SHA256", Value: strings.Repeat("Z", 64)}, []modi.RuleID{modi.AuditVoucherDigestMalformed}},
		"hash of the payload":        {digestOf(string(payload)), []modi.RuleID{modi.AuditDigestMismatch}},
		"evidence of somebody else":  {digestOf(other), []modi.RuleID{modi.AuditDigestMismatch}},
		"hash with a trailing space": {digestOf(compact + " "), []modi.RuleID{modi.AuditDigestMismatch}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := auditVerifier(t, c.digest).Verify(t.Context(), headers(rest.HeaderTrackingEvidence, compact))
			moditest.WantRules(t, err, c.rules...)
		})
	}
}

func TestAuditTokenHeader(t *testing.T) {
	good := forge(t, goodAudit(), moditest.RSA(t, 0))
	stranger := forge(t, goodAudit(), moditest.RSA(t, 1))
	for name, c := range map[string]struct {
		header http.Header
		rule   modi.RuleID
	}{
		"absent":               {headers(), modi.AuditTokenMissing},
		"twice":                {headers(rest.HeaderTrackingEvidence, good, rest.HeaderTrackingEvidence, good), modi.AuditTokenRepeated},
		"with a scheme":        {headers(rest.HeaderTrackingEvidence, "Bearer "+good), modi.AuditMalformed},
		"tampered":             {headers(rest.HeaderTrackingEvidence, stranger), modi.AuditSignatureInvalid},
		"in the wrong header":  {headers(rest.HeaderSignature, good), modi.AuditTokenMissing},
		"two segments":         {headers(rest.HeaderTrackingEvidence, good[:strings.LastIndexByte(good, '.')]), modi.AuditMalformed},
		"empty":                {headers(rest.HeaderTrackingEvidence, ""), modi.AuditMalformed},
		"trailing white space": {headers(rest.HeaderTrackingEvidence, good+" "), modi.AuditMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := auditVerifier(t, digestOf(good)).Verify(t.Context(), c.header)
			moditest.WantRules(t, err, c.rule)
		})
	}
}

func TestAuditKeys(t *testing.T) {
	good := forge(t, goodAudit(), moditest.RSA(t, 0))
	h := headers(rest.HeaderTrackingEvidence, good)
	v := auditVerifier(t, digestOf(good))
	v.Keys = moditest.Only(clientKey(t).KID, moditest.ConsumerID, clientKey(t).Signer.Public())
	_, err := v.Verify(t.Context(), h)
	moditest.WantRules(t, err, modi.AuditOwnerMismatch)
	v.Keys = moditest.Keys{}
	_, err = v.Verify(t.Context(), h)
	moditest.WantRules(t, err, modi.AuditKeyUnknown)
	v.Keys = moditest.Keys{Down: errors.New("503")}
	_, err = v.Verify(t.Context(), h)
	if !errors.Is(err, modi.ErrUndecided) {
		t.Errorf("registry down: %v", err)
	}
	v.Keys, v.PurposeID = clientKeys(t), ""
	_, err = v.Verify(t.Context(), h)
	if !errors.Is(err, modi.ErrUndecided) {
		t.Errorf("no purpose to compare with: %v", err)
	}
}

// The integrity token of the same client is no tracking evidence, nor the reverse: the
// claims that each needs are missing.
func TestTokensDoNotStandInForEachOther(t *testing.T) {
	integrity := forge(t, goodIntegrity(), moditest.RSA(t, 0))
	_, err := auditVerifier(t, digestOf(integrity)).Verify(t.Context(), headers(rest.HeaderTrackingEvidence, integrity))
	moditest.WantRules(t, err, modi.AuditUserIDMissing, modi.AuditUserLocationMissing, modi.AuditPurposeMissing, modi.AuditDnonceMissing)
	m := message(t, goodAudit(), body, headers("Content-Type", typeJSON, "Digest", digest256(body)))
	_, err = integrityVerifier(t).Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.IntegritySignedHeadersMissing)
}
