// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// atRome sets the clock of a world to a time of the next day in Rome.
func (w *world) atRome(clock string) {
	w.t.Helper()
	const day = "2026-10-13"
	at, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, w.anpr.rome)
	must(w.t, err)
	w.advance(at.Sub(w.now()))
}

func TestOutagesKeepTheirHours(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true, Outages: []Outage{
		{Kind: Unavailable, From: "02:00", To: "04:30"},
		{Kind: Limited, From: "12:00", To: "13:00", CasoUso: "C030"},
		{Kind: Lost, From: "15:00", To: "16:00"},
		{Kind: Unexplained, From: "16:00", To: "17:00"},
		{Kind: Limited, From: "20:00", To: "21:00", Every: 2},
	}})
	for _, c := range []struct {
		clock, casoUso string
		status         int
		says           string
	}{
		{"01:59", "C020", 200, ""},
		{"02:00", "C020", 503, "APIUnavailable"},
		{"04:29", "C030", 503, "APIUnavailable"},
		{"04:30", "C020", 200, ""},
		{"12:30", "C020", 200, ""},
		{"12:30", "C030", 429, "TooManyRequests"},
		{"15:30", "C020", 404, "Not Found"},
		{"16:30", "C020", 400, "InteroperabilityInvalidRequest"},
		{"20:30", "C020", 200, ""},
		{"20:31", "C020", 429, "TooManyRequests"},
		{"20:32", "C020", 200, ""},
	} {
		w.atRome(c.clock)
		reply := w.send(c.casoUso, w.body(c.casoUso, `{"codiceFiscale":"BNCMRC85C12D612V"}`), fruitore.Hooks{})
		if reply.Status != c.status || !strings.Contains(string(reply.Body), c.says) {
			t.Errorf("%s at %s: %d %s, want %d %s", c.casoUso, c.clock, reply.Status, reply.Body, c.status, c.says)
		}
	}
}

func TestSilenceClosesTheConnection(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	must(t, w.anpr.SetOutages(Outage{Kind: Silence}))
	if reply, err := w.consumer("C020").Do(t.Context(), http.MethodPost, endpoint(w, "C020"), w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{}); err == nil {
		t.Errorf("answered %d", reply.Status)
	}
	must(t, w.anpr.SetOutages())
	_ = w.ask("C020", `{"idANPR":"QX48213ZB"}`)
}

func TestOutagesAreSetFromTheShell(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	for body, want := range map[string]int{
		`[{"tipo":"indisponibile","dalle":"01:00","alle":"02:00"}]`: http.StatusNoContent,
		`[{"tipo":"terremoto"}]`:                                    http.StatusBadRequest,
		`[{"tipo":"429","dalle":"03:00","alle":"02:00"}]`:           http.StatusBadRequest,
		`[{"tipo":"429","dalle":"25:00","alle":"26:00"}]`:           http.StatusBadRequest,
		`[{"quando":"mai"}]`:                                        http.StatusBadRequest,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, w.anpr.URL()+"/_mock/outages", strings.NewReader(body))
		must(t, err)
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d, want %d", body, resp.StatusCode, want)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.anpr.URL()+"/_mock/outages", nil)
	must(t, err)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	shown, err := io.ReadAll(resp.Body)
	must(t, err)
	if string(shown) != `[{"tipo":"indisponibile","dalle":"01:00","alle":"02:00"}]` {
		t.Errorf("in force: %s", shown)
	}
	if _, err := New(Options{
		JWKSURL: func() string { return "" }, Keys: w.anpr.opts.Keys, Issuer: "x", ProducerID: "x", Services: w.anpr.opts.Services,
		SigningKey: testKeys()[3], PlainHTTP: true, Outages: []Outage{{Kind: "x"}},
	}); !errors.Is(err, ErrOutage) {
		t.Errorf("a server with a wrong outage: %v", err)
	}
}
