// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/json"
	"net/http"
	"strings"
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
		"short":   {"Bearer x", "Bearer x"},
		"long":    {"Basic " + strings.Repeat("a", 60), "‹66›"},
		"a token": {"Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer ‹token, 24›"},
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
