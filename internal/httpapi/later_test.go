// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/internal/httpapi/contract"
	"github.com/snodo-pa/snodo/internal/problem"
)

const correlazione = "8dce36eb-b198-473c-8109-2154e43f33b8"

// fakeLater answers what it is told.
type fakeLater struct {
	answer gateway.Acquired
	err    error
	caller gateway.Application
	asked  string
}

func (f *fakeLater) Answer(_ context.Context, caller gateway.Application, correlazione, _ string) (*gateway.Acquired, error) {
	f.caller, f.asked = caller, correlazione
	if f.err != nil {
		return nil, f.err
	}
	answer := f.answer
	return &answer, nil
}

func TestAnswersThatComeLater(t *testing.T) {
	w := newWorld(t)
	later := &fakeLater{}
	w.options.Later = later
	w.start(t)
	api, err := contract.Compile()
	if err != nil {
		t.Fatal(err)
	}
	m, err := api.Document().Match("GET", laterBase+correlazione)
	if err != nil {
		t.Fatal(err)
	}
	read := func(header ...string) answer {
		t.Helper()
		a := w.do(t, ListenerApplicazioni, "GET", laterBase+correlazione, "", header...)
		if err := m.CheckResponse(a.StatusCode, a.Header, []byte(a.body)); err != nil {
			t.Error(err)
		}
		return a
	}
	wantProblem(t, read(), problem.RuleNoKey, http.StatusUnauthorized)

	key := []string{"Authorization", "Bearer " + w.key}
	scade := time.Date(2026, 3, 8, 9, 0, 0, 0, time.UTC)
	later.answer = gateway.Acquired{Esito: gateway.EsitoInAttesa, Correlazione: correlazione, Scade: scade}
	a := read(key...)
	var pending InAttesa
	if err := json.Unmarshal([]byte(a.body), &pending); err != nil || a.StatusCode != http.StatusAccepted || a.Header.Get("Location") != laterBase+correlazione {
		t.Errorf("%d %v %s", a.StatusCode, err, a.body)
	}
	if diff := cmp.Diff(InAttesa{Esito: "in_attesa", Correlazione: correlazione, Scade: scade}, pending); diff != "" {
		t.Error(diff)
	}
	if later.asked != correlazione || later.caller.Ente != "c_a" || later.caller.Name != "asilo" {
		t.Errorf("asked %s for %+v", later.asked, later.caller)
	}

	later.answer = gateway.Acquired{
		Esito: gateway.EsitoAcquisito, Dati: json.RawMessage(`{"a":"<&>"}`), Firma: "a.b.c",
		Provenienza: provenance.Provenance{Registro: "r", Servizio: "s", Operazione: "o", Ambiente: "locale", Scambio: correlazione, Ente: "c_a"},
	}
	a = read(key...)
	var got Acquisita
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.StatusCode != http.StatusOK || string(got.Dati) != `{"a":"<&>"}` {
		t.Errorf("%d %v %s", a.StatusCode, err, a.body)
	}
	later.err = problem.New(problem.RuleAnswerUnknown)
	wantProblem(t, read(key...), problem.RuleAnswerUnknown, http.StatusNotFound)
}

func TestAcquisitionWhoseAnswerComesLater(t *testing.T) {
	w := newWorld(t)
	w.out.later = true
	w.start(t)
	a := w.acquire(t, goodBody)
	api, err := contract.Compile()
	if err != nil {
		t.Fatal(err)
	}
	m, err := api.Document().Match("POST", "/v1/acquisizioni/anagrafe/residenza")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.CheckResponse(a.StatusCode, a.Header, []byte(a.body)); err != nil || a.StatusCode != http.StatusAccepted {
		t.Errorf("%d %s: %v", a.StatusCode, a.body, err)
	}
}
