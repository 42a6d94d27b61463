// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

const callbackDocument = `openapi: 3.0.3
info: {title: Esiti, version: 1.0.0}
paths:
  /esiti: {post: {operationId: take, responses: {'200': {description: ok}}}}
`

// waiting remembers one question in memory.
type waiting struct {
	asked    interaction.Asked
	question json.RawMessage
	reply    *registry.Reply
	err      error // of Await

	asking string          // who was asked
	until  context.Context // of Asking: the test looks whether it has ended
}

func (w *waiting) Asking(ctx context.Context, ente, environment, exposure, producer string) {
	w.asking, w.until = ente+" "+environment+" "+exposure+" "+producer, ctx
}

func (w *waiting) Await(_ context.Context, asked interaction.Asked, question json.RawMessage) error {
	if w.until == nil || w.until.Err() != nil {
		return errors.New("the request is not told to be under way")
	}
	w.asked, w.question = asked, question
	return w.err
}

func (w *waiting) Find(_ context.Context, ente, application, id string) (interaction.Asked, json.RawMessage, *registry.Reply, error) {
	if w.asked.ID != id || w.asked.Ente != ente || w.asked.Application != application {
		return interaction.Asked{}, nil, nil, problem.New(problem.RuleAnswerUnknown)
	}
	return w.asked, w.question, w.reply, nil
}

// slowRegister is a register whose answers come later.
type slowRegister struct {
	*register
	correlation string
	received    []registry.Request
}

func (r *slowRegister) Call(ctx context.Context, service, operation string, in registry.Request) (registry.Response, error) {
	got, err := r.register.Call(ctx, service, operation, in)
	return registry.Response{RegistryID: got.RegistryID, Correlation: r.correlation}, err
}

func (r *slowRegister) Receive(_, _ string, in registry.Request, callback registry.Reply) (registry.Response, error) {
	r.received = append(r.received, in)
	return registry.Response{Dati: callback.Body, Subjects: []string{"BNCMRC85C12D612V"}}, nil
}

// answersLater makes residenza an operation that esiti of the ente is called back for.
func answersLater(c *config.Config) {
	recipe := c.Consumes["anagrafe"]
	op := recipe.Operations["residenza"]
	op.Method, op.Path, op.Idempotent = http.MethodPost, "/richieste/{n}", false
	op.Interaction = &registry.RecipeInteraction{Pattern: registry.NonBlockingPush, Callback: "esiti", Keep: 48 * time.Hour}
	recipe.Operations["residenza"] = op
	recipe.Environments["locale"] = registry.RecipeEnvironment{EserviceID: "es-1", ProducerID: "p-1", URL: "https://registro.example/api/v1"}
	c.Exposes = map[string]*registry.Exposure{"esiti": {Name: "esiti", Document: []byte(callbackDocument), Operations: map[string]registry.ExposureOperation{
		"take": {Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPush, Receives: true}},
	}}}
	c.Enti["c_a"].Exposes = map[string]*config.Expose{"esiti": {Recipe: "esiti", PublicURL: "https://ente.example/modi/c_a/esiti/v1"}}
	p := c.Enti["c_a"].Procedimenti["iscrizione"]
	p.Operazioni = append(p.Operazioni, config.Autorizzazione{Servizio: "anagrafe", Passante: true})
}

func newLaterWorld(t *testing.T) (*outWorld, *slowRegister, *waiting) {
	t.Helper()
	w := newOutWorld(t, answersLater)
	slow, held := &slowRegister{register: w.register, correlation: "c0ffee-42"}, &waiting{}
	catalogue, err := registry.NewCatalogue([]registry.Adapter{slow})
	if err != nil {
		t.Fatal(err)
	}
	w.Catalogue, w.Awaiting = catalogue, held
	return w, slow, held
}

func TestAnswerThatComesLater(t *testing.T) {
	w, slow, held := newLaterWorld(t)
	in := newAcquisition()
	in.IdempotencyKey = "k-1"
	asked, err := w.Acquire(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := interaction.Asked{
		ID: asked.Correlazione, Ente: "c_a", Environment: "locale", Application: "asilo", Exposure: "esiti", Producer: "p-1", Correlation: "c0ffee-42",
		AskedAt: w.clock.Now().UTC(), Expires: w.clock.Now().UTC().Add(48 * time.Hour),
	}
	if diff := cmp.Diff(want, held.asked); diff != "" || asked.Esito != EsitoInAttesa || asked.Dati != nil || asked.Firma != "" || !asked.Scade.Equal(want.Expires) {
		t.Errorf("%+v %s", asked, diff)
	}
	if held.asking != "c_a locale esiti p-1" || held.until.Err() == nil {
		t.Errorf("told to be under way: %q, and it has ended: %v", held.asking, held.until.Err())
	}
	if got := slow.requests[0].Scope.ReplyTo; got != "https://ente.example/modi/c_a/esiti/v1/esiti" {
		t.Errorf("the answer is to go to %q", got)
	}
	if last := w.log.last(t); last.Kind != evidence.KindAcquisizioneEsito || last.Status != http.StatusAccepted {
		t.Errorf("outcome %+v", last.Entry)
	}
	again, err := w.Acquire(t.Context(), in)
	if err != nil || again.Correlazione != asked.Correlazione || w.register.asked() != 1 {
		t.Errorf("under the same key: %+v %v, asked %d times", again, err, w.register.asked())
	}

	records := len(w.log.kinds())
	pending, err := w.Answer(t.Context(), in.Caller, asked.Correlazione, "r-1")
	if err != nil || pending.Esito != EsitoInAttesa || len(w.log.kinds()) != records {
		t.Errorf("before it came: %+v %v", pending, err)
	}
	held.reply = &registry.Reply{Status: http.StatusOK, Body: []byte(`{"residenza":{"via":"Via Roma"},"figli":[1]}`)}
	got, err := w.Answer(t.Context(), in.Caller, asked.Correlazione, "r-2")
	if err != nil || got.Esito != EsitoAcquisito || string(got.Dati) != `{"residenza":{"via":"Via Roma"}}` || got.Firma == "" {
		t.Fatalf("%+v %v", got, err)
	}
	if got.Provenienza.Scambio != asked.Correlazione || got.Provenienza.IDOperazione != "c0ffee-42" || got.Provenienza.Operazione != "residenza" {
		t.Errorf("provenance %+v", got.Provenienza)
	}
	last := w.log.last(t)
	if last.Kind != evidence.KindAcquisizioneEsito || last.Status != http.StatusOK || last.Exchange != asked.Correlazione || len(w.log.kinds()) != records+2 {
		t.Errorf("outcome %+v", last.Entry)
	}
	if diff := cmp.Diff([]string{validCF, "BNCMRC85C12D612V"}, last.Subjects); diff != "" {
		t.Error(diff)
	}
	if r := slow.received[0]; string(r.Richiesta) != string(in.Richiesta) || r.Scope.ExchangeID != asked.Correlazione {
		t.Errorf("received %s for %s", r.Richiesta, r.Scope.ExchangeID)
	}
}

func TestAnswerIsHeldAgainstThePermissionsOfToday(t *testing.T) {
	for name, change := range map[string]struct {
		do   func(e *config.Ente)
		rule modi.RuleID
	}{
		"the operation is not covered any more": {func(e *config.Ente) { e.Procedimenti["iscrizione"].Operazioni = nil }, problem.RuleOperationNotListed},
		"nor the application":                   {func(e *config.Ente) { e.Procedimenti["iscrizione"].Applicazioni = nil }, problem.RuleApplicationNotListed},
		"the procedimento is gone":              {func(e *config.Ente) { delete(e.Procedimenti, "iscrizione") }, problem.RuleUnknownProcedimento},
		"the service is gone":                   {func(e *config.Ente) { delete(e.Consumes, "anagrafe") }, problem.RuleUnknownService},
	} {
		t.Run(name, func(t *testing.T) {
			w, slow, held := newLaterWorld(t)
			asked, err := w.Acquire(t.Context(), newAcquisition())
			if err != nil {
				t.Fatal(err)
			}
			held.reply = &registry.Reply{Status: http.StatusOK, Body: []byte(`{}`)}
			change.do(w.Config.Enti["c_a"])
			_, err = w.Answer(t.Context(), newAcquisition().Caller, asked.Correlazione, "")
			if problem.Explain(err).Row.Rule != change.rule || len(slow.received) != 0 {
				t.Errorf("%v, want %s", err, change.rule)
			}
			if last := w.log.last(t); last.Kind != evidence.KindAcquisizioneRifiuto || last.Exchange != asked.Correlazione {
				t.Errorf("evidence %+v", last.Entry)
			}
		})
	}
	w, _, _ := newLaterWorld(t)
	if _, err := w.Answer(t.Context(), Application{Ente: "c_a", Name: "altra"}, "x", ""); problem.Explain(err).Row.Rule != problem.RuleAnswerUnknown {
		t.Errorf("of nobody: %v", err)
	}
	w.Awaiting = nil
	if _, err := w.Answer(t.Context(), newAcquisition().Caller, "x", ""); problem.Explain(err).Row.Rule != problem.RuleAnswerUnknown {
		t.Errorf("where nothing is waited for: %v", err)
	}
}

// TestRejectsAcceptanceWithoutCorrelation: 502, and the request may have acted.
func TestRejectsAcceptanceWithoutCorrelation(t *testing.T) {
	in := newAcquisition()
	in.IdempotencyKey = "k-1"
	w, slow, held := newLaterWorld(t)
	slow.correlation = ""
	_, err := w.Acquire(t.Context(), in)
	if x := problem.Explain(err); x.Row.Rule != problem.RuleNotAccepted || x.Row.Status != http.StatusBadGateway || held.asked.ID != "" {
		t.Errorf("%v", err)
	}
	if _, err := w.Acquire(t.Context(), in); problem.Explain(err).Row.Rule != problem.RuleIdempotencyUnknown {
		t.Errorf("a second try: %v", err)
	}
	w, _, held = newLaterWorld(t)
	held.err = problem.New(problem.RuleStore)
	if got, err := w.Acquire(t.Context(), in); got != nil || problem.Explain(err).Row.Rule != problem.RuleStore {
		t.Errorf("where it cannot be kept: %+v %v", got, err)
	}
	w, _, _ = newLaterWorld(t)
	w.Awaiting = nil
	if _, err := w.Acquire(t.Context(), in); !errors.Is(err, registry.ErrUnsupported) || w.register.asked() != 0 {
		t.Errorf("where nothing receives: %v", err)
	}
	w, _, _ = newLaterWorld(t)
	in.Dichiarato = json.RawMessage(`{"residenza":1}`)
	if _, err := w.Acquire(t.Context(), in); problem.Explain(err).Row.Rule != problem.RuleOperationNotListed || w.register.asked() != 0 {
		t.Errorf("a verifica: %v", err)
	}
}

func TestNativeCallWhoseAnswerComesLater(t *testing.T) {
	call := newNativeCall()
	call.Method, call.Path, call.RawQuery, call.Body = http.MethodPost, "/richieste/7", "", []byte(`{}`)
	call.Header = http.Header{"Content-Type": {"application/json"}, registry.HeaderReplyTo: {"http://169.254.169.254/"}, "X-Replyto": {"http://169.254.169.254/"}}
	accepted := http.Header{"Content-Type": {"application/json"}}
	accepted.Set(registry.HeaderCorrelation, "c0ffee-42")
	open := func(t *testing.T, status int, header http.Header) (*outWorld, *wireTo, *waiting) {
		w, _, held := newLaterWorld(t)
		wire := &wireTo{reply: registry.Reply{Status: status, Header: header, Body: []byte(`{}`)}}
		w.Transport = wire
		return w, wire, held
	}
	w, wire, held := open(t, http.StatusAccepted, accepted)
	reply, err := w.Native(t.Context(), call)
	if err != nil || reply.Status != http.StatusAccepted || reply.Header.Get(registry.HeaderCorrelation) != "c0ffee-42" || held.asked.ID != reply.Exchange {
		t.Fatalf("%+v %v", reply, err)
	}
	if got := wire.last(t).Header.Values(registry.HeaderReplyTo); len(got) != 1 || got[0] != "https://ente.example/modi/c_a/esiti/v1/esiti" {
		t.Errorf("the answer is to go to %q", got)
	}
	held.reply = &registry.Reply{Status: http.StatusOK, Body: []byte(`{"figli": [ "BNCMRC85C12D612V" ]}`)}
	got, err := w.Answer(t.Context(), call.Caller, reply.Exchange, "")
	if err != nil || string(got.Dati) != `{"figli":["BNCMRC85C12D612V"]}` || got.Provenienza.Operazione != "residenza" {
		t.Errorf("%+v %v", got, err)
	}
	if last := w.log.last(t); last.Operation != "passante POST" || last.Status != http.StatusOK || !cmp.Equal(last.Subjects, []string{"BNCMRC85C12D612V"}) {
		t.Errorf("evidence %+v of %v", last.Entry, last.Subjects)
	}
	for _, body := range []string{`[]`, `x`, `null`} {
		held.reply.Body = []byte(body)
		if _, err := w.Answer(t.Context(), call.Caller, reply.Exchange, ""); !errors.Is(err, registry.ErrBadReply) {
			t.Errorf("%s: %v", body, err)
		}
	}
	w.Config.Enti["c_a"].Procedimenti["iscrizione"].Operazioni = nil
	if _, err := w.Answer(t.Context(), call.Caller, reply.Exchange, ""); problem.Explain(err).Row.Rule != problem.RuleNativeNotListed {
		t.Errorf("not covered any more: %v", err)
	}

	w, _, held = open(t, http.StatusUnprocessableEntity, http.Header{"Content-Type": {"application/json"}})
	if reply, err := w.Native(t.Context(), call); err != nil || reply.Status != http.StatusUnprocessableEntity || held.asked.ID != "" {
		t.Errorf("a refusal is told as it is: %+v %v", reply, err)
	}
	w, _, _ = open(t, http.StatusOK, accepted)
	if _, err := w.Native(t.Context(), call); problem.Explain(err).Row.Rule != problem.RuleNotAccepted {
		t.Errorf("answered at once: %v", err)
	}
	w, wire, held = open(t, http.StatusOK, accepted)
	call.Path = "/altro/7"
	if _, err := w.Native(t.Context(), call); err != nil || held.asked.ID != "" || len(wire.last(t).Header.Values(registry.HeaderReplyTo)) != 0 {
		t.Errorf("another operation: %v", err)
	}
}

func TestRefusesAnAnswerThatNobodyWouldReceive(t *testing.T) {
	for name, change := range map[string]func(*config.Config){
		"not exposed":      func(c *config.Config) { c.Enti["c_a"].Exposes = nil },
		"receives nothing": func(c *config.Config) { c.Exposes["esiti"].Operations = nil },
		"no such operation": func(c *config.Config) {
			c.Exposes["esiti"].Operations = map[string]registry.ExposureOperation{"x": c.Exposes["esiti"].Operations["take"]}
		},
		"no document": func(c *config.Config) { c.Exposes["esiti"].Document = []byte("x") },
	} {
		c := outConfig()
		answersLater(c)
		change(c)
		if _, err := compilePlan(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
