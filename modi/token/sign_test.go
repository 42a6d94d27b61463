// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token_test

import (
	"crypto"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

func signingKey(t testing.TB, key crypto.Signer, alg token.Algorithm) token.SigningKey {
	t.Helper()
	kid, err := token.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return token.SigningKey{KID: kid, Algorithm: alg, Signer: key}
}

// part decodes one of the three parts of a token.
func part(t testing.TB, compact string, n int) string {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[n])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// payload decodes the claims as they were signed.
func payload(t testing.TB, compact string) string {
	t.Helper()
	return part(t, compact, 1)
}

func header(t testing.TB, compact string) map[string]any {
	t.Helper()
	var out map[string]any
	err := json.Unmarshal([]byte(part(t, compact, 0)), &out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSignWritesExactlyTheHeaderOfTheKind(t *testing.T) {
	rsaKey := signingKey(t, moditest.RSA(t, 0), token.RS256)
	ecKey := signingKey(t, moditest.EC(t, elliptic.P256()), token.ES256)
	for name, c := range map[string]struct {
		kind  token.Kind
		extra token.HeaderExtra
		key   token.SigningKey
		want  map[string]any
	}{
		"client assertion": {token.ClientAssertion(), token.HeaderExtra{}, rsaKey, map[string]any{"alg": "RS256", "kid": rsaKey.KID, "typ": "JWT"}},
		"voucher":          {token.Voucher(), token.HeaderExtra{Use: "sig"}, rsaKey, map[string]any{"alg": "RS256", "kid": rsaKey.KID, "typ": "at+jwt", "use": "sig"}},
		"integrity":        {token.Integrity(), token.HeaderExtra{}, ecKey, map[string]any{"alg": "ES256", "kid": ecKey.KID, "typ": "JWT"}},
		"provenance":       {token.Provenance(), token.HeaderExtra{}, ecKey, map[string]any{"alg": "ES256", "kid": ecKey.KID, "typ": "snodo-provenance+jwt"}},
	} {
		t.Run(name, func(t *testing.T) {
			compact, err := token.Sign(c.kind, c.extra, map[string]string{"iss": "x"}, c.key)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, header(t, compact)); diff != "" {
				t.Error(diff)
			}
			_, err = open(compact, c.kind, c.key.Signer.Public())
			if err != nil || payload(t, compact) != `{"iss":"x"}` {
				t.Errorf("reading back: %v", err)
			}
		})
	}
}

func TestSignedDPoPProofCarriesItsPublicKeyOnly(t *testing.T) {
	key := moditest.EC(t, elliptic.P256())
	compact, err := token.Sign(token.DPoPProof(), token.HeaderExtra{}, map[string]string{"htm": "POST"}, token.SigningKey{Algorithm: token.ES256, Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	u, err := token.Parse(compact, token.DPoPProof())
	if err != nil {
		t.Fatal(err)
	}
	if !key.PublicKey.Equal(u.EmbeddedKey()) {
		t.Error("another key was embedded")
	}
	_, err = u.Verify(u.EmbeddedKey())
	moditest.WantRules(t, err)
	jwk, _ := header(t, compact)["jwk"].(map[string]any)
	for name := range jwk {
		if !strings.Contains("crv kty x y", name) {
			t.Errorf("jwk has the member %s", name)
		}
	}
}

func TestRejectsDPoPProofsWithOtherKeys(t *testing.T) {
	key := moditest.EC(t, elliptic.P256())
	for name, c := range map[string]struct {
		header string
		rule   modi.RuleID
	}{
		"no jwk":        {`{"alg":"ES256","typ":"dpop+jwt"}`, modi.DPoPMalformed},
		"symmetric jwk": {`{"alg":"ES256","typ":"dpop+jwt","jwk":{"kty":"oct","k":"AA"}}`, modi.DPoPKeyUnsuitable},
		"with a kid":    {`{"alg":"ES256","typ":"dpop+jwt","kid":"k","jwk":{}}`, modi.DPoPHeaderNotAllowed},
		"alg none":      {`{"alg":"none","typ":"dpop+jwt","jwk":{}}`, modi.DPoPAlgorithmNotAllowed},
		"alg HS256":     {`{"alg":"HS256","typ":"dpop+jwt","jwk":{}}`, modi.DPoPAlgorithmNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := token.Parse(moditest.Forge(t, c.header, claims, key), token.DPoPProof())
			moditest.WantRules(t, err, c.rule)
		})
	}
}

func TestSignIsDeterministicAndDoesNotEscapeHTML(t *testing.T) {
	key := signingKey(t, moditest.RSA(t, 0), token.RS256)
	in := map[string]any{"userID": "a<b>&c", "aud": "https://x/?a=1&b=2"}
	first, err := token.Sign(token.Audit(), token.HeaderExtra{}, in, key)
	if err != nil {
		t.Fatal(err)
	}
	second, err := token.Sign(token.Audit(), token.HeaderExtra{}, in, key)
	if err != nil || first != second {
		t.Errorf("two signatures of the same claims differ: %v", err)
	}
	_, err = open(first, token.Audit(), key.Signer.Public())
	if err != nil || payload(t, first) != `{"aud":"https://x/?a=1&b=2","userID":"a<b>&c"}` {
		t.Errorf("payload %s, %v", payload(t, first), err)
	}
}

func TestSignRefuses(t *testing.T) {
	rsaKey := signingKey(t, moditest.RSA(t, 0), token.RS256)
	ecKey := signingKey(t, moditest.EC(t, elliptic.P256()), token.ES256)
	for name, c := range map[string]struct {
		kind   token.Kind
		extra  token.HeaderExtra
		claims any
		key    token.SigningKey
	}{
		"ES256 client assertion":     {token.ClientAssertion(), token.HeaderExtra{}, map[string]string{}, ecKey},
		"RS256 provenance":           {token.Provenance(), token.HeaderExtra{}, map[string]string{}, rsaKey},
		"unknown algorithm":          {token.Integrity(), token.HeaderExtra{}, map[string]string{}, token.SigningKey{KID: rsaKey.KID, Algorithm: "none", Signer: rsaKey.Signer}},
		"key of another type":        {token.Integrity(), token.HeaderExtra{}, map[string]string{}, token.SigningKey{KID: rsaKey.KID, Algorithm: token.RS256, Signer: ecKey.Signer}},
		"no key":                     {token.Integrity(), token.HeaderExtra{}, map[string]string{}, token.SigningKey{KID: rsaKey.KID, Algorithm: token.RS256}},
		"kid that is no thumbprint":  {token.Integrity(), token.HeaderExtra{}, map[string]string{}, token.SigningKey{KID: "my-key", Algorithm: token.RS256, Signer: rsaKey.Signer}},
		"use on a party token":       {token.Integrity(), token.HeaderExtra{Use: "sig"}, map[string]string{}, rsaKey},
		"claims that are a list":     {token.Integrity(), token.HeaderExtra{}, []string{"iss"}, rsaKey},
		"claims that do not encode":  {token.Integrity(), token.HeaderExtra{}, map[string]any{"f": func() {}}, rsaKey},
		"claims too large for a JWS": {token.Integrity(), token.HeaderExtra{}, map[string]string{"x": strings.Repeat("x", 16<<10)}, rsaKey},
	} {
		t.Run(name, func(t *testing.T) {
			compact, err := token.Sign(c.kind, c.extra, c.claims, c.key)
			if err == nil {
				t.Errorf("signed %d bytes", len(compact))
			}
		})
	}
}
