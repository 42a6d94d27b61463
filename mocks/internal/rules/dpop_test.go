// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto/sha256"
	"encoding/json"
	"testing"
)

const testHTU = "https://auth.example/token.oauth2"

func TestParseProof(t *testing.T) {
	key := testEC(t)
	jwk := ecMembers(t, key)
	header := Members{"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
	claims := Members{"jti": "j", "htm": "POST", "htu": testHTU, "iat": at(0)}
	private := map[string]any{"d": "AAAA"}
	for name, value := range jwk {
		private[name] = value
	}
	cases := map[string]struct {
		header, claims Members
		want           string
	}{
		"good":            {nil, nil, ""},
		"60 s old":        {nil, Members{"iat": at(-60)}, ""},
		"older":           {nil, Members{"iat": at(-61)}, "dpop-iat-old"},
		"10 s ahead":      {nil, Members{"iat": at(10)}, ""},
		"further ahead":   {nil, Members{"iat": at(11)}, "dpop-iat-future"},
		"no iat":          {nil, Members{"iat": nil}, "dpop-iat-missing"},
		"iat text":        {nil, Members{"iat": "1"}, "dpop-iat-missing"},
		"no jti":          {nil, Members{"jti": nil}, "dpop-jti"},
		"htm GET":         {nil, Members{"htm": "GET"}, "dpop-htm"},
		"htm lower case":  {nil, Members{"htm": "post"}, "dpop-htm"},
		"htu async":       {nil, Members{"htu": testHTU + ".async"}, "dpop-htu"},
		"htu with query":  {nil, Members{"htu": testHTU + "?a=1"}, "dpop-htu"},
		"exp":             {nil, Members{"exp": at(60)}, "dpop-extra"},
		"nonce":           {nil, Members{"nonce": "n"}, "dpop-extra"},
		"ath at the AS":   {nil, Members{"ath": "a"}, "dpop-extra"},
		"typ JWT":         {Members{"typ": "JWT"}, nil, "dpop-typ"},
		"no typ":          {Members{"typ": nil}, nil, "dpop-typ"},
		"alg none":        {Members{"alg": "none"}, nil, "dpop-alg"},
		"alg HS256":       {Members{"alg": "HS256"}, nil, "dpop-alg"},
		"kid in header":   {Members{"kid": "k"}, nil, "dpop-extra"},
		"no jwk":          {Members{"jwk": nil}, nil, "dpop-jwk"},
		"jwk private":     {Members{"jwk": private}, nil, "dpop-jwk"},
		"jwk of no curve": {Members{"jwk": map[string]any{"kty": "EC"}}, nil, "dpop-jwk"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			compact := mustSign(t, key, change(header, c.header), change(claims, c.claims))
			proof, fault := ParseProof(compact, "POST", testHTU, "", now())
			wantFault(t, fault, c.want)
			if fault != nil {
				return
			}
			if proof.Token.Verify(proof.Key) != nil || proof.JTI != "j" || len(proof.JKT) != 43 {
				t.Errorf("the proof lacks a part: %+v", proof)
			}
		})
	}
	_, fault := ParseProof("x", "POST", testHTU, "", now())
	wantFault(t, fault, "dpop-malformed")
}

func TestProofAtResourceNeedsAth(t *testing.T) {
	key := testEC(t)
	header := Members{"typ": "dpop+jwt", "alg": "ES256", "jwk": ecMembers(t, key)}
	sum := sha256.Sum256([]byte("voucher"))
	good := Members{"jti": "j", "htm": "GET", "htu": testHTU, "iat": at(0), "ath": b64(string(sum[:]))}
	for name, c := range map[string]struct {
		changes Members
		want    string
	}{
		"good":               {nil, ""},
		"absent":             {Members{"ath": nil}, "dpop-ath"},
		"of another voucher": {Members{"ath": b64("x")}, "dpop-ath"},
		"number":             {Members{"ath": json.Number("1")}, "dpop-ath"},
	} {
		t.Run(name, func(t *testing.T) {
			_, fault := ParseProof(mustSign(t, key, header, change(good, c.changes)), "GET", testHTU, "voucher", now())
			wantFault(t, fault, c.want)
		})
	}
}

func TestProofWithRSAKey(t *testing.T) {
	key := testRSA(t)
	pub := RSAJWK(&key.PublicKey, "")
	header := Members{"typ": "dpop+jwt", "alg": "RS256", "jwk": Members{"kty": "RSA", "n": pub.N, "e": pub.E}}
	claims := Members{"jti": "j", "htm": "POST", "htu": testHTU, "iat": at(0)}
	proof, fault := ParseProof(mustSign(t, key, header, claims), "POST", testHTU, "", now())
	wantFault(t, fault, "")
	if proof.Token.Verify(proof.Key) != nil {
		t.Error("an RSA proof does not verify with its own key")
	}
}
