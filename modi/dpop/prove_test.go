// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop_test

import (
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

func prove(t testing.TB, in dpop.Input, key token.SigningKey) string {
	t.Helper()
	compact, err := dpop.Prove(in, moditest.Now(), rand.Reader, key)
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

func TestProofsAreAcceptedWhereTheyAreSent(t *testing.T) {
	for name, key := range map[string]token.SigningKey{
		"ES256": signingKey(ec(t), token.ES256), "RS256": signingKey(moditest.RSA(t, 0), token.RS256),
	} {
		t.Run(name, func(t *testing.T) {
			thumbprint := moditest.Thumbprint(t, key.Signer.Public())
			atPlatform := dpop.Request{Method: http.MethodPost, URL: endpoint, Header: http.Header{}}
			atPlatform.Header.Set(dpop.HeaderProof, prove(t, dpop.Input{Method: http.MethodPost, URL: endpoint}, key))
			proof, err := verifier().VerifyTokenRequest(atPlatform)
			moditest.WantRules(t, err)
			if proof.JKT != thumbprint || proof.URL != endpoint {
				t.Errorf("proof %+v", proof)
			}

			r := request(prove(t, dpop.Input{Method: http.MethodPost, URL: address + "?a=b#c", Voucher: voucher}, key))
			_, err = verifier().Verify(r, presented(), thumbprint)
			moditest.WantRules(t, err)
		})
	}
}

// PDND refuses members that it does not know, in the header, in jwk and in the claims.
func TestProofsHaveNoOtherMembers(t *testing.T) {
	key := signingKey(ec(t), token.ES256)
	key.KID = "k-1"
	compact := prove(t, dpop.Input{Method: http.MethodPost, URL: endpoint}, key)
	names := func(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
	head := decode(t, compact, 0)
	embedded, _ := head["jwk"].(map[string]any)
	for _, c := range []struct{ got, want []string }{
		{names(head), []string{"alg", "jwk", "typ"}},
		{names(embedded), []string{"crv", "kty", "x", "y"}},
		{names(decode(t, compact, 1)), []string{"htm", "htu", "iat", "jti"}},
		{names(decode(t, prove(t, dpop.Input{Method: "GET", URL: address, Voucher: voucher}, key), 1)), []string{"ath", "htm", "htu", "iat", "jti"}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Error(diff)
		}
	}
	rsa := decode(t, prove(t, dpop.Input{Method: "GET", URL: address}, signingKey(moditest.RSA(t, 0), token.RS256)), 0)
	embedded, _ = rsa["jwk"].(map[string]any)
	if diff := cmp.Diff([]string{"e", "kty", "n"}, names(embedded)); diff != "" {
		t.Error(diff)
	}
}

// PDND compares htu byte by byte, so nothing but query and fragment is taken away.
func TestProofKeepsTheSpellingOfTheURL(t *testing.T) {
	const spelled = "https://Auth.UAT.interop.pagopa.it:443/token.oauth2"
	compact := prove(t, dpop.Input{Method: "POST", URL: spelled + "?x#y"}, signingKey(ec(t), token.ES256))
	if got := decode(t, compact, 1)["htu"]; got != spelled {
		t.Errorf("htu %v", got)
	}
}

func TestEveryProofHasItsOwnJTI(t *testing.T) {
	key := signingKey(ec(t), token.ES256)
	in := dpop.Input{Method: "GET", URL: address}
	first, second := decode(t, prove(t, in, key), 1)["jti"], decode(t, prove(t, in, key), 1)["jti"]
	if first == second || first == "" {
		t.Errorf("jti %v and %v", first, second)
	}
}

func TestProveRefuses(t *testing.T) {
	good := dpop.Input{Method: "GET", URL: address}
	key := signingKey(ec(t), token.ES256)
	for name, c := range map[string]struct {
		in  dpop.Input
		key token.SigningKey
	}{
		"no method":             {dpop.Input{URL: address}, key},
		"method with a space":   {dpop.Input{Method: "G ET", URL: address}, key},
		"relative URL":          {dpop.Input{Method: "GET", URL: "/istanze"}, key},
		"no key":                {good, token.SigningKey{Algorithm: token.ES256}},
		"algorithm not of PDND": {good, signingKey(moditest.EC(t, elliptic.P384()), token.ES384)},
		"key of another type":   {good, signingKey(ec(t), token.RS256)},
	} {
		t.Run(name, func(t *testing.T) {
			compact, err := dpop.Prove(c.in, moditest.Now(), rand.Reader, c.key)
			if err == nil {
				t.Errorf("made %d bytes", len(compact))
			}
		})
	}
	down := errors.New("no randomness")
	_, err := dpop.Prove(good, moditest.Now(), iotest.ErrReader(down), key)
	if !errors.Is(err, down) {
		t.Errorf("error %v", err)
	}
}

// RFC 9449 §7.1 prints the ath of the token of §4.1 of its examples.
func TestTokenHashOfTheRFC(t *testing.T) {
	const example = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
	if got := dpop.TokenHash(example); got != "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo" {
		t.Errorf("ath %s", got)
	}
}

func TestPresentTakesOneVoucher(t *testing.T) {
	for name, c := range map[string]struct {
		values []string
		want   dpop.Presented
		rules  []modi.RuleID
	}{
		"DPoP":                {[]string{"DPoP a.b.c"}, dpop.Presented{Scheme: dpop.SchemeDPoP, Compact: "a.b.c"}, nil},
		"dpop in lower case":  {[]string{"dpop a.b.c"}, dpop.Presented{Scheme: dpop.SchemeDPoP, Compact: "a.b.c"}, nil},
		"Bearer":              {[]string{"BEARER a.b.c"}, dpop.Presented{Scheme: dpop.SchemeBearer, Compact: "a.b.c"}, nil},
		"none":                {nil, dpop.Presented{}, []modi.RuleID{modi.VoucherTokenMissing}},
		"scheme alone":        {[]string{"DPoP"}, dpop.Presented{}, []modi.RuleID{modi.VoucherTokenMissing}},
		"no scheme":           {[]string{"a.b.c"}, dpop.Presented{}, []modi.RuleID{modi.VoucherSchemeNotAllowed}},
		"Basic":               {[]string{"Basic YTpi"}, dpop.Presented{}, []modi.RuleID{modi.VoucherSchemeNotAllowed}},
		"two headers":         {[]string{"DPoP a.b.c", "Bearer a.b.c"}, dpop.Presented{}, []modi.RuleID{modi.VoucherTokenRepeated}},
		"Basic and then DPoP": {[]string{"Basic YTpi", "DPoP a.b.c"}, dpop.Presented{}, []modi.RuleID{modi.VoucherTokenRepeated}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := dpop.Present(http.Header{"Authorization": c.values})
			moditest.WantRules(t, err, c.rules...)
			if got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}
