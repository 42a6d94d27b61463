// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/snodo-pa/snodo/conformance/internal/forge"
)

// invented codici fiscali, whose check characters are right.
const person = "RSSMRA80A01H501U"

// TestNothingSecretIsWrittenDown: no signature, cookie, key of an application, codice
// fiscale or name of an operator is in what a report shows.
func TestNothingSecretIsWrittenDown(t *testing.T) {
	m, err := theKeys().Build("audit-02-integrity-02", nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Header.Set("Cookie", "sessione=segreta")
	m.Header.Set("X-Api-Key", "chiave-segreta")
	m.Body = []byte(`{"codiceFiscale":"` + person + `","token":"` + m.Tokens[forge.Voucher] + `"}`)
	w := redactor{}.request(m.Method, m.URL+"?cf="+person, m.Header, m.Body)
	text, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	for _, compact := range m.Tokens {
		parts := strings.Split(compact, ".")
		if strings.Contains(string(text), parts[2]) {
			t.Error("a signature is there")
		}
	}
	for _, secret := range []string{person, "segreta", "operatore-17", "postazione-04"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%s is there: %s", secret, text)
		}
	}
	if len(w.Tokens) != 3 {
		t.Errorf("%d tokens are decoded, want 3", len(w.Tokens))
	}
	for _, one := range w.Tokens {
		if !strings.Contains(one.Header, `"alg":"RS256"`) || !strings.Contains(one.Claims, `"jti"`) {
			t.Errorf("%+v", one)
		}
	}
}

// TestGoodAnswersAreShownOnRequest: they may hold personal data.
func TestGoodAnswersAreShownOnRequest(t *testing.T) {
	h := http.Header{"Content-Type": {"application/json"}}
	body := []byte(`{"nome":"Anna"}`)
	if w := (redactor{}).reply(200, h, body); w.Body != "‹15 byte›" {
		t.Errorf("%q", w.Body)
	}
	if w := (redactor{bodies: true}).reply(200, h, body); w.Body != string(body) {
		t.Errorf("%q", w.Body)
	}
	if w := (redactor{}).reply(400, h, []byte(`{"title":"no"}`)); w.Body != `{"title":"no"}` {
		t.Errorf("%q", w.Body)
	}
	if w := (redactor{}).reply(204, h, nil); w.Body != "" {
		t.Errorf("%q", w.Body)
	}
}

// TestAFormIsShownByItsFields, with the assertion decoded.
func TestAFormIsShownByItsFields(t *testing.T) {
	m, err := theKeys().Build("assertion", nil)
	if err != nil {
		t.Fatal(err)
	}
	w := redactor{}.request(m.Method, m.URL, m.Header, m.Body)
	if len(w.Tokens) != 1 || w.Tokens[0].Place != "client_assertion" || !strings.Contains(w.Body, "grant_type=client_credentials") {
		t.Errorf("%+v", w)
	}
	if strings.Contains(w.Body, "eyJ") {
		t.Errorf("the assertion is there: %s", w.Body)
	}
}

func TestWhatIsNotATokenIsTold(t *testing.T) {
	for name, c := range map[string]struct{ value, want string }{
		"short":            {"Bearer x", "Bearer x"},
		"long":             {"Bearer " + strings.Repeat("a", 60), "‹67›"},
		"a short password": {"basic dTpw", "basic ‹…›"},
		"a token":          {"Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer ‹token, 24›"},
	} {
		fields, _ := redactor{}.fields(http.Header{"Authorization": {c.value}})
		if got := fields[0].Value; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, compact := range []string{"eyJ!", "eyJ.x", "eyJhbGciOiJub25lIn0.bm8."} {
		if got := decoded("x", compact); strings.Contains(got.Header+got.Claims, "panic") {
			t.Error(got)
		}
	}
}

func TestABinaryBodyIsCounted(t *testing.T) {
	h := http.Header{"Content-Encoding": {"gzip"}}
	for _, got := range []string{shown([]byte{0x1f, 0x8b, 0}, h), shown([]byte{1, 0, 2}, http.Header{})} {
		if got != "‹3 byte›" {
			t.Error(got)
		}
	}
	if got := shown([]byte(strings.Repeat("x", maxShown+5)), http.Header{}); !strings.HasSuffix(got, "‹… 5 byte›") {
		t.Error(got[maxShown:])
	}
}

// TestATokenInAnAddressIsTakenOut: it is decoded beside the start line, as one in a field
// is, and nothing of it that is of use stays.
func TestATokenInAnAddressIsTakenOut(t *testing.T) {
	m, err := theKeys().Build("assertion", nil)
	if err != nil {
		t.Fatal(err)
	}
	compact := m.Tokens[forge.Assertion]
	for name, address := range map[string]string{
		"query":  m.URL + "?" + string(m.Body),
		"path":   m.URL + "/" + compact + "/x",
		"padded": m.URL + "?t=" + strings.Replace(compact, ".", "%3D.", 1),
	} {
		w := redactor{}.request(http.MethodGet, address, nil, nil)
		if strings.Contains(w.Start, compact[len(compact)-20:]) || len(w.Tokens) != 1 || !strings.Contains(w.Tokens[0].Header, "RS256") {
			t.Errorf("%s: %s, %+v", name, w.Start, w.Tokens)
		}
	}
}

// TestATokenIsKnownByItsHeader however its JSON is written: spaces and line ends before and
// after the brace change how the token begins.
func TestATokenIsKnownByItsHeader(t *testing.T) {
	for name, header := range map[string]string{
		"tight": `{"alg":"RS256"}`, "a space": `{ "alg":"RS256"}`, "a line end": "{\n \"alg\":\"RS256\"}", "a line end of Windows": "{\r\n\t\"alg\":\"RS256\"}",
		"a space before": ` {"alg":"RS256"}`, "empty": "{}",
	} {
		compact := base64.RawURLEncoding.EncodeToString([]byte(header)) + ".eyJpc3MiOiJ4In0.c2VncmV0YQ"
		for place, text := range map[string]string{"alone": compact, "in a text": "client_assertion=" + compact + "&x", "after a name": "api.ente.example." + compact} {
			got, tokens := tokensOf("x", text)
			if strings.Contains(got, "c2VncmV0YQ") || len(tokens) != 1 {
				t.Errorf("%s, %s: %s", name, place, got)
			}
		}
	}
	for _, text := range []string{"https://ewart.example.it/v1", "1.2.3", "api.ente.example", "it.gov.pagopa.interop"} {
		if got, tokens := tokensOf("x", text); got != text || len(tokens) > 0 {
			t.Errorf("%s is taken for a token: %s", text, got)
		}
	}
}

// TestATokenOfAnotherFormIsCounted in a form, in an address and in an answer: what is
// called a token may work, even if nobody here can read it.
func TestATokenOfAnotherFormIsCounted(t *testing.T) {
	opaque := strings.Repeat("s", 40)
	form := redactor{}.request(http.MethodPost, "https://a.example/t?access_token="+opaque, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte("client_secret=x&client_assertion="+opaque))
	answer := redactor{bodies: true}.reply(200, nil, []byte(`{"access_token": "`+opaque+`"}`))
	if all := form.Start + form.Body + answer.Body; strings.Contains(all, opaque) || strings.Contains(all, "secret=x") || !strings.Contains(all, "‹40›") {
		t.Error(all)
	}
}

// TestAnAddressIsShownWithoutItsPassword, wherever it is written.
func TestAnAddressIsShownWithoutItsPassword(t *testing.T) {
	for address, want := range map[string]string{
		"https://u:segreto@api.ente.example/v1": "https://‹…›@api.ente.example/v1", "https://u:se/greto@api.ente.example": "https://‹…›@api.ente.example",
		"u:segreto@proxy.example": "‹…›@proxy.example", "https://api.ente.example/@me?x=1": "https://api.ente.example/@me?x=1",
		"https://api.ente.example/": "https://api.ente.example/", "/x?u=https://u:segreto@a.example/": "/x?u=https://‹…›@a.example/",
		"https://api.ente.example/p?cf=%52" + person[1:]: "https://api.ente.example/p?cf=‹codice fiscale›",
	} {
		if got := addressOnly(address); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// TestNoReportHoldsThePasswordOfAnAddress, and no complaint about one.
func TestNoReportHoldsThePasswordOfAnAddress(t *testing.T) {
	t.Parallel()
	target := strings.Replace(answering(t, 200, nil, "{}"), "http://", "http://utente:segreto@", 1)
	r, err := judgeAnswering(t, func(c *Config) { c.Target = target }, 200, nil, "{}")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts[Fail] == 0 || strings.Contains(string(text), "segreto") {
		t.Errorf("%v: %s", r.Counts, text)
	}
	for name, change := range map[string]func(*Config){
		"target":  func(c *Config) { c.Target = "ftp://utente:segreto@a.example" },
		"proxy":   func(c *Config) { c.Network.Proxy = "http://utente:segreto@a.example:x" },
		"nobody":  func(c *Config) { c.Target = "http://utente:segreto@127.0.0.1:1" },
		"address": func(c *Config) { c.Target, c.Operations[0].Path = "http://utente:segreto@a.example", "/%zz" },
	} {
		if _, err := judgeAnswering(t, change, 200, nil, "{}"); err == nil || strings.Contains(err.Error(), "segreto") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTheAssertionOfAGetIsNotInTheReport: the suite asks for a voucher with GET, and keeps
// the exchange where one is issued.
func TestTheAssertionOfAGetIsNotInTheReport(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			got.Store(r.FormValue("client_assertion"))
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"x","token_type":"Bearer","expires_in":600}`))
	}))
	t.Cleanup(server.Close)
	r, err := Run(t.Context(), Config{
		Role: RoleServer, Target: server.URL, Parties: parties(), Keys: Keys{Client: file(t, "client.pem", privatePEM(t, ownKey()))}, Only: []string{"method#get"}, keysOf: theKeys(),
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	compact, _ := got.Load().(string)
	_, signature, _ := strings.Cut(compact, ".")
	if result := resultOf(t, r, "suite.server/method#get"); result.Verdict != Fail || len(result.Exchanges[0].Request.Tokens) != 1 {
		t.Errorf("%+v", result)
	}
	if signature == "" || strings.Contains(string(text), signature[len(signature)-40:]) {
		t.Errorf("the assertion is there: %s", text)
	}
}
