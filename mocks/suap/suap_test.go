// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package suap

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// suite calls an ente that answers everything in one way, behind a platform that gives vouchers to anybody.
func suite(t *testing.T, answer http.HandlerFunc) Suite {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"access_token":"` + strings.Repeat("x", 60) + `"}`))
	}))
	ente := httptest.NewServer(answer)
	t.Cleanup(platform.Close)
	t.Cleanup(ente.Close)
	return Suite{
		Caller: fruitore.New(fruitore.Options{TokenURL: platform.URL, ClientID: "c", PurposeID: "p", Audience: "a", Key: key, Kid: "k"}),
		Base:   ente.URL, Key: &key.PublicKey, Document: "doc-1", ETag: `"1"`,
	}
}

// TestTheBlackBoxCanFail: who takes everything, and who refuses everything, signed by nobody, passes no case.
func TestTheBlackBoxCanFail(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"takes everything":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
		"refuses everything": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"in other words": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"title":"Non autorizzato","status":401}`))
		},
	} {
		verdicts, err := suite(t, answer).Run(t.Context())
		if err != nil || len(verdicts) != 15 {
			t.Fatalf("%s: %d verdicts, %v", name, len(verdicts), err)
		}
		for _, v := range verdicts {
			if v.Passed() || v.Unsigned == "" {
				t.Errorf("%s: %+v", name, v)
			}
		}
	}
}

// TestTheBlackBoxCallsAsItSays: what a case lacks is lacking on the wire.
func TestTheBlackBoxCallsAsItSays(t *testing.T) {
	var calls []*http.Request
	s := suite(t, func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.Clone(context.Background()))
		w.WriteHeader(http.StatusNotFound)
	})
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	count := func(missing func(r *http.Request) bool) (n int) {
		for _, r := range calls {
			if missing(r) {
				n++
			}
		}
		return n
	}
	for what, c := range map[string]struct {
		got, want int
	}{
		"without a voucher": {count(func(r *http.Request) bool { return r.Header.Get("Authorization") == "" }), 2},
		"without Bearer": {count(func(r *http.Request) bool {
			a := r.Header.Get("Authorization")
			return a != "" && !strings.HasPrefix(a, "Bearer ")
		}), 1},
		"a POST without signature":     {count(func(r *http.Request) bool { return r.Method == "POST" && r.Header.Get("Agid-JWT-Signature") == "" }), 1},
		"a document without If-Match":  {count(func(r *http.Request) bool { return r.Method == "GET" && r.Header.Get("If-Match") == "" }), 1},
		"a path that does not exist":   {count(func(r *http.Request) bool { return r.URL.Path == "/send_all" }), 1},
		"documents":                    {count(func(r *http.Request) bool { return r.Method == "GET" }), 4},
		"a media type that is another": {count(func(r *http.Request) bool { return strings.Contains(r.Header.Get("Content-Type"), "charset") }), 1},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d calls, want %d", what, c.got, c.want)
		}
	}
}

func TestNoAnswerIsNoVerdict(t *testing.T) {
	s := suite(t, func(http.ResponseWriter, *http.Request) {})
	s.Base = "http://127.0.0.1:1"
	if verdicts, err := s.Run(t.Context()); err == nil {
		t.Errorf("verdicts on an ente that is not there: %v", verdicts)
	}
}
