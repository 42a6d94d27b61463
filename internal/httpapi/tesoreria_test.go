// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

// fakeTreasury remembers what it was asked.
type fakeTreasury struct {
	err   error
	asked string
}

func (f *fakeTreasury) note(parts ...any) { f.asked = strings.TrimSpace(fmt.Sprintln(parts...)) }

func (f *fakeTreasury) flow(parts ...any) (tesoreria.Flow, error) {
	f.note(parts...)
	return tesoreria.Flow{Flusso: "F-1", Stato: tesoreria.Signed}, f.err
}

func (f *fakeTreasury) Submit(_ context.Context, s tesoreria.Submission) (tesoreria.Flow, error) {
	return f.flow("submit", s.Ente, s.Application, s.Operator, s.Form, s.ID, s.Year, string(s.Data))
}

func (f *fakeTreasury) Faults(_ context.Context, s tesoreria.Submission) ([]tesoreria.Fault, error) {
	f.note("faults", s.Ente, s.Form)
	return []tesoreria.Fault{{Regola: "opi.flow/iban", Riga: 2, IT: "a", EN: "b"}}, f.err
}

func (f *fakeTreasury) Flow(_ context.Context, ente, application string, k tesoreria.FlowKey) (tesoreria.Flow, error) {
	return f.flow("flow", ente, application, k)
}

func (f *fakeTreasury) Flows(_ context.Context, ente, _ string, s tesoreria.State) ([]tesoreria.Flow, error) {
	f.note("flows", ente, s)
	return []tesoreria.Flow{}, f.err
}

func (f *fakeTreasury) Order(_ context.Context, ente, _ string, k tesoreria.OrderKey) (tesoreria.Order, error) {
	f.note("order", ente, k.Collection, k.Year, k.Number)
	return tesoreria.Order{}, f.err
}

func (f *fakeTreasury) Orders(_ context.Context, ente, _ string, year int, flow string) ([]tesoreria.Order, error) {
	f.note("orders", ente, year, flow)
	return []tesoreria.Order{}, f.err
}

func (f *fakeTreasury) Document(_ context.Context, ente, _, operator string, k tesoreria.FlowKey) ([]byte, error) {
	f.note("document", ente, operator, k)
	return []byte("<a/>"), f.err
}

func (f *fakeTreasury) Attach(_ context.Context, ente, _, operator string, k tesoreria.FlowKey, signed []byte) (tesoreria.Flow, error) {
	return f.flow("attach", ente, operator, k, string(signed))
}

func (f *fakeTreasury) SignRemotely(_ context.Context, ente, _, operator string, k tesoreria.FlowKey, signatory, otp string) (tesoreria.Flow, error) {
	return f.flow("remote", ente, operator, k, signatory, otp)
}

func (f *fakeTreasury) SignWithFile(_ context.Context, ente, _, operator string, k tesoreria.FlowKey) (tesoreria.Flow, error) {
	return f.flow("key", ente, operator, k)
}

func (f *fakeTreasury) Withdraw(_ context.Context, ente, _, operator string, k tesoreria.FlowKey) (tesoreria.Flow, error) {
	return f.flow("withdraw", ente, operator, k)
}

func (f *fakeTreasury) Journal(_ context.Context, ente, _, from, to string) ([]tesoreria.Movimento, error) {
	f.note("journal", ente, from, to)
	m := tesoreria.Movimento{Giornale: "GDC-1"}
	m.Importo, m.Causale = -5, "=SUM(A1)"
	return []tesoreria.Movimento{m}, f.err
}

func (f *fakeTreasury) Balances(_ context.Context, ente, _ string, year int) (tesoreria.Saldi, error) {
	f.note("balances", ente, year)
	return tesoreria.Saldi{}, f.err
}

func (f *fakeTreasury) Reconcile(_ context.Context, ente, _ string, year int, payments []tesoreria.Payment) (tesoreria.Riconciliazione, error) {
	f.note("reconcile", ente, year, len(payments))
	return tesoreria.Riconciliazione{}, f.err
}

func (f *fakeTreasury) MaxFlow(string) int64 { return 64 << 10 }

func TestTheTreasuryIsAskedByApplicationsAndByWhoRunsTheHub(t *testing.T) {
	w, desk := newWorld(t), &fakeTreasury{}
	w.options.Treasury = desk
	w.start(t)
	auth := []string{"Authorization", "Bearer " + w.key, "Snodo-Operatore", "mat%2D1"}
	for _, tc := range []struct {
		listener, method, path, media, body string
		status                              int
		want                                string
	}{
		{ListenerApplicazioni, "POST", "/v1/tesoreria/flussi", "application/xml", "<a/>", 202, "submit c_a asilo mat-1 xml  0 <a/>"},
		{ListenerApplicazioni, "POST", "/v1/tesoreria/flussi?esercizio=2026&flusso=F-9", "text/csv", "a;b", 202, "submit c_a asilo mat-1 csv F-9 2026 a;b"},
		{ListenerApplicazioni, "POST", "/v1/tesoreria/flussi?ente=c_x", "application/json", "{}", 202, "submit c_a asilo mat-1 json  0 {}"},
		{ListenerGestione, "POST", "/v1/tesoreria/flussi?ente=c_x", "text/xml", "<a/>", 202, "submit c_x  mat-1 xml  0 <a/>"},
		{ListenerApplicazioni, "POST", "/v1/tesoreria/flussi", "application/pkcs7-mime", "p7", 202, "submit c_a asilo mat-1 p7m  0 p7"},
		{ListenerApplicazioni, "POST", "/v1/tesoreria/controlli", "text/csv", "a", 200, "faults c_a csv"},
		{ListenerApplicazioni, "GET", "/v1/tesoreria/flussi?stato=firmato", "", "", 200, "flows c_a firmato"},
		{ListenerApplicazioni, "GET", "/v1/tesoreria/flussi/2026/F%231", "", "", 200, "flow c_a asilo flusso/2026/F#1"},
		{ListenerApplicazioni, "GET", "/v1/tesoreria/flussi/2026/F-1/ordinativi", "", "", 200, "orders c_a 2026 F-1"},
		{ListenerApplicazioni, "GET", "/v1/tesoreria/flussi/2026/F-1/documento", "", "", 200, "document c_a mat-1 flusso/2026/F-1"},
		{ListenerApplicazioni, "POST", "/v1/tesoreria/flussi/2026/F-1/firma", "application/xml", "<s/>", 200, "attach c_a mat-1 flusso/2026/F-1 <s/>"},
		{ListenerApplicazioni, "POST", "/v1/tesoreria/flussi/2026/F-1/firma", "application/json", `{"modo":"chiave"}`, 200, "key c_a mat-1 flusso/2026/F-1"},
		{ListenerApplicazioni, "POST", "/v1/tesoreria/flussi/2026/F-1/firma", "application/json", `{"modo":"remota","firmatario":"mat-2","otp":"1"}`, 200, "remote c_a mat-1 flusso/2026/F-1 mat-2 1"},
		{ListenerApplicazioni, "POST", "/v1/tesoreria/flussi/2026/F-1/ritiro", "", "", 200, "withdraw c_a mat-1 flusso/2026/F-1"},
		{ListenerApplicazioni, "GET", "/v1/tesoreria/ordinativi/2026/reversale/31", "", "", 200, "order c_a true 2026 31"},
		{ListenerApplicazioni, "GET", "/v1/tesoreria/giornale?dal=2026-01-01&al=2026-01-31", "", "", 200, "journal c_a 2026-01-01 2026-01-31"},
		{ListenerApplicazioni, "GET", "/v1/tesoreria/saldi/2026", "", "", 200, "balances c_a 2026"},
		{ListenerApplicazioni, "POST", "/v1/tesoreria/riconciliazioni", "application/json", `{"esercizio":2026,"pagamenti":[{"iuv":"1","importo":"1.00"}]}`, 200, "reconcile c_a 2026 1"},
	} {
		header := auth
		if tc.media != "" {
			header = append([]string{"Content-Type", tc.media}, auth...)
		}
		a := w.do(t, tc.listener, tc.method, tc.path, tc.body, header...)
		if a.StatusCode != tc.status || desk.asked != tc.want {
			t.Errorf("%s %s: %d %s, asked %q, want %q", tc.method, tc.path, a.StatusCode, a.body, desk.asked, tc.want)
		}
	}
}

func TestTheTreasuryRefusesWhatItCannotRead(t *testing.T) {
	w, desk := newWorld(t), &fakeTreasury{}
	w.options.Treasury = desk
	w.start(t)
	auth := []string{"Authorization", "Bearer " + w.key, "Content-Type", "application/json"}
	ask := func(method, path, body string, header ...string) answer {
		return w.do(t, ListenerApplicazioni, method, path, body, header...)
	}
	wantProblem(t, ask("POST", "/v1/tesoreria/flussi", "x", "Content-Type", "application/xml"), problem.RuleNoKey, 401)
	wantProblem(t, ask("POST", "/v1/tesoreria/flussi", "x", "Authorization", "Bearer "+w.key, "Content-Type", "application/pdf"), problem.RuleTreasuryForm, 415)
	wantProblem(t, ask("POST", "/v1/tesoreria/flussi?esercizio=26", "{}", auth...), problem.RuleTreasuryDays, 400)
	wantProblem(t, ask("POST", "/v1/tesoreria/flussi", strings.Repeat("x", 65<<10), auth...), problem.RuleTooLarge, 413)
	wantProblem(t, ask("GET", "/v1/tesoreria/flussi/x/F-1", "", auth[:2]...), problem.RuleTreasuryDays, 400)
	wantProblem(t, ask("GET", "/v1/tesoreria/ordinativi/2026/bolletta/1", "", auth[:2]...), problem.RuleTreasuryUnknown, 404)
	wantProblem(t, ask("POST", "/v1/tesoreria/flussi/2026/F-1/firma", `{"modo":"x"}`, auth...), problem.RuleSchema, 400)
	form := ask("GET", "/v1/tesoreria/giornale?formato=pdf", "", auth[:2]...)
	if wantProblem(t, form, problem.RuleTreasuryForm, 415); !strings.Contains(form.body, "json, csv o xlsx") {
		t.Errorf("%s", form.body)
	}
	desk.err = problem.New(problem.RuleTreasurySigner)
	wantProblem(t, ask("POST", "/v1/tesoreria/flussi", "{}", auth...), problem.RuleTreasurySigner, 403)
	wantProblem(t, w.do(t, ListenerEsposizione, "GET", "/v1/tesoreria/flussi", ""), problem.RuleUnknownPath, 404)
}

func TestTheCashBookIsExported(t *testing.T) {
	w := newWorld(t)
	w.options.Treasury = &fakeTreasury{}
	w.start(t)
	a := w.do(t, ListenerGestione, "GET", "/v1/tesoreria/giornale?ente=c_a&formato=csv", "")
	if !strings.Contains(a.body, "\nGDC-1;;0;;;;;0;0;-0,05;;;;'=SUM(A1);;") {
		t.Errorf("%s", a.body)
	}
	a = w.do(t, ListenerGestione, "GET", "/v1/tesoreria/giornale?ente=c_a&formato=xlsx", "")
	if !strings.HasPrefix(a.body, "PK") || !strings.Contains(a.Header.Get("Content-Type"), "spreadsheetml") {
		t.Errorf("%s", a.Header.Get("Content-Type"))
	}
}
