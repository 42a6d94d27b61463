// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/modi"
)

func report(t testing.TB, text string) byhand.Report {
	t.Helper()
	r, err := byhand.Inspect([]byte(text), byhand.Inspection{Now: now()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestInspectRecognisesPatterns(t *testing.T) {
	h := joseHeader(t)
	cert := with(h, "x5c", []string{"AA=="}, "kid", nil)
	idAuth := map[string]any{"aud": aud, "iat": now().Unix(), "exp": now().Unix() + 60}
	for name, c := range map[string]struct {
		header, claims map[string]any
		want           modi.Pattern
	}{
		"voucher":           {with(h, "typ", "at+jwt"), voucherClaims(), modi.PatternVoucher},
		"voucher, typ JWT":  {h, voucherClaims(), modi.PatternVoucher},
		"assertion":         {h, map[string]any{"aud": "auth.uat.interop.pagopa.it/client-assertion"}, modi.PatternClientAssertion},
		"assertion by iss":  {h, map[string]any{"iss": clientID, "sub": clientID, "purposeId": purposeID, "aud": "x"}, modi.PatternClientAssertion},
		"ID_AUTH_REST_01":   {cert, idAuth, modi.PatternIDAuthREST01},
		"ID_AUTH_REST_02":   {cert, with(idAuth, "jti", "1"), modi.PatternIDAuthREST02},
		"INTEGRITY_REST_01": {cert, integrityClaims("x"), modi.PatternIntegrityREST01},
		"INTEGRITY_REST_02": {h, integrityClaims("x"), modi.PatternIntegrityREST02},
		"PDND's replies":    {with(h, "typ", "at+jwt"), integrityClaims("x"), modi.PatternPDNDResponse},
		"AUDIT_REST_01":     {h, with(auditClaims(), "dnonce", nil), modi.PatternAuditREST01},
		"AUDIT_REST_02":     {h, auditClaims(), modi.PatternAuditREST02},
		"DPoP":              {with(h, "typ", "dpop+jwt"), map[string]any{"htm": "GET"}, modi.PatternDPoP},
		"DPoP without typ":  {map[string]any{"alg": "ES256", "jwk": map[string]any{}}, map[string]any{"htm": "GET"}, modi.PatternDPoP},
		"nothing known":     {h, map[string]any{"a": 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := report(t, forge(t, c.header, c.claims))
			if len(r.Tokens) != 1 || r.Tokens[0].Pattern != c.want {
				t.Errorf("%+v", r.Tokens)
			}
		})
	}
}

// A token is looked at however badly it is written.
func TestInspectReadsDamagedTokens(t *testing.T) {
	good := forge(t, joseHeader(t), integrityClaims("x"))
	parts := strings.Split(good, ".")
	std := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, c := range map[string]struct {
		text    string
		it      string
		decoded bool
	}{
		"JWE":                  {good + ".a.b", "JWE", false},
		"no token":             {"ciao", "JWS compatto", false},
		"two parts":            {parts[0] + "." + parts[1], "manca la firma", true},
		"empty signature":      {parts[0] + "." + parts[1] + ".", "firma è vuota", true},
		"broken over lines":    {good[:40] + "\n" + good[40:], "a capo", true},
		"standard base64":      {parts[0] + "." + std(`{"aud":"àà??>>"} `) + ".AA", "base64 standard", true},
		"not base64":           {parts[0] + ".%%%.AA", "non è base64url", false},
		"empty payload":        {parts[0] + "..AA", "è vuoto", false},
		"payload of a string":  {parts[0] + "." + std(`"ciao"`) + ".AA", "oggetto JSON", false},
		"alg none":             {"eyJhbGciOiJub25lIn0." + parts[1] + ".", `alg è "none"`, true},
		"kid that is a UUID":   {forge(t, with(joseHeader(t), "kid", platformKID), integrityClaims("x")), "UUID", true},
		"typ of a voucher":     {forge(t, with(joseHeader(t), "typ", "JOSE"), integrityClaims("x")), "typ è \"JOSE\"", true},
		"exp before iat":       {forge(t, joseHeader(t), with(integrityClaims("x"), "exp", now().Unix()-1)), "mai stato valido", true},
		"iat that is a word":   {forge(t, joseHeader(t), with(integrityClaims("x"), "iat", "ieri")), "non è una data", true},
		"exp as a date":        {forge(t, joseHeader(t), with(integrityClaims("x"), "exp", "2026-03-02T09:00:00Z")), "data in testo", true},
		"nbf in an assertion":  {forge(t, joseHeader(t), map[string]any{"aud": "auth.uat.interop.pagopa.it/client-assertion", "nbf": 1}), "claim in più", true},
		"https in assertion":   {forge(t, joseHeader(t), map[string]any{"aud": "https://auth.uat.interop.pagopa.it/client-assertion"}), "schema", true},
		"jkt in hexadecimal":   {voucher(t, "cnf", map[string]string{"jkt": strings.Repeat("a", 64)}), "43 caratteri", true},
		"scheme and quotes":    {`"Bearer ` + good + `"`, "", true},
		"name of the header":   {"Agid-JWT-Signature: " + good + "\n", "", true},
		"repeated JSON member": {parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"signed_headers":[],"aud":"a","aud":"b"}`)) + ".AA", "forma non valida", true},
	} {
		t.Run(name, func(t *testing.T) {
			token := report(t, c.text).Tokens[0]
			if (token.Header != nil && token.Claims != nil) != c.decoded {
				t.Errorf("header %s, claims %s", token.Header, token.Claims)
			}
			if c.it != "" && !slices.ContainsFunc(token.Near, func(n byhand.Near) bool { return contains(n.Hint, c.it) }) {
				t.Errorf("near %+v", token.Near)
			}
		})
	}
}

func TestInspectFindsEveryTokenOfAMessage(t *testing.T) {
	good := forge(t, joseHeader(t), integrityClaims("x"))
	r := report(t, requestHead+"Authorization: Bearer "+voucher(t)+"\r\nagid-jwt-signature: "+good+"\r\nX-Mio-JWT: "+good+
		"\r\nX-Altro: a.b.c\r\nDPoP: x\r\n\r\nclient_assertion=ciao&x=1")
	var where []string
	for _, token := range r.Tokens {
		where = append(where, token.Where)
	}
	if diff := cmp.Diff([]string{"Authorization", "Agid-JWT-Signature", "X-Mio-Jwt", "DPoP", "client_assertion"}, where); diff != "" {
		t.Error(diff)
	}
	if r = report(t, requestHead+"Authorization: Basic YTpi\r\n\r\n"); len(r.Tokens) != 0 {
		t.Errorf("%+v", r.Tokens)
	}
	_, err := byhand.Inspect([]byte("GET / HTTP/1.1\r\n folded\r\n\r\n"), byhand.Inspection{Now: now()})
	if err == nil {
		t.Error("a broken message was read")
	}
}

// What only a whole message shows, with no option at all.
func TestInspectComparesTheMessage(t *testing.T) {
	right := "SHA-256=" + sum(body)
	m := sign(t, requestHead+"\r\n", signing(client(t), modi.PatternAuditREST02))
	if near := inspect(t, string(m.Bytes()), aud); len(near) != 0 {
		t.Errorf("a good message: %+v", near)
	}
	if near := inspect(t, integrityMessage(t, right, body), ""); len(near) != 0 {
		t.Errorf("another good message: %+v", near)
	}
	bound := voucher(t, "cnf", map[string]string{"jkt": thumbprint(t, newEC(t).Public())})
	proof := forge(t, map[string]any{"typ": "dpop+jwt", "alg": "RS256", "jwk": map[string]any{}}, map[string]any{"iat": now().Unix()})
	for name, c := range map[string]struct{ text, it string }{
		"address with -PDND":      {strings.Replace(integrityMessage(t, right, body), "stato-istanza/v1/istanze", "stato-istanza-PDND/v1/istanze", 1), "-PDND"},
		"two digests":             {strings.Replace(integrityMessage(t, right, body), "Digest:", "Digest: SHA-256=AA==\r\nDigest:", 1), "più volte"},
		"digest of nothing known": {integrityMessage(t, "SHA-256="+sum("altro"), body), "nessuna delle forme"},
		"signed, not sent":        {strings.Replace(integrityMessage(t, right, body), "Content-Type: application/json\r\n", "", 1), "non è nel messaggio"},
		"sent, not signed":        {integrityMessage(t, right, body, "signed_headers", []map[string]string{{"digest": right}}), "non è firmato"},
		"signed otherwise":        {integrityMessage(t, right, body, "signed_headers", []map[string]string{{"digest": "SHA-256=AA=="}, {"content-type": "application/json"}}), "valore firmato"},
		"proof with a bad key":    {requestHead + "Authorization: DPoP " + bound + "\r\nDPoP: " + proof + "\r\n\r\n", "chiave"},
	} {
		t.Run(name, func(t *testing.T) {
			near := inspect(t, c.text, "")
			if !slices.ContainsFunc(near, func(n byhand.Near) bool { return contains(n.Hint, c.it) }) {
				t.Errorf("near %+v", near)
			}
		})
	}
}

func TestInspectShowsTheCertificate(t *testing.T) {
	cert, _ := certified(t)
	m := sign(t, requestHead+"\r\n", signing(cert, modi.PatternIDAuthREST01))
	token := report(t, string(m.Bytes())).Tokens[0]
	if c := token.Certificate; c == nil || c.Subject != "app-fruitore, Ente di prova, CF:IT-00918273640" || c.Issuer != "CA di prova, Ente di prova" || c.NotAfter.Before(now()) {
		t.Errorf("%+v", c)
	}
}

func TestTimesInWords(t *testing.T) {
	const day = 24 * time.Hour
	for after, want := range map[time.Duration]modi.Text{
		0:                               {IT: "creato adesso", EN: "issued now"},
		time.Second:                     {IT: "creato fra 1 secondo", EN: "issued in 1 second"},
		-90 * time.Second:               {IT: "creato 1 minuto e 30 secondi fa", EN: "issued 1 minute and 30 seconds ago"},
		-2 * time.Hour:                  {IT: "creato 2 ore fa", EN: "issued 2 hours ago"},
		26 * time.Hour:                  {IT: "creato fra 1 giorno e 2 ore", EN: "issued in 1 day and 2 hours"},
		-(2*365*day + day + time.Hour):  {IT: "creato 2 anni e 1 giorno fa", EN: "issued 2 years and 1 day ago"},
		-(365*day + time.Hour):          {IT: "creato 1 anno fa", EN: "issued 1 year ago"},
		-(time.Minute + 40*time.Minute): {IT: "creato 41 minuti fa", EN: "issued 41 minutes ago"},
	} {
		if got := byhand.TimeWords("iat", now().Add(after), now()); got != want {
			t.Errorf("%v: %+v, want %+v", after, got, want)
		}
	}
	for _, c := range []struct {
		claim string
		after time.Duration
		it    string
	}{
		{"nbf", time.Minute, "utilizzabile fra 1 minuto"},
		{"nbf", -time.Minute, "utilizzabile da 1 minuto"},
		{"exp", time.Minute, "scade fra 1 minuto"},
		{"exp", -time.Minute, "scaduto 1 minuto fa"},
	} {
		if got := byhand.TimeWords(c.claim, now().Add(c.after), now()); got.IT != c.it {
			t.Errorf("%s: %+v", c.claim, got)
		}
	}
	token := report(t, forge(t, joseHeader(t), with(integrityClaims("x"), "iat", now().UnixMilli(), "exp", "1772442300"))).Tokens[0]
	if len(token.Times) != 2 || !token.Times[0].At.Equal(now()) || token.Times[1].At.Unix() != 1772442300 {
		t.Errorf("%+v", token.Times)
	}
}

// Whatever is given, inspect says something and does not fail.
func FuzzInspect(f *testing.F) {
	f.Add([]byte("eyJhbGciOiJub25lIn0.eyJhdWQiOlsiYSJdfQ."))
	f.Add([]byte(requestHead + "Digest: SHA-256=x\r\nAgid-JWT-Signature: eyJ9.e30.A\r\n\r\n{}"))
	f.Add([]byte(requestHead + "DPoP: e30.e30.AA\r\nAuthorization: DPoP e30.e30.AA\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\n\nclient_assertion=e30.e30.AA"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := byhand.Inspect(data, byhand.Inspection{Now: now(), Audience: aud})
		if err != nil {
			return
		}
		for _, token := range r.Tokens {
			if token.Claims == nil && len(token.Near) == 0 {
				t.Fatalf("%q: neither claims nor a word", data)
			}
		}
	})
}
