// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// text fetches a page of gestione.
func (s *site) text(t testing.TB, path string) string {
	t.Helper()
	var b strings.Builder
	if err := s.manage.Stream(context.Background(), path, nil, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHealthTellsTheReason(t *testing.T) {
	s := newSite(t)
	if body := s.text(t, "/health/ready"); !strings.Contains(body, `"stato":"ok"`) {
		t.Errorf("ready: %s", body)
	}
	t.Run("without PDND from the start", func(t *testing.T) {
		s.stop(t)
		if err := s.PDND.Stop(); err != nil {
			t.Fatal(err)
		}
		s.start(t)
		var answer json.RawMessage
		err := s.manage.Get(t.Context(), "/health/ready", nil, &answer)
		if err == nil {
			t.Fatalf("ready without any key of PDND: %s", answer)
		}
		if err := s.manage.Get(t.Context(), "/health/live", nil, nil); err != nil {
			t.Errorf("live: %v", err)
		}
		if err := s.PDND.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		eventually(t, 20*time.Second, "the hub is ready again", func() bool {
			return s.manage.Get(context.Background(), "/health/ready", nil, nil) == nil
		})
	})
}

func TestMetricsHaveBoundedLabels(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito()
	if answer := s.acquire(t, identifier(ente)); answer.Problem != nil {
		t.Fatalf("%s", answer.Raw)
	}
	s.mustServe(t, ente)
	unknown := identifier(ente)
	unknown.Service = "somebody-elses-choice"
	s.acquire(t, unknown)
	get(t, "http://"+s.applicazioni+"/nulla")
	metrics := s.text(t, "/metrics")
	for _, want := range []string{
		`snodo_refusals_total{direction="acquisizione",rule="hub.acquisition/unknown-service"} 1`,
		`snodo_refusals_total{direction="acquisizione",rule="hub.request/unknown-path"} 1`,
		`snodo_exchanges_total{class="2xx",direction="acquisizione",service="anpr-c030"} 1`,
		`snodo_exchanges_total{class="2xx",direction="erogazione",service="stato-istanza"} 1`,
		`snodo_evidence_append_seconds_count`, `snodo_pdnd_token_seconds_count`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, never := range []string{"somebody-elses-choice", demoPerson, ambiente.UnioneClientID, "PRT-2026"} {
		if strings.Contains(metrics, never) {
			t.Errorf("the metrics hold %q", never)
		}
	}
}

// Each listener mounts its own routes only.
func TestListenersKeepTheirRoutes(t *testing.T) {
	s := newSite(t)
	for url, want := range map[string]int{
		"http://" + s.applicazioni + "/v1/openapi.json":       http.StatusOK,
		"http://" + s.esposizione + "/v1/openapi.json":        http.StatusNotFound,
		"http://" + s.applicazioni + "/metrics":               http.StatusNotFound,
		"http://" + s.esposizione + "/health/live":            http.StatusNotFound,
		"http://" + s.applicazioni + "/v1/chiavi":             http.StatusNotFound,
		s.exposedURL(ambiente.BorgoFiorito()) + "/status":     http.StatusOK,
		"http://" + s.applicazioni + "/v1/prove/c_bf01/0":     http.StatusNotFound,
		"http://" + s.esposizione + "/v1/prove/c_bf01/export": http.StatusNotFound,
	} {
		if status, _, body := get(t, url); status != want {
			t.Errorf("%s: %d %s, want %d", url, status, body, want)
		}
	}
}

func TestKeysOfApplications(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito().CodiceIPA
	t.Run("revoked keys stop working at once", func(t *testing.T) {
		id := strings.Split(s.key[ente], "_")[1]
		if err := s.manage.Delete(t.Context(), "/v1/chiavi/"+id); err != nil {
			t.Fatal(err)
		}
		if answer := s.acquire(t, identifier(ambiente.BorgoFiorito())); answer.Status != http.StatusUnauthorized {
			t.Errorf("%d %s", answer.Status, answer.Raw)
		}
	})
	t.Run("unknown application", func(t *testing.T) {
		err := s.manage.Post(t.Context(), "/v1/chiavi", map[string]string{"ente": ente, "applicazione": "altra"}, nil)
		var refused *management.RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("%v", err)
		}
	})
	t.Run("unknown id", func(t *testing.T) {
		if err := s.manage.Delete(t.Context(), "/v1/chiavi/00000000"); err == nil {
			t.Error("revoked")
		}
	})
}
