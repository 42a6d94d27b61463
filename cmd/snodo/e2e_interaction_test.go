// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// differite is an e-service whose procedure is slow: it is offered by pull and by push.
const differite = `openapi: 3.0.3
info: {title: Visure, version: 1.0.0, x-summary: Visure differite, contact: {name: Ufficio, email: ufficio@ente.example}}
paths:
  /richieste:
    post:
      operationId: ask
      security: [{bearerAuth: []}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Domanda'}}}}
      responses:
        '202': {description: Presa in carico, content: {application/json: {schema: {$ref: '#/components/schemas/Stato'}}}}
        default: {$ref: '#/components/responses/Errore'}
  /richieste/{id}:
    get:
      operationId: state
      security: [{bearerAuth: []}]
      parameters: [{$ref: '#/components/parameters/id'}]
      responses:
        '200': {description: In lavorazione, content: {application/json: {schema: {$ref: '#/components/schemas/Stato'}}}}
        '303': {description: Conclusa}
        default: {$ref: '#/components/responses/Errore'}
  /risultati/{id}:
    get:
      operationId: result
      security: [{bearerAuth: []}]
      parameters: [{$ref: '#/components/parameters/id'}]
      responses:
        '200': {description: Risultato, content: {application/json: {schema: {$ref: '#/components/schemas/Domanda'}}}}
        default: {$ref: '#/components/responses/Errore'}
  /avvisi:
    post:
      operationId: notify
      security: [{bearerAuth: []}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Domanda'}}}}
      responses:
        '202': {description: Presa in carico}
        default: {$ref: '#/components/responses/Errore'}
components:
  securitySchemes: {bearerAuth: {type: http, scheme: bearer}}
  parameters:
    id: {name: id, in: path, required: true, schema: {type: string, pattern: '^[a-f0-9-]{36}$', maxLength: 36}}
  responses:
    Errore: {description: Errore, content: {application/problem+json: {schema: {type: object}}}}
  schemas:
    Domanda: {type: object, additionalProperties: false, required: [n], properties: {n: {type: integer, format: int32}}}
    Stato: {type: object, additionalProperties: false, required: [status, message], properties: {status: {type: string}, message: {type: string}}}
`

// slowly is a procedure that answers what it is asked, after a while, and what came of its answers.
type slowly struct {
	*httptest.Server

	mu    sync.Mutex
	calls map[string]int // by Idempotency-Key
	heard map[string]int // callbacks, by X-Correlation-ID and body
	bare  int            // callbacks without a voucher
}

func startSlowly(t *testing.T) *slowly {
	s := &slowly{calls: map[string]int{}, heard: map[string]int{}}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.calls[r.Header.Get("Idempotency-Key")]++
		s.mu.Unlock()
		<-time.After(30 * time.Millisecond)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}
	mux.HandleFunc("POST /api/richieste", answer)
	mux.HandleFunc("POST /api/avvisi", answer)
	mux.HandleFunc("POST /richiamate/esiti", func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.heard[r.Header.Get(interaction.HeaderCorrelation)+" "+string(body)]++
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ey") {
			s.bare++
		}
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *slowly) heardOf() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heard)
}

// withInteractions exposes the slow procedure in place of stato-istanza, and lets its answers go to the callback
// e-service of the consumer.
func withInteractions(s *slowly) func(t testing.TB, dir string) {
	return func(t testing.TB, dir string) {
		t.Helper()
		ownRecipe("exposes", "stato-istanza", "guard:", `operations:
  ask: {interaction: {pattern: NONBLOCK_PULL_REST, status: state, result: result}}
  notify: {interaction: {pattern: NONBLOCK_PUSH_REST}}

guard:`)(t, dir)
		writeFile(t, filepath.Join(dir, "recipes/exposes/stato-istanza.openapi.yaml"), differite)
		for _, e := range ambiente.Enti() {
			ente := filepath.Join(dir, "enti", e.CodiceIPA)
			read := func(name string) string {
				data, err := os.ReadFile(filepath.Join(ente, name))
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			registri := read("procedimenti/prova-registri.yaml")
			purpose := regexp.MustCompile(`inad-consultazione: (\S+)`).FindStringSubmatch(registri)
			exposes := regexp.MustCompile(`url: \S+`).ReplaceAllString(read("exposes.yaml"), "url: "+s.URL+"/api")
			exposes = strings.Replace(exposes, "  backEnd:\n", `  callbacks:
  - {consumer: `+ambiente.UnioneTenantID+`, service: esiti, procedimento: richiamate, applicazione: sportello, operatore: job-iscrizioni}
  backEnd:
`, 1)
			writeFile(t, filepath.Join(ente, "exposes.yaml"), exposes)
			writeFile(t, filepath.Join(ente, "consumes.yaml"), read("consumes.yaml")+
				"\n- {recipe: esiti, environment: locale, client: servizi, titolo: proprio, url: "+s.URL+"/richiamate}\n")
			writeFile(t, filepath.Join(ente, "procedimenti/richiamate.yaml"), `nome: richiamate
titolo: Risposte differite
norma: CAD art. 50
baseGiuridica: art43
ufficio: servizi-scolastici
responsabile: Elena Fontana
applicazioni: [sportello]
operazioni: [{servizio: esiti, passante: true}]
purposes: {esiti: `+purpose[1]+`}
conservazioneGiorni: 30
`)
		}
		if err := os.MkdirAll(filepath.Join(dir, "recipes", "consumes"), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, "recipes", "consumes", "esiti.yaml"), `name: esiti
title: {it: Esiti, en: Outcomes}
registry: Unione
adapter: declarative
environments:
  locale: {url: "https://esiti.locale.invalid/x", audience: https://esiti.example, eserviceId: a0000000-0000-4000-8000-000000000061, producerId: a0000000-0000-4000-8000-000000000004}
`)
	}
}

// TestInteractionsOutliveTwoKills: what was accepted is worked to its end, whatever becomes of the processes, and no
// answer is another's.
func TestInteractionsOutliveTwoKills(t *testing.T) {
	const each = 12
	procedure := startSlowly(t)
	w := newWorld(t, withInteractions(procedure))
	e := ambiente.BorgoFiorito()
	base := w.exposedURL(e)
	hub, _ := serveProcess(t, w)
	states, correlations := map[int]string{}, map[int]string{}
	for n := range each {
		body := []byte(`{"n":` + strconv.Itoa(n) + `}`)
		states[n] = accepted(t, w, base+"/richieste", body).Get("Location")
		correlations[n] = accepted(t, w, base+"/avvisi", body).Get(interaction.HeaderCorrelation)
		if n == each/2 || n == each-1 {
			if err := hub.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = hub.cmd.Wait() // it was killed: its exit code says nothing
			hub, _ = serveProcess(t, w)
		}
	}
	ask := func(target string) *fruitore.Reply {
		t.Helper()
		reply, err := w.Unione(e).Do(context.Background(), http.MethodGet, target, nil, fruitore.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	for n, state := range states {
		if !strings.HasPrefix(state, base+"/richieste/") {
			t.Fatalf("Location %q is not below %s", state, base)
		}
		var reply *fruitore.Reply
		eventually(t, time.Minute, fmt.Sprintf("request %d comes to its end", n), func() bool {
			reply = ask(state)
			return reply.Status == http.StatusSeeOther
		})
		result := ask(reply.Header.Get("Location"))
		var got struct{ N int }
		if err := json.Unmarshal(result.Body, &got); err != nil || result.Status != http.StatusOK || got.N != n || result.Header.Get("Agid-JWT-Signature") == "" {
			t.Errorf("request %d: %d %s %v", n, result.Status, result.Body, err)
		}
	}
	eventually(t, time.Minute, "every callback is heard", func() bool { return procedure.heardOf() >= each })
	procedure.mu.Lock()
	defer procedure.mu.Unlock()
	for n, id := range correlations {
		if procedure.heard[id+` {"n":`+strconv.Itoa(n)+`}`] == 0 {
			t.Errorf("callback %d was not heard, or with another answer", n)
		}
	}
	if len(procedure.heard) != each || len(procedure.calls) != 2*each || procedure.bare > 0 {
		t.Errorf("%d answers heard, %d requests worked, %d callbacks without voucher", len(procedure.heard), len(procedure.calls), procedure.bare)
	}
	hub.stop(t)
}

// accepted sends a request, again with new tokens while a killed hub does not trust its memory of used ones, and returns
// the headers of its 202.
func accepted(t *testing.T, w *world, target string, body []byte) http.Header {
	t.Helper()
	var reply *fruitore.Reply
	eventually(t, time.Minute, "the hub takes requests", func() bool {
		var err error
		reply, err = w.Unione(ambiente.BorgoFiorito()).Do(context.Background(), http.MethodPost, target, body, fruitore.Hooks{
			Request: func(r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/avvisi") {
					r.Header.Set(interaction.HeaderReplyTo, replyToOf(t, w))
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return reply.Status != http.StatusServiceUnavailable
	})
	if reply.Status != http.StatusAccepted {
		t.Fatalf("%d %s", reply.Status, reply.Body)
	}
	return reply.Header
}

// replyToOf reads the address of the callback e-service from the folder.
func replyToOf(t *testing.T, w *world) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, "enti", ambiente.BorgoFiorito().CodiceIPA, "consumes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`recipe: esiti.*url: (\S+)}`).FindStringSubmatch(string(data))
	if found == nil {
		t.Fatal("the folder binds no callback e-service")
	}
	return found[1] + "/esiti"
}
