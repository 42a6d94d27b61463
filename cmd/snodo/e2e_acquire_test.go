// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/record"
)

// posts are the calls a mock has received, without what was only looked up.
func posts(all []record.Exchange) []record.Exchange {
	var list []record.Exchange
	for _, e := range all {
		if e.Method == http.MethodPost {
			list = append(list, e)
		}
	}
	return list
}

func TestResidenceIsAcquiredWithProvenance(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito()
	s.PDND.ResetRequests()
	answer := s.acquire(t, acquisition(ente, byCodiceFiscale(demoPerson)))
	if answer.Problem != nil {
		t.Fatalf("refused: %s", answer.Raw)
	}
	if !strings.Contains(string(answer.Dati), "DELLE PROVE") {
		t.Errorf("no residence in %s", answer.Dati)
	}
	if err := s.apps[ente.CodiceIPA].VerifyProvenance(t.Context(), ente.CodiceIPA, answer); err != nil {
		t.Errorf("provenance: %v", err)
	}
	t.Run("C020 by codice fiscale is two calls", func(t *testing.T) {
		calls := posts(s.ANPR.Requests())
		if len(calls) != 2 || !strings.Contains(calls[0].Path, "C030") || !strings.Contains(calls[1].Path, "C020") {
			t.Fatalf("ANPR received %d calls", len(calls))
		}
		if jti(t, calls[0], "Authorization") == jti(t, calls[1], "Authorization") {
			t.Error("one voucher served two calls")
		}
	})
	t.Run("both calls are in the evidence", func(t *testing.T) {
		records := s.evidence(t, ente.CodiceIPA)
		if len(records) != 2 || records[0].Tipo != "acquisizione/intento" || records[1].Tipo != "acquisizione/esito" {
			t.Fatalf("records %+v", records)
		}
		if records[0].Scambio != records[1].Scambio {
			t.Error("intent and outcome are of two exchanges")
		}
		calls := sideCalls(t, s, ente.CodiceIPA, records[1].Indice)
		if diff := cmp.Diff([]string{"anpr-c030 200", "anpr-c020 200"}, calls); diff != "" {
			t.Errorf("calls[] (-want +got):\n%s", diff)
		}
	})
	t.Run("fields outside the procedimento are not seen", func(t *testing.T) {
		var dati map[string]json.RawMessage
		if err := json.Unmarshal(answer.Dati, &dati); err != nil {
			t.Fatal(err)
		}
		for name := range dati {
			if name != "residenza" && name != "generalita" {
				t.Errorf("field %s is delivered", name)
			}
		}
	})
}

func jti(t *testing.T, e record.Exchange, token string) string {
	t.Helper()
	for _, tok := range e.RequestTokens {
		if tok.Name == token {
			id, _ := tok.Payload["jti"].(string)
			return id
		}
	}
	t.Fatalf("no token %s in the request", token)
	return ""
}

// sideCalls reads calls[] of one record, as "service status".
func sideCalls(t *testing.T, s *site, ente string, index int64) []string {
	t.Helper()
	var whole httpapi.Prova
	err := s.manage.Get(t.Context(), fmt.Sprintf("/v1/prove/%s/%d", ente, index), nil, &whole)
	if err != nil {
		t.Fatal(err)
	}
	var calls []string
	if whole.Riservati == nil {
		t.Fatalf("side record is %s", whole.StatoRiservati)
	}
	for _, c := range whole.Riservati.Chiamate {
		calls = append(calls, fmt.Sprintf("%s %d", c.Servizio, c.Stato))
	}
	return calls
}

func TestEveryPersonOfTheRegistryHasItsOutcome(t *testing.T) {
	s := newSite(t)
	for _, p := range anpr.People() {
		t.Run(p.Caso.EN, func(t *testing.T) {
			answer := s.acquire(t, acquisition(ambiente.ValSerena(), byCodiceFiscale(p.CodiceFiscale)))
			want := http.StatusOK
			if p.Cancellato {
				want = http.StatusNotFound
			}
			if answer.Status != want {
				t.Errorf("status %d, want %d: %s", answer.Status, want, answer.Raw)
			}
		})
	}
	t.Run("unknown to the registry", func(t *testing.T) {
		answer := s.acquire(t, acquisition(ambiente.ValSerena(), byCodiceFiscale(anpr.Unknown)))
		if answer.Status != http.StatusNotFound || !strings.Contains(string(answer.Raw), "hub.registry/not-found") {
			t.Errorf("%d %s", answer.Status, answer.Raw)
		}
	})
}

// What the procedimento does not cover is refused before a voucher is asked.
func TestUncoveredAcquisitionAsksNoVoucher(t *testing.T) {
	s := newSite(t)
	borgo := ambiente.BorgoFiorito()
	tests := map[string]func(r *acquire.Request){
		"unknown procedimento":     func(r *acquire.Request) { r.Context.Procedimento = "tributi" },
		"unknown service":          func(r *acquire.Request) { r.Service = "anpr-c099" },
		"unknown operation":        func(r *acquire.Request) { r.Operation = "famiglia" },
		"unknown operator":         func(r *acquire.Request) { r.Context.Operatore.UserID = "mat-99999" },
		"workstation not allowed":  func(r *acquire.Request) { r.Context.Operatore.Postazione = "CASA-01" },
		"LoA above the operator's": func(r *acquire.Request) { r.Context.Operatore.LoA = "LoA4" },
		"pratica of another form":  func(r *acquire.Request) { r.Context.Pratica = "TASSE-1" },
		"no pratica":               func(r *acquire.Request) { r.Context.Pratica = "" },
		"another ente's key":       func(r *acquire.Request) { r.Context.Ente = ambiente.ValSerena().CodiceIPA },
		"unknown ente":             func(r *acquire.Request) { r.Context.Ente = "c_xx99" },
		"wrong check character":    func(r *acquire.Request) { r.Richiesta = json.RawMessage(byCodiceFiscale("BNCMRC85C12D612W")) },
		"unknown field":            func(r *acquire.Request) { r.Richiesta = json.RawMessage(`{"codiceFiscale":"BNCMRC85C12D612V","x":1}`) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			s.PDND.ResetRequests()
			r := acquisition(borgo, byCodiceFiscale(demoPerson))
			change(&r)
			answer, err := s.apps[borgo.CodiceIPA].Acquire(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if answer.Problem == nil || answer.Status < 400 || answer.Status >= 500 || answer.Problem.Rule == "" {
				t.Errorf("status %d: %s", answer.Status, answer.Raw)
			}
			for _, asked := range posts(s.PDND.Requests()) { // the API client asks by itself, for the events
				if bytes.Contains(asked.RequestBody, []byte("client_id="+borgo.ConsumerClientID)) {
					t.Error("a voucher was asked")
				}
			}
		})
	}
}

func TestIdempotencyKeyGivesTheFirstAnswer(t *testing.T) {
	s := newSite(t)
	r := acquisition(ambiente.BorgoFiorito(), byCodiceFiscale(demoPerson))
	r.IdempotencyKey = "nido-42"
	first := s.acquire(t, r)
	calls := len(posts(s.ANPR.Requests()))
	second := s.acquire(t, r)
	if first.Problem != nil || string(first.Raw) != string(second.Raw) {
		t.Errorf("answers differ:\n%s\n%s", first.Raw, second.Raw)
	}
	if again := len(posts(s.ANPR.Requests())); again != calls {
		t.Errorf("%d calls more", again-calls)
	}
	r.Richiesta = json.RawMessage(byCodiceFiscale("NRELNE79E70D403N"))
	if other := s.acquire(t, r); other.Problem == nil {
		t.Error("another request under the same key is answered")
	}
}
