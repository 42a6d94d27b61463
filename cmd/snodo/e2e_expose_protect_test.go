// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// TestProtectionOverTCP: what no recipe has to ask for, and the limits that one sets. The names with a slash are those of
// the conformance table.
func TestProtectionOverTCP(t *testing.T) {
	serena := ambiente.ValSerena()
	s := newSite(t,
		withArchivio("patterns: {request: [AUDIT_REST_02, INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}\nlimits: {body: 60000}\nquota: {perConsumer: 100000}\n", ""),
		behindSocket(&shelf{}), editFile(filepath.Join("enti", serena.CodiceIPA, "exposes.yaml"), "  backEnd:\n", "  quotaPerConsumer: 1\n  backEnd:\n"))
	post := func(path, body, media string) *fruitore.Reply {
		return s.call(t, http.MethodPost, path, body, fruitore.Hooks{ContentType: media})
	}
	for name, tc := range map[string]struct {
		reply  func() *fruitore.Reply
		status int
		rule   string
	}{
		"a person in the path": {func() *fruitore.Reply {
			return s.call(t, http.MethodGet, "/documenti/RSSMRA85T10A562S", "", fruitore.Hooks{})
		}, 400, "hub.request/person-in-url"},
		"a person in the query": {func() *fruitore.Reply {
			return s.call(t, http.MethodPost, "/ricerche?q=rssmra85t10a562s", `{}`, fruitore.Hooks{})
		}, 400, "hub.request/person-in-url"},
		"a JSON that nests": {func() *fruitore.Reply {
			return post("/ricerche", strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100), "application/json")
		}, 400, "hub.request/malformed-json"},
		"a JSON of very many values": {func() *fruitore.Reply {
			return post("/ricerche", `{"a":[`+strings.Repeat("1,", 20_000)+`1]}`, "application/json")
		}, 413, "hub.request/too-large"},
		"an XML with entities": {func() *fruitore.Reply {
			return post("/ricerche", `<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>`, "application/xml")
		}, 400, "hub.request/malformed-xml"},
		"an XML": {func() *fruitore.Reply { return post("/ricerche", `<a/>`, "application/xml") }, 200, "-"},
		"a body over its own": {func() *fruitore.Reply {
			return post("/ricerche", `"`+strings.Repeat("x", 60_000)+`"`, "application/json")
		}, 413, "hub.request/too-large"},
		"PATCH of another kind": {func() *fruitore.Reply {
			return s.call(t, http.MethodPatch, "/documenti/1", `{"a":null}`, fruitore.Hooks{})
		}, 415, "hub.request/media-type"},
		"a method that is not there": {func() *fruitore.Reply {
			return s.call(t, http.MethodDelete, "/documenti/1", "", fruitore.Hooks{})
		}, 405, "hub.request/method"},
		"hub.request/unknown-path#before-tokens": {func() *fruitore.Reply {
			return s.call(t, http.MethodGet, "/nulla", "", fruitore.Hooks{Request: func(r *http.Request) { r.Header.Del("Authorization") }})
		}, 404, "hub.request/unknown-path"},
	} {
		t.Run(name, func(t *testing.T) {
			reply := tc.reply()
			if reply.Status != tc.status || ruleOf(reply.Body) != tc.rule {
				t.Fatalf("%d %s, want %d %s: %.300s", reply.Status, ruleOf(reply.Body), tc.status, tc.rule, reply.Body)
			}
			h := reply.Header
			if h.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control %q", h.Get("Cache-Control"))
			}
			switch reply.Status {
			case http.StatusUnsupportedMediaType:
				if h.Get("Accept-Patch") != "application/merge-patch+json" {
					t.Errorf("Accept-Patch %q", h.Get("Accept-Patch"))
				}
			case http.StatusMethodNotAllowed:
				if h.Get("Allow") != "GET, PATCH" {
					t.Errorf("Allow %q", h.Get("Allow"))
				}
			}
			if known := strings.HasPrefix(tc.rule, "hub.request/malformed") || reply.Status == 413 || reply.Status == 200; known && h.Get("X-RateLimit-Limit") != "100000" {
				t.Errorf("rate limit %v", h)
			}
		})
	}
	t.Run("hub.exposure/quota-consumer#exceeded", func(t *testing.T) {
		ask := func() *fruitore.Reply {
			reply, err := s.Unione(serena).Do(t.Context(), http.MethodPost, s.exposedURL(serena)+"/ricerche", []byte(`{}`), fruitore.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			return reply
		}
		ask() // its back end knows no such contract: the call counts all the same
		reply := ask()
		if reply.Status != http.StatusTooManyRequests || ruleOf(reply.Body) != "hub.exposure/quota-consumer" {
			t.Fatalf("%d %s", reply.Status, reply.Body)
		}
		for _, name := range []string{"Retry-After", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"} {
			if reply.Header.Get(name) == "" {
				t.Errorf("no %s", name)
			}
		}
	})
}

// TestSUAPOverTCP: the error catalogue of the SUAP specifications, signed, and vouchers that are good once.
func TestSUAPOverTCP(t *testing.T) {
	s := newSite(t, withArchivio("patterns: {request: [AUDIT_REST_01, INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}\nrefusals: suap\nreplayVoucher: true\n", ""), behindSocket(&shelf{}))
	e := ambiente.BorgoFiorito()
	for name, tc := range map[string]struct {
		method, path, body string
		hooks              fruitore.Hooks
		status             int
		code               string
		known              bool
	}{
		"unknown path, no token":     {"GET", "/nulla", "", fruitore.Hooks{Request: func(r *http.Request) { r.Header = http.Header{} }}, 404, "ERROR_404_001", false},
		"token-missing#mapped-error": {"POST", "/ricerche", "{}", fruitore.Hooks{Request: func(r *http.Request) { r.Header.Del("Authorization") }}, 401, "ERROR_401_001", false},
		"scheme missing": {"POST", "/ricerche", "{}", fruitore.Hooks{Request: func(r *http.Request) {
			r.Header.Set("Authorization", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		}}, 401, "ERROR_401_002", false},
		"no Agid-JWT-Signature":             {"POST", "/ricerche", "{}", fruitore.Hooks{Request: func(r *http.Request) { r.Header.Del("Agid-Jwt-Signature") }}, 401, "ERROR_401_003", true},
		"signature expired":                 {"POST", "/ricerche", "{}", fruitore.Hooks{Signature: func(_, c fruitore.Members) { c["exp"] = c["iat"] }}, 401, "ERROR_401_004", true},
		"hub.request/if-match-missing#suap": {"GET", "/versioni/1", "", fruitore.Hooks{}, 428, "ERROR_428_001", true},
		"body that is no JSON":              {"POST", "/ricerche", "{", fruitore.Hooks{}, 400, "ERROR_400_001", true},
		"served":                            {"GET", "/versioni/1", "", header("If-Match", `"a"`), 200, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			reply := s.call(t, tc.method, tc.path, tc.body, tc.hooks)
			if reply.Status != tc.status || tc.code != "" && !strings.HasPrefix(string(reply.Body), `{"code":"`+tc.code+`","message":`) {
				t.Fatalf("%d %s", reply.Status, reply.Body)
			}
			if reply.Header.Get("Agid-Jwt-Signature") == "" {
				t.Fatal("not signed")
			}
			if !tc.known {
				return // the signature is for anonymous
			}
			if err := s.Unione(e).CheckReply(reply, s.keychainOf(t, e)); err != nil {
				t.Errorf("signature: %v", err)
			}
		})
	}
	t.Run("audience-mismatch#mapped-error", func(t *testing.T) {
		reply, err := s.Unione(ambiente.ValSerena()).Do(t.Context(), http.MethodPost, s.exposedURL(e)+"/ricerche", []byte("{}"), fruitore.Hooks{})
		if err != nil || reply.Status != http.StatusUnauthorized || !strings.Contains(string(reply.Body), "ERROR_401_002") {
			t.Errorf("%v, %v", reply, err)
		}
	})
	t.Run("hub.replay/voucher#second-time", func(t *testing.T) {
		var sent http.Header
		s.call(t, http.MethodGet, "/versioni/1", "", fruitore.Hooks{Request: func(r *http.Request) {
			r.Header.Set("If-Match", `"a"`)
			sent = r.Header.Clone()
		}})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.exposedURL(e)+"/versioni/1", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = sent
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusConflict {
			t.Errorf("%d", resp.StatusCode)
		}
	})
}
