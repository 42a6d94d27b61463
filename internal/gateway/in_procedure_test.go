// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// doing is a Doer.
type doing func(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error)

func (d doing) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	return d(ctx, req, x)
}

// fronted is a world whose e-services are answered by front. behind is the procedure of c_a, as what stands in front has it.
func (w *inWorld) fronted(t *testing.T, front Doer) (behind Doer) {
	t.Helper()
	deps := w.InDeps
	deps.Front = func(ente, _ string, b Doer) (Doer, error) {
		if ente == "c_a" {
			behind = b
		}
		return front, nil
	}
	var err error
	if w.In, err = NewIn(deps); err != nil {
		t.Fatal(err)
	}
	return behind
}

func fromTheQueue(t *testing.T, behind Doer) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://procedura.example/api/ricerche", strings.NewReader(`{"id":"12"}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = behind.Do(t.Context(), req, outbound.Exchange{})
	return err
}

// TestQueueCallsThroughTheBreaker: calls that nobody waits for open it as others do, and are kept back by it. What the hub
// answers itself meanwhile, as an acceptance, has nothing to do with it.
func TestQueueCallsThroughTheBreaker(t *testing.T) {
	w := newInWorld(t)
	w.backEnd.err = errBackEnd
	behind := w.fronted(t, doing(func(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
		return &outbound.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {mediaJSON}}, Body: []byte(answerOK)}, nil
	}))
	for range 2 {
		if err := fromTheQueue(t, behind); !errors.Is(err, registry.ErrUnavailable) || errors.Is(err, registry.ErrGuardOpen) {
			t.Fatal(err)
		}
	}
	if err := fromTheQueue(t, behind); !errors.Is(err, registry.ErrGuardOpen) || w.backEnd.calls() != 2 {
		t.Errorf("%v, called %d times", err, w.backEnd.calls())
	}
	if state := w.GuardStates()["esposizione/c_a/pratiche"]; state != "open" {
		t.Errorf("the breaker is %s", state)
	}
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Errorf("what the hub answers itself: %v", err)
	}
}

// TestQueueTakesAPlaceAmongTheCallsUnderWay: limits.concurrency bounds what reaches the back end, whoever asks.
func TestQueueTakesAPlaceAmongTheCallsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Limits.Concurrency = 1 })
		called := 0
		hold := make(chan struct{})
		deps := w.InDeps
		deps.BackEnd = func(_, _ string) (Doer, error) {
			return doing(func(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
				called++
				<-hold
				return &outbound.Response{Status: http.StatusOK, Header: http.Header{}}, nil
			}), nil
		}
		w.InDeps = deps
		behind := w.fronted(t, w.backEnd)
		first := make(chan error, 1)
		go func() { first <- fromTheQueue(t, behind) }()
		synctest.Wait()
		_, err := w.serve(t, w.newCall())
		wantRule(t, err, problem.RuleConcurrency, http.StatusServiceUnavailable)
		var full *problem.Error
		if err := fromTheQueue(t, behind); !errors.As(err, &full) || full.Rule != problem.RuleConcurrency || called != 1 {
			t.Errorf("%v, called %d times", err, called)
		}
		waiting := make(chan error, 1)
		go func() { waiting <- fromTheQueue(t, behind) }()
		synctest.Wait()
		close(hold)
		if err := errors.Join(<-first, <-waiting); err != nil || called != 2 {
			t.Errorf("%v, called %d times", err, called)
		}
	})
}

// TestLongAnswersAreTakenWhereTheRecipeSays, from callers that wait and from the queue.
func TestLongAnswersAreTakenWhereTheRecipeSays(t *testing.T) {
	for _, most := range []int64{0, 5 << 20} {
		var told []int64
		w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Limits.Answer = most })
		deps := w.InDeps
		deps.BackEnd = func(_, _ string) (Doer, error) {
			return doing(func(_ context.Context, _ *http.Request, x outbound.Exchange) (*outbound.Response, error) {
				told = append(told, x.MaxBody)
				return &outbound.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {mediaJSON}}, Body: []byte(answerOK)}, nil
			}), nil
		}
		in, err := NewIn(deps)
		if err != nil {
			t.Fatal(err)
		}
		w.In = in
		if _, err := w.serve(t, w.newCall()); err != nil {
			t.Fatal(err)
		}
		if err := fromTheQueue(t, w.exposed["c_a/pratiche/v1"].procedure); err != nil {
			t.Fatal(err)
		}
		if len(told) != 2 || told[0] != most || told[1] != most {
			t.Errorf("limits.answer %d: the client was told %v", most, told)
		}
	}
}

// TestBulkNeedsAProcedureThatStreams, whatever stands in front of it.
func TestBulkNeedsAProcedureThatStreams(t *testing.T) {
	deps := newInWorld(t).InDeps
	deps.Config = inConfig()
	deps.Config.Exposes["pratiche"].Operations = map[string]registry.ExposureOperation{
		"leggi": {Bulk: true, Patterns: &registry.RecipePatterns{Request: []modi.Pattern{modi.PatternAuditREST02}}},
	}
	deps.Front = func(string, string, Doer) (Doer, error) { return &streams{}, nil }
	if _, err := NewIn(deps); err == nil || !strings.Contains(err.Error(), "bulk") {
		t.Errorf("accepted: %v", err)
	}
	deps.BackEnd = func(string, string) (Doer, error) { return &streams{}, nil }
	if _, err := NewIn(deps); err != nil {
		t.Error(err)
	}
}

// TestExposureWithoutProcedureHasNoBreaker: what only receives callbacks is answered by the hub alone.
func TestExposureWithoutProcedureHasNoBreaker(t *testing.T) {
	w := newInWorld(t)
	w.BackEnd = func(string, string) (Doer, error) { return nil, nil } //nolint:nilnil // there is none
	if _, err := NewIn(w.InDeps); err == nil {
		t.Error("nothing answers, and it is served")
	}
	if behind := w.fronted(t, w.backEnd); behind != nil {
		t.Errorf("behind is %v", behind)
	}
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Error(err)
	}
	if states := w.GuardStates(); len(states) != 0 {
		t.Errorf("breakers of nothing: %v", states)
	}
}

// TestLatenessIsToldAsSuch: the end of the deadline is the back end's, and the error says so.
func TestLatenessIsToldAsSuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &procedure{
			service: "x", guard: registry.NewGuard("x", registry.GuardSettings{}, nil), deadline: time.Second, clock: time.Now,
			next: doing(func(ctx context.Context, _ *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}),
		}
		if err := fromTheQueue(t, p); !errors.Is(err, registry.ErrUnavailable) || outbound.ReasonOf(err) != outbound.ReasonTimeout {
			t.Errorf("%v", err)
		}
	})
}
