// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package voucher_test

import (
	"bytes"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

const assertionAudience = "auth.uat.interop.pagopa.it/client-assertion"

func clientKey(t testing.TB) token.SigningKey {
	t.Helper()
	key := moditest.RSA(t, 0)
	return token.SigningKey{KID: moditest.Thumbprint(t, key.Public()), Algorithm: token.RS256, Signer: key}
}

func assertion() voucher.Assertion {
	return voucher.Assertion{
		ClientID: moditest.ClientID, PurposeID: moditest.PurposeID, Audience: assertionAudience,
		Digest: &voucher.Digest{Alg: voucher.DigestAlg, Value: hexDigest}, Lifetime: 300 * time.Second, BackDate: 5 * time.Second,
	}
}

func expectation(t testing.TB) voucher.AssertionExpectation {
	t.Helper()
	return voucher.AssertionExpectation{ClientID: moditest.ClientID, Audience: assertionAudience, Now: moditest.Now(), Public: moditest.RSA(t, 0).Public()}
}

func payload(t testing.TB, compact string) string {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// PDND refuses every member that it does not document, nbf first of all.
func TestAssertionHasExactlyTheDocumentedMembers(t *testing.T) {
	random := bytes.NewReader(make([]byte, 16))
	compact, err := assertion().Sign(moditest.Now(), random, clientKey(t))
	if err != nil {
		t.Fatal(err)
	}
	iat := moditest.Now().Unix() - 5
	want := fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":%q,"jti":"00000000-0000-4000-8000-000000000000","iat":%d,"exp":%d,"purposeId":%q,"digest":{"alg":"SHA256","value":%q}}`,
		moditest.ClientID, moditest.ClientID, assertionAudience, iat, iat+300, moditest.PurposeID, hexDigest)
	if got := payload(t, compact); got != want {
		t.Errorf("payload\n%s, want\n%s", got, want)
	}
	moditest.WantRules(t, voucher.CheckAssertion(compact, expectation(t)))
}

func TestAPIClientAssertionHasNoPurpose(t *testing.T) {
	a := assertion()
	a.PurposeID, a.Digest = "", nil
	compact, err := a.Sign(moditest.Now(), rand.Reader, clientKey(t))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(payload(t, compact), "purposeId") || strings.Contains(payload(t, compact), "digest") {
		t.Errorf("payload %s", payload(t, compact))
	}
	e := expectation(t)
	moditest.WantRules(t, voucher.CheckAssertion(compact, e), modi.AssertionPurposeMissing)
	e.API = true
	moditest.WantRules(t, voucher.CheckAssertion(compact, e))
}

func TestAssertionSignFails(t *testing.T) {
	a := assertion()
	_, err := a.Sign(moditest.Now(), bytes.NewReader(nil), clientKey(t))
	if err == nil {
		t.Error("signed without randomness")
	}
	_, err = a.Sign(moditest.Now(), rand.Reader, token.SigningKey{KID: clientKey(t).KID, Algorithm: token.ES256, Signer: moditest.EC(t, elliptic.P256())})
	if err == nil {
		t.Error("signed with ES256")
	}
	a.BackDate = a.Lifetime
	_, err = a.Sign(moditest.Now(), rand.Reader, clientKey(t))
	if err == nil {
		t.Error("signed an assertion that is over before it is made")
	}
	a.Lifetime = 0
	_, err = a.Sign(moditest.Now(), rand.Reader, clientKey(t))
	if err == nil {
		t.Error("signed without lifetime")
	}
}

func goodAssertion() map[string]any {
	now := moditest.Now().Unix()
	return map[string]any{
		"iss": moditest.ClientID, "sub": moditest.ClientID, "aud": assertionAudience, "jti": "j",
		"iat": now, "exp": now + 60, "purposeId": moditest.PurposeID,
	}
}

// The masked 400 of PDND hides the reason: each of its rules is found here before.
func TestCheckAssertionNamesTheRule(t *testing.T) {
	now := moditest.Now().Unix()
	digest := func(alg, value string) map[string]any {
		return moditest.With(goodAssertion(), "digest", map[string]string{"alg": alg, "value": value})
	}
	for name, c := range map[string]struct {
		claims map[string]any
		rules  []modi.RuleID
	}{
		"good":                       {goodAssertion(), nil},
		"good with digest":           {digest("SHA256", hexDigest), nil},
		"audience in a list":         {moditest.With(goodAssertion(), "aud", []string{assertionAudience}), nil},
		"nbf":                        {moditest.With(goodAssertion(), "nbf", now), []modi.RuleID{modi.AssertionClaimNotAllowed}},
		"client_id":                  {moditest.With(goodAssertion(), "client_id", moditest.ClientID), []modi.RuleID{modi.AssertionClaimNotAllowed}},
		"dnonce":                     {moditest.With(goodAssertion(), "dnonce", 1), []modi.RuleID{modi.AssertionClaimNotAllowed}},
		"purposeId in another case":  {moditest.With(goodAssertion(), "purposeId", nil, "purposeID", moditest.PurposeID), []modi.RuleID{modi.AssertionClaimNotAllowed, modi.AssertionPurposeMissing}},
		"no iss":                     {moditest.With(goodAssertion(), "iss", nil), []modi.RuleID{modi.AssertionIssuerMissing}},
		"iss of another client":      {moditest.With(goodAssertion(), "iss", moditest.ConsumerID), []modi.RuleID{modi.AssertionIssuerMismatch}},
		"no sub":                     {moditest.With(goodAssertion(), "sub", nil), []modi.RuleID{modi.AssertionSubjectMissing}},
		"sub of another client":      {moditest.With(goodAssertion(), "sub", moditest.ConsumerID), []modi.RuleID{modi.AssertionSubjectMismatch}},
		"aud with https":             {moditest.With(goodAssertion(), "aud", "https://"+assertionAudience), []modi.RuleID{modi.AssertionAudienceMismatch}},
		"aud of production":          {moditest.With(goodAssertion(), "aud", "auth.interop.pagopa.it/client-assertion"), []modi.RuleID{modi.AssertionAudienceMismatch}},
		"no aud":                     {moditest.With(goodAssertion(), "aud", nil), []modi.RuleID{modi.AssertionAudienceMissing}},
		"empty jti":                  {moditest.With(goodAssertion(), "jti", ""), []modi.RuleID{modi.AssertionJTIMalformed}},
		"jti a number":               {moditest.With(goodAssertion(), "jti", 1), []modi.RuleID{modi.AssertionJTIMalformed}},
		"no jti":                     {moditest.With(goodAssertion(), "jti", nil), []modi.RuleID{modi.AssertionJTIMissing}},
		"no iat":                     {moditest.With(goodAssertion(), "iat", nil), []modi.RuleID{modi.AssertionIATMissing}},
		"iat a string":               {moditest.With(goodAssertion(), "iat", "1772442000"), []modi.RuleID{modi.AssertionIATMalformed}},
		"iat in the future":          {moditest.With(goodAssertion(), "iat", now+30), []modi.RuleID{modi.AssertionIssuedInFuture}},
		"no exp":                     {moditest.With(goodAssertion(), "exp", nil), []modi.RuleID{modi.AssertionExpMissing}},
		"expired":                    {moditest.With(goodAssertion(), "iat", now-60, "exp", now), []modi.RuleID{modi.AssertionExpired}},
		"life of two hours":          {moditest.With(goodAssertion(), "exp", now+7200), []modi.RuleID{modi.AssertionLifetimeTooLong}},
		"purposeId not a UUID":       {moditest.With(goodAssertion(), "purposeId", "tributi"), []modi.RuleID{modi.AssertionPurposeMalformed}},
		"digest SHA-256":             {digest("SHA-256", hexDigest), []modi.RuleID{modi.AssertionDigestMalformed}},
		"digest sha256":              {digest("sha256", hexDigest), []modi.RuleID{modi.AssertionDigestMalformed}},
		"digest in base64":           {digest("SHA256", "VNm9eilwv68xbeOFIMO2MJrL1eWvHX/ukJMAlYnSMcE="), []modi.RuleID{modi.AssertionDigestMalformed}},
		"digest of 64 letters Z":     {digest("SHA256", strings.Repeat("Z", 64)), []modi.RuleID{modi.AssertionDigestMalformed}},
		"digest with a third member": {moditest.With(goodAssertion(), "digest", map[string]string{"alg": "SHA256", "value": hexDigest, "x": "y"}), []modi.RuleID{modi.AssertionDigestMalformed}},
		"digest a string":            {moditest.With(goodAssertion(), "digest", hexDigest), []modi.RuleID{modi.AssertionDigestMalformed}},
	} {
		t.Run(name, func(t *testing.T) {
			key := clientKey(t)
			compact := moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"JWT"}`, key.KID), moditest.JSON(t, c.claims), key.Signer)
			moditest.WantRules(t, voucher.CheckAssertion(compact, expectation(t)), c.rules...)
		})
	}
}

func TestCheckAssertionChecksTheKey(t *testing.T) {
	key := clientKey(t)
	body := moditest.JSON(t, goodAssertion())
	other := moditest.Thumbprint(t, moditest.RSA(t, 1).Public())
	for name, c := range map[string]struct {
		compact string
		rule    modi.RuleID
	}{
		"kid of another key":    {moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"JWT"}`, other), body, key.Signer), modi.AssertionKIDMismatch},
		"kid of another form":   {moditest.Forge(t, `{"alg":"RS256","kid":"k1","typ":"JWT"}`, body, key.Signer), modi.AssertionKIDMalformed},
		"no kid":                {moditest.Forge(t, `{"alg":"RS256","typ":"JWT"}`, body, key.Signer), modi.AssertionKIDMissing},
		"signed by another key": {moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"JWT"}`, key.KID), body, moditest.RSA(t, 1)), modi.AssertionSignatureInvalid},
		"typ at+jwt":            {moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"at+jwt"}`, key.KID), body, key.Signer), modi.AssertionTypeMismatch},
		"x5c in the header":     {moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"JWT","x5c":[]}`, key.KID), body, key.Signer), modi.AssertionHeaderNotAllowed},
		"PS256":                 {moditest.Forge(t, fmt.Sprintf(`{"alg":"PS256","kid":%q,"typ":"JWT"}`, key.KID), body, key.Signer), modi.AssertionAlgorithmNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			moditest.WantRules(t, voucher.CheckAssertion(c.compact, expectation(t)), c.rule)
		})
	}
}

func TestCheckAssertionOfAPIClientRefusesPurpose(t *testing.T) {
	key := clientKey(t)
	compact := moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"JWT"}`, key.KID), moditest.JSON(t, goodAssertion()), key.Signer)
	e := expectation(t)
	e.API = true
	moditest.WantRules(t, voucher.CheckAssertion(compact, e), modi.AssertionPurposeNotAllowed)
}
