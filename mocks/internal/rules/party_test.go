// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	testClient  = "11111111-1111-4111-8111-111111111111"
	testPurpose = "22222222-2222-4222-8222-222222222222"
	testAud     = "https://api.erogatore.example/v1"
	testKid     = "qKUKEHfSJ8AdhULMQq9Jrs8LezIUUw3ZKk3nr9YS-rk"
)

// at is a NumericDate so many seconds from now.
func at(seconds int64) json.Number {
	return json.Number(strconv.FormatInt(now().Unix()+seconds, 10))
}

func party() Party {
	return Party{
		ClientID: testClient, Audience: testAud, Now: now(),
		Window: Window{MaxAge: 300 * time.Second, Future: 5 * time.Second},
	}
}

// change returns a copy of good with some members replaced; a nil value removes one.
func change(good Members, changes Members) Members {
	c := maps.Clone(good)
	for name, value := range changes {
		if value == nil {
			delete(c, name)
			continue
		}
		c[name] = value
	}
	return c
}

func TestParsePartyHeader(t *testing.T) {
	key := testRSA(t)
	good := Members{"alg": "RS256", "typ": "JWT", "kid": testKid}
	cases := map[string]struct {
		changes Members
		want    string
	}{
		"good":          {nil, ""},
		"typ lowercase": {Members{"typ": "jwt"}, ""},
		"alg none":      {Members{"alg": "none"}, "alg-not-allowed"},
		"alg ES256":     {Members{"alg": "ES256"}, "alg-not-allowed"},
		"no alg":        {Members{"alg": nil}, "alg-not-allowed"},
		"no typ":        {Members{"typ": nil}, "typ-invalid"},
		"typ at+jwt":    {Members{"typ": "at+jwt"}, "typ-invalid"},
		"no kid":        {Members{"kid": nil}, "kid-invalid"},
		"kid a UUID":    {Members{"kid": testClient}, "kid-invalid"},
		"crit":          {Members{"crit": []string{"b64"}}, "header-member"},
		"jwk":           {Members{"jwk": Members{}}, "header-member"},
		"x5c":           {Members{"x5c": []string{"AA"}}, "header-member"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, kid, fault := ParseParty(mustSign(t, key, change(good, c.changes), Members{}))
			wantFault(t, fault, c.want)
			if fault == nil && kid != testKid {
				t.Errorf("kid %q", kid)
			}
		})
	}
	_, _, fault := ParseParty("x.y")
	wantFault(t, fault, "token-malformed")
}

func TestCheckPartyClaims(t *testing.T) {
	good := Members{"aud": testAud, "jti": "j", "iss": testClient, "sub": testClient, "iat": at(-5), "exp": at(60)}
	cases := map[string]struct {
		changes Members
		want    string
	}{
		"good":                      {nil, ""},
		"aud in an array":           {Members{"aud": []any{"x", testAud}}, ""},
		"without iss and sub":       {Members{"iss": nil, "sub": nil}, ""},
		"no aud":                    {Members{"aud": nil}, "aud-missing"},
		"aud empty array":           {Members{"aud": []any{}}, "aud-missing"},
		"aud with a number":         {Members{"aud": []any{testAud, json.Number("1")}}, "aud-missing"},
		"aud slash":                 {Members{"aud": testAud + "/"}, "aud-mismatch"},
		"aud case":                  {Members{"aud": strings.ToUpper(testAud)}, "aud-mismatch"},
		"aud joined":                {Members{"aud": testAud + ",x"}, "aud-mismatch"},
		"aud JSON in text":          {Members{"aud": `["` + testAud + `"]`}, "aud-mismatch"},
		"no jti":                    {Members{"jti": nil}, "jti-invalid"},
		"jti empty":                 {Members{"jti": ""}, "jti-invalid"},
		"jti number":                {Members{"jti": json.Number("7")}, "jti-invalid"},
		"jti long":                  {Members{"jti": strings.Repeat("x", 256)}, "jti-invalid"},
		"iss of another":            {Members{"iss": "x"}, "iss-mismatch"},
		"sub of another":            {Members{"sub": "x"}, "sub-mismatch"},
		"client_id of another":      {Members{"client_id": "x"}, "client_id-mismatch"},
		"iat 300 s old":             {Members{"iat": at(-300)}, ""},
		"iat older than 300 s":      {Members{"iat": at(-301)}, "iat-old"},
		"iat 5 s ahead":             {Members{"iat": at(5)}, ""},
		"iat more than 5 s ahead":   {Members{"iat": at(6)}, "iat-future"},
		"iat milliseconds":          {Members{"iat": json.Number("1767225600000")}, "iat-missing"},
		"iat text":                  {Members{"iat": "1767225600"}, "iat-missing"},
		"no iat":                    {Members{"iat": nil}, "iat-missing"},
		"no exp":                    {Members{"exp": nil}, "exp-missing"},
		"exp now":                   {Members{"exp": at(0)}, "expired"},
		"exp a moment ahead":        {Members{"exp": json.Number("1767225600.5")}, ""},
		"exp before a future iat":   {Members{"iat": at(4), "exp": at(3)}, "exp-before-iat"},
		"exp out of range":          {Members{"exp": json.Number("1e300")}, "exp-missing"},
		"nbf 5 s ahead":             {Members{"nbf": at(5)}, ""},
		"nbf more than 5 s ahead":   {Members{"nbf": at(6)}, "nbf-future"},
		"nbf text":                  {Members{"nbf": "x"}, "nbf-invalid"},
		"nbf of the past":           {Members{"nbf": at(-100)}, ""},
		"iss that is not even text": {Members{"iss": json.Number("1")}, "iss-mismatch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantFault(t, CheckParty(change(good, c.changes), party()), c.want)
		})
	}
}

func TestCheckEvidence(t *testing.T) {
	good := Members{"purposeId": testPurpose, "userID": "u", "userLocation": "l", "LoA": "LoA3", "dnonce": json.Number("1234567890123")}
	cases := map[string]struct {
		changes Members
		want    string
	}{
		"good":              {nil, ""},
		"dnonce as text":    {Members{"dnonce": "4821093377120"}, ""},
		"LoA of 20":         {Members{"LoA": strings.Repeat("x", 20)}, ""},
		"another purpose":   {Members{"purposeId": testClient}, "purpose-mismatch"},
		"no purpose":        {Members{"purposeId": nil}, "purpose-mismatch"},
		"no userID":         {Members{"userID": nil}, "userID-missing"},
		"userID empty":      {Members{"userID": ""}, "userID-missing"},
		"no userLocation":   {Members{"userLocation": nil}, "userLocation-missing"},
		"no LoA":            {Members{"LoA": nil}, "LoA-missing"},
		"loa in lower case": {Members{"LoA": nil, "loa": "LoA3"}, "LoA-missing"},
		"LoA of 21":         {Members{"LoA": strings.Repeat("x", 21)}, "LoA-length"},
		"no dnonce":         {Members{"dnonce": nil}, "dnonce-invalid"},
		"dnonce of 12":      {Members{"dnonce": json.Number("123456789012")}, "dnonce-invalid"},
		"dnonce of 14":      {Members{"dnonce": json.Number("12345678901234")}, "dnonce-invalid"},
		"dnonce exponent":   {Members{"dnonce": json.Number("1.2345678e12")}, "dnonce-invalid"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantFault(t, CheckEvidence(change(good, c.changes), testPurpose), c.want)
		})
	}
}

func TestCheckBinding(t *testing.T) {
	const evidence = "aaa.bbb.ccc"
	value := EvidenceDigest(evidence)
	digest := func(alg, value any) Members { return Members{"digest": map[string]any{"alg": alg, "value": value}} }
	cases := map[string]struct {
		voucher Members
		want    string
	}{
		"good":             {digest("SHA256", value), ""},
		"upper case hex":   {digest("SHA256", strings.ToUpper(value)), ""},
		"no digest":        {Members{}, "voucher-digest-missing"},
		"digest text":      {Members{"digest": value}, "voucher-digest-missing"},
		"no alg":           {digest(nil, value), "voucher-digest-alg"},
		"alg SHA-256":      {digest("SHA-256", value), "voucher-digest-alg"},
		"alg sha256":       {digest("sha256", value), "voucher-digest-alg"},
		"alg MD5":          {digest("MD5", value), "voucher-digest-alg"},
		"no value":         {digest("SHA256", nil), "voucher-digest-mismatch"},
		"another evidence": {digest("SHA256", EvidenceDigest("x")), "voucher-digest-mismatch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { wantFault(t, CheckBinding(c.voucher, evidence), c.want) })
	}
}
