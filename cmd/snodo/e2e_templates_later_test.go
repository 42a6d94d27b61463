// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/scaffold"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/registry"
)

const differito = "stato-istanza-differito"

// differitoPair is the ready e-service, as it ships, with a caller of it and the e-service of the caller that hears.
func differitoPair() pushPair {
	return pushPair{asked: differito, recipes: func(t *testing.T, dir string) {
		t.Helper()
		made, err := scaffold.Template(differito, differito)
		if err != nil {
			t.Fatal(err)
		}
		borgo, serena := ambiente.BorgoFiorito(), ambiente.ValSerena()
		environment := func(e ambiente.Ente, name string) string {
			return "patterns: {request: [AUDIT_REST_02, INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}\nenvironments:\n  locale: {url: \"https://" + name +
				".locale.invalid\", audience: \"" + e.AudienceOf(name, 1) + "\", eserviceId: " + e.EserviceOf(name) + ", producerId: " + e.TenantID + "}\n"
		}
		for path, text := range map[string]string{
			"exposes/" + differito + ".yaml": string(made.Recipe), "exposes/" + differito + ".openapi.yaml": string(made.Document),
			"backends/" + differito + ".yaml": string(made.BackEnd),
			"exposes/esiti.yaml": `name: esiti
title: {it: Esiti, en: Outcomes}
major: 1
openapi: esiti.openapi.yaml
patterns: {request: [AUDIT_REST_02, INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}
operations:
  send: {interaction: {pattern: NONBLOCK_PUSH_REST, receives: true}}
`,
			"exposes/esiti.openapi.yaml": hears(t, made.Document),
			"backends/esiti.yaml":        "name: esiti\nroutes: [{method: POST, path: /esiti, replies: [{status: 500, body: {}}]}]\n",
			"consumes/esiti.yaml":        "name: esiti\ntitle: {it: Esiti, en: Outcomes}\nregistry: Val Serena\nadapter: declarative\n" + environment(serena, "esiti"),
			"consumes/" + differito + ".yaml": "name: " + differito + "\ntitle: {it: Stato, en: State}\nregistry: Borgo Fiorito\nadapter: declarative\n" +
				environment(borgo, differito) + differitoOperations(t),
		} {
			if err := writeNew(filepath.Join(dir, path), []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}}
}

// differitoOperations are those that the page of the e-service shows to who calls it.
func differitoOperations(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "eservices", differito+".md"))
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(page), "```yml\noperations:\n")
	shown, _, found := strings.Cut(shown, "```")
	if !found {
		t.Fatal("the page shows no operations")
	}
	return "operations:\n" + shown
}

// hears is the document of who is called back: it takes what the e-service's own document says of the callback.
func hears(t *testing.T, asked []byte) string {
	t.Helper()
	_, components, found := strings.Cut(string(asked), "\ncomponents:\n")
	if !found {
		t.Fatal("the document has no components")
	}
	return `openapi: 3.0.3
info: {title: Esiti, version: 1.0.0, x-summary: Esiti, contact: {name: Ufficio, email: ufficio@ente.example}}
paths:
  /esiti:
    post:
      operationId: send
      security: [{bearerAuth: []}]
      parameters: [{$ref: '#/components/parameters/X-Correlation-ID'}]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Istanza'}}
          application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}
      responses:
        '200': {description: Ricevuto, content: {application/json: {schema: {$ref: '#/components/schemas/Avanzamento'}}}}
        default: {$ref: '#/components/responses/Errore'}
components:
` + components
}

// TestStatoIstanzaDifferitoIsCalledByASecondSnodo by pull and by push: the state of a practice, and one that is not there.
func TestStatoIstanzaDifferitoIsCalledByASecondSnodo(t *testing.T) {
	h := newPushHubs(t, differitoPair())
	const absent, dati = "PRT-2026-0000999", `{"stato":"accolta","ufficio":"Servizi Scolastici"}`
	ask := func(operation, richiesta string) *acquire.Answer {
		t.Helper()
		serena, r := ambiente.ValSerena().CodiceIPA, demoRequest()
		r.Context.Ente, r.Context.Procedimento, r.Service, r.Operation, r.Richiesta = serena, folder.ProcedimentoRegistri, differito, operation, json.RawMessage(richiesta)
		answer, err := h.asks.apps[serena].Acquire(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	pull := func(istanza string) *acquire.Answer {
		t.Helper()
		asked := ask("chiedi", `{"istanza":"`+istanza+`"}`)
		var given struct{ ID string }
		if err := json.Unmarshal(asked.Dati, &given); err != nil || len(given.ID) != 36 {
			t.Fatalf("pull: %d %s %+v", asked.Status, asked.Raw, asked.Problem)
		}
		return ask("ritira", `{"istanza":"`+istanza+`","id":"`+given.ID+`"}`)
	}
	push := func(istanza string) *acquire.Answer {
		t.Helper()
		asked := ask("avvisami", `{"istanza":"`+istanza+`"}`)
		if asked.Status != http.StatusAccepted || asked.Correlazione == "" {
			t.Fatalf("push: %d %s %+v", asked.Status, asked.Raw, asked.Problem)
		}
		return h.answered(t, asked.Correlazione)
	}
	backEnd := h.asked.BackEnds[differito]
	for name, way := range map[string]func(string) *acquire.Answer{"pull": pull, "push": push} {
		backEnd.ResetRequests()
		wants(t, way("PRT-2026-0000126"), dati)
		if n := len(backEnd.Requests()); n != 1 {
			t.Errorf("%s: the procedure was asked %d times", name, n)
		}
		if answer := way(absent); answer.Status != http.StatusNotFound || answer.Problem == nil || answer.Problem.Rule != "hub.registry/not-found" {
			t.Errorf("%s of a practice that is not there: %d %s %+v", name, answer.Status, answer.Raw, answer.Problem)
		}
	}
	for replyTo, want := range map[string]int{"": http.StatusBadRequest, "https://altrove.example/esiti": http.StatusForbidden} {
		borgo := ambiente.BorgoFiorito()
		reply, err := h.asked.UnioneFor(borgo, differito, 1).Do(t.Context(), http.MethodPost, h.asked.offeredURL(borgo, differito, 1)+"/avvisi",
			[]byte(`{"istanza":"PRT-2026-0000126"}`), fruitore.Hooks{Request: func(r *http.Request) {
				if replyTo != "" {
					r.Header.Set(registry.HeaderReplyTo, replyTo)
				}
			}})
		if err != nil {
			t.Fatal(err)
		}
		if reply.Status != want {
			t.Errorf("answers to %q: %d %s", replyTo, reply.Status, reply.Body)
		}
	}
}
