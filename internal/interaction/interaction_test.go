// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/store/storetest"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

const document = `openapi: 3.0.3
info: {title: Visure, version: 1.0.0}
paths:
  /richieste:
    post:
      operationId: ask
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '202': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Stato'}}}}
  /richieste/{id}:
    get:
      operationId: state
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: '^[a-f0-9-]{36}$'}}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Stato'}}}}
        '303': {description: ok}
  /risultati/{id}:
    get:
      operationId: result
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: '^[a-f0-9-]{36}$'}}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object}}}}
  /avvisi:
    post:
      operationId: notify
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'202': {description: ok}}
  /subito:
    post:
      operationId: at-once
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
components:
  schemas:
    Stato:
      type: object
      additionalProperties: false
      required: [status, message]
      properties: {status: {type: string}, message: {type: string}}
`

const (
	consumer = "9c1d1b0e-0000-4000-8000-000000000001"
	replyTo  = "https://fruitore.example/richiamate"
)

// procedure is a back end that answers as it is told.
type procedure struct {
	mu      sync.Mutex
	answers []func(*http.Request) (*outbound.Response, error) // one for each call; the last stays
	seen    []*http.Request
	bodies  []string
}

func (p *procedure) Do(_ context.Context, req *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen, p.bodies = append(p.seen, req), append(p.bodies, string(body))
	next := p.answers[0]
	if len(p.answers) > 1 {
		p.answers = p.answers[1:]
	}
	answer, err := next(req)
	if answer != nil && answer.Status == http.StatusServiceUnavailable { // as whoever guards it tells
		wait := registry.ParseRetryAfter(answer.Header, time.Now())
		return nil, &registry.Fault{Kind: registry.ErrUnavailable, Status: answer.Status, RetryAfter: wait}
	}
	return answer, err
}

func answers(status int, body string) func(*http.Request) (*outbound.Response, error) {
	return func(*http.Request) (*outbound.Response, error) {
		return &outbound.Response{Status: status, Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"a=b"}}, Body: []byte(body)}, nil
	}
}

func silent(*http.Request) (*outbound.Response, error) {
	return nil, &outbound.Error{Reason: outbound.ReasonTimeout}
}

// world is an engine over a database of its own.
type world struct {
	*interaction.Engine
	front     interaction.BackEnd
	procedure *procedure
	queue     *jobs.Queue
	worker    *jobs.Worker
	clock     *replaytest.Clock
	store     *store.Store
	callbacks []interaction.Callback
	statuses  []int            // of deliveries; the last stays; 0 is silence
	barred    bool             // no address may be replied to
	suspended bool             // the consumer is
	more      interaction.Open // waits too, of every consumer
}

// counting is a store in which more waits than there is.
type counting struct {
	interaction.Store
	more *interaction.Open
}

func (c counting) Update(ctx context.Context, fn func(ctx context.Context, tx interaction.Tx) error) error {
	return c.Store.Update(ctx, func(ctx context.Context, tx interaction.Tx) error { return fn(ctx, countingTx{tx, c.more}) })
}

type countingTx struct {
	interaction.Tx
	more *interaction.Open
}

func (c countingTx) OpenInteractions(ctx context.Context, of interaction.Asker, now time.Time) (interaction.Open, error) {
	open, err := c.Tx.OpenInteractions(ctx, of, now)
	open.Count, open.Bytes = open.Count+c.more.Count, open.Bytes+c.more.Bytes
	return open, err
}

func newWorld(t *testing.T, answers ...func(*http.Request) (*outbound.Response, error)) *world {
	t.Helper()
	w := &world{clock: replaytest.NewClock(), procedure: &procedure{answers: answers}, statuses: []int{200}}
	w.store = storetest.SQLite(t).Migrated(t, w.clock.Now)
	sealer, err := seal.New(bytes.Repeat([]byte{7}, seal.MasterKeySize), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	w.queue, err = jobs.NewQueue(jobs.Config{Store: w.store.Jobs(), Sealer: sealer, Clock: w.clock.Now, Rand: rand.Reader, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	w.Engine, err = interaction.New(interaction.Config{
		Store: counting{w.store.Interactions(), &w.more}, Queue: w.queue, Sealer: sealer, Clock: w.clock.Now, Rand: rand.Reader,
		Caller:    func(h http.Header) (string, string) { return h.Get("X-Consumer"), h.Get("X-Purpose") },
		Suspended: func(_, _, c string) bool { return w.suspended && c == consumer },
		MayReply:  func(_, _, c, to string) bool { return !w.barred && c == consumer && to == replyTo },
		Deliver: func(_ context.Context, c interaction.Callback) (int, error) {
			w.callbacks = append(w.callbacks, c)
			status := w.statuses[0]
			if len(w.statuses) > 1 {
				w.statuses = w.statuses[1:]
			}
			if status == 0 {
				return 0, errors.New("no answer")
			}
			return status, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.front, err = w.Offer(interaction.Offer{
		Ente: "c_a", Environment: "locale", Exposure: "visure", URL: "http://procedura.example/api/", BackEnd: w.procedure,
		Recipe: &registry.Exposure{Document: []byte(document), Operations: map[string]registry.ExposureOperation{
			"ask":    {Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPull, Status: "state", Result: "result"}},
			"notify": {Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPush}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	set := jobs.NewHandlers()
	if err := w.Register(set); err != nil {
		t.Fatal(err)
	}
	if w.worker, err = jobs.NewWorker(w.queue, set, jobs.WorkerConfig{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// call is a request as the pipeline hands it to a back end.
func (w *world) call(t *testing.T, method, path, body string, change ...func(h http.Header)) (*outbound.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://procedura.example/api"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Consumer", consumer)
	req.Header.Set("X-Purpose", "finalita-1")
	for _, c := range change {
		c(req.Header)
	}
	return w.front.Do(t.Context(), req, outbound.Exchange{})
}

// work runs what is due.
func (w *world) work(t *testing.T) {
	t.Helper()
	if _, err := w.worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func wantRule(t *testing.T, err error, rule modi.RuleID) {
	t.Helper()
	var refused *problem.Error
	if !errors.As(err, &refused) || refused.Rule != rule {
		t.Errorf("got %v, want %s", err, rule)
	}
}

func replying(h http.Header) { h.Set(interaction.HeaderReplyTo, replyTo) }

func TestPull(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{"esito":"libero"}`))
	accepted, err := w.call(t, http.MethodPost, "/richieste?urgente=no", `{"n":1}`)
	if err != nil || accepted.Status != http.StatusAccepted {
		t.Fatalf("%+v %v", accepted, err)
	}
	if got, want := string(accepted.Body), `{"message":"Presa in carico","status":"accepted"}`; got != want {
		t.Errorf("body %s, want %s: the document has these members", got, want)
	}
	state := accepted.Header.Get("Location")
	id := strings.TrimPrefix(state, "/richieste/")
	if len(id) != 36 || len(w.procedure.seen) != 0 {
		t.Fatalf("Location %q, procedure called %d times", state, len(w.procedure.seen))
	}
	pending, err := w.call(t, http.MethodGet, state, "")
	if err != nil || pending.Status != http.StatusOK || !strings.Contains(string(pending.Body), "processing") {
		t.Errorf("%+v %v", pending, err)
	}
	_, err = w.call(t, http.MethodGet, "/risultati/"+id, "")
	wantRule(t, err, problem.RuleInteractionPending)

	w.work(t)
	if diff := cmp.Diff([]string{`{"n":1}`}, w.procedure.bodies); diff != "" {
		t.Error(diff)
	}
	asked := w.procedure.seen[0]
	if asked.URL.String() != "http://procedura.example/api/richieste?urgente=no" || asked.Header.Get("Idempotency-Key") != id ||
		asked.Header.Get("X-Consumer") != consumer {
		t.Errorf("the procedure was asked %s %v", asked.URL, asked.Header)
	}
	done, err := w.call(t, http.MethodGet, state, "")
	if err != nil || done.Status != http.StatusSeeOther || done.Header.Get("Location") != "/risultati/"+id || len(done.Body) != 0 {
		t.Errorf("%+v %v", done, err)
	}
	for range 2 {
		result, err := w.call(t, http.MethodGet, "/risultati/"+id, "")
		if err != nil || result.Status != http.StatusOK || string(result.Body) != `{"esito":"libero"}` || result.Header.Get("Set-Cookie") != "" {
			t.Errorf("%+v %v", result, err)
		}
	}
	w.work(t)
	if len(w.procedure.seen) != 1 {
		t.Errorf("the procedure was called %d times", len(w.procedure.seen))
	}
}

// TestOnlyWhoAskedIsTold: to everybody else the interaction is not there.
func TestOnlyWhoAskedIsTold(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	accepted, err := w.call(t, http.MethodPost, "/richieste", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	w.work(t)
	state := accepted.Header.Get("Location")
	for name, change := range map[string]func(http.Header){
		"another consumer": func(h http.Header) { h.Set("X-Consumer", "9c1d1b0e-0000-4000-8000-000000000002") },
		"another purpose":  func(h http.Header) { h.Set("X-Purpose", "finalita-2") },
		"nobody":           func(h http.Header) { h.Del("X-Consumer") },
	} {
		for _, path := range []string{state, strings.Replace(state, "richieste", "risultati", 1)} {
			answer, err := w.call(t, http.MethodGet, path, "", change)
			if answer != nil {
				t.Errorf("%s: %+v", name, answer)
			}
			wantRule(t, err, problem.RuleInteractionUnknown)
		}
	}
	_, err = w.call(t, http.MethodGet, "/richieste/9c1d1b0e-0000-4000-8000-000000000009", "")
	wantRule(t, err, problem.RuleInteractionUnknown)
	w.clock.Advance(registry.DefaultKeep)
	_, err = w.call(t, http.MethodGet, state, "")
	wantRule(t, err, problem.RuleInteractionUnknown)
}

// TestSilenceIsTriedAgain: with the same Idempotency-Key, until the procedure answers.
func TestSilenceIsTriedAgain(t *testing.T) {
	w := newWorld(t, silent, answers(http.StatusServiceUnavailable, ""), answers(http.StatusTooManyRequests, ""), answers(http.StatusUnprocessableEntity, `{"title":"no"}`))
	accepted, err := w.call(t, http.MethodPost, "/richieste", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		w.work(t)
		w.clock.Advance(time.Hour)
	}
	if len(w.procedure.seen) != 4 || w.procedure.seen[0].Header.Get("Idempotency-Key") != w.procedure.seen[3].Header.Get("Idempotency-Key") {
		t.Errorf("the procedure was called %d times", len(w.procedure.seen))
	}
	result, err := w.call(t, http.MethodGet, strings.Replace(accepted.Header.Get("Location"), "richieste", "risultati", 1), "")
	if err != nil || result.Status != http.StatusUnprocessableEntity {
		t.Errorf("its refusal is its answer: %+v %v", result, err)
	}
}

func TestProcedureThatNeverAnswersIsADeadLetter(t *testing.T) {
	w := newWorld(t, silent)
	if _, err := w.call(t, http.MethodPost, "/richieste", `{}`); err != nil {
		t.Fatal(err)
	}
	for range 25 {
		w.work(t)
		w.clock.Advance(time.Hour)
	}
	dead, err := w.store.Jobs().Dead(t.Context(), jobs.DeadQuery{Limit: 5})
	if err != nil || len(dead) != 1 || dead[0].Code != interaction.CodeBackEnd {
		t.Errorf("%+v %v", dead, err)
	}
}

func TestPush(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{"esito":"libero"}`))
	accepted, err := w.call(t, http.MethodPost, "/avvisi", `{"n":1}`, replying)
	if err != nil || accepted.Status != http.StatusAccepted || len(accepted.Body) != 0 {
		t.Fatalf("%+v %v", accepted, err)
	}
	id := accepted.Header.Get(interaction.HeaderCorrelation)
	w.statuses = []int{0, http.StatusServiceUnavailable, http.StatusNotFound, http.StatusOK}
	for range 5 {
		w.work(t)
		w.clock.Advance(2 * time.Hour)
	}
	if len(w.callbacks) != 4 || len(w.procedure.seen) != 1 {
		t.Fatalf("%d callbacks, procedure called %d times", len(w.callbacks), len(w.procedure.seen))
	}
	if w.procedure.seen[0].Header.Get(interaction.HeaderReplyTo) != "" {
		t.Error("the procedure learns where the answer goes")
	}
	for _, c := range w.callbacks {
		if c.ID != id || c.Header.Get(interaction.HeaderCorrelation) != id || string(c.Body) != `{"esito":"libero"}` || c.ReplyTo != replyTo || c.Consumer != consumer {
			t.Errorf("callback %+v", c)
		}
	}
}

func TestCallbackThatIsRefusedIsADeadLetter(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	if _, err := w.call(t, http.MethodPost, "/avvisi", `{}`, replying); err != nil {
		t.Fatal(err)
	}
	w.statuses = []int{http.StatusForbidden}
	w.work(t)
	w.work(t)
	dead, err := w.store.Jobs().Dead(t.Context(), jobs.DeadQuery{Limit: 5})
	if err != nil || len(dead) != 1 || dead[0].Code != interaction.CodeDelivery || len(w.callbacks) != 1 {
		t.Errorf("%+v %v, %d callbacks", dead, err, len(w.callbacks))
	}
}

// TestRejectsReplyToOfStrangers: the hub calls nobody that its binding does not name (SSRF).
func TestRejectsReplyToOfStrangers(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	_, err := w.call(t, http.MethodPost, "/avvisi", `{}`)
	wantRule(t, err, problem.RuleReplyToMissing)
	for _, to := range []string{"http://169.254.169.254/latest", replyTo + "/x", "https://altro.example/"} {
		_, err := w.call(t, http.MethodPost, "/avvisi", `{}`, func(h http.Header) { h.Set(interaction.HeaderReplyTo, to) })
		wantRule(t, err, problem.RuleReplyToUnknown)
	}
	// An address taken out of the binding after the request is not called either.
	if _, err := w.call(t, http.MethodPost, "/avvisi", `{}`, replying); err != nil {
		t.Fatal(err)
	}
	w.barred = true
	w.work(t)
	w.work(t)
	if len(w.callbacks) != 0 {
		t.Errorf("%d callbacks", len(w.callbacks))
	}
}

// TestAnswerIsNotedOnce: a run that lost its lease changes nothing.
func TestAnswerIsNotedOnce(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{"n":1}`), answers(http.StatusOK, `{"n":2}`))
	accepted, err := w.call(t, http.MethodPost, "/richieste", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	w.work(t)
	id := strings.TrimPrefix(accepted.Header.Get("Location"), "/richieste/")
	err = w.store.Interactions().Update(t.Context(), func(ctx context.Context, tx interaction.Tx) error {
		return tx.EndInteraction(ctx, id, seal.Box{Key: []byte{1}, Data: []byte{2}}, w.clock.Now())
	})
	if !errors.Is(err, interaction.ErrNotFound) {
		t.Errorf("second end: %v", err)
	}
	result, err := w.call(t, http.MethodGet, "/risultati/"+id, "")
	if err != nil || string(result.Body) != `{"n":1}` {
		t.Errorf("%+v %v", result, err)
	}
}

func TestOtherOperationsPassThrough(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{"n":1}`))
	answer, err := w.call(t, http.MethodPost, "/subito", `{}`)
	if err != nil || answer.Status != http.StatusOK || len(w.procedure.seen) != 1 {
		t.Errorf("%+v %v", answer, err)
	}
}

func TestExpiredInteractionsAreForgotten(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	if _, err := w.call(t, http.MethodPost, "/richieste", `{}`); err != nil {
		t.Fatal(err)
	}
	if n, err := w.store.Interactions().PurgeInteractions(t.Context(), w.clock.Now()); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	w.clock.Advance(registry.DefaultKeep)
	if n, err := w.store.Interactions().PurgeInteractions(t.Context(), w.clock.Now()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestRefusesOffersThatCannotWork(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	for name, o := range map[string]registry.ExposureOperation{
		"ask":     {Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPull, Status: "state", Result: "none"}},
		"state":   {Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPull, Status: "state", Result: "result"}},
		"missing": {Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPush}},
	} {
		_, err := w.Offer(interaction.Offer{
			Ente: "c_a", Exposure: "x", URL: "http://procedura.example", BackEnd: w.procedure,
			Recipe: &registry.Exposure{Document: []byte(document), Operations: map[string]registry.ExposureOperation{name: o}},
		})
		if err == nil {
			t.Errorf("%s: offered", name)
		}
	}
}
