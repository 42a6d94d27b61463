// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/vigilanza"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/pdnd/probing"
)

// looks has the hub look at PDND's events every second.
func looks(t testing.TB, dir string) {
	editFile("snodo.yaml", "listeners:", "eventsEvery: 1s\nlisteners:")(t, dir)
}

// TestKeyDeletedOnPDNDIsRefusedWithinOneLook over TCP: the caller's requests are good until
// its key is deleted, and refused as soon as the hub has looked at the events.
func TestKeyDeletedOnPDNDIsRefusedWithinOneLook(t *testing.T) {
	s := newSite(t, looks)
	e := ambiente.BorgoFiorito()
	requests := make([]captured, 200) // signed while the key was there, and not used yet
	for i := range requests {
		requests[i] = captured{url: s.exposedURL(e) + "/ricerche", header: s.prepare(t, e)}
	}
	if status, rule := s.resend(t, requests[0]); status != http.StatusOK {
		t.Fatalf("%d %s", status, rule)
	}
	for _, key := range s.PDND.Platform().ClientKeys(ambiente.UnioneClientID) {
		if err := s.PDND.RemoveKey(key.Kid); err != nil {
			t.Fatal(err)
		}
	}
	deleted := time.Now()
	next := 0 // eventually waits 20 ms between two of them
	eventually(t, 10*time.Second, "a deleted key is refused", func() bool {
		next++
		status, rule := s.resend(t, requests[next%len(requests)])
		if status == http.StatusOK {
			return false
		}
		if status != http.StatusBadRequest || !strings.HasSuffix(rule, "/key-unknown") {
			t.Fatalf("%d %s", status, rule)
		}
		return true
	})
	t.Logf("refused %v after the deletion", time.Since(deleted).Round(10*time.Millisecond))
}

// through sends the prober's request to another path of the e-service.
type through struct{ path string }

func (r through) RoundTrip(req *http.Request) (*http.Response, error) {
	req.URL.Path = strings.TrimSuffix(req.URL.Path, "/status") + r.path
	return http.DefaultTransport.RoundTrip(req)
}

// TestProbingReachesTheStatusAlone: with the reduced token of PDND's prober or without one,
// and with that token nothing else.
func TestProbingReachesTheStatusAlone(t *testing.T) {
	s := newSite(t)
	e := ambiente.BorgoFiorito()
	probe := probing.Request{BaseURL: s.exposedURL(e), Audience: []string{e.Audience}}
	without := probe
	without.WithoutToken = true
	for name, r := range map[string]probing.Request{"with the token": probe, "without": without} {
		if got := s.PDND.Probe(t.Context(), r); !got.OK || got.Status != http.StatusOK {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for path, want := range map[string]int{
		"/ricerche":          http.StatusMethodNotAllowed, // the prober sends GET
		"/istanze/P-1":       http.StatusUnauthorized,
		"/status/":           http.StatusNotFound,
		"/status/x":          http.StatusNotFound,
		"/STATUS":            http.StatusNotFound,
		"/istanze/status":    http.StatusUnauthorized,
		"/../v1/status":      http.StatusNotFound,
		"/istanze/../status": http.StatusNotFound,
	} {
		r := probe
		r.HTTP = &http.Client{Transport: through{path}}
		if got := s.PDND.Probe(t.Context(), r); got.OK || got.Status != want {
			t.Errorf("%s: %+v, want %d", path, got, want)
		}
	}
	if records := s.evidence(t, e.CodiceIPA); len(records) > 0 {
		t.Errorf("a probe left evidence: %+v", records)
	}
}

// TestQuotasAreSharedShownAndSurviveARestart from the call to the command line.
func TestQuotasAreSharedShownAndSurviveARestart(t *testing.T) {
	s := newSite(t, editFile("enti/c_bf01/consumes.yaml", "client: servizi", "client: servizi\n  quotaDaily: 4"))
	e := ambiente.BorgoFiorito()
	for range 3 {
		s.acquire(t, identifier(e))
	}
	quota := func() vigilanza.Quota {
		t.Helper()
		var found struct{ Quote []vigilanza.Quota }
		if err := s.manage.Get(t.Context(), "/v1/quote", url.Values{"ente": {e.CodiceIPA}}, &found); err != nil {
			t.Fatal(err)
		}
		for _, q := range found.Quote {
			if q.Servizio == "anpr-c030" {
				return q
			}
		}
		t.Fatalf("no quota of anpr-c030 in %+v", found.Quote)
		return vigilanza.Quota{}
	}
	q := quota()
	if q.Usate != 3 || q.Limite != 4 || q.Residue != 1 || q.Registro == nil || q.Registro.Residue != q.Registro.Limite-3 {
		t.Errorf("%+v, registry %+v", q, q.Registro)
	}
	s.stop(t)
	s.start(t)
	if again := quota(); again.Usate != 3 {
		t.Errorf("after a restart %+v", again)
	}
	s.acquire(t, identifier(e))
	if code, out, diagnostics := s.cli(t, "", "quota", "--ente", e.CodiceIPA); code != exitNo || !strings.Contains(out, "oltre") {
		t.Errorf("snodo quota: %d\n%s%s", code, out, diagnostics)
	}
	if code, out, diagnostics := s.cli(t, "", "vigilanza"); code != exitYes || !strings.Contains(out, "anpr-c030") {
		t.Errorf("snodo vigilanza: %d\n%s%s", code, out, diagnostics)
	}
	if code, out, diagnostics := s.cli(t, "", "jobs", "list"); code != exitYes {
		t.Errorf("snodo jobs list: %d\n%s%s", code, out, diagnostics)
	}
	if code, out, diagnostics := s.cli(t, "", "tracing", "status", "--ente", e.CodiceIPA, "--ambiente", "locale"); code != exitYes {
		t.Errorf("snodo tracing status: %d\n%s%s", code, out, diagnostics)
	}
	if code, out, diagnostics := s.cli(t, "", "tracing", "submit", "--ente", e.CodiceIPA, "--ambiente", "locale", "--giorno", "2026-01-01"); code != exitNo {
		t.Errorf("snodo tracing submit: %d\n%s%s", code, out, diagnostics)
	}
	code, out, diagnostics := s.cli(t, "", "tracing", "export", "--ente", e.CodiceIPA, "--ambiente", "locale", "--giorno", "2026-01-01")
	if code != exitYes || out != "date,purpose_id,token_id,status,requests_count\n" {
		t.Errorf("snodo tracing export: %d\n%s%s", code, out, diagnostics)
	}
}

// TestTracingCountsWhatTheEvidenceHolds in both roles: the file of a day, once it is over.
func TestTracingCountsWhatTheEvidenceHolds(t *testing.T) {
	s := newSite(t)
	e := ambiente.BorgoFiorito()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(rome)
	day := now.Format(time.DateOnly)
	if now.Hour() == 23 && now.Minute() > 57 {
		day = now.Add(5 * time.Minute).Format(time.DateOnly) // the calls would fall on two days
		s.app.clock = func() time.Time { return time.Now().Add(5 * time.Minute) }
		s.stop(t)
		s.start(t)
	}
	for range 2 {
		s.acquire(t, identifier(e))
	}
	s.capture(t, e) // one exposed call
	export := []string{"tracing", "export", "--ente", e.CodiceIPA, "--ambiente", "locale", "--giorno", day}
	if code, _, diagnostics := s.cli(t, "", export...); code != exitNo {
		t.Errorf("a day that is not over: %d %s", code, diagnostics)
	}
	s.stop(t)
	s.app.clock = func() time.Time { return time.Now().Add(24 * time.Hour) }
	s.start(t)
	code, out, diagnostics := s.cli(t, "", export...)
	if code != exitYes {
		t.Fatalf("%d %s", code, diagnostics)
	}
	requests := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n")[1:] {
		cells := strings.Split(line, ",")
		if len(cells) != 5 || cells[0] != day || cells[3] != "200" {
			t.Fatalf("line %q", line)
		}
		n, err := strconv.Atoi(cells[4])
		if err != nil {
			t.Fatal(err)
		}
		requests[cells[1]] += n
	}
	if want := map[string]int{e.PurposeC030: 2, e.PurposeUnione: 1}; !maps.Equal(want, requests) {
		t.Errorf("requests by purpose %v, want %v\n%s", requests, want, out)
	}
}
