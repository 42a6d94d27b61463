// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package procedure

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/faults"
)

func do(t *testing.T, s *Server, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	req.Header.Set("X-Correlation-Id", "c-1")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, req)
	return w
}

func TestBothOperationsAnswerTheSame(t *testing.T) {
	s := New(Options{})
	const want = `{"istanza":"PRT-2026-0000123","stato":"in_lavorazione","aggiornata_il":"2026-09-14T08:30:00Z","ufficio":"Ufficio Tributi","responsabile":"Elena Neri"}`
	for _, w := range []*httptest.ResponseRecorder{
		do(t, s, http.MethodGet, "/istanze/PRT-2026-0000123", ""),
		do(t, s, http.MethodPost, "/ricerche", `{"istanza":"PRT-2026-0000123"}`),
	} {
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

func TestEveryStateHasAnIstanza(t *testing.T) {
	seen := map[Stato]bool{}
	for _, i := range Istanze() {
		if !reNumero.MatchString(i.Numero) || i.Ufficio == "" || i.Responsabile == "" || i.AggiornataIl.IsZero() {
			t.Errorf("%+v", i)
		}
		seen[i.Stato] = true
	}
	for _, stato := range []Stato{"presentata", "in_lavorazione", "integrazione_richiesta", "accolta", "respinta"} {
		if !seen[stato] {
			t.Errorf("no istanza is %s", stato)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := New(Options{Istanze: Istanze()[:1]})
	cases := map[string]struct {
		method, path, body string
		status             int
	}{
		"unknown by path":   {http.MethodGet, "/istanze/PRT-2026-0000124", "", 404},
		"unknown by search": {http.MethodPost, "/ricerche", `{"istanza":"PRT-2026-9999999"}`, 404},
		"malformed by path": {http.MethodGet, "/istanze/123", "", 400},
		"malformed search":  {http.MethodPost, "/ricerche", `{"istanza":"x"}`, 400},
		"no JSON":           {http.MethodPost, "/ricerche", `x`, 400},
		"unknown field":     {http.MethodPost, "/ricerche", `{"istanza":"PRT-2026-0000123","x":1}`, 400},
		"two objects":       {http.MethodPost, "/ricerche", `{"istanza":"PRT-2026-0000123"}{}`, 400},
		"empty":             {http.MethodPost, "/ricerche", ``, 400},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := do(t, s, c.method, c.path, c.body)
			var problem struct {
				Title  string
				Status int
			}
			if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
				t.Fatal(err)
			}
			if w.Code != c.status || problem.Status != c.status || problem.Title == "" || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	if w := do(t, s, http.MethodDelete, "/istanze/PRT-2026-0000123", ""); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: %d", w.Code)
	}
}

func TestRecordsHeadersOverTheWire(t *testing.T) {
	s := New(Options{})
	if err := s.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/istanze/PRT-2026-0000126", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Consumer-Id", "abc")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	all := s.Requests()
	if len(all) != 1 || all[0].RequestHeader.Get("X-Consumer-Id") != "abc" || all[0].Status != http.StatusOK {
		t.Errorf("recorded %+v", all)
	}
}

func TestFaults(t *testing.T) {
	s := New(Options{})
	if err := s.SetFaults(faults.Fault{Kind: faults.Status, Status: 503, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if w := do(t, s, http.MethodGet, "/istanze/PRT-2026-0000123", ""); w.Code != 503 {
		t.Errorf("status %d", w.Code)
	}
	if w := do(t, s, http.MethodGet, "/istanze/PRT-2026-0000123", ""); w.Code != 200 {
		t.Errorf("after the fault: %d", w.Code)
	}
}
