// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// TestSuspendedConsumerIsNotServedLater: what it asked before waits, and goes on when it is admitted again.
func TestSuspendedConsumerIsNotServedLater(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	if _, err := w.call(t, http.MethodPost, "/avvisi", `{}`, replying); err != nil {
		t.Fatal(err)
	}
	w.suspended = true
	for range 3 {
		w.work(t)
		w.clock.Advance(time.Hour)
	}
	if len(w.procedure.seen) != 0 || len(w.callbacks) != 0 {
		t.Fatalf("procedure called %d times, %d callbacks", len(w.procedure.seen), len(w.callbacks))
	}
	w.suspended = false
	w.work(t)
	w.suspended = true // between the answer and its delivery
	w.clock.Advance(time.Hour)
	w.work(t)
	if n := len(w.callbacks); n > 1 {
		t.Errorf("%d callbacks", n)
	}
	w.suspended = false
	w.clock.Advance(time.Hour)
	w.work(t)
	if len(w.procedure.seen) != 1 || len(w.callbacks) != 1 {
		t.Errorf("procedure called %d times, %d callbacks", len(w.procedure.seen), len(w.callbacks))
	}
}

// TestSuspensionLongerThanAllAttemptsLosesNothing: what waits for a readmission is no dead letter, however long that takes.
func TestSuspensionLongerThanAllAttemptsLosesNothing(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	if _, err := w.call(t, http.MethodPost, "/avvisi", `{}`, replying); err != nil {
		t.Fatal(err)
	}
	wait := func(looks int) {
		t.Helper()
		w.suspended = true
		for range looks {
			w.clock.Advance(15 * time.Minute)
			w.work(t)
		}
		if dead, err := w.store.Jobs().Dead(t.Context(), jobs.DeadQuery{Limit: 5}); err != nil || len(dead) != 0 {
			t.Fatalf("dead letters %+v, %v", dead, err)
		}
		w.suspended = false
		w.clock.Advance(15 * time.Minute)
	}
	wait(22) // more than the attempts of a job
	w.statuses = []int{http.StatusServiceUnavailable, http.StatusOK}
	w.work(t) // the procedure answers, and the callback has to be repeated
	if len(w.procedure.seen) != 1 || len(w.callbacks) != 1 {
		t.Fatalf("procedure called %d times, %d callbacks", len(w.procedure.seen), len(w.callbacks))
	}
	wait(3)
	w.work(t)
	if len(w.callbacks) != 2 {
		t.Errorf("%d callbacks", len(w.callbacks))
	}
}

// TestSuspensionUntilTheEndIsSeen: what nobody readmitted in time is a dead letter that says why.
func TestSuspensionUntilTheEndIsSeen(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	if _, err := w.call(t, http.MethodPost, "/richieste", `{}`); err != nil {
		t.Fatal(err)
	}
	w.suspended = true
	w.work(t)
	w.clock.Advance(registry.DefaultKeep)
	w.work(t)
	dead, err := w.store.Jobs().Dead(t.Context(), jobs.DeadQuery{Limit: 5})
	if err != nil || len(dead) != 1 || dead[0].Code != interaction.CodeSuspended || len(w.procedure.seen) != 0 {
		t.Errorf("%+v %v", dead, err)
	}
}

// waiting stores interactions that nobody works, as if they had been accepted.
func (w *world) waiting(t *testing.T, who string, count int) {
	t.Helper()
	now := w.clock.Now()
	err := w.store.Interactions().Update(t.Context(), func(ctx context.Context, tx interaction.Tx) error {
		for i := range count {
			if err := tx.PutInteraction(ctx, interaction.Row{
				ID: fmt.Sprintf("%s-%d", who, i), Ente: "c_a", Environment: "locale", Service: "visure", Operation: "ask",
				Consumer: who, AcceptedAt: now, Expires: now.Add(registry.DefaultKeep),
				Request: seal.Box{Key: []byte{1}, Data: []byte{2}},
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOneConsumerCannotFillTheStore by many requests. The others are served, and what is answered frees its place.
func TestOneConsumerCannotFillTheStore(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	w.waiting(t, consumer, 999)
	if _, err := w.call(t, http.MethodPost, "/richieste", `{}`); err != nil {
		t.Fatalf("the last one that has room: %v", err)
	}
	_, err := w.call(t, http.MethodPost, "/avvisi", `{}`, replying)
	wantRule(t, err, problem.RuleTooManyOpen)
	if told := problem.Explain(err); told.Row.Status != http.StatusTooManyRequests || told.RetryAfter <= 0 {
		t.Errorf("%d, Retry-After %v", told.Row.Status, told.RetryAfter)
	}
	if _, err := w.call(t, http.MethodPost, "/richieste", `{}`, func(h http.Header) { h.Set("X-Consumer", "another") }); err != nil {
		t.Errorf("another consumer: %v", err)
	}
	w.work(t)
	if _, err := w.call(t, http.MethodPost, "/richieste", `{}`); err != nil {
		t.Errorf("after an answer: %v", err)
	}
}

// TestOneConsumerCannotFillTheStoreByLargeRequests, fewer as they may be.
func TestOneConsumerCannotFillTheStoreByLargeRequests(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	w.more.Bytes = 64<<20 - 1000
	if _, err := w.call(t, http.MethodPost, "/richieste", `{}`); err != nil {
		t.Fatalf("one that has room: %v", err)
	}
	_, err := w.call(t, http.MethodPost, "/richieste", `{"n":"`+strings.Repeat("x", 1000)+`"}`)
	wantRule(t, err, problem.RuleTooManyOpen)
}

// stuck is a back end that does not answer before it is told to.
type stuck struct{ free chan struct{} }

func (s stuck) Do(ctx context.Context, _ *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
	select {
	case <-s.free:
		return &outbound.Response{Status: http.StatusOK, Header: http.Header{}}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// slowEnte offers the same e-service for another ente, whose procedure is behind.
func (w *world) slowEnte(t *testing.T, behind interaction.BackEnd) interaction.BackEnd {
	t.Helper()
	front, err := w.Offer(interaction.Offer{
		Ente: "c_lento", Environment: "locale", Exposure: "visure", URL: "http://procedura.example/api/", BackEnd: behind,
		Recipe: &registry.Exposure{Document: []byte(document), Operations: map[string]registry.ExposureOperation{
			"ask": {Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPull, Status: "state", Result: "result"}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return front
}

// running runs the jobs of the world until the test ends, after which free is closed.
func (w *world) running(t *testing.T, free chan struct{}) {
	t.Helper()
	set := jobs.NewHandlers()
	if err := w.Register(set); err != nil {
		t.Fatal(err)
	}
	worker, err := jobs.NewWorker(w.queue, set, jobs.WorkerConfig{Poll: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	t.Cleanup(func() {
		close(free)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// asksFor is one more request of a consumer, and returns where its result will be.
func (w *world) asksFor(t *testing.T, who string) string {
	t.Helper()
	accepted, err := w.call(t, http.MethodPost, "/richieste", `{}`, of(who))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(accepted.Header.Get("Location"), "richieste", "risultati", 1)
}

func of(who string) func(http.Header) { return func(h http.Header) { h.Set("X-Consumer", who) } }

// wantAnswer waits for the result of a consumer.
func (w *world) wantAnswer(t *testing.T, result, who string) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-again.C {
		_, err := w.call(t, http.MethodGet, result, "", of(who))
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("requests that are not answered hold it up: %v", err)
		}
	}
}

// TestSlowProcedureStarvesNoOtherEnte: with far more requests than workers waiting at the back end of one ente, of one
// consumer or of as many, those of another are answered meanwhile.
func TestSlowProcedureStarvesNoOtherEnte(t *testing.T) {
	for name, consumers := range map[string]int{"one consumer": 1, "many consumers": 20} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, answers(http.StatusOK, `{"n":1}`))
			slow := stuck{free: make(chan struct{})}
			own, front := w.front, w.slowEnte(t, slow)
			w.front = front
			for n := range 20 {
				w.asksFor(t, fmt.Sprintf("fruitore-%d", n%consumers))
			}
			w.front = own
			result := w.asksFor(t, consumer)
			w.running(t, slow.free)
			w.wantAnswer(t, result, consumer)
		})
	}
}

// held is a back end that answers nothing of one consumer before it is told to.
type held struct {
	stuck
	from string
}

func (h held) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	if req.Header.Get("X-Consumer") == h.from {
		return h.stuck.Do(ctx, req, x)
	}
	return answers(http.StatusOK, `{"n":1}`)(req)
}

// TestOneConsumerHoldsUpNoOther at the same e-service: what it asks, however much and however slow, leaves places to others.
func TestOneConsumerHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, answers(http.StatusOK, `{}`))
	slow := held{stuck{free: make(chan struct{})}, "lento"}
	w.front = w.slowEnte(t, slow)
	for range 20 {
		w.asksFor(t, "lento")
	}
	result := w.asksFor(t, consumer)
	w.running(t, slow.free)
	w.wantAnswer(t, result, consumer)
}
