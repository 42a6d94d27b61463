// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

type set struct {
	Keys []members `json:"keys"`
}

func (w *testWorld) jwksSet() (set, int) {
	w.t.Helper()
	a := w.get("/.well-known/jwks.json")
	var s set
	must(w.t, json.Unmarshal([]byte(a.raw), &s))
	return s, len(a.raw)
}

func TestJWKSFollowsRotation(t *testing.T) {
	w := newWorldForTest(t, Options{})
	kids := func() string {
		s, _ := w.jwksSet()
		var list []string
		for _, k := range s.Keys {
			kid, _ := k["kid"].(string)
			list = append(list, kid)
			if len(k) != 6 || k["alg"] != "RS256" || k["use"] != "sig" || k["kty"] != "RSA" {
				t.Errorf("a key with other members: %v", k)
			}
		}
		return strings.Join(list, " ")
	}
	first := w.signing[0].kid
	if got := kids(); got != first {
		t.Errorf("kids %s", got)
	}
	second, err := w.RotateKey(true)
	must(t, err)
	if got := kids(); got != second+" "+first {
		t.Errorf("kept: %s", got)
	}
	a := w.post(form(w.assertion(w.claims())))
	compact, _ := a.body["access_token"].(string)
	token, err := rules.Parse(compact)
	must(t, err)
	if kid, _ := token.Header.String("kid"); kid != second {
		t.Error("the voucher is not signed with the new key")
	}
	third, err := w.RotateKey(false)
	must(t, err)
	if got := kids(); got != third {
		t.Errorf("dropped: %s", got)
	}
}

func TestPoisonedJWKS(t *testing.T) {
	w := newWorldForTest(t, Options{})
	poisoned := func(kind faults.Kind) (set, int) {
		t.Helper()
		must(t, w.SetFaults(faults.Fault{Kind: kind}))
		return w.jwksSet()
	}
	if s, _ := poisoned(faults.JWKSDuplicateKid); len(s.Keys) != 2 || s.Keys[0]["kid"] != s.Keys[1]["kid"] || s.Keys[0]["n"] == s.Keys[1]["n"] {
		t.Errorf("duplicate kid: %v", s)
	}
	s, _ := poisoned(faults.JWKSSmallKey)
	raw, err := json.Marshal(s.Keys[1])
	must(t, err)
	if _, err := rules.ParseJWK(raw); err == nil || !strings.Contains(err.Error(), "1024 bits") {
		t.Errorf("small key: %v", err)
	}
	if s, _ := poisoned(faults.JWKSPrivateMember); s.Keys[0]["d"] == nil {
		t.Errorf("private member: %v", s)
	}
	if _, size := poisoned(faults.JWKSHuge); size < 5<<20 {
		t.Errorf("huge: %d bytes", size)
	}
	if s, _ := poisoned(faults.Masked); len(s.Keys) != 1 {
		t.Errorf("a fault of another endpoint: %v", s)
	}
	must(t, w.SetFaults())
	if s, _ := w.jwksSet(); len(s.Keys) != 1 || s.Keys[0]["d"] != nil {
		t.Errorf("cured: %v", s)
	}
}

func TestKeysByHTTP(t *testing.T) {
	w := newWorldForTest(t, Options{})
	must(t, w.RemoveKey(w.kid))
	send := func(method, path string, body []byte) answer {
		t.Helper()
		return w.do(httptest.NewRequestWithContext(t.Context(), method, path, bytes.NewReader(body)))
	}
	a := send(http.MethodPost, "/_mock/clients/"+clientID+"/keys", publicPEM(t, keys()[0]))
	if a.status != http.StatusCreated || a.body["kid"] != w.kid {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	w.voucher(form(w.assertion(w.claims())))
	if a := send(http.MethodPost, "/_mock/keychains/"+keychainID+"/keys", publicPEM(t, keys()[0])); a.status != http.StatusBadRequest {
		t.Errorf("a taken key: %d", a.status)
	}
	if a := send(http.MethodDelete, "/_mock/keys/"+w.kid, nil); a.status != http.StatusNoContent {
		t.Errorf("delete: %d", a.status)
	}
	if a := send(http.MethodDelete, "/_mock/keys/"+w.kid, nil); a.status != http.StatusNotFound {
		t.Errorf("delete again: %d", a.status)
	}
	if a := send(http.MethodPost, "/_mock/keychains/"+keychainID+"/keys", publicPEM(t, keys()[0])); a.status != http.StatusCreated {
		t.Errorf("free again: %d %s", a.status, a.raw)
	}
}

func TestProfileAndTLS(t *testing.T) {
	w := newWorldForTest(t, Options{TLS: true})
	if p := w.Profile(); p.TokenURL != "" || p.Issuer == "" {
		t.Errorf("before the start: %+v", p)
	}
	must(t, w.Start(t.Context(), ""))
	t.Cleanup(func() { _ = w.Close() })
	p := w.Profile()
	if !strings.HasPrefix(p.TokenURL, "https://127.0.0.1:") || p.DPoPHTU != p.TokenURL || p.APIBaseURL != w.URL()+"/v2" {
		t.Errorf("profile %+v", p)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(w.CAPEM()) {
		t.Fatal("no CA")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.JWKSURL, http.NoBody)
	must(t, err)
	resp, err := client.Do(req)
	must(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	must(t, err, resp.Body.Close())
	if plain, err := New(Options{SigningKey: keys()[4]}); err != nil || plain.CAPEM() != nil {
		t.Errorf("plain HTTP has a CA: %v", err)
	}
}

type noRandomness struct{}

func (noRandomness) Read([]byte) (int, error) { return 0, io.EOF }

func TestNoRandomnessIsAnError(t *testing.T) {
	if _, err := New(Options{Rand: noRandomness{}, SigningKey: keys()[4]}); err == nil {
		t.Error("made a platform without randomness")
	}
	w := newWorldForTest(t, Options{})
	w.opts.Rand, w.api.Rand = noRandomness{}, noRandomness{}
	if a := w.get("/v2/keys/" + w.kid); a.status != http.StatusInternalServerError {
		t.Errorf("platform: %d", a.status)
	}
	if a := w.post(form("x")); a.status != http.StatusInternalServerError {
		t.Errorf("token: %d", a.status)
	}
}
