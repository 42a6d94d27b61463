// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/problem"
)

// fakeActs keeps the last act.
type fakeActs struct {
	err   error
	begun acts.Act
	ended acts.Act
}

func (f *fakeActs) Begin(_ context.Context, a acts.Act) (acts.Begun, error) {
	f.begun = a
	return acts.Begun{ID: "atto-1", Index: 7}, f.err
}

func (f *fakeActs) End(_ context.Context, _ acts.Begun, a acts.Act) error {
	f.ended = a
	return f.err
}

func (f *fakeActs) Acts(context.Context, string, string) ([]acts.Act, error) {
	return []acts.Act{f.begun}, f.err
}

func TestActsAreKeptThroughGestione(t *testing.T) {
	w := newWorld(t)
	kept := &fakeActs{}
	w.options.Acts = kept
	w.options.ReloadKeys = func(_ context.Context, ente, setting string) (string, error) { return ente + " " + setting, kept.err }
	w.start(t)
	post := func(path, body string) answer {
		return w.do(t, ListenerGestione, "POST", path, body, "Content-Type", "application/json")
	}
	act := `{"ente":"c_a","ambiente":"collaudo","azione":"purpose/create","oggetto":"purpose/nido","operatore":"mrossi"}`
	if a := post(PathActs, act); a.StatusCode != 201 || a.body != `{"id":"atto-1","indice":7}` || kept.begun.Target != "purpose/nido" {
		t.Errorf("begin %d %s", a.StatusCode, a.body)
	}
	if a := post(PathActsEnd, `{"iniziato":{"id":"atto-1","indice":7},"atto":{"ente":"c_a","esito":"fatto","stato":201}}`); a.StatusCode != 200 || kept.ended.Outcome != acts.Done {
		t.Errorf("end %d %s", a.StatusCode, a.body)
	}
	if a := post(PathActsSearch, `{"ente":"c_a","ambiente":"collaudo"}`); a.StatusCode != 200 || !strings.Contains(a.body, `"azione":"purpose/create"`) {
		t.Errorf("search %d %s", a.StatusCode, a.body)
	}
	if a := post(PathReloadKeys, `{"ente":"c_a","chiave":"clients.x.key"}`); a.StatusCode != 200 || !strings.Contains(a.body, `"kid":"c_a clients.x.key"`) {
		t.Errorf("reload %d %s", a.StatusCode, a.body)
	}
	wantProblem(t, post(PathActs, strings.Replace(act, "c_a", "c_x", 1)), problem.RuleUnknownEnte, 422)
	wantProblem(t, post(PathActs, `{"ente":"c_a","altro":1}`), problem.RuleSchema, 400)
	kept.err = acts.ErrInvalid
	wantProblem(t, post(PathActs, act), problem.RuleSchema, 400)
	wantProblem(t, post(PathActsEnd, `{"atto":{"ente":"c_a"}}`), problem.RuleSchema, 400)
	kept.err = evidence.ErrUnavailable
	wantProblem(t, post(PathActs, act), problem.RuleIntentNotStored, 503)
	wantProblem(t, post(PathActsEnd, `{"atto":{"ente":"c_a"}}`), problem.RuleOutcomeNotStored, 500)
	wantProblem(t, post(PathActsSearch, `{"ente":"c_a"}`), problem.RuleEvidenceReading, 503)
	kept.err = errors.New("a key cannot be opened")
	wantProblem(t, post(PathReloadKeys, `{"ente":"c_a","chiave":"x"}`), problem.RuleUnexpected, 500)
	for _, listener := range []string{ListenerApplicazioni, ListenerEsposizione} {
		wantProblem(t, w.do(t, listener, "POST", PathActs, act), problem.RuleUnknownPath, 404)
	}
}
