// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
	"github.com/snodo-pa/snodo/registry"
)

const (
	producer    = "9c1d1b0e-0000-4000-8000-0000000000aa"
	exchange    = "8dce36eb-b198-473c-8109-2154e43f33b8"
	correlation = "c0ffee-0042"
)

const callbacks = `openapi: 3.0.3
info: {title: Esiti, version: 1.0.0}
paths:
  /status: {get: {operationId: status, responses: {'200': {description: ok}}}}
  /esiti:
    post:
      operationId: take
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {type: object, additionalProperties: false, required: [status], properties: {status: {type: string}}}}}
`

func receiving(id string) *registry.Exposure {
	return &registry.Exposure{Document: []byte(callbacks), Operations: map[string]registry.ExposureOperation{
		id: {Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPush, Receives: true}},
	}}
}

// desk waits for answers over a database of its own.
type desk struct {
	*interaction.Awaiting
	front interaction.BackEnd
	clock *replaytest.Clock
	asked interaction.Asked
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{clock: replaytest.NewClock()}
	sealer, err := seal.New(bytes.Repeat([]byte{7}, seal.MasterKeySize), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d.Awaiting, err = interaction.NewAwaiting(interaction.AwaitingConfig{
		Store: storetest.SQLite(t).Migrated(t, d.clock.Now).Asked(), Sealer: sealer, Clock: d.clock.Now,
		Caller: func(h http.Header) (string, string) { return h.Get("X-Consumer"), "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	if d.front, err = d.Receive(interaction.Offer{Ente: "c_a", Environment: "locale", Exposure: "esiti", Recipe: receiving("take")}); err != nil {
		t.Fatal(err)
	}
	now := d.clock.Now().UTC()
	d.asked = interaction.Asked{
		ID: exchange, Ente: "c_a", Environment: "locale", Application: "sportello", Exposure: "esiti", Producer: producer,
		Correlation: correlation, AskedAt: now, Expires: now.Add(time.Hour),
	}
	if err := d.Await(t.Context(), d.asked, json.RawMessage(`{"richiesta":{"n":1}}`)); err != nil {
		t.Fatal(err)
	}
	return d
}

// call is a callback as the pipeline hands it on.
func (d *desk) call(t *testing.T, body string, change ...func(h http.Header)) (*outbound.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://vista.invalid/esiti", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Consumer", producer)
	req.Header.Set(registry.HeaderCorrelation, correlation)
	for _, c := range change {
		c(req.Header)
	}
	return d.front.Do(t.Context(), req, outbound.Exchange{})
}

func (d *desk) wantPending(t *testing.T) {
	t.Helper()
	got, question, reply, err := d.Find(t.Context(), "c_a", "sportello", exchange)
	if err != nil || reply != nil || string(question) != `{"richiesta":{"n":1}}` {
		t.Errorf("%s %+v %v", question, reply, err)
	}
	if diff := cmp.Diff(d.asked, got); diff != "" {
		t.Error(diff)
	}
}

func TestCallbackIsKeptOnce(t *testing.T) {
	d := newDesk(t)
	d.wantPending(t)
	for _, body := range []string{`{"esito":"libero"}`, `{"esito":"libero"}`, `{"esito":"altro"}`} {
		answer, err := d.call(t, body, func(h http.Header) { h.Set("X-Servito-Da", "x") })
		if err != nil || answer.Status != http.StatusOK || string(answer.Body) != `{"status":"done"}` {
			t.Fatalf("%+v %v", answer, err)
		}
		_, _, reply, err := d.Find(t.Context(), "c_a", "sportello", exchange)
		want := &registry.Reply{
			Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"esito":"libero"}`), Received: d.clock.Now().UTC(),
		}
		if diff := cmp.Diff(want, reply); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
}

// TestRejectsCallbacksOfStrangers: only who was asked answers, by the correlation that it gave, at the e-service named.
func TestRejectsCallbacksOfStrangers(t *testing.T) {
	d := newDesk(t)
	for name, change := range map[string]func(http.Header){
		"another producer":    func(h http.Header) { h.Set("X-Consumer", consumer) },
		"nobody":              func(h http.Header) { h.Del("X-Consumer") },
		"another correlation": func(h http.Header) { h.Set(registry.HeaderCorrelation, "c0ffee-0043") },
		"the id of the ente":  func(h http.Header) { h.Set(registry.HeaderCorrelation, exchange) },
	} {
		_, err := d.call(t, `{}`, change)
		t.Log(name)
		wantRule(t, err, problem.RuleCorrelationUnknown)
	}
	for name, change := range map[string]func(http.Header){
		"none":      func(h http.Header) { h.Del(registry.HeaderCorrelation) },
		"two":       func(h http.Header) { h.Add(registry.HeaderCorrelation, "x") },
		"two words": func(h http.Header) { h.Set(registry.HeaderCorrelation, "a b") },
	} {
		_, err := d.call(t, `{}`, change)
		t.Log(name)
		wantRule(t, err, problem.RuleCorrelationMissing)
	}
	other, err := d.Receive(interaction.Offer{Ente: "c_a", Environment: "locale", Exposure: "altri", Recipe: receiving("take")})
	if err != nil {
		t.Fatal(err)
	}
	d.front = other
	_, err = d.call(t, `{}`)
	wantRule(t, err, problem.RuleCorrelationUnknown)
	d.wantPending(t)
}

func TestNobodyElseIsToldTheAnswer(t *testing.T) {
	d := newDesk(t)
	if _, err := d.call(t, `{}`); err != nil {
		t.Fatal(err)
	}
	for _, who := range [][3]string{{"c_a", "altra", exchange}, {"c_b", "sportello", exchange}, {"c_a", "sportello", correlation}} {
		_, question, reply, err := d.Find(t.Context(), who[0], who[1], who[2])
		if question != nil || reply != nil {
			t.Errorf("%v is told %s", who, question)
		}
		wantRule(t, err, problem.RuleAnswerUnknown)
	}
	d.clock.Advance(time.Hour)
	_, _, _, err := d.Find(t.Context(), "c_a", "sportello", exchange)
	wantRule(t, err, problem.RuleAnswerUnknown)
	_, err = d.call(t, `{}`)
	wantRule(t, err, problem.RuleCorrelationUnknown)
}

func TestOneCorrelationIsGivenOnce(t *testing.T) {
	d := newDesk(t)
	again := d.asked
	again.ID = "9c1d1b0e-0000-4000-8000-000000000001"
	wantRule(t, d.Await(t.Context(), again, json.RawMessage(`{}`)), problem.RuleNotAccepted)
	d.wantPending(t)
}

// TestCallbackThatTellsAProblem is the answer of a procedure that failed.
func TestCallbackThatTellsAProblem(t *testing.T) {
	for body, want := range map[string]int{`{"status":422,"title":"no"}`: 422, `{"status":200}`: 500, `{"title":"no"}`: 500, `x`: 500} {
		d := newDesk(t)
		if _, err := d.call(t, body, func(h http.Header) { h.Set("Content-Type", "application/problem+json") }); err != nil {
			t.Fatal(err)
		}
		_, _, reply, err := d.Find(t.Context(), "c_a", "sportello", exchange)
		if err != nil || reply.Status != want {
			t.Errorf("%s: %+v %v", body, reply, err)
		}
	}
}

func TestReceptionStandsBeforeABackEnd(t *testing.T) {
	d := newDesk(t)
	with := func(document string, behind interaction.BackEnd) (interaction.BackEnd, error) {
		recipe := receiving("take")
		recipe.Document = []byte(document)
		return d.Receive(interaction.Offer{Ente: "c_a", Environment: "locale", Exposure: "esiti", URL: "http://procedura.example/x", Recipe: recipe, BackEnd: behind})
	}
	more := callbacks + "  /altro: {get: {operationId: other, responses: {'200': {description: ok}}}}\n"
	if _, err := with(more, nil); err == nil {
		t.Error("an operation that nobody answers was accepted")
	}
	behind := &procedure{answers: []func(*http.Request) (*outbound.Response, error){answers(http.StatusOK, `{}`)}}
	front, err := with(more, behind)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://procedura.example/x/altro", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := front.Do(t.Context(), req, outbound.Exchange{}); err != nil || len(behind.seen) != 1 {
		t.Errorf("%v, %d calls", err, len(behind.seen))
	}
	for name, document := range map[string]string{
		"no such operation": strings.ReplaceAll(callbacks, "take", "other"), "with a parameter": strings.ReplaceAll(callbacks, "/esiti:", "/esiti/{id}:"),
		"another method": strings.ReplaceAll(callbacks, "post:", "put:"), "no document": "x",
	} {
		if _, err := with(document, behind); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	plain, err := d.Receive(interaction.Offer{Recipe: &registry.Exposure{}, BackEnd: behind})
	if err != nil || plain != interaction.BackEnd(behind) {
		t.Errorf("without an operation that receives: %v", err)
	}
	if _, err := interaction.NewAwaiting(interaction.AwaitingConfig{}); err == nil {
		t.Error("opened over nothing")
	}
}

// TestCallbackThatOvertakesIts202 is told to come again while a request to who calls back is under way, and 404 afterwards.
func TestCallbackThatOvertakesIts202(t *testing.T) {
	d := newDesk(t)
	early := func(h http.Header) { h.Set(registry.HeaderCorrelation, "not-noted-yet") }
	_, err := d.call(t, `{}`, early)
	wantRule(t, err, problem.RuleCorrelationUnknown)
	asking, answered := context.WithCancel(t.Context())
	d.Asking(asking, "c_a", "locale", "esiti", producer)
	d.Asking(t.Context(), "c_a", "locale", "esiti", "another")
	d.Asking(t.Context(), "c_b", "locale", "esiti", producer)
	_, err = d.call(t, `{}`, early)
	wantRule(t, err, problem.RuleCorrelationEarly)
	if told := problem.Explain(err); told.Row.Status != http.StatusServiceUnavailable || told.RetryAfter <= 0 {
		t.Errorf("%d, Retry-After %v", told.Row.Status, told.RetryAfter)
	}
	if answer, err := d.call(t, `{}`); err != nil || answer.Status != http.StatusOK {
		t.Errorf("one that is waited for: %+v %v", answer, err)
	}
	answered()
	for deadline := time.Now().Add(10 * time.Second); problem.Explain(err).Row.Rule != problem.RuleCorrelationUnknown; _, err = d.call(t, `{}`, early) {
		if time.Now().After(deadline) {
			t.Fatalf("after the answer: %v", err)
		}
	}
}
