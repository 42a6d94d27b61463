// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// wireTo is a transport that answers what it is told and judges it as the real one does.
type wireTo struct {
	mu    sync.Mutex
	reply registry.Reply
	err   error
	calls []registry.Call
}

func (w *wireTo) Do(_ context.Context, s *registry.Scope, c registry.Call) (registry.Reply, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, c)
	s.Calls.Add(registry.CallRecord{Service: c.Service, VoucherJTI: "v-1", Status: w.reply.Status})
	if w.err != nil {
		return registry.Reply{}, w.err
	}
	if err := c.Classify(w.reply); err != nil {
		return registry.Reply{}, err
	}
	return w.reply, nil
}

func (w *wireTo) last(t *testing.T) registry.Call {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) == 0 {
		t.Fatal("nothing was sent")
	}
	return w.calls[len(w.calls)-1]
}

// newNativeWorld is a world whose procedimento lets the service through.
func newNativeWorld(t testing.TB, change ...func(*config.Config)) (*outWorld, *wireTo) {
	t.Helper()
	pass := func(c *config.Config) {
		p := c.Enti["c_a"].Procedimenti["iscrizione"]
		p.Operazioni = append(p.Operazioni, config.Autorizzazione{Servizio: "anagrafe", Passante: true})
		env := c.Consumes["anagrafe"].Environments["locale"]
		env.URL = "https://registro.example/api/v1"
		c.Consumes["anagrafe"].Environments["locale"] = env
	}
	w := newOutWorld(t, append([]func(*config.Config){pass}, change...)...)
	wire := &wireTo{reply: registry.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"x":1}`)}}
	w.Transport = wire
	return w, wire
}

func newNativeCall() NativeCall {
	a := newAcquisition()
	return NativeCall{
		Caller: a.Caller, Servizio: a.Servizio, Contesto: a.Contesto, Method: http.MethodGet, Path: "/persone/" + validCF,
		RawQuery: "a=1&b=%C3%A8", Header: http.Header{"Accept": {"application/json"}},
	}
}

func TestNativeAnswerIsHandedOnWhole(t *testing.T) {
	w, wire := newNativeWorld(t)
	wire.reply.Header.Set("Set-Cookie", "s=1")
	wire.reply.Header.Set("Agid-JWT-Signature", "a.b.c")
	wire.reply.Header.Set("Etag", `"1"`)
	wire.reply.Body = []byte(`{"figli":[{"cf":"BNCMRC85C12D612V"}]}`)
	c := newNativeCall()
	c.Header.Set("Authorization", "Bearer snodo_x")
	c.Header.Set("Cookie", "s=1")
	c.Header.Set("Connection", "X-Correlation-Id")
	c.Header.Set("X-Correlation-Id", "c-1")
	c.Header.Set("Snodo-Pratica", "x")
	got, err := w.Native(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != 200 || string(got.Body) != string(wire.reply.Body) || got.Exchange == "" || got.Ambiente != "locale" {
		t.Errorf("%+v", got)
	}
	want := http.Header{"Content-Type": {"application/json"}, "Etag": {`"1"`}}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Errorf("headers told: %s", diff)
	}
	sent := wire.last(t)
	if sent.Path != "/persone/"+validCF+"?a=1&b=%C3%A8" || !sent.Idempotent || !sent.SeeOther {
		t.Errorf("sent %+v", sent)
	}
	if diff := cmp.Diff(http.Header{"Accept": {"application/json"}}, sent.Header); diff != "" {
		t.Errorf("headers sent: %s", diff)
	}
	kinds := []evidence.Kind{evidence.KindAcquisizioneIntento, evidence.KindAcquisizioneEsito}
	if diff := cmp.Diff(kinds, w.log.kinds()); diff != "" {
		t.Fatal(diff)
	}
	outcome := w.log.last(t)
	if outcome.Operation != "passante GET" || outcome.Status != 200 || outcome.Purpose != "purpose-1" || outcome.Side.Method != "GET" || outcome.Side.URI != "/persone/"+validCF || len(outcome.Side.Calls) != 1 {
		t.Errorf("evidence %+v", outcome)
	}
	if diff := cmp.Diff([]string{validCF, "BNCMRC85C12D612V"}, outcome.Subjects); diff != "" {
		t.Errorf("who it is about: %s", diff)
	}
}

func TestNativeErrorsOfTheRegistryAreItsAnswer(t *testing.T) {
	for status, counted := range map[int]bool{400: false, 401: true, 403: false, 404: false, 409: false, 422: false, 429: true, 500: true, 503: true} {
		w, wire := newNativeWorld(t)
		wire.reply.Status, wire.reply.Body = status, []byte(`{"detail":"a modo suo"}`)
		got, err := w.Native(context.Background(), newNativeCall())
		if err != nil || got.Status != status || string(got.Body) != `{"detail":"a modo suo"}` {
			t.Errorf("%d: %+v %v", status, got, err)
			continue
		}
		if w.log.last(t).Status != status {
			t.Errorf("%d: evidence says %d", status, w.log.last(t).Status)
		}
		if err := wire.last(t).Classify(wire.reply); (err != nil) != counted {
			t.Errorf("%d: the guard and the limits are told %v", status, err)
		}
	}
}

func TestNativeWithoutAnAnswerIsAProblem(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		rule modi.RuleID
	}{
		"no answer":     {&registry.Fault{Kind: registry.ErrUnavailable}, problem.RuleRegistryUnavailable},
		"PDND":          {&registry.Fault{Kind: registry.ErrPDND}, problem.RulePDNDUnavailable},
		"bad signature": {&registry.Fault{Kind: registry.ErrBadReply, Status: 200}, problem.RuleRegistryBadReply},
		"quota":         {&registry.Fault{Kind: registry.ErrThrottled, RetryAfter: time.Minute}, problem.RuleRegistryThrottled},
	} {
		w, wire := newNativeWorld(t)
		wire.err = tc.err
		_, err := w.Native(context.Background(), newNativeCall())
		if x := problem.Explain(err); x.Row.Rule != tc.rule || x.Place.Exchange == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	w, _ := newNativeWorld(t)
	w.log.breakKind(evidence.KindAcquisizioneEsito)
	if got, err := w.Native(context.Background(), newNativeCall()); got != nil || problem.Explain(err).Row.Rule != problem.RuleOutcomeNotStored {
		t.Errorf("an outcome that is not stored: %+v %v", got, err)
	}
}

func TestNativeIsRefusedWhereTheProcedimentoDoesNotSayPassante(t *testing.T) {
	only := func(calls ...string) func(*config.Config) {
		return func(c *config.Config) { c.Enti["c_a"].Procedimenti["iscrizione"].Operazioni[1].Chiamate = calls }
	}
	for name, tc := range map[string]struct {
		config func(*config.Config)
		call   func(*NativeCall)
		rule   modi.RuleID
	}{
		"no passante": {func(c *config.Config) {
			p := c.Enti["c_a"].Procedimenti["iscrizione"]
			p.Operazioni = p.Operazioni[:1]
		}, func(*NativeCall) {}, problem.RuleNativeNotListed},
		"another call":      {only("GET /altro"), func(*NativeCall) {}, problem.RuleNativeNotListed},
		"another method":    {only("GET /persone/{cf}"), func(c *NativeCall) { c.Method = "DELETE" }, problem.RuleNativeNotListed},
		"below a call":      {only("GET /persone/{cf}"), func(c *NativeCall) { c.Path += "/figli" }, problem.RuleNativeNotListed},
		"another ente":      {nil, func(c *NativeCall) { c.Contesto.Ente = "c_b" }, problem.RuleOtherEnte},
		"another service":   {nil, func(c *NativeCall) { c.Servizio = "altro" }, problem.RuleUnknownService},
		"no procedimento":   {nil, func(c *NativeCall) { c.Contesto.Procedimento = "altro" }, problem.RuleUnknownProcedimento},
		"application":       {nil, func(c *NativeCall) { c.Caller.Name = "altra" }, problem.RuleApplicationNotListed},
		"operator":          {nil, func(c *NativeCall) { c.Contesto.Operatore.UserID = "op-9" }, problem.RuleOperatorNotListed},
		"pratica":           {nil, func(c *NativeCall) { c.Contesto.Pratica = "x" }, problem.RulePratica},
		"two content types": {nil, func(c *NativeCall) { c.Header["Content-Type"] = []string{"a/b", "c/d"} }, problem.RuleMediaType},
		"encoded":           {nil, func(c *NativeCall) { c.Header.Set("Content-Encoding", "gzip") }, problem.RuleMediaType},
		"untyped":           {nil, func(c *NativeCall) { c.Body = []byte("x") }, problem.RuleMediaType},
		"path":              {nil, func(c *NativeCall) { c.Path = "/a/../b" }, problem.RuleNativePath},
		"query":             {nil, func(c *NativeCall) { c.RawQuery = "a=%zz" }, problem.RuleNativePath},
	} {
		changes := []func(*config.Config){}
		if tc.config != nil {
			changes = append(changes, tc.config)
		}
		w, wire := newNativeWorld(t, changes...)
		c := newNativeCall()
		tc.call(&c)
		_, err := w.Native(context.Background(), c)
		if got := problem.Explain(err).Row.Rule; got != tc.rule || len(wire.calls) != 0 {
			t.Errorf("%s: %s (%v), %d calls", name, got, err, len(wire.calls))
		}
	}
	w, wire := newNativeWorld(t, only("POST /x", "GET /persone/{cf}"))
	if _, err := w.Native(context.Background(), newNativeCall()); err != nil || len(wire.calls) != 1 {
		t.Errorf("a listed call: %v", err)
	}
	if got := w.log.last(t).Operation; got != "passante GET /persone/{cf}" {
		t.Errorf("evidence names %s", got)
	}
}

func TestIdempotencyIsThatOfTheMethod(t *testing.T) {
	for method, want := range map[string]bool{"GET": true, "HEAD": true, "PUT": true, "DELETE": true, "POST": false, "PATCH": false} {
		w, wire := newNativeWorld(t)
		c := newNativeCall()
		c.Method = method
		if _, err := w.Native(context.Background(), c); err != nil || wire.last(t).Idempotent != want {
			t.Errorf("%s: %v", method, err)
		}
	}
	w, wire := newNativeWorld(t, func(c *config.Config) {
		c.Consumes["anagrafe"].Operations["decesso"] = registry.RecipeOperation{Method: "POST", Path: "/cerca", Idempotent: true}
	})
	c := newNativeCall()
	c.Method, c.Path = "POST", "/cerca"
	if _, err := w.Native(context.Background(), c); err != nil || !wire.last(t).Idempotent {
		t.Errorf("a POST that the recipe calls idempotent: %v", err)
	}
}

func TestNativeMessagesAreKeptWhereTheRecipeSaysSo(t *testing.T) {
	w, _ := newNativeWorld(t, func(c *config.Config) { c.Consumes["anagrafe"].Evidence.Keep = "messages" })
	c := newNativeCall()
	c.Header.Set("Content-Type", "text/xml")
	c.Body = []byte("<a/>")
	if _, err := w.Native(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	m := w.log.last(t).Side.Messages
	if len(m) != 2 || string(m[0].Body) != "GET /persone/"+validCF+"?a=1&b=%C3%A8\r\n\r\n<a/>" || string(m[1].Body) != `{"x":1}` {
		t.Errorf("kept %+v", m)
	}
}

// TestPathsThatMeanSomethingElse are the ways out of an e-service, each refused before a voucher.
func TestPathsThatMeanSomethingElse(t *testing.T) {
	for _, path := range []string{
		"a", "//evil.example/x", "/a//b", "/./a", "/a/..", "/a/../b", "/a/%2e%2e/b", "/a/%2E./b", "/..;x/b", "/a/..;/b", "/%2e%2e;v=1",
		"/a%2fb", "/a%2F..%2Fb", "/a%5c..", "/a\\b", "/a%00b", "/a%0d%0ab", "/a%252e%252e/b", "/a%252fb", "/a%c0%ae", "/a b", "/a?b", "/a#b",
		"/à", "/a%zz", "/" + strings.Repeat("a", maxNativePath),
	} {
		if soundPath(path) {
			t.Errorf("%q was let through", path)
		}
	}
	for _, path := range []string{"", "/", "/a", "/a/", "/a/b.c", "/...", "/a..b", "/a:b@c", "/a;v=1/b", "/C001%E2%80%93x", "/100%25", "/a%20b"} {
		if !soundPath(path) {
			t.Errorf("%q was refused", path)
		}
	}
	for _, query := range []string{"a=%zz", "a;b", "a b", "a#b", "a=è", strings.Repeat("a", maxNativeQuery+1)} {
		if soundQuery(query) {
			t.Errorf("query %q was let through", query)
		}
	}
}

func TestLocationLeadsBackThroughTheHub(t *testing.T) {
	for _, tc := range []struct{ location, want string }{
		{"https://registro.example/api/v1/esiti/7?x=1", "/esiti/7?x=1"},
		{"/api/v1/esiti/7", "/esiti/7"},
		{"7", "/persone/7"},
		{"https://altro.example/api/v1/esiti/7", ""},
		{"http://registro.example/api/v1/esiti/7", ""},
		{"https://u@registro.example/api/v1/esiti", ""},
		{"/api/v10/esiti", ""},
		{"/api/v1", ""},
		{"/altro/esiti", ""},
		{"/api/v1/%2e%2e/x", ""},
		{"../../../x", ""},
		{"//altro.example/api/v1/x", ""},
		{"javascript:alert(1)", ""},
		{"https://registro.example:8443/api/v1/x", ""},
	} {
		w, wire := newNativeWorld(t)
		wire.reply.Status = http.StatusSeeOther
		wire.reply.Header.Set("Location", tc.location)
		got, err := w.Native(context.Background(), newNativeCall())
		if err != nil || got.Location != tc.want || got.Header.Get("Location") != "" {
			t.Errorf("%s: %q, want %q (%v)", tc.location, got.Location, tc.want, err)
		}
	}
}

func TestCodesInAnyText(t *testing.T) {
	many := strings.Repeat(validCF+" ", 3000)
	for text, want := range map[string][]string{
		`<cf>` + validCF + `</cf>`:            {validCF},
		`{"a":"` + strings.ToLower(validCF):   {validCF},
		validCF + "," + validCF:               {validCF},
		"X" + validCF:                         nil,
		validCF + "0":                         nil,
		"RSSMRA85T10A562T":                    nil,
		"1234567890123456 x ABCDEFGHIJKLMNOP": nil,
		many:                                  {validCF},
	} {
		if diff := cmp.Diff(want, codesIn([]byte(text))); diff != "" {
			t.Errorf("%.40s: %s", text, diff)
		}
	}
}

func TestManyPersonsAreIndexedOnceEach(t *testing.T) {
	x := &acquiring{subjects: []string{validCF}}
	list := slices.Repeat([]string{validCF, "BNCMRC85C12D612V"}, 5000)
	x.concerns(list...)
	if len(x.subjects) != 2 {
		t.Errorf("%d subjects", len(x.subjects))
	}
}

// FuzzNativePath: a path that is let through stays below the service for every reader.
func FuzzNativePath(f *testing.F) {
	for _, seed := range []string{"/a/b", "/a/%2e%2e", "//x", "/..;x", "/%252e", "/C001%E2%80%93"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if path == "" || !soundPath(path) {
			return
		}
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://registro.example/api/v1"+path, http.NoBody)
		if err != nil {
			return // the transport refuses it
		}
		if req.URL.Host != "registro.example" || req.URL.User != nil || req.URL.RawQuery != "" || req.URL.Fragment != "" {
			t.Fatalf("%q leads to %s", path, req.URL)
		}
		if clean := req.URL.JoinPath(); !strings.HasPrefix(clean.Path, "/api/v1/") || strings.Contains(req.URL.Path, "/../") {
			t.Fatalf("%q leads to %s", path, clean.Path)
		}
	})
}
