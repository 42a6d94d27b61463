// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/httpapi/contract"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

func TestEachListenerMountsOnlyItsRoutes(t *testing.T) {
	w := newWorld(t).start(t)
	for _, tc := range []struct{ listener, method, path string }{
		{ListenerApplicazioni, "GET", "/health/live"},
		{ListenerApplicazioni, "GET", "/metrics"},
		{ListenerApplicazioni, "POST", "/v1/chiavi"},
		{ListenerApplicazioni, "POST", "/v1/prove/ricerca"},
		{ListenerApplicazioni, "GET", "/modi/c_a/pratiche/v1/status"},
		{ListenerEsposizione, "POST", "/v1/acquisizioni/a/b"},
		{ListenerEsposizione, "GET", "/health/live"},
		{ListenerEsposizione, "GET", "/v1/chiavi"},
		{ListenerEsposizione, "GET", "/v1/openapi.json"},
		{ListenerGestione, "POST", "/v1/acquisizioni/a/b"},
		{ListenerGestione, "GET", "/modi/c_a/pratiche/v1/status"},
		{ListenerGestione, "GET", "/metrics"}, // none was configured
		{ListenerGestione, "GET", "//health/live"},
		{ListenerGestione, "GET", "/health/live/"},
		{ListenerGestione, "GET", "/HEALTH/live"},
	} {
		a := w.do(t, tc.listener, tc.method, tc.path, "")
		wantProblem(t, a, problem.RuleUnknownPath, 404)
	}
}

func TestDocumentedRoutesAreTheRoutes(t *testing.T) {
	w := newWorld(t)
	a, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	engine, ok := a.Applicazioni().(*gin.Engine)
	if !ok {
		t.Fatal("not an engine")
	}
	param := regexp.MustCompile(`[:*]([a-z]+)`)
	var routes, documented []string
	for _, r := range engine.Routes() {
		if !strings.HasPrefix(r.Path, "/problems") { // pages, not part of the API
			routes = append(routes, r.Method+" "+param.ReplaceAllString(r.Path, "{$1}"))
		}
	}
	api, err := contract.Compile()
	if err != nil {
		t.Fatal(err)
	}
	document := api.Document()
	for _, op := range document.Operations() {
		documented = append(documented, op.Method+" "+op.Template)
	}
	slices.Sort(routes)
	slices.Sort(documented)
	if diff := cmp.Diff(documented, routes); diff != "" {
		t.Error(diff)
	}
}

func TestOpenAPIIsServed(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.do(t, ListenerApplicazioni, "GET", "/v1/openapi.json", "")
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v", a.StatusCode, a.Header)
	}
	if _, err := schema.Compile([]byte(a.body)); err != nil {
		t.Error(err)
	}
}

func TestSealKeysArePublished(t *testing.T) {
	w := newWorld(t)
	current, retired := ecdsaKey(t), ecdsaKey(t)
	w.options.SealKeys = func(string) ([]modi.Key, error) { return []modi.Key{current, retired}, nil }
	w.start(t)
	a := w.do(t, ListenerApplicazioni, "GET", "/v1/enti/c_a/sigillo/jwks.json", "")
	keys, err := token.ParseJWKSet([]byte(a.body))
	if err != nil || len(keys) != 2 || keys[0].KID != current.KID || keys[1].KID != retired.KID {
		t.Errorf("%s: %v", a.body, err)
	}
	if strings.Contains(a.body, `"d"`) {
		t.Error("a private key was published")
	}
	wantProblem(t, w.do(t, ListenerApplicazioni, "GET", "/v1/enti/c_x/sigillo/jwks.json", ""), problem.RuleUnknownPath, 404)
}

func TestSealKeysThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	w.options.SealKeys = func(string) ([]modi.Key, error) { return nil, errors.New("no key") }
	w.start(t)
	wantProblem(t, w.do(t, ListenerApplicazioni, "GET", "/v1/enti/c_a/sigillo/jwks.json", ""), problem.RuleUnexpected, 500)
}

func TestProblemPages(t *testing.T) {
	w := newWorld(t).start(t)
	for _, listener := range []string{ListenerApplicazioni, ListenerEsposizione, ListenerGestione} {
		a := w.do(t, listener, "GET", "/problems/modi.integrity/digest-mismatch", "")
		if a.StatusCode != 200 || !strings.Contains(a.body, "INTEGRITY_REST_02") || !strings.Contains(a.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", listener, a.StatusCode, a.body)
		}
		if a := w.do(t, listener, "GET", "/problems", ""); !strings.Contains(a.body, "hub.request/schema") {
			t.Errorf("%s: index", listener)
		}
	}
	wantProblem(t, w.do(t, ListenerEsposizione, "GET", "/problems/a/%3Cscript%3E", ""), problem.RuleUnknownPath, 404)
}

func TestProblemTypeLeadsToItsPage(t *testing.T) {
	w := newWorld(t)
	w.options.Config.Hub.ProblemBase = "https://ente.example/problems/"
	w.start(t)
	a := w.acquire(t, "{")
	path, ok := strings.CutPrefix(a.problem.Type, "https://ente.example")
	if !ok {
		t.Fatalf("type %s", a.problem.Type)
	}
	if page := w.do(t, ListenerApplicazioni, "GET", path, ""); page.StatusCode != 200 {
		t.Errorf("%s: %d", path, page.StatusCode)
	}
}

func TestForwardedHeadersAreBelievedFromListedProxiesAlone(t *testing.T) {
	for name, tc := range map[string]struct {
		proxies []string
		want    string
	}{"none": {nil, "127.0.0.1"}, "another": {[]string{"192.0.2.0/24"}, "127.0.0.1"}, "this one": {[]string{"127.0.0.0/8"}, "198.51.100.9"}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.options.Config.Hub.TrustedProxies = tc.proxies
			w.start(t)
			w.do(t, ListenerEsposizione, "GET", "/modi/x", "", "X-Forwarded-For", "198.51.100.9", "X-Real-Ip", "203.0.113.1")
			if got := w.in.asked[0].RemoteIP; got != tc.want {
				t.Errorf("address %s, want %s", got, tc.want)
			}
		})
	}
}

func TestNewChecksItsOptions(t *testing.T) {
	good := newWorld(t).options
	for name, change := range map[string]func(*Options){
		"no pipeline": func(o *Options) { o.Out = nil },
		"no config":   func(o *Options) { o.Config = nil },
		"no clock":    func(o *Options) { o.Clock = nil },
		"proxy":       func(o *Options) { o.Config = &config.Config{Hub: config.Hub{TrustedProxies: []string{"x"}}} },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestProblemDocumentsAreJSON(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.do(t, ListenerGestione, "GET", "/nulla", "")
	var members map[string]any
	if err := json.Unmarshal([]byte(a.body), &members); err != nil || members["rule"] != "hub.request/unknown-path" {
		t.Errorf("%s: %v", a.body, err)
	}
}
