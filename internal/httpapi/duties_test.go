// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/tracing"
	"github.com/snodo-pa/snodo/internal/vigilanza"
	"github.com/snodo-pa/snodo/modi"
)

type fakeBook struct{ err error }

func (f *fakeBook) Quotas() []vigilanza.Quota {
	return []vigilanza.Quota{{Ente: "c_a", Servizio: "anpr-c020", Limite: 10, Usate: 4, Residue: 6}, {Ente: "c_b", Servizio: "anpr-c020"}}
}

func (f *fakeBook) Vigilance(context.Context) ([]vigilanza.Indicator, error) { return nil, f.err }

type fakeDesk struct {
	err   error
	asked string
}

func (f *fakeDesk) Export(_ context.Context, ente, environment, day string) (tracing.File, error) {
	f.asked = ente + " " + environment + " " + day
	return tracing.File{CSV: []byte("date\n"), Digest: "ab", Lost: 2}, f.err
}

func (f *fakeDesk) Submit(_ context.Context, ente, environment, day string) (string, error) {
	f.asked = ente + " " + environment + " " + day
	return "j-1", f.err
}

func (f *fakeDesk) Days(context.Context, string, string) (tracing.Overview, error) {
	return tracing.Overview{Ente: "c_a", Invia: "snodo"}, f.err
}

func TestQuotasAndVigilance(t *testing.T) {
	w, book := newWorld(t), &fakeBook{}
	w.options.Quota = book
	w.start(t)
	a := w.do(t, ListenerGestione, "GET", "/v1/quote?ente=c_a", "")
	if a.StatusCode != 200 || strings.Count(a.body, "anpr-c020") != 1 || !strings.Contains(a.body, `"residue":6`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/quote?ente=c_x", ""), problem.RuleUnknownEnte, 422)
	if a := w.do(t, ListenerGestione, "GET", "/v1/vigilanza", ""); a.body != `{"indicatori":[]}` {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	book.err = errors.New("database is locked")
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/vigilanza", ""), problem.RuleStore, 503)
	wantProblem(t, w.do(t, ListenerApplicazioni, "GET", "/v1/quote", ""), problem.RuleUnknownPath, 404)
}

func TestTracingIsExportedAndSubmitted(t *testing.T) {
	w, desk := newWorld(t), &fakeDesk{}
	w.options.Tracing = desk
	w.start(t)
	a := w.do(t, ListenerGestione, "GET", "/v1/tracing/c_a/collaudo/2026-11-02", "")
	if a.StatusCode != 200 || a.body != "date\n" || a.Header.Get(HeaderTracingLost) != "2" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("%d %q %v", a.StatusCode, a.body, a.Header)
	}
	if desk.asked != "c_a collaudo 2026-11-02" {
		t.Errorf("asked %q", desk.asked)
	}
	if a := w.do(t, ListenerGestione, "POST", "/v1/tracing/c_a/collaudo/2026-11-02", ""); a.StatusCode != 202 || a.body != `{"lavoro":"j-1"}` {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := w.do(t, ListenerGestione, "GET", "/v1/tracing/c_a/collaudo", ""); a.StatusCode != 200 || !strings.Contains(a.body, `"invia":"snodo"`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	for err, want := range map[error]struct {
		rule   modi.RuleID
		status int
	}{
		tracing.ErrOff:     {problem.RuleTracingOff, 422},
		tracing.ErrDay:     {problem.RuleTracingDay, 422},
		tracing.ErrUnknown: {problem.RuleUnknownEnte, 422},
		&tracing.OtherFileError{File: "x.csv", Row: &tracing.RowError{Line: 3, What: "no"}}: {problem.RuleTracingOtherFile, 422},
		errors.New("database is locked"): {problem.RuleEvidenceReading, 503},
	} {
		desk.err = err
		for _, method := range []string{"GET", "POST"} {
			wantProblem(t, w.do(t, ListenerGestione, method, "/v1/tracing/c_a/collaudo/2026-11-02", ""), want.rule, want.status)
		}
	}
}
