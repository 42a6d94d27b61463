// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop_test

import (
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

// Claims that the holder signs, but for another request, another time or another token.
func TestRejectsProofsOfAnotherRequest(t *testing.T) {
	now := moditest.Now().Unix()
	sum := sha256.Sum256([]byte(voucher))
	hexadecimal := hex.EncodeToString(sum[:])
	for name, c := range map[string]struct {
		changes []any
		rules   []modi.RuleID
		found   string // what the refusal must tell, where that is the point
	}{
		"htm of another method":           {[]any{"htm", "GET"}, []modi.RuleID{modi.DPoPHTMMismatch}, `"GET"`},
		"htm in lower case":               {[]any{"htm", "post"}, []modi.RuleID{modi.DPoPHTMMismatch}, `"post"`},
		"htm missing":                     {[]any{"htm", nil}, []modi.RuleID{modi.DPoPHTMMissing}, ""},
		"htm that is a list":              {[]any{"htm", []string{"POST"}}, []modi.RuleID{modi.DPoPHTMMissing}, "a list"},
		"htm in another spelling":         {[]any{"htm", nil, "HTM", "POST"}, []modi.RuleID{modi.DPoPHTMMissing}, ""},
		"htu of another host":             {[]any{"htu", strings.Replace(address, "api.", "altro.", 1)}, []modi.RuleID{modi.DPoPHTUMismatch}, `the host "altro.comune.example"`},
		"htu of a host with a suffix":     {[]any{"htu", strings.Replace(address, ".example", ".example.attacker.test", 1)}, []modi.RuleID{modi.DPoPHTUMismatch}, "the host"},
		"htu of another path":             {[]any{"htu", "https://api.comune.example/altro"}, []modi.RuleID{modi.DPoPHTUMismatch}, "another path"},
		"htu of the base path":            {[]any{"htu", "https://api.comune.example/modi"}, []modi.RuleID{modi.DPoPHTUMismatch}, "only a part"},
		"htu with a final slash":          {[]any{"htu", address + "/"}, []modi.RuleID{modi.DPoPHTUMismatch}, "final slash"},
		"htu in another case of the path": {[]any{"htu", strings.Replace(address, "modi", "MODI", 1)}, []modi.RuleID{modi.DPoPHTUMismatch}, "upper and lower case"},
		"htu over http":                   {[]any{"htu", strings.Replace(address, "https", "http", 1)}, []modi.RuleID{modi.DPoPHTUMismatch}, "the scheme http"},
		"htu on another port":             {[]any{"htu", strings.Replace(address, "example/", "example:8443/", 1)}, []modi.RuleID{modi.DPoPHTUMismatch}, `the port "8443"`},
		"htu with an encoded slash":       {[]any{"htu", strings.Replace(address, "/istanze", "%2Fistanze", 1)}, []modi.RuleID{modi.DPoPHTUMismatch}, "another path"},
		"htu that is a path":              {[]any{"htu", "/modi/c_x000/stato-istanza/v1/istanze"}, []modi.RuleID{modi.DPoPHTUMalformed}, "not http or https"},
		"htu with user information":       {[]any{"htu", "https://api.comune.example@attacker.test/"}, []modi.RuleID{modi.DPoPHTUMalformed}, "plain host"},
		"htu of another scheme":           {[]any{"htu", "file:///modi"}, []modi.RuleID{modi.DPoPHTUMalformed}, ""},
		"htu with a backslash":            {[]any{"htu", `https://api.comune.example\@attacker.test/`}, []modi.RuleID{modi.DPoPHTUMalformed}, ""},
		"htu missing":                     {[]any{"htu", nil}, []modi.RuleID{modi.DPoPHTUMissing}, ""},
		"htu empty":                       {[]any{"htu", ""}, []modi.RuleID{modi.DPoPHTUMissing}, "an empty string"},
		"iat too old":                     {[]any{"iat", now - 61}, []modi.RuleID{modi.DPoPTooOld}, "1m1s ago"},
		"iat in the future":               {[]any{"iat", now + 6}, []modi.RuleID{modi.DPoPIssuedInFuture}, "6s ahead"},
		"iat in milliseconds":             {[]any{"iat", now * 1000}, []modi.RuleID{modi.DPoPIATMalformed}, ""},
		"iat that is a string":            {[]any{"iat", "1772442000"}, []modi.RuleID{modi.DPoPIATMalformed}, "a string"},
		"iat missing":                     {[]any{"iat", nil}, []modi.RuleID{modi.DPoPIATMissing}, ""},
		"exp does not stand in for iat":   {[]any{"iat", nil, "exp", now + 60}, []modi.RuleID{modi.DPoPIATMissing}, ""},
		"jti missing":                     {[]any{"jti", nil}, []modi.RuleID{modi.DPoPJTIMissing}, ""},
		"jti empty":                       {[]any{"jti", ""}, []modi.RuleID{modi.DPoPJTIMalformed}, ""},
		"jti that is a number":            {[]any{"jti", 7}, []modi.RuleID{modi.DPoPJTIMalformed}, ""},
		"jti of ten thousand characters":  {[]any{"jti", strings.Repeat("x", 10000)}, []modi.RuleID{modi.DPoPJTIMalformed}, ""},
		"ath missing":                     {[]any{"ath", nil}, []modi.RuleID{modi.DPoPATHMissing}, ""},
		"ath of another voucher":          {[]any{"ath", dpop.TokenHash(voucher + "x")}, []modi.RuleID{modi.DPoPATHMismatch}, "something else"},
		"ath in hexadecimal":              {[]any{"ath", hexadecimal}, []modi.RuleID{modi.DPoPATHMismatch}, "in hexadecimal"},
		"ath in upper-case hexadecimal":   {[]any{"ath", strings.ToUpper(hexadecimal)}, []modi.RuleID{modi.DPoPATHMismatch}, "in hexadecimal"},
		"ath as base64url of hexadecimal": {[]any{"ath", moditest.B64([]byte(hexadecimal))}, []modi.RuleID{modi.DPoPATHMismatch}, "base64url of that hash in hexadecimal"},
		"ath with padding":                {[]any{"ath", base64.URLEncoding.EncodeToString(sum[:])}, []modi.RuleID{modi.DPoPATHMismatch}, "with padding"},
		"ath in plain base64":             {[]any{"ath", base64.StdEncoding.EncodeToString(sum[:])}, []modi.RuleID{modi.DPoPATHMismatch}, ""},
		"every fault is told at once":     {[]any{"htm", "GET", "htu", nil, "iat", now - 100, "jti", nil, "ath", "x"}, []modi.RuleID{modi.DPoPHTMMismatch, modi.DPoPHTUMissing, modi.DPoPTooOld, modi.DPoPJTIMissing, modi.DPoPATHMismatch}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			proof, err := verifier().Verify(request(forge(t, header(t), moditest.With(claims(), c.changes...))), presented(), jkt(t))
			moditest.WantRules(t, err, c.rules...)
			if !strings.Contains(err.Error(), c.found) {
				t.Errorf("error %q does not tell %q", err, c.found)
			}
			if proof != (dpop.Proof{}) {
				t.Errorf("refused, with proof %+v", proof)
			}
		})
	}
}

// Headers and keys that must stop a proof before its claims are looked at.
func TestRejectsProofsWithBadHeaders(t *testing.T) {
	own := jwk(t, ec(t).Public())
	with := func(changes ...any) map[string]any { return moditest.With(header(t), changes...) }
	key := func(changes ...any) map[string]any { return with("jwk", moditest.With(own, changes...)) }
	for name, c := range map[string]struct {
		header map[string]any
		rule   modi.RuleID
	}{
		"alg none":                       {with("alg", "none"), modi.DPoPAlgorithmNotAllowed},
		"alg HS256 keyed with the key":   {with("alg", "HS256"), modi.DPoPAlgorithmNotAllowed},
		"alg missing":                    {with("alg", nil), modi.DPoPAlgorithmNotAllowed},
		"alg PS256":                      {with("alg", "PS256"), modi.DPoPAlgorithmNotAllowed},
		"alg ES512, not of PDND":         {with("alg", "ES512"), modi.DPoPAlgorithmNotAllowed},
		"alg of another key type":        {with("alg", "RS256"), modi.DPoPKeyUnsuitable},
		"typ JWT":                        {with("typ", "JWT"), modi.DPoPTypeMismatch},
		"typ of a voucher":               {with("typ", "at+jwt"), modi.DPoPTypeMismatch},
		"typ missing":                    {with("typ", nil), modi.DPoPTypeMismatch},
		"unknown crit":                   {with("crit", []string{"b64"}, "b64", false), modi.DPoPHeaderNotAllowed},
		"kid beside jwk":                 {with("kid", "k"), modi.DPoPHeaderNotAllowed},
		"certificate beside jwk":         {with("x5c", []string{"AA=="}), modi.DPoPHeaderNotAllowed},
		"jku beside jwk":                 {with("jku", "https://attacker.test/keys"), modi.DPoPHeaderNotAllowed},
		"jwk missing":                    {with("jwk", nil), modi.DPoPMalformed},
		"jwk that is a string":           {with("jwk", "k"), modi.DPoPKeyUnsuitable},
		"jwk with the private key":       {key("d", "AAAA"), modi.DPoPKeyUnsuitable},
		"jwk with an RSA private factor": {key("p", "AAAA"), modi.DPoPKeyUnsuitable},
		"jwk symmetric":                  {with("jwk", map[string]any{"kty": "oct", "k": "AAAA"}), modi.DPoPKeyUnsuitable},
		"jwk symmetric with EC members":  {key("k", "AAAA"), modi.DPoPKeyUnsuitable},
		"jwk off the curve":              {key("y", own["x"]), modi.DPoPKeyUnsuitable},
		"jwk of an unknown curve":        {key("crv", "secp256k1"), modi.DPoPKeyUnsuitable},
		"jwk for encryption":             {key("use", "enc"), modi.DPoPKeyUnsuitable},
		"jwk with another alg":           {key("alg", "ES384"), modi.DPoPKeyUnsuitable},
		"jwk with alg none":              {key("alg", "none"), modi.DPoPKeyUnsuitable},
		"jwk of another key":             {with("jwk", jwk(t, moditest.EC(t, elliptic.P256()).Public())), modi.DPoPSignatureInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verifier().Verify(request(forge(t, c.header, claims())), presented(), jkt(t))
			moditest.WantRules(t, err, c.rule)
		})
	}
}

func TestRejectsTamperedProofs(t *testing.T) {
	good := forge(t, header(t), claims())
	for name, c := range map[string]struct {
		compact string
		rule    modi.RuleID
	}{
		"payload changed":         {edit(t, good, 1, func(s string) string { return strings.Replace(s, "p-1", "p-2", 1) }), modi.DPoPSignatureInvalid},
		"repeated claim":          {edit(t, good, 1, func(s string) string { return `{"htm":"GET",` + s[1:] }), modi.DPoPMalformed},
		"repeated header member":  {edit(t, good, 0, func(s string) string { return `{"alg":"none",` + s[1:] }), modi.DPoPMalformed},
		"signature cut":           {good[:len(good)-2], modi.DPoPSignatureInvalid},
		"signature empty":         {good[:strings.LastIndexByte(good, '.')+1], modi.DPoPMalformed},
		"two parts":               {good[:strings.LastIndexByte(good, '.')], modi.DPoPMalformed},
		"padding":                 {good + "=", modi.DPoPMalformed},
		"white space inside":      {strings.Replace(good, ".", ".\t", 1), modi.DPoPMalformed},
		"voucher in its place":    {voucher, modi.DPoPMalformed}, // it has no jwk
		"larger than any token":   {good + strings.Repeat("A", 17<<10), modi.DPoPMalformed},
		"no token":                {" ", modi.DPoPMalformed},
		"scheme before the proof": {"DPoP " + good, modi.DPoPMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verifier().Verify(request(c.compact), presented(), jkt(t))
			moditest.WantRules(t, err, c.rule)
		})
	}
}

// Scheme, voucher and number of proofs must fit together (RFC 9449 §7.1).
func TestRejectsVoucherAndProofThatDoNotBelongTogether(t *testing.T) {
	good := forge(t, header(t), claims())
	bearer := dpop.Presented{Scheme: dpop.SchemeBearer, Compact: voucher}
	for name, c := range map[string]struct {
		verifier  dpop.Verifier
		request   dpop.Request
		presented dpop.Presented
		jkt       string
		rule      modi.RuleID
	}{
		"bound voucher as Bearer":               {verifier(), request(), bearer, jkt(t), modi.DPoPSchemeNotAllowed},
		"bound voucher as Bearer, with proof":   {verifier(), request(good), bearer, jkt(t), modi.DPoPSchemeNotAllowed},
		"bound voucher without scheme":          {verifier(), request(good), dpop.Presented{Compact: voucher}, jkt(t), modi.DPoPSchemeNotAllowed},
		"unbound voucher with the scheme DPoP":  {verifier(), request(good), presented(), "", modi.DPoPVoucherNotBound},
		"unbound voucher as Bearer":             {verifier(), request(), bearer, "", modi.DPoPVoucherNotBound},
		"the same with a proof":                 {verifier(), request(good), bearer, "", modi.DPoPVoucherNotBound},
		"no proof":                              {verifier(), request(), presented(), jkt(t), modi.DPoPTokenMissing},
		"two proofs":                            {verifier(), request(good, good), presented(), jkt(t), modi.DPoPTokenRepeated},
		"two proofs in a list":                  {verifier(), request(good + "," + good), presented(), jkt(t), modi.DPoPTokenRepeated},
		"proof and a comma":                     {verifier(), request(good + ","), presented(), jkt(t), modi.DPoPTokenRepeated},
		"proof of another key than the voucher": {verifier(), request(good), presented(), strings.Repeat("A", 43), modi.DPoPKeyMismatch},
		"jkt in another case":                   {verifier(), request(good), presented(), strings.ToUpper(jkt(t)), modi.DPoPKeyMismatch},
		"proof of the token endpoint, replayed": {verifier(), request(forge(t, header(t), moditest.With(claims(), "ath", nil))), presented(), jkt(t), modi.DPoPATHMissing},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.verifier.Verify(c.request, c.presented, c.jkt)
			moditest.WantRules(t, err, c.rule)
		})
	}
}

func TestAcceptsGoodProofs(t *testing.T) {
	own := jwk(t, ec(t).Public())
	now := moditest.Now().Unix()
	for name, c := range map[string]struct {
		header, claims map[string]any
		url            string
	}{
		"plain":                               {header(t), claims(), address},
		"typ in upper case":                   {moditest.With(header(t), "typ", "DPOP+JWT"), claims(), address},
		"jwk with kid, alg and use":           {moditest.With(header(t), "jwk", moditest.With(own, "kid", "k-1", "alg", "ES256", "use", "sig")), claims(), address},
		"a nonce that nobody asked for":       {header(t), moditest.With(claims(), "nonce", "n"), address},
		"iat of 60 s ago":                     {header(t), moditest.With(claims(), "iat", now-60), address},
		"iat 5 s ahead":                       {header(t), moditest.With(claims(), "iat", now+5), address},
		"iat with a fraction":                 {header(t), moditest.With(claims(), "iat", float64(now)-0.5), address},
		"request with a query":                {header(t), claims(), address + "?stato=aperta"},
		"htu with query and fragment":         {header(t), moditest.With(claims(), "htu", address+"?a=b#c"), address},
		"htu in another case of the host":     {header(t), moditest.With(claims(), "htu", strings.Replace(address, "https://api", "HTTPS://API", 1)), address},
		"htu with the default port":           {header(t), moditest.With(claims(), "htu", strings.Replace(address, "example/", "example:443/", 1)), address},
		"htu with encoded unreserved letters": {header(t), moditest.With(claims(), "htu", strings.Replace(address, "stato-istanza", "stato%2Distanza", 1)), address},
		"htu with an empty path":              {header(t), moditest.With(claims(), "htu", "https://api.comune.example"), "https://api.comune.example/"},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(forge(t, c.header, c.claims))
			r.URL = c.url
			proof, err := verifier().Verify(r, presented(), jkt(t))
			moditest.WantRules(t, err)
			if proof.JKT != jkt(t) || proof.JTI != "p-1" || proof.Method != "POST" || proof.Algorithm != token.ES256 || proof.Compact == "" {
				t.Errorf("proof %+v", proof)
			}
		})
	}
}

// The proof must be remembered as long as it would be accepted again.
func TestProofExpiresWhenItIsTooOld(t *testing.T) {
	v := verifier()
	r := request(forge(t, header(t), claims()))
	proof, err := v.Verify(r, presented(), jkt(t))
	if err != nil {
		t.Fatal(err)
	}
	for at, accepted := range map[time.Time]bool{proof.ExpiresAt: false, proof.ExpiresAt.Add(-time.Second): true} {
		v.Clock = func() time.Time { return at }
		_, err = v.Verify(r, presented(), jkt(t))
		if (err == nil) != accepted {
			t.Errorf("at %v: %v", at, err)
		}
	}
	v.Times, v.Clock = modi.Times{FutureIssued: time.Second}, moditest.Clock
	proof, err = v.Verify(r, presented(), jkt(t))
	if err != nil || !proof.ExpiresAt.IsZero() {
		t.Errorf("without an age: %+v, %v", proof.ExpiresAt, err)
	}
}

// A verifier that was not told what it needs does not know, and never accepts.
func TestVerifierWithoutItsFieldsDoesNotDecide(t *testing.T) {
	good := request(forge(t, header(t), claims()))
	relative, nothing := good, good
	relative.URL, nothing.Method = "/istanze", ""
	for name, c := range map[string]struct {
		verifier dpop.Verifier
		request  dpop.Request
	}{
		"no clock":     {dpop.Verifier{Times: modi.ProofTimes()}, good},
		"no times":     {dpop.Verifier{Clock: moditest.Clock}, good},
		"relative URL": {verifier(), relative},
		"no method":    {verifier(), nothing},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.verifier.Verify(c.request, presented(), jkt(t))
			if !errors.Is(err, modi.ErrUndecided) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// PDND takes no more than it documents.
func TestTokenEndpointIsStricter(t *testing.T) {
	r := dpop.Request{Method: http.MethodPost, URL: endpoint, Header: http.Header{}}
	base := moditest.With(claims(), "ath", nil, "htu", endpoint)
	for name, c := range map[string]struct {
		header, claims map[string]any
		rules          []modi.RuleID
	}{
		"plain":                     {header(t), base, nil},
		"ath, which is for others":  {header(t), moditest.With(base, "ath", "x"), []modi.RuleID{modi.DPoPClaimNotAllowed}},
		"any other claim":           {header(t), moditest.With(base, "exp", 1, "nonce", "n"), []modi.RuleID{modi.DPoPClaimNotAllowed, modi.DPoPClaimNotAllowed}},
		"jwk with kid, alg and use": {moditest.With(header(t), "jwk", moditest.With(jwk(t, ec(t).Public()), "kid", "k")), base, []modi.RuleID{modi.DPoPKeyUnsuitable}},
		"proof of the e-service":    {header(t), claims(), []modi.RuleID{modi.DPoPHTUMismatch, modi.DPoPClaimNotAllowed}},
	} {
		t.Run(name, func(t *testing.T) {
			r.Header.Set(dpop.HeaderProof, forge(t, c.header, c.claims))
			proof, err := verifier().VerifyTokenRequest(r)
			want := map[modi.RuleID]bool{}
			for _, rule := range c.rules {
				want[rule] = true
			}
			got := moditest.Rules(t, err)
			if len(got) != len(want) {
				t.Fatalf("rules %v, want %v", got, want)
			}
			for rule := range want {
				if !got[rule] {
					t.Fatalf("rules %v, want %v", got, want)
				}
			}
			if (proof.JKT == jkt(t)) != (c.rules == nil) {
				t.Errorf("proof %+v", proof)
			}
		})
	}
	_, err := verifier().VerifyTokenRequest(dpop.Request{Method: http.MethodPost, URL: endpoint})
	moditest.WantRules(t, err, modi.DPoPTokenMissing)
}

// The mistakes that people make are called by name, in both languages.
func TestHintsNameTheMistake(t *testing.T) {
	sum := sha256.Sum256([]byte(voucher))
	for name, c := range map[string]struct {
		changes []any
		it, en  string
	}{
		"ath in hexadecimal":  {[]any{"ath", hex.EncodeToString(sum[:])}, "esadecimale", "hexadecimal"},
		"htm in lower case":   {[]any{"htm", "post"}, "maiuscoli", "upper case"},
		"htu, final slash":    {[]any{"htu", address + "/"}, "barra finale", "final slash"},
		"htu, internal host":  {[]any{"htu", "http://10.0.0.7:8080/istanze"}, "proxy", "proxy"},
		"htu, base address":   {[]any{"htu", "https://api.comune.example/modi"}, "di base", "base one"},
		"iat of another hour": {[]any{"iat", moditest.Now().Unix() + 3600}, "ora locale", "local time"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verifier().Verify(request(forge(t, header(t), moditest.With(claims(), c.changes...))), presented(), jkt(t))
			var refusal *modi.Refusal
			if !errors.As(err, &refusal) || len(refusal.Violations) != 1 {
				t.Fatalf("error %v", err)
			}
			h := refusal.Violations[0].Hint
			if !strings.Contains(h.IT, c.it) || !strings.Contains(h.EN, c.en) {
				t.Errorf("hint %+v", h)
			}
		})
	}
}

// What a verifier says may reach logs and callers: no token and no path of a request.
func TestRefusalsDoNotRepeatTheRequest(t *testing.T) {
	r := request(forge(t, header(t), moditest.With(claims(), "htu", "https://api.comune.example/persone/RSSMRA85T10A562S")))
	_, err := verifier().Verify(r, presented(), jkt(t))
	moditest.WantRules(t, err, modi.DPoPHTUMismatch)
	if strings.Contains(err.Error(), "RSSMRA") || strings.Contains(err.Error(), "eyJ") {
		t.Errorf("error %q", err)
	}
}
