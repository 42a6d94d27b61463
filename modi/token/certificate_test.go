// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

func certified(t testing.TB, key crypto.Signer, alg token.Algorithm) token.SigningKey {
	t.Helper()
	return token.SigningKey{Algorithm: alg, Signer: key, Chain: []*x509.Certificate{
		moditest.Certificate(t, key, moditest.Organization),
		moditest.Certificate(t, moditest.RSA(t, 2), ""),
	}}
}

func std(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func thumbprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// All algorithms of the guideline are written and read with keys named by certificates.
func TestEveryAlgorithmWithCertificates(t *testing.T) {
	for _, c := range []struct {
		alg token.Algorithm
		key crypto.Signer
	}{
		{token.RS256, moditest.RSA(t, 0)},
		{token.RS384, moditest.RSA(t, 0)},
		{token.RS512, moditest.RSA(t, 0)},
		{token.ES256, moditest.EC(t, elliptic.P256())},
		{token.ES384, moditest.EC(t, elliptic.P384())},
		{token.ES512, moditest.EC(t, elliptic.P521())},
	} {
		t.Run(string(c.alg), func(t *testing.T) {
			key := certified(t, c.key, c.alg)
			compact, err := token.Sign(token.IDAuth(), token.HeaderExtra{}, map[string]any{"aud": "x"}, key)
			if err != nil {
				t.Fatal(err)
			}
			u, err := token.Parse(compact, token.IDAuth())
			if err != nil {
				t.Fatal(err)
			}
			want := modi.CertificateReference{X5C: [][]byte{key.Chain[0].Raw}}
			if diff := cmp.Diff(want, u.Certificate()); diff != "" {
				t.Error(diff)
			}
			_, err = u.Verify(key.Chain[0].PublicKey)
			moditest.WantRules(t, err)
			_, err = token.Parse(compact, token.IDAuth().WithAlgorithms(token.ES256, token.RS512))
			if allowed := c.alg == token.ES256 || c.alg == token.RS512; allowed != (err == nil) {
				t.Errorf("narrowed list: %v", err)
			}
		})
	}
}

func TestSignWritesTheReferencesAsked(t *testing.T) {
	key := certified(t, moditest.RSA(t, 0), token.RS256)
	key.KID, key.X5U = "nostro", "https://pki.comune.example/sigillo.pem"
	leaf, whole := []any{std(key.Chain[0].Raw)}, []any{std(key.Chain[0].Raw), std(key.Chain[1].Raw)}
	all := token.IDAuth().WithCertificates(token.X5C, token.X5TS256, token.X5U)
	for name, c := range map[string]struct {
		refs []token.Reference
		want map[string]any
	}{
		"none named": {nil, map[string]any{"x5c": leaf}},
		"leaf":       {[]token.Reference{token.X5C}, map[string]any{"x5c": leaf}},
		"chain":      {[]token.Reference{token.X5CChain}, map[string]any{"x5c": whole}},
		"thumbprint": {[]token.Reference{token.X5TS256}, map[string]any{"x5t#S256": thumbprint(key.Chain[0])}},
		"address":    {[]token.Reference{token.X5U}, map[string]any{"x5u": key.X5U}},
		"two":        {[]token.Reference{token.X5CChain, token.X5TS256}, map[string]any{"x5c": whole, "x5t#S256": thumbprint(key.Chain[0])}},
	} {
		t.Run(name, func(t *testing.T) {
			compact, err := token.Sign(all, token.HeaderExtra{References: c.refs}, map[string]any{"aud": "x"}, key)
			if err != nil {
				t.Fatal(err)
			}
			want := moditest.With(c.want, "alg", "RS256", "typ", "JWT", "kid", "nostro")
			if diff := cmp.Diff(want, header(t, compact)); diff != "" {
				t.Error(diff)
			}
			u, err := token.Parse(compact, all)
			moditest.WantRules(t, err)
			if u.KID() != "nostro" {
				t.Errorf("kid %q", u.KID())
			}
		})
	}
}

func TestSignRefusesWrongCertificates(t *testing.T) {
	good := certified(t, moditest.RSA(t, 0), token.RS256)
	for name, c := range map[string]struct {
		kind  token.Kind
		refs  []token.Reference
		spoil func(*token.SigningKey)
	}{
		"no chain":               {token.IDAuth(), nil, func(k *token.SigningKey) { k.Chain = nil }},
		"nil in the chain":       {token.IDAuth(), nil, func(k *token.SigningKey) { k.Chain = []*x509.Certificate{k.Chain[0], nil} }},
		"certificate of another": {token.IDAuth(), nil, func(k *token.SigningKey) { k.Chain = k.Chain[1:] }},
		"address not admitted":   {token.IDAuth(), []token.Reference{token.X5U}, func(*token.SigningKey) {}},
		"address missing":        {token.IDAuth().WithCertificates(token.X5U), []token.Reference{token.X5U}, func(*token.SigningKey) {}},
		"no such reference":      {token.IDAuth(), []token.Reference{99}, func(*token.SigningKey) {}},
		"kind by kid":            {token.Integrity(), []token.Reference{token.X5C}, func(*token.SigningKey) {}},
	} {
		t.Run(name, func(t *testing.T) {
			key := good
			c.spoil(&key)
			_, err := token.Sign(c.kind, token.HeaderExtra{References: c.refs}, map[string]any{"aud": "x"}, key)
			if err == nil {
				t.Error("signed")
			}
		})
	}
}

func TestParseJudgesTheReference(t *testing.T) {
	key := moditest.RSA(t, 0)
	cert := moditest.Certificate(t, key, moditest.Organization)
	other := moditest.Certificate(t, moditest.RSA(t, 1), "")
	der, sum := std(cert.Raw), thumbprint(cert)
	quoted := func(s string) string { return `"` + s + `"` }
	kind := token.IDAuth()
	for name, c := range map[string]struct {
		members string
		kind    token.Kind
		rules   []modi.RuleID
	}{
		"x5c":                        {`"x5c":["` + der + `"]`, kind, nil},
		"x5t#S256":                   {`"x5t#S256":` + quoted(sum), kind, nil},
		"both, agreeing":             {`"x5c":["` + der + `"],"x5t#S256":` + quoted(sum), kind, nil},
		"both, disagreeing":          {`"x5c":["` + der + `"],"x5t#S256":` + quoted(thumbprint(other)), kind, []modi.RuleID{modi.IDAuthReferencesDisagree}},
		"none":                       {`"kid":"a"`, kind, []modi.RuleID{modi.IDAuthCertificateMissing}},
		"x5u where not admitted":     {`"x5u":"https://a.example/c.pem"`, kind, []modi.RuleID{modi.IDAuthReferenceNotAllowed}},
		"x5c where x5t is wanted":    {`"x5c":["` + der + `"]`, kind.WithCertificates(token.X5TS256), []modi.RuleID{modi.IDAuthReferenceNotAllowed}},
		"x5t where x5c is wanted":    {`"x5t#S256":` + quoted(sum), kind.WithCertificates(token.X5CChain), []modi.RuleID{modi.IDAuthReferenceNotAllowed}},
		"x5u admitted":               {`"x5u":"https://a.example/c.pem"`, kind.WithCertificates(token.X5U), nil},
		"x5u over http":              {`"x5u":"http://a.example/c.pem"`, kind.WithCertificates(token.X5U), []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5u with a user":            {`"x5u":"https://u@a.example/c.pem"`, kind.WithCertificates(token.X5U), []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5u with a query":           {`"x5u":"https://a.example/c.pem?x=1"`, kind.WithCertificates(token.X5U), []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5u with an empty query":    {`"x5u":"https://a.example/c.pem?"`, kind.WithCertificates(token.X5U), []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5u with a fragment":        {`"x5u":"https://a.example/c.pem#"`, kind.WithCertificates(token.X5U), []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5u no address":             {`"x5u":"https://a b"`, kind.WithCertificates(token.X5U), []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5u long":                   {`"x5u":"https://a.example/` + strings.Repeat("x", 2048) + `"`, kind.WithCertificates(token.X5U), []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5u not a string":           {`"x5u":1`, kind.WithCertificates(token.X5U), []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5c a string":               {`"x5c":` + quoted(der), kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5c empty":                  {`"x5c":[]`, kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5c of numbers":             {`"x5c":[1]`, kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5c with an empty entry":    {`"x5c":[""]`, kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5c in base64url":           {`"x5c":["` + base64.RawURLEncoding.EncodeToString(cert.Raw) + `-_"]`, kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5c of six":                 {`"x5c":[` + strings.TrimSuffix(strings.Repeat(`"AA==",`, 6), ",") + `]`, kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5c with line breaks":       {`"x5c":["` + der[:64] + `\r\n` + der[64:] + `"]`, kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"the same, tolerated":        {`"x5c":["` + der[:64] + `\r\n` + der[64:] + `"]`, kind.WithLenient(modi.Lenient{modi.LenientX5CNewlines}), nil},
		"x5t#S256 short":             {`"x5t#S256":"AAAA"`, kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5t#S256 in hexadecimal":    {fmt.Sprintf(`"x5t#S256":"%x"`, sha256.Sum256(cert.Raw)), kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"x5t#S256 null":              {`"x5t#S256":null`, kind, []modi.RuleID{modi.IDAuthCertificateMalformed}},
		"SHA-1 thumbprint":           {`"x5t":"AAAA"`, kind, []modi.RuleID{modi.IDAuthHeaderNotAllowed}},
		"embedded jwk":               {`"jwk":{},"x5c":["` + der + `"]`, kind, []modi.RuleID{modi.IDAuthHeaderNotAllowed}},
		"jku":                        {`"jku":"https://a.example","x5c":["` + der + `"]`, kind, []modi.RuleID{modi.IDAuthHeaderNotAllowed}},
		"kid beyond measure":         {`"kid":"` + strings.Repeat("k", 256) + `","x5c":["` + der + `"]`, kind, []modi.RuleID{modi.IDAuthMalformed}},
		"pattern named by the fault": {`"kid":"a"`, token.Integrity().WithPattern(modi.PatternIntegrityREST01).WithCertificates(), []modi.RuleID{modi.IntegrityCertificateMissing}},
	} {
		t.Run(name, func(t *testing.T) {
			compact := moditest.Forge(t, `{"alg":"RS256",`+c.members+`,"typ":"JWT"}`, `{"aud":"x"}`, key)
			u, err := token.Parse(compact, c.kind)
			moditest.WantRules(t, err, c.rules...)
			if err == nil {
				_, err = u.Verify(cert.PublicKey)
				moditest.WantRules(t, err)
			}
		})
	}
}

func TestTypesOfAKind(t *testing.T) {
	key := moditest.RSA(t, 0)
	cert := moditest.Certificate(t, key, "")
	lenient := token.IDAuth().WithLenient(modi.Lenient{modi.LenientTypeAny})
	for name, c := range map[string]struct {
		typ  string
		kind token.Kind
		ok   bool
	}{
		"the kind's own":                  {`,"typ":"JWT"`, token.IDAuth(), true},
		"absent":                          {``, token.IDAuth(), false},
		"another":                         {`,"typ":"JOSE"`, token.IDAuth(), false},
		"absent, tolerated":               {``, lenient, true},
		"another, tolerated":              {`,"typ":"JOSE"`, lenient, true},
		"a voucher's, never tolerated":    {`,"typ":"AT+JWT"`, lenient, false},
		"a DPoP proof's, never tolerated": {`,"typ":"dpop+jwt"`, lenient, false},
		"one of a list":                   {`,"typ":"modi+jwt"`, token.IDAuth().WithTypes("JWT", "modi+jwt"), true},
		"replaced":                        {`,"typ":"JWT"`, token.IDAuth().WithTypes("modi+jwt"), false},
		"an empty list changes nothing":   {`,"typ":"JWT"`, token.IDAuth().WithTypes(), true},
	} {
		t.Run(name, func(t *testing.T) {
			compact := moditest.Forge(t, `{"alg":"RS256"`+c.typ+`,"x5c":["`+std(cert.Raw)+`"]}`, `{"aud":"x"}`, key)
			u, err := token.Parse(compact, c.kind)
			if err != nil {
				t.Fatal(err)
			}
			_, err = u.Verify(cert.PublicKey)
			if c.ok {
				moditest.WantRules(t, err)
			} else {
				moditest.WantRules(t, err, modi.IDAuthTypeMismatch)
			}
		})
	}
}

func TestSamePublicKey(t *testing.T) {
	a, b := moditest.RSA(t, 0), moditest.RSA(t, 1)
	ec := moditest.EC(t, elliptic.P256())
	copied, copiedEC := a.PublicKey, ec.PublicKey
	for _, pair := range [][2]crypto.PublicKey{{a.Public(), &a.PublicKey}, {&copied, a.Public()}, {ec.Public(), ec.Public()}, {&copiedEC, ec.Public()}} {
		if !token.SamePublicKey(pair[0], pair[1]) {
			t.Errorf("a %T is not itself", pair[0])
		}
	}
	if token.SamePublicKey((*rsa.PublicKey)(nil), (*rsa.PublicKey)(nil)) || token.SamePublicKey("x", "x") || token.SamePublicKey(a.Public(), b.Public()) ||
		token.SamePublicKey(a.Public(), ec.Public()) || token.SamePublicKey(nil, nil) || token.SamePublicKey(a.Public(), nil) {
		t.Error("keys taken for others")
	}
}

// A kid in the form of another registry's is told apart.
func TestKIDOfThePlatformGetsAHint(t *testing.T) {
	compact := moditest.Forge(t, `{"alg":"RS256","kid":"`+moditest.PlatformKID+`","typ":"JWT"}`, `{"aud":"x"}`, moditest.RSA(t, 0))
	_, err := token.Parse(compact, token.Integrity())
	moditest.WantRules(t, err, modi.IntegrityKIDMalformed)
	refusal, ok := err.(*modi.Refusal) //nolint:errorlint // Parse promises this very type
	if !ok || !strings.Contains(refusal.Violations[0].Hint.EN, "UUID") {
		t.Errorf("hint %+v", err)
	}
}
