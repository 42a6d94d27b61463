// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
)

const erasePath = "/v1/prove/cancellazione"

func TestErasure(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.do(t, ListenerGestione, "POST", erasePath, `{"ente":"c_a","codiceFiscale":" rssmra85t10a562s"}`,
		"Content-Type", "application/json")
	if a.StatusCode != 200 || a.body != `{"cancellate":3}` {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	if diff := cmp.Diff([]string{"c_a", "RSSMRA85T10A562S"}, w.evidence.erased); diff != "" {
		t.Error(diff)
	}
	log := w.log.String()
	if !strings.Contains(log, `"msg":"riservati cancellati","ente":"c_a","cancellate":3,"id_richiesta":"`+a.Header.Get("X-Request-Id")) {
		t.Errorf("the erasure left no trace: %s", log)
	}
	if strings.Contains(strings.ToUpper(log), "RSSMRA") {
		t.Errorf("the person was logged: %s", log)
	}
}

func TestErasureThatIsRefused(t *testing.T) {
	w := newWorld(t).start(t)
	post := func(body string) answer {
		return w.do(t, ListenerGestione, "POST", erasePath, body, "Content-Type", "application/json")
	}
	wantProblem(t, post(`{"ente":"c_x","codiceFiscale":"RSSMRA85T10A562S"}`), problem.RuleUnknownEnte, 422)
	wantProblem(t, post(`{"ente":"c_a","codiceFiscale":"RSSMRA85T10A562T"}`), problem.RuleCodiceFiscale, 422)
	wantProblem(t, post(`{"ente":"c_a","codiceFiscale":""}`), problem.RuleCodiceFiscale, 422)
	wantProblem(t, post(`{"ente":"c_a"}`), problem.RuleCodiceFiscale, 422)
	wantProblem(t, post(`{"ente":"c_a","soggetto":"RSSMRA85T10A562S"}`), problem.RuleSchema, 400)
	wantProblem(t, w.do(t, ListenerApplicazioni, "POST", erasePath, `{}`), problem.RuleUnknownPath, 404)
	if len(w.evidence.erased) != 0 {
		t.Errorf("erased %v", w.evidence.erased)
	}
	w.evidence.err = evidence.ErrUnavailable
	wantProblem(t, post(`{"ente":"c_a","codiceFiscale":"RSSMRA85T10A562S"}`), problem.RuleEvidenceReading, 503)
	if strings.Contains(w.log.String(), "riservati cancellati") {
		t.Error("an erasure that failed is logged as done")
	}
}
