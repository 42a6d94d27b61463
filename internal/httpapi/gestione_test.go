// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/store"
)

func TestHealth(t *testing.T) {
	w := newWorld(t)
	w.options.Version = "v1.2.3"
	w.start(t)
	if a := w.do(t, ListenerGestione, "GET", "/health/live", ""); a.StatusCode != 200 || a.body != `{"stato":"ok","versione":"v1.2.3"}` {
		t.Errorf("live %d %s", a.StatusCode, a.body)
	}
	if a := w.do(t, ListenerGestione, "GET", "/health/ready", ""); a.StatusCode != 200 || !strings.Contains(a.body, `"archivio"`) {
		t.Errorf("ready %d %s", a.StatusCode, a.body)
	}
	w.ready = errors.New("database is locked")
	a := w.do(t, ListenerGestione, "GET", "/health/ready", "")
	if a.StatusCode != 503 || !strings.Contains(a.body, "database is locked") || !strings.Contains(a.body, `"stato":"ko"`) {
		t.Errorf("not ready %d %s", a.StatusCode, a.body)
	}
	if a := w.do(t, ListenerGestione, "GET", "/v1/protezioni", ""); a.body != `{"protezioni":{"anpr":"closed"}}` {
		t.Errorf("guards %s", a.body)
	}
}

func TestLifeOfAKey(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.do(t, ListenerGestione, "POST", "/v1/chiavi", `{"ente":"c_a","applicazione":"asilo"}`, "Content-Type", "application/json")
	var made ChiaveNuova
	if err := json.Unmarshal([]byte(a.body), &made); err != nil || a.StatusCode != 201 || made.Segreto == "" {
		t.Fatalf("got %d %s, %v", a.StatusCode, a.body, err)
	}
	w.key = made.Segreto
	if a := w.acquire(t, goodBody); a.StatusCode != 200 {
		t.Fatalf("the new key does not work: %s", a.body)
	}
	list := w.do(t, ListenerGestione, "GET", "/v1/chiavi?ente=c_a", "")
	if !strings.Contains(list.body, made.ID) || strings.Contains(list.body, made.Segreto) {
		t.Errorf("list %s", list.body)
	}
	if a := w.do(t, ListenerGestione, "DELETE", "/v1/chiavi/"+made.ID, ""); a.StatusCode != 204 || a.body != "" {
		t.Errorf("revoke %d %s", a.StatusCode, a.body)
	}
	wantProblem(t, w.acquire(t, goodBody), problem.RuleRevokedKey, 401)
	wantProblem(t, w.do(t, ListenerGestione, "DELETE", "/v1/chiavi/"+made.ID, ""), problem.RuleUnknownAPIKey, 404)
	if list := w.do(t, ListenerGestione, "GET", "/v1/chiavi", ""); !strings.Contains(list.body, `"revocata"`) {
		t.Errorf("list %s", list.body)
	}
	if strings.Contains(w.log.String(), made.Segreto) {
		t.Error("a key was logged")
	}
}

func TestKeysAreMadeOnlyForWhatIsConfigured(t *testing.T) {
	w := newWorld(t).start(t)
	post := func(body string) answer {
		return w.do(t, ListenerGestione, "POST", "/v1/chiavi", body, "Content-Type", "application/json")
	}
	wantProblem(t, post(`{"ente":"c_x","applicazione":"asilo"}`), problem.RuleUnknownEnte, 422)
	wantProblem(t, post(`{"ente":"c_a","applicazione":"x"}`), problem.RuleUnknownApplication, 422)
	wantProblem(t, post(`{"ente":"c_a","nome":"x"}`), problem.RuleSchema, 400)
	wantProblem(t, post(`{`), problem.RuleMalformedJSON, 400)
	wantProblem(t, w.do(t, ListenerGestione, "POST", "/v1/chiavi", `{}`), problem.RuleMediaType, 415)
	w.keys.err = store.ErrUnavailable
	wantProblem(t, post(`{"ente":"c_a","applicazione":"asilo"}`), problem.RuleStore, 503)
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/chiavi", ""), problem.RuleStore, 503)
	wantProblem(t, w.do(t, ListenerGestione, "DELETE", "/v1/chiavi/x", ""), problem.RuleStore, 503)
}

func TestEvidenceIsRead(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.do(t, ListenerGestione, "POST", "/v1/prove/ricerca",
		`{"ente":"c_a","da":"2026-01-01T00:00:00Z","soggetto":"RSSMRA85T10A562S","dopo":2,"limite":10,"tipo":"acquisizione/esito"}`,
		"Content-Type", "application/json")
	var found struct{ Prove []Prova }
	if err := json.Unmarshal([]byte(a.body), &found); err != nil || len(found.Prove) != 1 {
		t.Fatalf("%s, %v", a.body, err)
	}
	if p := found.Prove[0]; p.Indice != 3 || p.Scambio != "x-1" || p.Riservati == nil || p.Riservati.Pratica != "P-1" {
		t.Errorf("%+v", p)
	}
	two := int64(2)
	want := evidence.Query{
		Ente: "c_a", Subject: "RSSMRA85T10A562S", From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), After: &two, Limit: 10,
		Kind: evidence.KindAcquisizioneEsito,
	}
	if diff := cmp.Diff(want, w.evidence.query); diff != "" {
		t.Error(diff)
	}
	if a := w.do(t, ListenerGestione, "GET", "/v1/prove/c_a/3", ""); a.StatusCode != 200 || !strings.Contains(a.body, `"scambio":"x-1"`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	for _, path := range []string{"/v1/prove/c_a/4", "/v1/prove/c_a/x", "/v1/prove/c_x/3", "/v1/prove/c_x/checkpoint"} {
		wantProblem(t, w.do(t, ListenerGestione, "GET", path, ""), problem.RuleEvidenceNotFound, 404)
	}
	if strings.Contains(w.log.String(), "RSSMRA") {
		t.Error("the person was logged")
	}
}

func TestEvidenceThatCannotBeRead(t *testing.T) {
	for name, tc := range map[string]struct {
		err    error
		status int
	}{"unavailable": {evidence.ErrUnavailable, 503}, "altered": {evidence.ErrTampered, 500}} {
		w := newWorld(t)
		w.evidence.err = tc.err
		w.start(t)
		for _, a := range []answer{
			w.do(t, ListenerGestione, "POST", "/v1/prove/ricerca", `{"ente":"c_a"}`, "Content-Type", "application/json"),
			w.do(t, ListenerGestione, "GET", "/v1/prove/c_a/3", ""),
			w.do(t, ListenerGestione, "GET", "/v1/prove/c_a/checkpoint", ""),
			w.do(t, ListenerGestione, "GET", "/v1/prove/c_a/export", ""),
		} {
			if a.StatusCode != tc.status || a.problem.Rule == "" {
				t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
			}
		}
	}
}

func TestExport(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.do(t, ListenerGestione, "GET", "/v1/prove/c_a/export?da=2026-01-01T00:00:00Z&riservati=true", "")
	if a.StatusCode != 200 || a.body != "{}\n" || a.Header.Get("Content-Type") != "application/jsonl" {
		t.Errorf("%d %q", a.StatusCode, a.body)
	}
	want := evidence.ExportQuery{Ente: "c_a", From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Sides: true}
	if diff := cmp.Diff(want, w.evidence.export); diff != "" {
		t.Error(diff)
	}
	wantProblem(t, w.do(t, ListenerGestione, "GET", "/v1/prove/c_a/export?da=ieri", ""), problem.RuleSchema, 400)
}

func TestExportThatFailsHalfWayIsCut(t *testing.T) {
	w := newWorld(t)
	w.evidence.late = evidence.ErrUnavailable
	w.start(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+w.address[ListenerGestione]+"/v1/prove/c_a/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return // cut before the head was sent
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("a file cut short looks whole")
	}
}

func TestCheckpoint(t *testing.T) {
	w := newWorld(t)
	const vkey = "snodo.example/c_a+d9dd5ab5+AUZrg6tQNRUSFe0Rw3zKZYCYRYyJg2L2oHnkOS0PZ5HV"
	w.options.CheckpointKey = func(string) (string, error) { return vkey, nil }
	w.start(t)
	a := w.do(t, ListenerGestione, "GET", "/v1/prove/c_a/checkpoint", "")
	if _, err := evidence.Fingerprint(vkey); err != nil {
		// The sample key is not canonical: what matters is that a bad key is an error and not an answer.
		wantProblem(t, a, problem.RuleUnexpected, 500)
	}
	w.options.CheckpointKey = nil
	plain := newWorld(t).start(t)
	a = plain.do(t, ListenerGestione, "GET", "/v1/prove/c_a/checkpoint", "")
	var got CheckpointJSON
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Origine != "snodo.example/c_a" || got.Dimensione != 4 || got.Nota != "nota\n" {
		t.Errorf("%s, %v", a.body, err)
	}
}
