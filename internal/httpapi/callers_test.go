// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/callers"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/kpi"
	"github.com/snodo-pa/snodo/internal/problem"
)

const aConsumer = "50000000-0000-4000-8000-000000000001"

// fakeFigures has the figures of one call.
type fakeFigures struct {
	err   error
	asked kpi.Query
}

func (f *fakeFigures) Report(_ context.Context, q kpi.Query) (kpi.Report, error) {
	f.asked = q
	half := 0.5
	return kpi.Report{
		Dal: q.From, Al: q.To,
		Servizi:  []kpi.Figures{{Ente: "c_a", Servizio: "pratiche", Chiamate: 2, Riuscite: 1, Disponibilita: &half}},
		Fruitori: []kpi.Caller{{Ente: "c_a", Servizio: "pratiche", Fruitore: aConsumer, Chiamate: 2}},
	}, f.err
}

func (f *fakeFigures) Callers(ctx context.Context, q kpi.Query) ([]kpi.Caller, error) {
	r, err := f.Report(ctx, q)
	return r.Fruitori, err
}

// fakeCallers suspends in memory.
type fakeCallers struct {
	err  error
	list []callers.Suspension
}

func (f *fakeCallers) Suspend(_ context.Context, s callers.Suspension) error {
	if f.err == nil {
		f.list = append(f.list, s)
	}
	return f.err
}

func (f *fakeCallers) Resume(_ context.Context, ente, service, consumer, by string) error {
	if f.err == nil {
		f.list = append(f.list, callers.Suspension{Ente: ente, Service: service, Consumer: consumer, ResumedBy: by, ResumedAt: time.Unix(1, 0)})
	}
	return f.err
}

func (f *fakeCallers) Suspensions(context.Context, string) ([]callers.Suspension, error) {
	return f.list, f.err
}

func callersWorld(t *testing.T) (*world, *fakeCallers, *fakeFigures) {
	t.Helper()
	w, desk, figures := newWorld(t), &fakeCallers{}, &fakeFigures{}
	w.options.Config.Enti["c_a"].Exposes = map[string]*config.Expose{
		"pratiche": {Fiducia: &config.Fiducia{Organizzazioni: map[string]string{"81234500015": ""}}},
		"atti":     {Fiducia: &config.Fiducia{Organizzazioni: map[string]string{"80012345678": aConsumer}}},
	}
	w.options.Callers, w.options.KPI = desk, figures
	w.options.Pending = func(_ context.Context, _, exposure string) ([]PendingCaller, error) {
		if exposure == "atti" {
			return nil, errors.New("no answer")
		}
		return []PendingCaller{{Servizio: exposure, Fruitore: "c-2", Attende: WaitsAgreement}}, nil
	}
	return w.start(t), desk, figures
}

func TestCallersAreListed(t *testing.T) {
	w, desk, figures := callersWorld(t)
	a := w.do(t, ListenerGestione, "GET", "/v1/chiamanti?ente=c_a", "")
	var got Chiamanti
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	want := Chiamanti{
		InAttesa: []PendingCaller{{Servizio: "pratiche", Fruitore: "c-2", Attende: WaitsAgreement}}, AttesaIgnota: []string{"atti"},
		Fruitori:    []kpi.Caller{{Ente: "c_a", Servizio: "pratiche", Fruitore: aConsumer, Chiamate: 2}},
		Sospensioni: []callers.Suspension{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if a := w.do(t, ListenerGestione, "GET", "/v1/chiamanti?ente=c_a&servizio=pratiche", ""); strings.Contains(a.body, "attesaIgnota") {
		t.Errorf("another e-service was asked: %s", a.body)
	}
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/chiamanti?ente=c_x", ""), problem.RuleUnknownEnte, 422)
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/chiamanti?ente=c_a&servizio=x", ""), problem.RuleUnknownExposure, 404)
	wantProblem(t, w.do(t, ListenerApplicazioni, "GET", "/v1/chiamanti?ente=c_a", ""), problem.RuleUnknownPath, 404)
	desk.err = errors.New("no answer")
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/chiamanti?ente=c_a", ""), problem.RuleStore, 503)
	figures.err = errors.New("no answer")
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/chiamanti?ente=c_a", ""), problem.RuleStore, 503)
}

func TestAConsumerIsSuspendedAndReadmitted(t *testing.T) {
	w, desk, _ := callersWorld(t)
	post := func(what, body string) answer {
		t.Helper()
		return w.do(t, ListenerGestione, "POST", "/v1/chiamanti/"+what, body, "Content-Type", "application/json")
	}
	sound := `{"ente":"c_a","servizio":"pratiche","fruitore":"` + aConsumer + `","motivo":"abuso","da":"anna"}`
	if a := post("sospensioni", sound); a.StatusCode != 201 || strings.Contains(a.body, "maiChiamato") {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	if a := post("riammissioni", strings.Replace(sound, "abuso", "", 1)); a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	want := []callers.Suspension{
		{Ente: "c_a", Service: "pratiche", Consumer: aConsumer, Reason: "abuso", By: "anna"},
		{Ente: "c_a", Service: "pratiche", Consumer: aConsumer, ResumedBy: "anna", ResumedAt: time.Unix(1, 0)},
	}
	if diff := cmp.Diff(want, desk.list); diff != "" {
		t.Error(diff)
	}
	for _, edit := range map[string][2]string{
		"no reason":        {"abuso", " "},
		"nobody decides":   {"anna", ""},
		"no consumer":      {aConsumer, "comune"},
		"another service":  {"pratiche", "altro"},
		"a reason of ages": {"abuso", strings.Repeat("x", 600)},
	} {
		wantProblem(t, post("sospensioni", strings.Replace(sound, edit[0], edit[1], 1)), problem.RuleSuspension, 422)
	}
	for _, body := range []string{strings.Replace(sound, aConsumer, "81234500015", 1), strings.Replace(sound, "pratiche", "", 1)} {
		never := strings.Contains(body, "81234500015") // the other one has called
		if a := post("sospensioni", body); a.StatusCode != 201 || strings.Contains(a.body, `"maiChiamato":true`) != never {
			t.Errorf("%s: %d %s", body, a.StatusCode, a.body)
		}
	}
	wantProblem(t, post("sospensioni", strings.Replace(sound, "c_a", "c_x", 1)), problem.RuleUnknownEnte, 422)
	wantProblem(t, post("sospensioni", "{"), problem.RuleMalformedJSON, 400)
	for _, tc := range []struct {
		err    error
		rule   string
		status int
	}{
		{callers.ErrSuspended, string(problem.RuleAlreadySuspended), 409},
		{callers.ErrNotSuspended, string(problem.RuleNotSuspended), 409},
		{errors.New("no answer"), string(problem.RuleStore), 503},
	} {
		desk.err = tc.err
		for _, what := range []string{"sospensioni", "riammissioni"} {
			if a := post(what, sound); a.StatusCode != tc.status || string(a.problem.Rule) != tc.rule {
				t.Errorf("%s: %d %s", what, a.StatusCode, a.body)
			}
		}
	}
}

// TestRejectsSuspensionThatKeepsNobodyOut: a codice fiscale that no check compares with that of a caller. What was suspended
// so before can still be ended.
func TestRejectsSuspensionThatKeepsNobodyOut(t *testing.T) {
	w, desk, _ := callersWorld(t)
	post := func(what, service, consumer string) answer {
		t.Helper()
		return w.do(t, ListenerGestione, "POST", "/v1/chiamanti/"+what,
			`{"ente":"c_a","servizio":"`+service+`","fruitore":"`+consumer+`","motivo":"abuso","da":"anna"}`, "Content-Type", "application/json")
	}
	for _, nobody := range [][2]string{{"pratiche", "80099999999"}, {"", "80099999999"}, {"atti", "81234500015"}} {
		a := post("sospensioni", nobody[0], nobody[1])
		wantProblem(t, a, problem.RuleSuspension, 422)
		if !strings.Contains(a.body, "non fermerebbe nessuno") || strings.Contains(a.body, nobody[1]) {
			t.Errorf("%v: %s", nobody, a.body)
		}
	}
	if len(desk.list) != 0 {
		t.Errorf("%+v", desk.list)
	}
	for _, somebody := range [][2]string{{"pratiche", "81234500015"}, {"", "81234500015"}, {"atti", "80012345678"}, {"pratiche", "80012345678"}, {"", aConsumer}} {
		if a := post("sospensioni", somebody[0], somebody[1]); a.StatusCode != 201 {
			t.Errorf("%v: %d %s", somebody, a.StatusCode, a.body)
		}
	}
	if a := post("riammissioni", "pratiche", "80099999999"); a.StatusCode != 200 {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

// TestARefusedSuspensionSaysWhichArgument is wrong.
func TestARefusedSuspensionSaysWhichArgument(t *testing.T) {
	w, _, _ := callersWorld(t)
	for in, want := range map[[2]string]string{
		{"contrassegno", aConsumer}: "/servizio: l'ente non espone un e-service di questo nome; ci sono ",
		{"pratiche", "c0000000"}:    "/fruitore: non è l'UUID intero",
	} {
		a := w.do(t, ListenerGestione, "POST", "/v1/chiamanti/sospensioni",
			`{"ente":"c_a","servizio":"`+in[0]+`","fruitore":"`+in[1]+`","motivo":"abuso","da":"anna"}`, "Content-Type", "application/json")
		if wantProblem(t, a, problem.RuleSuspension, 422); !strings.Contains(a.body, want) {
			t.Errorf("%v: %s", in, a.body)
		}
	}
}

func TestFiguresAreExported(t *testing.T) {
	w, _, figures := callersWorld(t)
	a := w.do(t, ListenerGestione, "GET", "/v1/indicatori?ente=c_a&dal=2026-10-01&al=2026-10-31", "")
	if a.StatusCode != 200 || !strings.Contains(a.body, `"disponibilita":0.5`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if diff := cmp.Diff(kpi.Query{From: "2026-10-01", To: "2026-10-31", Ente: "c_a"}, figures.asked); diff != "" {
		t.Error(diff)
	}
	a = w.do(t, ListenerGestione, "GET", "/v1/indicatori/servizi?dal=2026-10-01&al=2026-10-31", "")
	if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || !strings.HasPrefix(a.body, "dal,al,ente,") || !strings.Contains(a.body, "0.5000") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := w.do(t, ListenerGestione, "GET", "/v1/indicatori", ""); a.StatusCode != 200 || figures.asked != (kpi.Query{}) {
		t.Errorf("without days: %d, %+v", a.StatusCode, figures.asked)
	}
	a = w.do(t, ListenerGestione, "GET", "/v1/indicatori?dal=2026-10-31&al=2026-10-01", "")
	if wantProblem(t, a, problem.RuleSchema, 400); !strings.Contains(a.body, "dal (2026-10-31) viene dopo al (2026-10-01)") {
		t.Error(a.body)
	}
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/indicatori?dal=ieri", ""), problem.RuleSchema, 400)
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/indicatori/servizi?al=31/12/2026", ""), problem.RuleSchema, 400)
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/indicatori?ente=c_x", ""), problem.RuleUnknownEnte, 422)
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/indicatori/altro", ""), problem.RuleUnknownPath, 404)
	figures.err = errors.New("no answer")
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/indicatori/servizi", ""), problem.RuleStore, 503)
}
