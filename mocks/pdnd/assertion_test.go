// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"strings"
	"testing"
)

func TestAssertionHeaderRules(t *testing.T) {
	w := newWorldForTest(t, Options{})
	good := members{"alg": "RS256", "typ": "JWT", "kid": w.kid}
	cases := map[string]struct {
		changes members
		code    string
	}{
		"good":            {nil, ""},
		"without typ":     {members{"typ": nil}, ""},
		"another typ":     {members{"typ": "at+jwt"}, ""},
		"no kid":          {members{"kid": nil}, "0015"},
		"kid empty":       {members{"kid": ""}, "0015"},
		"kid a UUID":      {members{"kid": clientID}, "0031"},
		"kid of 42":       {members{"kid": w.kid[:42]}, "0031"},
		"kid with a plus": {members{"kid": "+" + w.kid[1:]}, "0031"},
		"kid a number":    {members{"kid": 1}, "0032"},
		"no alg":          {members{"alg": nil}, "0028"},
		"alg PS256":       {members{"alg": "PS256"}, "0029"},
		"alg ES256":       {members{"alg": "ES256"}, "0029"},
		"alg none":        {members{"alg": "none"}, "0029"},
		"alg RS512":       {members{"alg": "RS512"}, "0029"},
		"typ a number":    {members{"typ": 1}, "0032"},
		"x5c":             {members{"x5c": []string{"AA"}}, "0032"},
		"another's kid":   {members{"kid": w.otherKid}, "0006"},
		"API client kid":  {members{"kid": w.apiKid}, "0006"},
		"keychain kid":    {members{"kid": w.chainKid}, "0006"},
		"nobody's kid":    {members{"kid": strings.Repeat("A", 43)}, "0006"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := w.post(form(w.sign(0, changed(good, c.changes), w.claims())))
			if c.code == "" {
				if a.status != 200 {
					t.Fatalf("refused: %v", w.LastRefusal())
				}
				return
			}
			w.wantMasked(a, c.code)
		})
	}
}

func TestAssertionClaimRules(t *testing.T) {
	w := newWorldForTest(t, Options{})
	now := w.now.Unix()
	aud := w.Profile().AssertionAudience
	digest := func(alg, value any) members { return members{"digest": members{"alg": alg, "value": value}} }
	hex := strings.Repeat("a", 64)
	cases := map[string]struct {
		changes members
		code    string
	}{
		"good":                      {nil, ""},
		"iss of anybody":            {members{"iss": "anybody"}, ""},
		"no iss":                    {members{"iss": nil}, "0011"},
		"iss empty":                 {members{"iss": ""}, "0011"},
		"no sub":                    {members{"sub": nil}, "0012"},
		"sub no UUID":               {members{"sub": "x"}, "0024"},
		"sub of another":            {members{"sub": otherID}, "0013"},
		"aud in an array":           {members{"aud": []string{"x", aud}}, ""},
		"no aud":                    {members{"aud": nil}, "0005"},
		"aud with https":            {members{"aud": "https://" + aud}, "0004"},
		"aud the token URL":         {members{"aud": "https://auth.interop.locale.invalid/token.oauth2"}, "0004"},
		"aud a number":              {members{"aud": 1}, "0004"},
		"aud array without ours":    {members{"aud": []string{"x"}}, "0004"},
		"no jti":                    {members{"jti": nil}, "0008"},
		"jti a number":              {members{"jti": 7}, "0032"},
		"no iat":                    {members{"iat": nil}, "0009"},
		"iat text":                  {members{"iat": "1767225600"}, "0032"},
		"iat in the future":         {members{"iat": now + 1000}, ""},
		"iat of long ago":           {members{"iat": 1}, ""},
		"no exp":                    {members{"exp": nil}, "0010"},
		"exp text":                  {members{"exp": "1767225700"}, "0032"},
		"exp now":                   {members{"exp": now}, "0017"},
		"exp in a second":           {members{"exp": now + 1}, ""},
		"exp in years":              {members{"exp": now + 1e9}, ""},
		"nbf of the past":           {members{"nbf": now}, "0032"},
		"nbf in the future":         {members{"nbf": now + 60}, "0019"},
		"client_id":                 {members{"client_id": clientID}, "0032"},
		"dnonce":                    {members{"dnonce": 1234567890123}, "0032"},
		"no purpose":                {members{"purposeId": nil}, "0030"},
		"purpose no UUID":           {members{"purposeId": "x"}, "0014"},
		"purpose a number":          {members{"purposeId": 1}, "0032"},
		"unknown purpose":           {members{"purposeId": unknownID}, "0006"},
		"digest":                    {digest("SHA256", hex), ""},
		"digest of 64 whatever":     {digest("SHA256", strings.Repeat("Z", 64)), ""},
		"digest SHA-256":            {digest("SHA-256", hex), "0027"},
		"digest lower case":         {digest("sha256", hex), "0027"},
		"digest of 63":              {digest("SHA256", hex[1:]), "0026"},
		"digest base64":             {digest("SHA256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), "0026"},
		"digest a text":             {members{"digest": hex}, "0025"},
		"digest without value":      {members{"digest": members{"alg": "SHA256"}}, "0025"},
		"digest with more":          {members{"digest": members{"alg": "SHA256", "value": hex, "x": 1}}, "0025"},
		"upper case purposeid name": {members{"purposeID": purposeID}, "0032"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := w.post(form(w.assertion(changed(w.claims(), c.changes))))
			if c.code == "" {
				if a.status != 200 {
					t.Fatalf("refused: %v", w.LastRefusal())
				}
				return
			}
			w.wantMasked(a, c.code)
		})
	}
}

func TestAssertionReportsEveryFault(t *testing.T) {
	w := newWorldForTest(t, Options{})
	w.wantMasked(w.post(form(w.assertion(changed(w.claims(), members{"iss": nil, "aud": "x", "nbf": 1})))), "0011")
	for _, code := range []string{"0004", "0032"} {
		if !w.LastRefusal().Has(code) {
			t.Errorf("%s is not among %v", code, w.LastRefusal())
		}
	}
}

func TestAssertionShapeAndSignature(t *testing.T) {
	w := newWorldForTest(t, Options{})
	good := w.assertion(w.claims())
	parts := strings.Split(good, ".")
	forged := w.sign(2, members{"alg": "RS256", "kid": w.kid}, w.claims())
	cases := map[string]struct{ assertion, code string }{
		"empty":           {"", "0006"},
		"text":            {"x", "0006"},
		"two parts":       {parts[0] + "." + parts[1], "0006"},
		"unsigned":        {parts[0] + "." + parts[1] + ".", "0006"},
		"another's key":   {forged, "0033"},
		"another payload": {parts[0] + "." + strings.Split(w.assertion(changed(w.claims(), members{"jti": "k"})), ".")[1] + "." + parts[2], "0033"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { w.wantMasked(w.post(form(c.assertion)), c.code) })
	}
	values := form(good)
	values.Set("client_assertion_type", "urn:x")
	w.wantMasked(w.post(values), "0002")
}

func TestAPIClientMustSendNoPurpose(t *testing.T) {
	w := newWorldForTest(t, Options{})
	claims := changed(w.apiClaims(), members{"purposeId": purposeID})
	values := form(w.sign(1, members{"alg": "RS256", "kid": w.apiKid}, claims))
	values.Set("client_id", apiID)
	w.wantMasked(w.post(values), "tokenGenerationStatesEntryNotFound")
}

func TestClientMustBeLinkedToThePurpose(t *testing.T) {
	w := newWorldForTest(t, Options{})
	claims := changed(w.claims(), members{"sub": otherID, "iss": otherID})
	values := form(w.sign(2, members{"alg": "RS256", "kid": w.otherKid}, claims))
	values.Set("client_id", otherID)
	w.wantMasked(w.post(values), "0006")
}

func TestRemovedKeyIsRefused(t *testing.T) {
	w := newWorldForTest(t, Options{})
	values := form(w.assertion(w.claims()))
	w.voucher(values)
	must(t, w.RemoveKey(w.kid))
	w.wantMasked(w.post(values), "0006")
}

func TestLenientClaims(t *testing.T) {
	w := newWorldForTest(t, Options{LenientClaims: true})
	w.voucher(form(w.assertion(changed(w.claims(), members{"nbf": w.now.Unix(), "client_id": clientID}))))
	w.wantMasked(w.post(form(w.assertion(changed(w.claims(), members{"nbf": w.now.Unix() + 1})))), "0019")
}
