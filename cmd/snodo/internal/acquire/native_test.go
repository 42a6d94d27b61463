// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package acquire_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
)

func TestDeclaredDataMakeItAVerifica(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/v1/verifiche/s/o" || !strings.HasSuffix(string(body), `"richiesta":{},"dichiarato":{"a":"b"}}`) {
			t.Errorf("%s %s", r.URL.Path, body)
		}
		_, _ = io.WriteString(w, `{"esito":"verificato","dati":{},"avvisi":["attenzione"]}`)
	})
	answer, err := c.Acquire(t.Context(), acquire.Request{
		Service: "s", Operation: "o", Richiesta: json.RawMessage(`{}`), Dichiarato: json.RawMessage(`{"a":"b"}`),
	})
	if err != nil || answer.Esito != "verificato" || len(answer.Avvisi) != 1 {
		t.Errorf("%v, %+v", err, answer)
	}
}

func TestNativeSendsWhatTheAPIExpects(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.RequestURI != "/v1/fruizioni/c_bf01/s/a%20b?x=1" || string(body) != "<a/>" || r.Header.Get("Content-Type") != "text/xml" {
			t.Errorf("%s %s %s %v", r.Method, r.RequestURI, body, r.Header)
		}
		for name, want := range map[string]string{
			"Snodo-Procedimento": "p", "Snodo-Pratica": "1%2F%C3%A0", "Snodo-Operatore": "m", "Snodo-Operatore-Tipo": "persona", "Authorization": "Bearer " + key,
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if _, sent := r.Header["Snodo-Loa"]; sent {
			t.Error("an empty LoA was sent")
		}
		w.Header().Set("Snodo-Ambiente", "locale")
		w.Header().Set("Snodo-Scambio", "x1")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "nulla")
	})
	answer, err := c.Native(t.Context(), acquire.NativeRequest{
		Service: "s", Method: http.MethodPost, Path: "/a%20b?x=1", Type: "text/xml", Body: []byte("<a/>"),
		Context: acquire.Context{Ente: "c_bf01", Procedimento: "p", Pratica: "1/à", Operatore: acquire.Operator{Tipo: "persona", UserID: "m"}},
	})
	if err != nil || answer.Problem != nil || answer.Status != http.StatusNotFound || string(answer.Body) != "nulla" || answer.Exchange != "x1" {
		t.Errorf("%v, %+v", err, answer)
	}
}

// TestARefusalOfTheHubIsNoAnswerOfTheRegistry: told apart by the environment, which the hub names on answers alone.
func TestARefusalOfTheHubIsNoAnswerOfTheRegistry(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"title":"no","status":403,"rule":"hub.authorisation/native-not-listed"}`)
	})
	answer, err := c.Native(t.Context(), acquire.NativeRequest{Service: "s", Method: http.MethodGet, Path: "/x"})
	if err != nil || answer.Problem == nil || answer.Problem.Rule != "hub.authorisation/native-not-listed" {
		t.Errorf("%v, %+v", err, answer)
	}
	c = client(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ciao") })
	if _, err := c.Native(t.Context(), acquire.NativeRequest{Service: "s", Method: http.MethodGet, Path: "/x"}); err == nil {
		t.Error("what is no hub was taken for one")
	}
	_, err = c.Native(t.Context(), acquire.NativeRequest{Service: "s", Method: http.MethodGet, Path: "/BNCMRC85C12D612V%zz"})
	if err == nil || strings.Contains(err.Error(), "BNCMRC") {
		t.Errorf("a path that cannot be read: %v", err)
	}
}
