// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// TestRateLimitOnEveryAnswer: also on those that were not counted; who is not known is told what each caller has.
func TestRateLimitOnEveryAnswer(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Quota.PerConsumer = 7 })
	headers := func(in *Inbound) []string {
		reply, _ := w.Serve(context.Background(), in)
		return []string{reply.Header.Get("X-RateLimit-Limit"), reply.Header.Get("X-RateLimit-Remaining"), reply.Header.Get("X-RateLimit-Reset")}
	}
	tampered := w.newCall().build(t)
	tampered.Body = []byte(`{"id":"13"}`)
	if diff := cmp.Diff([]string{"7", "7", "46800"}, headers(tampered)); diff != "" {
		t.Errorf("refused by its signature: %s", diff)
	}
	if diff := cmp.Diff([]string{"7", "6", "46800"}, headers(w.newCall().build(t))); diff != "" {
		t.Errorf("served: %s", diff)
	}
	broken := w.newCall()
	broken.body = `{}`
	if diff := cmp.Diff([]string{"7", "5", "46800"}, headers(broken.build(t))); diff != "" {
		t.Errorf("refused by the document: %s", diff)
	}
	stranger := w.newCall().build(t)
	stranger.Header.Del("Authorization")
	elsewhere, probe, method := *stranger, *stranger, *stranger
	elsewhere.Path += "/altro"
	probe.Method, probe.Path = http.MethodGet, "/modi/c_a/pratiche/v1/status"
	method.Method = http.MethodDelete
	for name, in := range map[string]*Inbound{"a stranger": stranger, "no such operation": &elsewhere, "the probe": &probe, "another method": &method} {
		if diff := cmp.Diff([]string{"7", "7", "46800"}, headers(in)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	nowhere := *stranger
	nowhere.Path = "/modi/c_a/altro/v1/ricerche"
	if diff := cmp.Diff([]string{"", "", ""}, headers(&nowhere)); diff != "" {
		t.Errorf("no e-service: %s", diff)
	}
}

// declaring is a store of the ledger that knows what purposes declared.
type declaring struct {
	quota.Store
	list []quota.Declared
}

func (d declaring) Declared(context.Context) ([]quota.Declared, error) { return d.list, nil }

func TestQuotaOfAPurpose(t *testing.T) {
	w := newInWorld(t)
	ledger, err := quota.New(quota.Config{
		Clock: w.clock.Now, Location: time.UTC, Store: declaring{list: []quota.Declared{{Environment: "locale", Purpose: purposeID, DailyCalls: 1}}},
	})
	if err == nil {
		err = ledger.Reread(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Ledger = ledger
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Fatal(err)
	}
	_, err = w.serve(t, w.newCall())
	wantRule(t, err, problem.RuleQuotaPurpose, http.StatusTooManyRequests)
	other := w.newCall()
	other.claims["purposeId"] = "60000000-0000-4000-8000-000000000002"
	other.noAudit, other.claims["digest"] = true, nil
	_, err = w.serve(t, other)
	if firstRule(err) == problem.RuleQuotaPurpose {
		t.Error("another purpose pays for it")
	}
}

// TestCallsUnderWayAreBounded: who finds no place waits for a moment, and is refused then.
func TestCallsUnderWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Limits.Concurrency = 1 })
		w.backEnd.hang, w.backEnd.reached = true, make(chan struct{})
		ctx, stop := context.WithCancel(context.Background())
		ended, first := make(chan struct{}), w.newCall().build(t)
		go func() {
			defer close(ended)
			_, _ = w.Serve(ctx, first)
		}()
		<-w.backEnd.reached
		_, err := w.serve(t, w.newCall())
		wantRule(t, err, problem.RuleConcurrency, http.StatusServiceUnavailable)
		if problem.Explain(err).RetryAfter != retryConcurrency {
			t.Error("no Retry-After of its own")
		}
		stop()
		<-ended
		w.backEnd.mu.Lock()
		w.backEnd.hang = false
		w.backEnd.mu.Unlock()
		for range 2 { // the place comes back, also after an answer
			if _, err := w.serve(t, w.newCall()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestLimitOfTheBody(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Limits.Body = 77 })
	in, asked := w.newCall().build(t), int64(0)
	body := in.Body
	in.Body, in.Open = nil, func(most int64, _, _ string) ([]byte, error) { asked = most; return body, nil }
	if _, err := w.Serve(context.Background(), in); err != nil || asked != 77 {
		t.Errorf("asked for %d bytes, %v", asked, err)
	}
}

func TestRefusesPersonsInURLs(t *testing.T) {
	for target, refused := range map[string]bool{
		"/pratiche/RSSMRA85T10A562S":             true,
		"/pratiche/rssmra85t10a562s":             true,
		"/pratiche/cf-RSSMRA85T10A562S-1":        true,
		"/pratiche/RSSMRA%38%35T10A562S":         true,
		"/pratiche/12?id=RSSMRA85T10A562S":       true,
		"/pratiche/12?x=a&RSSMRA85T10A562S":      true,
		"/pratiche/12?id=%52SSMRA85T10A562S":     true,
		"/pratiche/12?id=RSSMRA85T10A562T":       false, // its check character is another one
		"/pratiche/12?id=RSSMRA85T10A562SX":      false,
		"/pratiche/12?dettaglio=true":            false,
		"/pratiche/81234500015?id=8123450001512": false, // of an organisation
	} {
		path, query, _ := cutQuery(target)
		x := &serving{in: &Inbound{RawQuery: query}, rest: path}
		if got := x.refusePerson() != nil; got != refused {
			t.Errorf("%s: refused %v", target, got)
		}
	}
	w := newInWorld(t)
	call := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12")
	call.query = "id=RSSMRA85T10A562S"
	_, err := w.serve(t, call)
	wantRule(t, err, problem.RulePersonInURL, http.StatusBadRequest)
	if len(w.log.kinds()) != 0 {
		t.Error("the address became evidence")
	}
}

func cutQuery(target string) (path, query string, ok bool) {
	u, err := url.Parse(target)
	if err != nil {
		return "", "", false
	}
	return u.EscapedPath(), u.RawQuery, true
}

// patching is a document with a PATCH and a creation.
const patching = `
openapi: 3.0.3
info: {title: pratiche, version: 1.0.0}
paths:
  /pratiche/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: string, pattern: '^[0-9]{1,6}$'}}
    get: {operationId: leggi, responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}, '303': {description: fatto}}}
    patch:
      operationId: cambia
      requestBody: {required: true, content: {application/merge-patch+json: {schema: {type: object}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
    post:
      operationId: crea
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: ok}, '202': {description: ok}}
`

func crud(c *config.Config) {
	c.Exposes["pratiche"].Document = []byte(patching)
	c.Enti["c_a"].Exposes["pratiche"].PublicURL = "https://c-a.example/modi/c_a/pratiche/v1"
}

// TestPatchTellsWhatItTakes: 415 with Accept-Patch, and a merge patch goes through (CRUD_REST).
func TestPatchTellsWhatItTakes(t *testing.T) {
	w := newInWorld(t, crud)
	patch := func(media string) (*Reply, error) {
		call := w.newCall()
		call.method, call.path, call.body, call.noIntegrity = http.MethodPatch, "/modi/c_a/pratiche/v1/pratiche/12", "", true
		in := call.build(t)
		in.Body = []byte(`{"stato":null}`)
		in.Header.Set("Content-Type", media)
		signIntegrity(t, in, call)
		return w.Serve(context.Background(), in)
	}
	reply, err := patch("application/json")
	wantRule(t, err, problem.RuleMediaType, http.StatusUnsupportedMediaType)
	if got := reply.Header.Get("Accept-Patch"); got != "application/merge-patch+json" {
		t.Errorf("Accept-Patch %q", got)
	}
	if _, err := patch("application/merge-patch+json"); err != nil {
		t.Fatal(err)
	}
	if got := w.backEnd.requests[0]; got.Method != http.MethodPatch || got.Header.Get("Content-Type") != "application/merge-patch+json" {
		t.Errorf("sent %s %s", got.Method, got.Header.Get("Content-Type"))
	}
}

func TestLocationsAreThoseOfTheEservice(t *testing.T) {
	const public = "https://c-a.example/modi/c_a/pratiche/v1/pratiche/7"
	state := func(c *config.Config) {
		c.Exposes["pratiche"].Operations = map[string]registry.ExposureOperation{
			"crea": {Interaction: &registry.ExposureInteraction{Pattern: "NONBLOCK_PULL_REST", Status: "leggi", Result: "leggi"}},
		}
	}
	for name, tc := range map[string]struct {
		status         int
		location, want string
		rule           modi.RuleID
	}{
		"below the back end":              {201, "http://procedura.example/api/pratiche/7", public, ""},
		"a path of the back end":          {201, "/api/pratiche/7?x=1#y", public, ""},
		"a path of the document":          {202, "/pratiche/7", public, ""},
		"relative":                        {201, "7", public, ""},
		"created elsewhere":               {201, "https://altrove.example/pratiche/7", "", ""},
		"created at what is not exposed":  {201, "http://procedura.example/api/interno/7", "", ""},
		"accepted elsewhere":              {202, "https://altrove.example/pratiche/7", "", problem.RuleBackEndBadAnswer},
		"accepted at another port":        {202, "http://procedura.example:8080/api/pratiche/7", "", problem.RuleBackEndBadAnswer},
		"accepted as a protocol-relative": {202, "//altrove.example/pratiche/7", "", problem.RuleBackEndBadAnswer},
		"the end of a pull":               {303, "/pratiche/7", public, ""},
		"a redirection elsewhere":         {303, "https://altrove.example/", "", problem.RuleBackEndBadAnswer},
		"another redirection":             {302, "/pratiche/7", "", problem.RuleBackEndBadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			w := newInWorld(t, crud, state)
			w.backEnd.status, w.backEnd.body, w.backEnd.header = tc.status, "", http.Header{"Location": {tc.location}}
			call := w.newCall()
			call.path = "/modi/c_a/pratiche/v1/pratiche/12"
			if tc.status >= 300 {
				call = w.newCall().get(call.path)
			}
			reply, err := w.serve(t, call)
			if got := firstRule(err); got != tc.rule {
				t.Fatalf("%q, want %q: %v", got, tc.rule, err)
			}
			if got := reply.Header.Get("Location"); got != tc.want {
				t.Errorf("Location %q, want %q", got, tc.want)
			}
		})
	}
	w := newInWorld(t, crud) // without an interaction 303 is a redirection like any other
	w.backEnd.status, w.backEnd.body, w.backEnd.header = 303, "", http.Header{"Location": {"/pratiche/7"}}
	_, err := w.serve(t, w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12"))
	wantRule(t, err, problem.RuleBackEndBadAnswer, http.StatusBadGateway)
}

// TestLimitThatIsNoQuotaIsTold: a 429 for something else than calls of the day tells that limit, with a quota of the day and
// without.
func TestLimitThatIsNoQuotaIsTold(t *testing.T) {
	for _, daily := range []int64{0, 50} {
		w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Quota.PerConsumer = daily })
		w.fronted(t, doing(func(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
			return nil, problem.New(problem.RuleTooManyOpen).Of(1000).After(time.Minute)
		}))
		reply, err := w.serve(t, w.newCall())
		wantRule(t, err, problem.RuleTooManyOpen, http.StatusTooManyRequests)
		for name, want := range map[string]string{"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60"} {
			if got := reply.Header.Get(name); got != want {
				t.Errorf("quota %d: %s %q, want %s", daily, name, got, want)
			}
		}
	}
}
