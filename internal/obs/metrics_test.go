// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != 200 {
		t.Fatalf("status %d, %v", w.Code, err)
	}
	return string(text)
}

func sampleMetrics() *Metrics {
	return NewMetrics(Bounds{
		Services: []string{"anpr-c030"}, Environments: []string{"locale"}, Rules: []string{"modi.integrity/expired"},
	})
}

func TestCounts(t *testing.T) {
	m := sampleMetrics()
	m.Exchange("acquisizione", "anpr-c030", 200, time.Second)
	m.Refusal("erogazione", "modi.integrity/expired")
	m.Refused("esposizione", "modi.integrity/expired")
	m.Refused("applicazioni", "hub.caller/no-key")
	m.Refused("gestione", "hub.caller/no-key")
	m.VoucherCache("hit")
	m.Replay("fresh")
	m.Evidence("acquisizione/esito", true, time.Millisecond)
	m.BackEnd("anpr-c030", 0, time.Millisecond)
	m.BadAnswer("anpr-c030")
	m.Call("anpr-c030", "locale", "ok", time.Millisecond)
	m.Attempt("anpr-c030", "locale", 503, time.Millisecond)
	m.Token("locale", "issued", time.Millisecond)
	m.Cache("locale", "jwks", "hit")
	m.Guard("anpr", "closed", "open")
	m.Request("applicazioni", "2xx", time.Millisecond)
	text := scrape(t, m)
	for _, want := range []string{
		`snodo_exchanges_total{class="2xx",direction="acquisizione",service="anpr-c030"} 1`,
		`snodo_exchange_seconds_sum{direction="acquisizione",service="anpr-c030"} 1`,
		`snodo_refusals_total{direction="erogazione",rule="modi.integrity/expired"} 2`,
		`snodo_refusals_total{direction="acquisizione",rule="altro"} 1`,
		`snodo_refusals_total{direction="gestione",rule="altro"} 1`,
		`snodo_inbound_voucher_cache_total{result="hit"} 1`,
		`snodo_replay_checks_total{result="fresh"} 1`,
		`snodo_evidence_append_seconds_count{kind="acquisizione/esito",stored="true"} 1`,
		`snodo_backend_seconds_count{class="nessuna",service="anpr-c030"} 1`,
		`snodo_backend_bad_answers_total{service="anpr-c030"} 1`,
		`snodo_registry_call_seconds_count{environment="locale",outcome="ok",service="anpr-c030"} 1`,
		`snodo_registry_attempt_seconds_count{class="5xx",environment="locale",service="anpr-c030"} 1`,
		`snodo_pdnd_token_seconds_count{environment="locale",outcome="issued"} 1`,
		`snodo_pdnd_cache_total{cache="jwks",environment="locale",result="hit"} 1`,
		`snodo_guard_state{guard="anpr",state="open"} 1`,
		`snodo_guard_state{guard="anpr",state="closed"} 0`,
		`snodo_guard_changes_total{guard="anpr",to="open"} 1`,
		`snodo_http_requests_total{class="2xx",listener="applicazioni"} 1`,
		`go_goroutines`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestABreakerHasItsSeriesBeforeItChanges(t *testing.T) {
	m := sampleMetrics()
	m.Guard("anpr", "", "closed")
	text := scrape(t, m)
	for _, want := range []string{
		`snodo_guard_state{guard="anpr",state="closed"} 1`,
		`snodo_guard_state{guard="anpr",state="half-open"} 0`,
		`snodo_guard_state{guard="anpr",state="open"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(text, "snodo_guard_changes_total{") {
		t.Error("a breaker that was made is counted as a change")
	}
	m.Guard("anpr", "closed", "open")
	m.Guard("anpr", "open", "half-open")
	if text := scrape(t, m); !strings.Contains(text, `state="half-open"} 1`) || strings.Contains(text, `state="open"} 1`) {
		t.Errorf("not in one state:\n%s", text)
	}
}

func TestLabelsAreBounded(t *testing.T) {
	m := sampleMetrics()
	for i := range 5000 {
		s := fmt.Sprint("inventato-", i)
		m.Exchange(s, s, i, 0)
		m.Refusal(s, s)
		m.Refused(s, s)
		m.VoucherCache(s)
		m.Replay(s)
		m.Evidence(s, false, 0)
		m.BackEnd(s, i, 0)
		m.BadAnswer(s)
		m.Call(s, s, s, 0)
		m.Attempt(s, s, i, 0)
		m.Token(s, s, 0)
		m.Cache(s, s, s)
		m.Request(s, s, 0)
	}
	text := scrape(t, m)
	if strings.Contains(text, `service="inventato`) || strings.Contains(text, `rule="inventato`) || strings.Contains(text, `environment="inventato`) {
		t.Error("a made-up name became a label")
	}
	if !strings.Contains(text, `service="altro"`) {
		t.Error("made-up names are not counted at all")
	}
	if n := strings.Count(text, "\n"); n > 20000 {
		t.Errorf("%d lines of metrics", n)
	}
}

func TestMetricsUnderConcurrency(t *testing.T) {
	m := sampleMetrics()
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 100 {
				m.Replay("fresh")
				m.Guard("anpr", "closed", "open")
			}
		})
	}
	group.Wait()
	if text := scrape(t, m); !strings.Contains(text, `snodo_replay_checks_total{result="fresh"} 1600`) {
		t.Error("counts were lost")
	}
}
