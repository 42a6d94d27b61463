// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

func failing(err error) func(*http.Request) (*outbound.Response, error) {
	return func(*http.Request) (*outbound.Response, error) { return nil, err }
}

func backIn(d time.Duration) func(*http.Request) (*outbound.Response, error) {
	return failing(&registry.Fault{Kind: registry.ErrUnavailable, Status: http.StatusServiceUnavailable, RetryAfter: d})
}

func (w *world) dead(t *testing.T) []jobs.Row {
	t.Helper()
	dead, err := w.store.Jobs().Dead(t.Context(), jobs.DeadQuery{Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	return dead
}

// asked has a request accepted, and returns the address of its state and of its result.
func (w *world) asked(t *testing.T) (state, result string) {
	t.Helper()
	accepted, err := w.call(t, http.MethodPost, "/richieste", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	state = accepted.Header.Get("Location")
	return state, strings.Replace(state, "richieste", "risultati", 1)
}

// TestShortRetryAfterDoesNotUseUpTheAttempts: a procedure that says "in a second" all through a restart of five minutes is
// not given up.
func TestShortRetryAfterDoesNotUseUpTheAttempts(t *testing.T) {
	w := newWorld(t, backIn(time.Second))
	w.asked(t)
	for range 60 {
		w.work(t)
		w.clock.Advance(5 * time.Second)
	}
	if n := len(w.procedure.seen); n < 4 || n > 10 || len(w.dead(t)) != 0 {
		t.Errorf("asked %d times in five minutes, dead letters %+v", n, w.dead(t))
	}
}

// TestRetryAfterIsWaitedFor, when it is longer than what the attempts call for.
func TestRetryAfterIsWaitedFor(t *testing.T) {
	w := newWorld(t, backIn(10*time.Minute), answers(http.StatusOK, `{}`))
	_, result := w.asked(t)
	for range 10 {
		w.work(t)
		if len(w.procedure.seen) != 1 {
			t.Fatal("asked before the time that it told")
		}
		w.clock.Advance(time.Minute)
	}
	w.work(t)
	if _, err := w.call(t, http.MethodGet, result, ""); err != nil {
		t.Error(err)
	}
}

// TestWhatWasNotAskedUsesUpNoAttempt: while the breaker of the procedure keeps calls back, or no place is free, nothing was
// tried.
func TestWhatWasNotAskedUsesUpNoAttempt(t *testing.T) {
	for name, err := range map[string]error{
		"breaker":  &registry.Fault{Kind: registry.ErrUnavailable, RetryAfter: time.Second, Err: registry.ErrGuardOpen},
		"no place": problem.New(problem.RuleConcurrency),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, failing(err))
			_, result := w.asked(t)
			for range 30 { // more than the attempts of a job
				w.work(t)
				w.clock.Advance(time.Minute)
			}
			if len(w.dead(t)) != 0 || len(w.procedure.seen) < 25 {
				t.Fatalf("looked at %d times, dead letters %+v", len(w.procedure.seen), w.dead(t))
			}
			w.procedure.answers = []func(*http.Request) (*outbound.Response, error){answers(http.StatusOK, `{}`)}
			w.work(t)
			if _, err := w.call(t, http.MethodGet, result, ""); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAnswerThatCannotBeTakenIsNotAskedForAgain: it would be the same.
func TestAnswerThatCannotBeTakenIsNotAskedForAgain(t *testing.T) {
	w := newWorld(t, failing(problem.New(problem.RuleBackEndBadAnswer)))
	w.asked(t)
	w.work(t)
	if dead := w.dead(t); len(dead) != 1 || dead[0].Code != interaction.CodeBackEnd || len(w.procedure.seen) != 1 {
		t.Errorf("%+v", dead)
	}
}

// TestWhoAskedIsToldOfADeadLetter, and that it is worked again once somebody has it run again.
func TestWhoAskedIsToldOfADeadLetter(t *testing.T) {
	w := newWorld(t, failing(problem.New(problem.RuleBackEndBadAnswer)), answers(http.StatusOK, `{}`))
	state, result := w.asked(t)
	w.work(t)
	for _, path := range []string{state, result} {
		_, err := w.call(t, http.MethodGet, path, "")
		wantRule(t, err, problem.RuleInteractionFailed)
		_, err = w.call(t, http.MethodGet, path, "", func(h http.Header) { h.Set("X-Consumer", "another") })
		wantRule(t, err, problem.RuleInteractionUnknown)
	}
	if err := w.queue.Retry(t.Context(), w.dead(t)[0].ID); err != nil {
		t.Fatal(err)
	}
	if answer, err := w.call(t, http.MethodGet, state, ""); err != nil || answer.Status != http.StatusOK {
		t.Errorf("run again: %+v %v", answer, err)
	}
	w.work(t)
	if _, err := w.call(t, http.MethodGet, result, ""); err != nil {
		t.Error(err)
	}
}

// TestAbandonedCallbackIsSeen: a callback that was never delivered is a dead letter when its interaction is forgotten, and is
// not taken for done.
func TestAbandonedCallbackIsSeen(t *testing.T) {
	w := newWorld(t, silent, answers(http.StatusOK, `{}`))
	if _, err := w.call(t, http.MethodPost, "/avvisi", `{}`, replying); err != nil {
		t.Fatal(err)
	}
	w.work(t)
	w.clock.Advance(15 * time.Minute)
	w.statuses = []int{0}
	w.work(t) // answered now, long after it was accepted
	w.clock.Advance(registry.DefaultKeep - 15*time.Minute)
	if _, err := w.store.Interactions().PurgeInteractions(t.Context(), w.clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.work(t)
	dead := w.dead(t)
	if len(dead) != 1 {
		t.Fatalf("dead letters %+v", dead)
	}
	if err := w.queue.Retry(t.Context(), dead[0].ID); err != nil {
		t.Fatal(err)
	}
	w.work(t)
	if dead = w.dead(t); len(dead) != 1 || dead[0].Code != jobs.CodeExpired {
		t.Errorf("run again: %+v", dead)
	}
}
