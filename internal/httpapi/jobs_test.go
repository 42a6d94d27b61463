// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/problem"
)

// fakeQueue holds one dead letter.
type fakeQueue struct {
	err    error
	query  jobs.DeadQuery
	reason string
	info   jobs.Info
}

func (f *fakeQueue) Get(_ context.Context, id string) (jobs.Info, error) {
	if f.err == nil && id != f.info.ID {
		return jobs.Info{}, jobs.ErrNotFound
	}
	return f.info, f.err
}

func (f *fakeQueue) Dead(_ context.Context, q jobs.DeadQuery) ([]jobs.Info, error) {
	f.query = q
	return []jobs.Info{f.info}, f.err
}

func (f *fakeQueue) Stats(context.Context) ([]jobs.KindStats, error) {
	return []jobs.KindStats{{Kind: "tracing.day", Due: 2, Dead: 1, OldestDue: f.info.EnqueuedAt}}, f.err
}

func (f *fakeQueue) Retry(_ context.Context, id string) error {
	switch {
	case f.err != nil:
		return f.err
	case id != f.info.ID:
		return jobs.ErrNotFound
	case f.info.State != jobs.StateDead:
		return jobs.ErrNotDead
	}
	f.info.State = jobs.StatePending
	return nil
}

func (f *fakeQueue) Discard(_ context.Context, _, reason string) error {
	if reason == "" {
		return jobs.ErrReason
	}
	f.reason, f.info.State, f.info.Reason = reason, jobs.StateDiscarded, reason
	return f.err
}

func newJobsWorld(t *testing.T) (*world, *fakeQueue) {
	t.Helper()
	at := time.Date(2026, 11, 3, 2, 0, 0, 0, time.UTC)
	q := &fakeQueue{info: jobs.Info{
		ID: "j-1", Kind: "tracing.day", Ente: "c_a", Environment: "collaudo", State: jobs.StateDead, Attempt: 8, MaxAttempts: 8,
		Code: "tracing/refused", EnqueuedAt: at, RunAt: at, EndedAt: at.Add(time.Hour),
	}}
	w := newWorld(t)
	w.options.Jobs = q
	return w.start(t), q
}

func TestDeadLettersAreListedWithTheCountsOfTheRest(t *testing.T) {
	w, q := newJobsWorld(t)
	a := w.do(t, ListenerGestione, "GET", "/v1/lavori?tipo=tracing.day&ente=c_a&dopo=x&limite=7", "")
	var got Lavori
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.StatusCode != 200 {
		t.Fatalf("%d %s: %v", a.StatusCode, a.body, err)
	}
	if len(got.Fermi) != 1 || got.Fermi[0].Codice != "tracing/refused" || got.Fermi[0].Concluso == nil || got.Fermi[0].ScadeEntro != nil {
		t.Errorf("dead letters %+v", got.Fermi)
	}
	want := []LavoriTipo{{Tipo: "tracing.day", Pronti: 2, Fermi: 1, PiuVecchio: "2026-11-03T02:00:00Z"}}
	if diff := cmp.Diff(want, got.Tipi); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(jobs.DeadQuery{Kind: "tracing.day", Ente: "c_a", After: "x", Limit: 7}, q.query); diff != "" {
		t.Error(diff)
	}
}

func TestADeadLetterIsRetriedOnce(t *testing.T) {
	w, _ := newJobsWorld(t)
	a := w.do(t, ListenerGestione, "POST", "/v1/lavori/j-1/ripetizione", "")
	var now Lavoro
	if err := json.Unmarshal([]byte(a.body), &now); err != nil || a.StatusCode != 200 || now.Stato != "pending" {
		t.Errorf("%d %s: %v", a.StatusCode, a.body, err)
	}
	wantProblem(t, w.do(t, ListenerGestione, "POST", "/v1/lavori/j-1/ripetizione", ""), problem.RuleJobNotDead, 409)
	wantProblem(t, w.do(t, ListenerGestione, "POST", "/v1/lavori/j-2/ripetizione", ""), problem.RuleUnknownJob, 404)
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/lavori/j-2", ""), problem.RuleUnknownJob, 404)
}

func TestADeadLetterIsDiscardedForAReason(t *testing.T) {
	w, q := newJobsWorld(t)
	post := func(body string) answer {
		return w.do(t, ListenerGestione, "POST", "/v1/lavori/j-1/abbandono", body, "Content-Type", "application/json")
	}
	wantProblem(t, post(`{"motivo":""}`), problem.RuleDiscardReason, 422)
	wantProblem(t, post(`{"reason":"x"}`), problem.RuleSchema, 400)
	if a := post(`{"motivo":"inviato a mano"}`); a.StatusCode != 200 || q.reason != "inviato a mano" {
		t.Errorf("%d %s, reason %q", a.StatusCode, a.body, q.reason)
	}
}

func TestAQueueThatDoesNotAnswerIsNoNo(t *testing.T) {
	w, q := newJobsWorld(t)
	q.err = errors.New("database is locked")
	for _, path := range []string{"/v1/lavori", "/v1/lavori/j-1"} {
		wantProblem(t, w.do(t, ListenerGestione, "GET", path, ""), problem.RuleStore, 503)
	}
	wantProblem(t, w.do(t, ListenerGestione, "POST", "/v1/lavori/j-1/ripetizione", ""), problem.RuleStore, 503)
}
