// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func FuzzReadForm(f *testing.F) {
	f.Add("grant_type=client_credentials&client_assertion=x&client_assertion_type=y")
	f.Add("grant_type=client_credentials&client_assertion=x&client_assertion_type=y&client_id=" + clientID)
	f.Add("grant_type=client_credentials&grant_type=x")
	f.Add("%zz")
	f.Fuzz(func(t *testing.T, body string) {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token.oauth2", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		form, err := readForm(req)
		if err != nil {
			if form != (tokenForm{}) {
				t.Fatalf("a refused form leaves %+v", form)
			}
			return
		}
		if strings.Count(body, "grant_type") < 1 || strings.Contains(body, "&scope=") {
			t.Fatalf("accepted %q", body)
		}
	})
}

func FuzzAssertion(f *testing.F) {
	f.Add("e30.e30.AA", clientID)
	f.Add("a.b.c", "")
	f.Fuzz(func(t *testing.T, text, client string) {
		w := newWorldForTest(t, Options{})
		good := w.assertion(w.claims())
		f := form(text)
		if client != "" {
			f.Set("client_id", client)
		}
		a := w.post(f)
		if text == good {
			return
		}
		if a.status != http.StatusBadRequest {
			t.Fatalf("status %d for %q", a.status, text)
		}
	})
}

// TestOneChangedCharacterIsRefused walks over a good assertion.
func TestOneChangedCharacterIsRefused(t *testing.T) {
	w := newWorldForTest(t, Options{})
	good := w.assertion(w.claims())
	w.voucher(form(good))
	for i := 0; i < len(good); i += 7 {
		other := byte('A')
		if good[i] == other {
			other = 'B'
		}
		changed := good[:i] + string(other) + good[i+1:]
		if a := w.post(form(changed)); a.status != http.StatusBadRequest || !strings.Contains(a.raw, "015-0008") {
			t.Fatalf("accepted with character %d changed: %d %s", i, a.status, a.raw)
		}
	}
}
