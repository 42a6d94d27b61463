// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package producer

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func testKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	return key
}

func TestQuotaFollowsTheDaysOfRome(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	must(t, err)
	q := NewQuota(1)
	take := func(utc time.Time) (bool, http.Header) {
		h := http.Header{}
		return q.Take(h, "k", utc.In(rome)), h
	}
	// The clocks go back on 25 October 2026: that day has 25 hours in Rome.
	for _, step := range []struct {
		at    string
		want  bool
		reset string
	}{
		{"2026-10-24T21:59:59Z", true, ""},
		{"2026-10-24T22:00:00Z", true, ""}, // midnight in summer time
		{"2026-10-24T22:00:01Z", false, "90000"},
		{"2026-10-25T22:59:59Z", false, "2"},
		{"2026-10-25T23:00:00Z", true, ""}, // midnight in winter time
	} {
		at, err := time.Parse(time.RFC3339, step.at)
		must(t, err)
		got, h := take(at)
		if got != step.want || h.Get("Retry-After") != step.reset || h.Get("X-RateLimit-Reset") != step.reset {
			t.Errorf("%s: %v %v", step.at, got, h)
		}
	}
}

func TestPlatformKeysThatCannotBeRead(t *testing.T) {
	good, err := json.Marshal(rules.RSAJWK(&testKey(t).PublicKey, "k"))
	must(t, err)
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"small key":  {200, `{"keys":[{"kty":"RSA","kid":"k","n":"AA","e":"AQAB"}]}`},
		"twice":      {200, `{"keys":[` + string(good) + `,` + string(good) + `]}`},
		"no kid":     {200, `{"keys":[` + strings.Replace(string(good), `"kid":"k"`, `"x":1`, 1) + `]}`},
		"no object":  {200, `{"keys":[1]}`},
		"no list":    {200, `{"keys":1}`},
		"HTML":       {200, `<html>`},
		"bad status": {500, `{"keys":[` + string(good) + `]}`},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(server.Close)
			p := platformKeys{url: func() string { return server.URL }, clock: time.Now}
			if key, err := p.find(t.Context(), "k"); err == nil || errors.Is(err, errNoSuchKey) {
				t.Errorf("found %v, %v", key, err)
			}
		})
	}
}

func FuzzPlatformKeys(f *testing.F) {
	f.Add(`{"keys":[]}`)
	f.Add(`{"keys":[{"kty":"RSA","kid":"a","n":"AA","e":"AQAB"}]}`)
	f.Add(`<html>`)
	f.Fuzz(func(t *testing.T, body string) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(body))
		}))
		defer server.Close()
		keys, err := fetchKeys(t.Context(), server.URL)
		if err != nil {
			return
		}
		for kid, key := range keys {
			if kid == "" || key.N.BitLen() < 2048 {
				t.Fatalf("accepted key %q of %d bits", kid, key.N.BitLen())
			}
		}
	})
}
