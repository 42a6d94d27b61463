// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// brokenReplay is a cache that cannot be asked.
type brokenReplay struct{ notBefore time.Time }

func (brokenReplay) Use(context.Context, time.Time, ...replay.Key) error { return replay.ErrFull }
func (brokenReplay) Purge(context.Context, time.Time) (int, error)       { return 0, nil }
func (b brokenReplay) NotBefore() time.Time                              { return b.notBefore }
func (brokenReplay) Close() error                                        { return nil }

func TestReplayStoreDownFailsClosed(t *testing.T) {
	w := newInWorld(t)
	w.Replay = brokenReplay{}
	_, err := w.serve(t, w.newCall())
	wantRule(t, err, problem.RuleReplayUndecided, http.StatusServiceUnavailable)
	if w.backEnd.calls() != 0 {
		t.Error("the back end was called")
	}
}

func TestTokenIssuedBeforeAnUncleanStopIsRefused(t *testing.T) {
	w := newInWorld(t)
	w.Replay = brokenReplay{notBefore: w.clock.Now()}
	_, err := w.serve(t, w.newCall()) // back-dated 5 s
	wantRule(t, err, problem.RuleReplayUndecided, http.StatusServiceUnavailable)
}

func TestQuotaOfAConsumer(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Enti["c_a"].Exposes["pratiche"].QuotaPerConsumer = 2 })
	for left := 1; left >= 0; left-- {
		reply, err := w.serve(t, w.newCall())
		if err != nil {
			t.Fatal(err)
		}
		if got := reply.Header.Get("X-RateLimit-Remaining"); got != string(rune('0'+left)) {
			t.Errorf("remaining %s, want %d", got, left)
		}
	}
	reply, err := w.serve(t, w.newCall())
	wantRule(t, err, problem.RuleQuotaConsumer, http.StatusTooManyRequests)
	// The world's clock stands at 11:00 UTC.
	if reply.Header.Get("X-RateLimit-Remaining") != "0" || reply.Header.Get("X-RateLimit-Reset") != "46800" {
		t.Errorf("headers %v", reply.Header)
	}
	if wait := problem.Explain(err).RetryAfter; wait != 13*time.Hour {
		t.Errorf("Retry-After %v, want midnight", wait)
	}
	other := w.newCall()
	other.claims["consumerId"] = "another-consumer"
	if _, err := w.serve(t, other); err != nil {
		t.Errorf("another consumer pays for it: %v", err)
	}
	w.clock.Advance(24 * time.Hour)
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Errorf("the day after: %v", err)
	}
}

func TestQuotaOfTheService(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Quota.Total = 1 })
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Fatal(err)
	}
	call := w.newCall()
	call.claims["consumerId"] = "another-consumer"
	_, err := w.serve(t, call)
	wantRule(t, err, problem.RuleQuotaTotal, http.StatusTooManyRequests)
	if r := w.log.last(t); r.Kind != evidence.KindErogazioneRifiuto {
		t.Errorf("kept as %s", r.Kind)
	}
}

func TestOnlyListedHeadersReachTheBackEnd(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall()
	call.header.Set("Accept-Language", "it")
	call.header.Set("X-Internal-Role", "admin")
	call.header.Set("X-Snodo-Operator", "qualcun-altro")
	call.header.Set("Cookie", "sessione=1")
	if _, err := w.serve(t, call); err != nil {
		t.Fatal(err)
	}
	sent := w.backEnd.requests[0].Header
	want := http.Header{
		"Accept": {"application/json, application/problem+json"}, "Accept-Language": {"it"},
		"Content-Type": {"application/json"}, "X-Snodo-Exchange": sent["X-Snodo-Exchange"],
		"X-Snodo-Consumer": {consumerID}, "X-Snodo-Client": {clientID}, "X-Snodo-Purpose": {purposeID},
		"X-Snodo-Operator": {"operatore-17"}, "X-Snodo-Operator-Location": {"postazione-04"}, "X-Snodo-Operator-Loa": {"SPID_L2"},
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Error(diff)
	}
	if w.backEnd.bodies[0] != `{"id":"12"}` {
		t.Errorf("body sent %q", w.backEnd.bodies[0])
	}
}

func TestHeaderThatConnectionNamesIsDropped(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall()
	call.header.Set("Accept-Language", "it")
	call.header.Set("Connection", "close, accept-language")
	if _, err := w.serve(t, call); err != nil {
		t.Fatal(err)
	}
	if got := w.backEnd.requests[0].Header.Get("Accept-Language"); got != "" {
		t.Errorf("sent %q", got)
	}
}

func TestClaimsCannotAddHeaders(t *testing.T) {
	for in, want := range map[string]string{
		"operatore 17": "operatore 17", "a\r\nX-Role: admin": "a%0D%0AX-Role:%20admin", "perché": "perch%C3%A9",
	} {
		if got := headerSafe(in); got != want {
			t.Errorf("headerSafe(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBackEndAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		header http.Header
		body   string
		rule   modi.RuleID
		want   int
	}{
		"business 404":         {404, http.Header{"Content-Type": {problem.MediaType}}, `{"title":"non trovata"}`, "", 404},
		"redirection":          {302, http.Header{"Location": {"http://altrove.example"}}, "", problem.RuleBackEndBadAnswer, 502},
		"answer off contract":  {200, http.Header{"Content-Type": {"application/json"}}, `{"stato":1}`, problem.RuleBackEndBadAnswer, 502},
		"member off contract":  {200, http.Header{"Content-Type": {"application/json"}}, `{"stato":"x","y":1}`, problem.RuleBackEndBadAnswer, 502},
		"not JSON":             {200, http.Header{"Content-Type": {"application/json"}}, `<html>`, problem.RuleBackEndBadAnswer, 502},
		"HTML page":            {200, http.Header{"Content-Type": {"text/html"}}, answerOK, problem.RuleBackEndBadAnswer, 502},
		"no body":              {200, http.Header{"Content-Type": {"application/json"}}, "", problem.RuleBackEndBadAnswer, 502},
		"status off contract":  {201, http.Header{"Content-Type": {"application/json"}}, answerOK, problem.RuleBackEndBadAnswer, 502},
		"overloaded":           {503, http.Header{"Retry-After": {"7"}}, "", problem.RuleBackEndUnavailable, 503},
		"gateway before it":    {502, http.Header{}, "", problem.RuleBackEndUnavailable, 503},
		"unauthorised for us":  {401, http.Header{}, "", problem.RuleBackEndBadAnswer, 502},
		"failure off contract": {500, http.Header{}, "", problem.RuleBackEndBadAnswer, 502},
	} {
		t.Run(name, func(t *testing.T) {
			w := newInWorld(t)
			w.backEnd.status, w.backEnd.header, w.backEnd.body = tc.status, tc.header, tc.body
			reply, err := w.serve(t, w.newCall())
			if tc.rule == "" {
				if err != nil || reply.Status != tc.want || string(reply.Body) != tc.body {
					t.Fatalf("got %+v, %v", reply, err)
				}
				if reply.Header.Get(rest.HeaderSignature) != "" {
					t.Error("an error answer is signed")
				}
				return
			}
			wantRule(t, err, tc.rule, tc.want)
			if r := w.log.last(t); r.Kind != evidence.KindErogazioneEsito || r.Status != tc.want {
				t.Errorf("outcome kept as %s %d", r.Kind, r.Status)
			}
		})
	}
}

func TestRetryAfterOfTheBackEndIsPassedOn(t *testing.T) {
	w := newInWorld(t)
	w.backEnd.status, w.backEnd.header = 503, http.Header{"Retry-After": {"7"}}
	_, err := w.serve(t, w.newCall())
	if wait := problem.Explain(err).RetryAfter; wait != 7*time.Second {
		t.Errorf("Retry-After %v", wait)
	}
}

func TestHeadersOfTheBackEndAreFiltered(t *testing.T) {
	w := newInWorld(t)
	w.backEnd.header = http.Header{
		"Content-Type": {"application/json"}, "Set-Cookie": {"a=b"}, "Server": {"interno/1.0"}, "Etag": {`"1"`},
		"Agid-Jwt-Signature": {"forged"}, "Connection": {"etag"}, "Transfer-Encoding": {"chunked"},
	}
	reply, err := w.serve(t, w.newCall())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Set-Cookie", "Server", "Etag", "Connection", "Transfer-Encoding"} {
		if reply.Header.Get(name) != "" {
			t.Errorf("%s passed", name)
		}
	}
	if reply.Header.Get(rest.HeaderSignature) == "forged" {
		t.Error("the back end's signature passed")
	}
}

func TestPolicyReportDeliversAndCounts(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].ResponsePolicy = "report" })
	w.backEnd.body = `{"stato":1}`
	reply, err := w.serve(t, w.newCall())
	if err != nil || string(reply.Body) != `{"stato":1}` {
		t.Fatalf("got %+v, %v", reply, err)
	}
	if w.seen.bad != 1 {
		t.Error("not counted")
	}
}

func TestBreakerOfTheBackEnd(t *testing.T) {
	w := newInWorld(t)
	w.backEnd.err = errBackEnd
	for range 4 {
		_, err := w.serve(t, w.newCall())
		wantRule(t, err, problem.RuleBackEndUnavailable, http.StatusServiceUnavailable)
		if problem.Explain(err).RetryAfter <= 0 {
			t.Error("no Retry-After")
		}
	}
	if got := w.backEnd.calls(); got != 2 {
		t.Errorf("%d calls, want the breaker to open after 2", got)
	}
	if state := w.GuardStates()["esposizione/c_a/pratiche"]; state != "open" {
		t.Errorf("state %s", state)
	}
	if state := w.GuardStates()["esposizione/c_b/pratiche"]; state != "closed" {
		t.Errorf("the other ente's breaker is %s", state)
	}
}

func TestHangingBackEndMeetsItsDeadline(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) {
		c.Enti["c_a"].Exposes["pratiche"].BackEnd.Deadline = 20 * time.Millisecond
	})
	w.backEnd.hang = true
	_, err := w.serve(t, w.newCall())
	wantRule(t, err, problem.RuleBackEndUnavailable, http.StatusServiceUnavailable)
}

func TestIntentNotStoredStopsTheCall(t *testing.T) {
	w := newInWorld(t)
	w.log.breakKind(evidence.KindErogazioneIntento)
	_, err := w.serve(t, w.newCall())
	wantRule(t, err, problem.RuleIntentNotStored, http.StatusServiceUnavailable)
	if w.backEnd.calls() != 0 {
		t.Error("the back end was called without evidence")
	}
}

func TestOutcomeNotStoredDeliversNothing(t *testing.T) {
	w := newInWorld(t)
	w.log.breakKind(evidence.KindErogazioneEsito)
	reply, err := w.serve(t, w.newCall())
	wantRule(t, err, problem.RuleOutcomeNotStored, http.StatusInternalServerError)
	x := problem.Explain(err)
	if x.RetryAfter != 0 {
		t.Error("Retry-After invites a second try")
	}
	if x.Place.Exchange == "" || x.Place.Exchange != w.log.last(t).Exchange {
		t.Error("the exchange is not named")
	}
	if len(reply.Body) != 0 || reply.Header.Get(rest.HeaderSignature) != "" || reply.Header.Get("Content-Type") != "" {
		t.Errorf("delivered %+v", reply)
	}
}

func TestRefusalIsRefusedEvenWhenItsEvidenceFails(t *testing.T) {
	w := newInWorld(t)
	w.log.breakKind(evidence.KindErogazioneRifiuto)
	call := w.newCall()
	call.integrityKey = keysOnce().other
	_, err := w.serve(t, call)
	wantRule(t, err, modi.IntegrityOwnerMismatch, http.StatusForbidden)
}

func TestOutcomeIsKeptAlthoughTheCallerLeft(t *testing.T) {
	w := newInWorld(t)
	w.backEnd.hang, w.backEnd.reached = true, make(chan struct{})
	ctx, leave := context.WithCancel(context.Background())
	in := w.newCall().build(t)
	done := make(chan error, 1)
	go func() {
		_, err := w.Serve(ctx, in)
		done <- err
	}()
	<-w.backEnd.reached
	leave()
	if err := <-done; err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff([]evidence.Kind{evidence.KindErogazioneIntento, evidence.KindErogazioneEsito}, w.log.kinds()); diff != "" {
		t.Error(diff)
	}
	if state := w.GuardStates()["esposizione/c_a/pratiche"]; state != "closed" {
		t.Errorf("a caller that left counts against the back end: %s", state)
	}
}

func TestNewInRefusesWhatCannotServe(t *testing.T) {
	good := newInWorld(t).InDeps
	for name, change := range map[string]func(*InDeps){
		"no replay cache":    func(d *InDeps) { d.Replay = nil },
		"no evidence":        func(d *InDeps) { d.Log = nil },
		"no back end":        func(d *InDeps) { d.BackEnd = func(_, _ string) (Doer, error) { return nil, errBackEnd } },
		"no such recipe":     func(d *InDeps) { d.Config.Enti["c_a"].Exposes["pratiche"].Recipe = "altro" },
		"OpenAPI is not one": func(d *InDeps) { d.Config.Exposes["pratiche"].Document = []byte("x") },
		"URL of a file":      func(d *InDeps) { d.Config.Enti["c_a"].Exposes["pratiche"].BackEnd.URL = "file:///etc/passwd" },
	} {
		t.Run(name, func(t *testing.T) {
			d := good
			d.Config = inConfig()
			change(&d)
			if _, err := NewIn(d); err == nil {
				t.Error("accepted")
			}
		})
	}
}
