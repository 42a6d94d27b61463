// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

// kinds are the kinds of token that name their key by kid, by the area of their rules.
func kinds() map[modi.Area]token.Kind {
	return map[modi.Area]token.Kind{
		modi.AreaAssertion: token.ClientAssertion(),
		modi.AreaVoucher:   token.Voucher(),
		modi.AreaIntegrity: token.Integrity(),
		modi.AreaAudit:     token.Audit(),
	}
}

func typ(area modi.Area) string {
	if area == modi.AreaVoucher {
		return "at+jwt"
	}
	return "JWT"
}

const claims = `{"iss":"x","aud":"y"}`

// open parses and verifies, as a verifier does.
func open(compact string, k token.Kind, pub crypto.PublicKey) (*token.Claims, error) {
	u, err := token.Parse(compact, k)
	if err != nil {
		return nil, err
	}
	return u.Verify(pub)
}

// Every attack on the shape and the header is refused for every kind of token, with the
// one rule of the step that it meets first.
func TestRejectsForgedHeaders(t *testing.T) {
	key := moditest.RSA(t, 0)
	kid := moditest.Thumbprint(t, key.Public())
	for area, kind := range kinds() {
		base := fmt.Sprintf(`"kid":%q,"typ":%q`, kid, typ(area))
		for name, c := range map[string]struct {
			header string
			fault  modi.Fault
		}{
			"alg none":                {`{"alg":"none",` + base + `}`, modi.FaultAlgorithmNotAllowed},
			"alg None":                {`{"alg":"None",` + base + `}`, modi.FaultAlgorithmNotAllowed},
			"alg nOnE":                {`{"alg":"nOnE",` + base + `}`, modi.FaultAlgorithmNotAllowed},
			"alg empty":               {`{"alg":"",` + base + `}`, modi.FaultAlgorithmNotAllowed},
			"alg absent":              {`{` + base + `}`, modi.FaultAlgorithmNotAllowed},
			"alg not a string":        {`{"alg":["RS256"],` + base + `}`, modi.FaultMalformed},
			"alg PS256":               {`{"alg":"PS256",` + base + `}`, modi.FaultAlgorithmNotAllowed},
			"alg RS1":                 {`{"alg":"RS1",` + base + `}`, modi.FaultAlgorithmNotAllowed},
			"alg EdDSA":               {`{"alg":"EdDSA",` + base + `}`, modi.FaultAlgorithmNotAllowed},
			"alg HS256":               {`{"alg":"HS256",` + base + `}`, modi.FaultAlgorithmNotAllowed},
			"duplicate alg":           {`{"alg":"RS256","alg":"none",` + base + `}`, modi.FaultMalformed},
			"duplicate kid":           {`{"alg":"RS256","kid":"a",` + base + `}`, modi.FaultMalformed},
			"crit unknown":            {`{"alg":"RS256","crit":["exp"],` + base + `}`, modi.FaultHeaderNotAllowed},
			"b64 false":               {`{"alg":"RS256","b64":false,"crit":["b64"],` + base + `}`, modi.FaultHeaderNotAllowed},
			"zip":                     {`{"alg":"RS256","zip":"DEF",` + base + `}`, modi.FaultHeaderNotAllowed},
			"jku":                     {`{"alg":"RS256","jku":"https://attacker.example/jwks",` + base + `}`, modi.FaultHeaderNotAllowed},
			"x5u":                     {`{"alg":"RS256","x5u":"https://attacker.example/c",` + base + `}`, modi.FaultHeaderNotAllowed},
			"x5t":                     {`{"alg":"RS256","x5t":"AAAA",` + base + `}`, modi.FaultHeaderNotAllowed},
			"x5c":                     {`{"alg":"RS256","x5c":["AAAA"],` + base + `}`, modi.FaultHeaderNotAllowed},
			"embedded jwk":            {`{"alg":"RS256","jwk":{"kty":"RSA"},` + base + `}`, modi.FaultHeaderNotAllowed},
			"cty":                     {`{"alg":"RS256","cty":"JWT",` + base + `}`, modi.FaultHeaderNotAllowed},
			"member in another case":  {`{"alg":"RS256","KID":"a",` + base + `}`, modi.FaultHeaderNotAllowed},
			"kid absent":              {fmt.Sprintf(`{"alg":"RS256","typ":%q}`, typ(area)), modi.FaultKIDMissing},
			"kid empty":               {fmt.Sprintf(`{"alg":"RS256","kid":"","typ":%q}`, typ(area)), modi.FaultKIDMissing},
			"kid a number":            {fmt.Sprintf(`{"alg":"RS256","kid":7,"typ":%q}`, typ(area)), modi.FaultMalformed},
			"kid path":                {fmt.Sprintf(`{"alg":"RS256","kid":"../../keys","typ":%q}`, typ(area)), modi.FaultKIDMalformed},
			"kid with query":          {fmt.Sprintf(`{"alg":"RS256","kid":"%s?","typ":%q}`, kid[:42], typ(area)), modi.FaultKIDMalformed},
			"kid with encoded slash":  {fmt.Sprintf(`{"alg":"RS256","kid":"%s%%2F","typ":%q}`, kid[:40], typ(area)), modi.FaultKIDMalformed},
			"kid with SQL":            {fmt.Sprintf(`{"alg":"RS256","kid":"' OR 1=1 --","typ":%q}`, typ(area)), modi.FaultKIDMalformed},
			"kid longer than allowed": {fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":%q}`, strings.Repeat("a", 129), typ(area)), modi.FaultKIDMalformed},
			"typ not a string":        {fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":1}`, kid), modi.FaultMalformed},
		} {
			t.Run(string(area)+"/"+name, func(t *testing.T) {
				compact := moditest.Forge(t, c.header, claims, key)
				_, err := open(compact, kind, key.Public())
				moditest.WantRules(t, err, area.Rule(c.fault))
			})
		}
	}
}

// A token signed with the public key as a shared secret must not pass.
func TestRejectsKeyConfusionHS256(t *testing.T) {
	key := moditest.RSA(t, 0)
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	input := moditest.B64([]byte(`{"alg":"HS256","kid":"`+moditest.Thumbprint(t, key.Public())+`","typ":"JWT"}`)) + "." + moditest.B64([]byte(claims))
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	_, err = open(input+"."+moditest.B64(mac.Sum(nil)), token.Integrity(), key.Public())
	moditest.WantRules(t, err, modi.IntegrityAlgorithmNotAllowed)
}

func TestRejectsAlgorithmsOfOtherKinds(t *testing.T) {
	ec := moditest.EC(t, elliptic.P256())
	kid := moditest.Thumbprint(t, ec.Public())
	for area, kind := range kinds() {
		compact := moditest.Forge(t, fmt.Sprintf(`{"alg":"ES256","kid":%q,"typ":%q}`, kid, typ(area)), claims, ec)
		_, err := open(compact, kind, ec.Public())
		if area == modi.AreaIntegrity || area == modi.AreaAudit {
			moditest.WantRules(t, err)
		} else {
			moditest.WantRules(t, err, area.Rule(modi.FaultAlgorithmNotAllowed))
		}
	}
}

func TestRejectsBadSignatures(t *testing.T) {
	key, other := moditest.RSA(t, 0), moditest.RSA(t, 1)
	kid := moditest.Thumbprint(t, key.Public())
	good := moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"JWT"}`, kid), claims, key)
	parts := strings.Split(good, ".")
	swapped := parts[0] + "." + moditest.B64([]byte(`{"iss":"attacker","aud":"y"}`)) + "." + parts[2]
	none := parts[0] + "." + parts[1] + "."
	for name, c := range map[string]struct {
		compact string
		pub     crypto.PublicKey
		rule    modi.RuleID
	}{
		"payload swapped":     {swapped, key.Public(), modi.IntegritySignatureInvalid},
		"another key":         {good, other.Public(), modi.IntegritySignatureInvalid},
		"signature truncated": {parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])-2], key.Public(), modi.IntegritySignatureInvalid},
		"signature empty":     {none, key.Public(), modi.IntegrityMalformed},
		"key of another type": {good, moditest.EC(t, elliptic.P256()).Public(), modi.IntegrityKeyUnsuitable},
		"no key":              {good, nil, modi.IntegrityKeyUnsuitable},
	} {
		t.Run(name, func(t *testing.T) {
			claims, err := open(c.compact, token.Integrity(), c.pub)
			moditest.WantRules(t, err, c.rule)
			if claims != nil {
				t.Error("claims of an unverified token were handed out")
			}
		})
	}
}

// One kind of token cannot stand in for another: typ differs, and it is told only to
// who signed.
func TestRejectsTokenOfAnotherKind(t *testing.T) {
	key := moditest.RSA(t, 0)
	kid := moditest.Thumbprint(t, key.Public())
	for name, c := range map[string]struct {
		kind token.Kind
		area modi.Area
		typ  string
		ok   bool
	}{
		"voucher as signature":            {token.Integrity(), modi.AreaIntegrity, `,"typ":"at+jwt"`, false},
		"signature as voucher":            {token.Voucher(), modi.AreaVoucher, `,"typ":"JWT"`, false},
		"dpop+jwt as voucher":             {token.Voucher(), modi.AreaVoucher, `,"typ":"dpop+jwt"`, false},
		"no typ":                          {token.Audit(), modi.AreaAudit, ``, false},
		"empty typ":                       {token.Audit(), modi.AreaAudit, `,"typ":""`, false},
		"typ with a look-alike letter":    {token.Voucher(), modi.AreaVoucher, `,"typ":"аt+jwt"`, false},
		"typ in another case is the same": {token.Integrity(), modi.AreaIntegrity, `,"typ":"jwt"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			compact := moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q%s}`, kid, c.typ), claims, key)
			_, err := open(compact, c.kind, key.Public())
			if c.ok {
				moditest.WantRules(t, err)
				return
			}
			moditest.WantRules(t, err, c.area.Rule(modi.FaultTypeMismatch))
			_, err = open(compact, c.kind, moditest.RSA(t, 1).Public())
			moditest.WantRules(t, err, c.area.Rule(modi.FaultSignatureInvalid))
		})
	}
}

func TestRejectsUseOnPartyTokens(t *testing.T) {
	key := moditest.RSA(t, 0)
	kid := moditest.Thumbprint(t, key.Public())
	for use, c := range map[string]struct {
		kind token.Kind
		typ  string
		want []modi.RuleID
	}{
		"sig":  {token.Voucher(), "at+jwt", nil},
		"enc":  {token.Voucher(), "at+jwt", []modi.RuleID{modi.VoucherHeaderNotAllowed}},
		"sig ": {token.Integrity(), "JWT", []modi.RuleID{modi.IntegrityHeaderNotAllowed}},
	} {
		compact := moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","use":%q,"typ":%q,"kid":%q}`, use, c.typ, kid), claims, key)
		_, err := open(compact, c.kind, key.Public())
		moditest.WantRules(t, err, c.want...)
	}
}

func TestUnverifiedTellsItsHeader(t *testing.T) {
	key := moditest.RSA(t, 0)
	compact := moditest.Forge(t, `{"alg":"RS256","use":"sig","typ":"at+jwt","kid":"`+moditest.PlatformKID+`"}`, claims, key)
	u, err := token.Parse(compact, token.Voucher())
	if err != nil {
		t.Fatal(err)
	}
	want := token.Header{Algorithm: token.RS256, KID: moditest.PlatformKID, Type: "at+jwt", Use: "sig"}
	if u.Header() != want || u.KID() != want.KID || u.Compact() != compact || u.EmbeddedKey() != nil {
		t.Errorf("header %+v, want %+v", u.Header(), want)
	}
}

func TestZeroKindAdmitsNothing(t *testing.T) {
	key := moditest.RSA(t, 0)
	compact := moditest.Forge(t, `{"alg":"RS256"}`, claims, key)
	_, err := token.Parse(compact, token.Kind{})
	if err == nil {
		t.Error("a token was admitted")
	}
}

func TestParsedTokenIsSafeForConcurrentUse(t *testing.T) {
	key := moditest.RSA(t, 0)
	compact := moditest.Forge(t, `{"alg":"RS256","typ":"JWT","kid":"`+moditest.Thumbprint(t, key.Public())+`"}`, claims, key)
	u, err := token.Parse(compact, token.Integrity())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			c, err := u.Verify(key.Public())
			if err != nil || !c.Has("iss") {
				t.Errorf("verify: %v", err)
			}
		})
	}
	wg.Wait()
}

// Every accepted token has one spelling, whatever its kind.
func FuzzParse(f *testing.F) {
	key := moditest.RSA(f, 0)
	kid := moditest.Thumbprint(f, key.Public())
	for area := range kinds() {
		f.Add(moditest.Forge(f, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":%q}`, kid, typ(area)), claims, key))
	}
	f.Add("e30.e30.AA")
	f.Fuzz(func(t *testing.T, s string) {
		for _, kind := range kinds() {
			u, err := token.Parse(s, kind)
			if err != nil {
				moditest.Rules(t, err)
				continue
			}
			if u.Compact() != s || u.KID() == "" || len(s) > 16<<10 || strings.Count(s, ".") != 2 {
				t.Fatalf("accepted %q", s)
			}
			_, err = u.Verify(key.Public())
			if err == nil && !strings.HasPrefix(s, "eyJ") {
				t.Fatalf("verified %q", s)
			}
		}
	})
}
