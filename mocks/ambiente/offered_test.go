// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/scripted"
)

// offering is a world whose enti offer two e-services, one of them in the place of stato-istanza, with a hub that tells what
// reaches it.
func offering(t *testing.T, hub string) *Ambiente {
	t.Helper()
	backEnd, err := scripted.ParseBackEnd([]byte("name: pratiche\nroutes: [{method: GET, path: /pratiche, replies: [{status: 200, body: {pratiche: []}}]}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(Options{Hub: func() string { return hub }, Offered: []Offered{
		{Name: "pratiche", Major: 2, BackEnd: backEnd}, {Name: "stato-istanza", Major: 1, BackEnd: backEnd},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func fetched(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestTheUnioneCallsForWhoHasOnlyAPlainClient: with a voucher for that e-service of that ente, and no other.
func TestTheUnioneCallsForWhoHasOnlyAPlainClient(t *testing.T) {
	var got *http.Request
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(r.Context())
		w.Header().Set("Agid-JWT-Signature", "a.b.c")
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(hub.Close)
	w := offering(t, hub.URL+"/")
	for _, path := range []string{"/modi/c_bf01/pratiche/v2/pratiche?anno=2026", "/modi/c_vs02/stato-istanza/v1/status"} {
		got = nil
		status, _ := fetched(t, w.Caller.URL()+path)
		if status != http.StatusTeapot || got == nil || got.URL.RequestURI() != path || !strings.HasPrefix(got.Header.Get("Authorization"), "Bearer ") || got.Header.Get("Agid-JWT-TrackingEvidence") == "" {
			t.Errorf("%s: %d %+v", path, status, got)
		}
	}
	for _, path := range []string{"/", "/modi/c_bf01/pratiche/v1/x", "/modi/c_zz99/pratiche/v2/x", "/modi/c_bf01/altro/v1/x", "/altro/c_bf01/pratiche/v2/x"} {
		got = nil
		if status, _ := fetched(t, w.Caller.URL()+path); status != http.StatusNotFound || got != nil {
			t.Errorf("%s: %d", path, status)
		}
	}
	hub.Close()
	if status, _ := fetched(t, w.Caller.URL()+"/modi/c_bf01/pratiche/v2/x"); status != http.StatusBadGateway {
		t.Errorf("a hub that is not there: %d", status)
	}
}

func TestWhatIsOfferedHasIdsAndABackEnd(t *testing.T) {
	w := offering(t, "")
	if status, body := fetched(t, w.BackEnds["pratiche"].URL()+"/pratiche"); status != 200 || body != `{"pratiche":[]}` {
		t.Errorf("%d %s", status, body)
	}
	seen := map[string]bool{}
	for _, e := range Enti() {
		for _, id := range []string{
			e.EserviceOf("pratiche"), e.DescriptorOf("pratiche"), e.PurposeUnioneOf("pratiche"), e.PurposePeerOf("pratiche"), e.AudienceOf("pratiche", 2),
			e.EserviceOf("stato-istanza"), e.DescriptorOf("stato-istanza"), e.PurposeUnioneOf("stato-istanza"), e.PurposePeerOf("stato-istanza"),
		} {
			if seen[id] {
				t.Errorf("%s is there twice", id)
			}
			seen[id] = true
		}
		if e.EserviceOf("stato-istanza") != e.EserviceID || e.AudienceOf("stato-istanza", 1) != e.Audience {
			t.Error("stato-istanza has other ids than the ente's own")
		}
	}
}
