// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/registry"
)

// pushPair is an e-service that answers later, with the folder of own recipes of both sides: that of the callback is esiti.
type pushPair struct {
	asked   string
	recipes func(t *testing.T, dir string)
	asks    func(t testing.TB, dir string) // what else the folder of who asks says; may be nil
}

// visure is a pair whose asker may see one field, and call natively.
func visure() pushPair {
	return pushPair{asked: "visure", recipes: pushRecipes, asks: editFile(
		filepath.Join("enti", ambiente.ValSerena().CodiceIPA, "procedimenti", folder.ProcedimentoRegistri+".yaml"),
		"campi: [esito, riservato]", "campi: [esito]\n  - {servizio: visure, passante: true}")}
}

// pushRecipes are both sides of an e-service that answers later: visure is asked, esiti is called back.
func pushRecipes(t *testing.T, dir string) {
	t.Helper()
	document := func(path, status string) string {
		return `openapi: 3.0.3
info: {title: Visure, version: 1.0.0, x-summary: Visure differite, contact: {name: Ufficio, email: ufficio@ente.example}}
paths:
  ` + path + `:
    post:
      operationId: send
      security: [{bearerAuth: []}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Messaggio'}}}}
      responses:
        '` + status + `': {description: Ricevuta, content: {application/json: {schema: {$ref: '#/components/schemas/Stato'}}}}
        default: {description: Errore, content: {application/problem+json: {schema: {type: object}}}}
components:
  securitySchemes: {bearerAuth: {type: http, scheme: bearer}}
  schemas:
    Messaggio:
      type: object
      additionalProperties: false
      properties: {numero: {type: string, maxLength: 20}, esito: {type: string, maxLength: 20}, riservato: {type: string, maxLength: 20}}
    Stato: {type: object, additionalProperties: false, required: [status, message], properties: {status: {type: string}, message: {type: string}}}
`
	}
	exposes := func(name, interaction string) string {
		return "name: " + name + "\ntitle: {it: " + name + ", en: " + name + "}\nmajor: 1\nopenapi: " + name + `.openapi.yaml
patterns: {request: [AUDIT_REST_02, INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}
operations:
  send: {interaction: {pattern: NONBLOCK_PUSH_REST` + interaction + "}}\n"
	}
	consumes := func(name string, owner ambiente.Ente, operations string) string {
		return "name: " + name + "\ntitle: {it: " + name + ", en: " + name + "}\nregistry: " + owner.Nome + `
adapter: declarative
patterns: {request: [AUDIT_REST_02, INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}
environments:
  locale: {url: "https://` + name + `.locale.invalid", audience: "` + owner.AudienceOf(name, 1) + `", eserviceId: ` + owner.EserviceOf(name) + ", producerId: " + owner.TenantID + "}\n" + operations
	}
	for name, text := range map[string]string{
		"exposes/visure.yaml": exposes("visure", ""), "exposes/visure.openapi.yaml": document("/avvisi", "202"),
		"exposes/esiti.yaml": exposes("esiti", ", receives: true"), "exposes/esiti.openapi.yaml": document("/esiti", "200"),
		"consumes/esiti.yaml": consumes("esiti", ambiente.ValSerena(), ""),
		"consumes/visure.yaml": consumes("visure", ambiente.BorgoFiorito(), `operations:
  chiedi:
    title: {it: Chiedi, en: Ask}
    method: POST
    path: /avvisi
    fields: [esito, riservato]
    input: {type: object, additionalProperties: false, properties: {numero: {type: string, description: which}}}
    request: [{to: body/numero, from: richiesta/numero}]
    interaction: {pattern: NONBLOCK_PUSH_REST, callback: esiti}
    same: [{at: body/numero, is: richiesta/numero}]
    response: [{to: esito, from: body/esito}, {to: riservato, from: body/riservato}]
`),
		"backends/visure.yaml": `name: visure
routes:
  - {method: POST, path: /avvisi, replies: [{status: 200, body: {numero: "${body.numero}", esito: libero, riservato: segreto}}]}
`,
		"backends/esiti.yaml": "name: esiti\nroutes: [{method: POST, path: /esiti, replies: [{status: 500, body: {}}]}]\n",
	} {
		if err := writeNew(filepath.Join(dir, name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
}

// pushHubs are two Snodo over TCP: Val Serena's asks Borgo Fiorito's, which calls back esiti of Val Serena's.
type pushHubs struct{ asked, asks *site }

func newPushHubs(t *testing.T, pair pushPair) pushHubs {
	t.Helper()
	dir := shortDir(t)
	recipes := filepath.Join(dir, "r")
	pair.recipes(t, recipes)
	w, err := startWorld(t.Context(), testApp(), worldOptions{
		dir: filepath.Join(dir, "a"), applicazioni: "127.0.0.1:0", esposizione: "127.0.0.1:0", socket: "dati/s", registri: recipes,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	borgo, serena := ambiente.BorgoFiorito(), ambiente.ValSerena()
	if err := os.RemoveAll(filepath.Join(w.dir, "enti", serena.CodiceIPA)); err != nil {
		t.Fatal(err)
	}
	second := &world{Ambiente: w.Ambiente, dir: filepath.Join(dir, "b"), registri: w.registri}
	for _, address := range []*string{&second.applicazioni, &second.esposizione} {
		if *address, err = freeAddress("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	described := w.describe("dati/s")
	described.Name, described.Applicazioni, described.Esposizione = "val-serena.locale", second.applicazioni, second.esposizione
	described.Enti = slices.DeleteFunc(described.Enti, func(e folder.Ente) bool { return e.CodiceIPA != serena.CodiceIPA })
	ente := &described.Enti[0]
	ente.Offerti = slices.DeleteFunc(second.describeOffered(serena), func(o folder.Offerto) bool { return o.Recipe != "esiti" })
	described.Registri = []folder.Registro{describeRegistro(w.registri.recipes[pair.asked], w.offeredURL(borgo, pair.asked, 1), false)}
	ente.Purposes = map[string]string{pair.asked: borgo.PurposePeerOf(pair.asked)}
	h := pushHubs{
		asked: &site{world: w, app: testApp(), logs: &lockedBuffer{}}, asks: &site{world: second, app: testApp(), logs: &lockedBuffer{}},
	}
	if second.written, err = folder.Write(second.dir, described, h.asks.app.rand); err != nil {
		t.Fatal(err)
	}
	receives(t, second.dir)
	if pair.asks != nil {
		pair.asks(t, second.dir)
	}
	callsBack(t, w.dir, pair.asked, second.offeredURL(serena, "esiti", 1))
	public := second.written.Public[serena.CodiceIPA]
	for client, pem := range map[string][]byte{serena.ConsumerClientID: public.Client, serena.APIClientID: public.API} {
		if _, err := w.PDND.AddClientKey(client, pem); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.PDND.AddKeychainKey(serena.KeychainID, public.Keychain); err != nil {
		t.Fatal(err)
	}
	h.asked.serveOne(t, borgo)
	h.asks.serveOne(t, serena)
	return h
}

// receives leaves Val Serena esiti alone, answered by the hub itself.
func receives(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "enti", ambiente.ValSerena().CodiceIPA, "exposes.yaml")
	exposes, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, only, found := strings.Cut(string(exposes), "- recipe: esiti\n")
	if !found {
		t.Fatal("esiti is not exposed")
	}
	only, _, _ = strings.Cut(only, "  backEnd:")
	writeFile(t, path, "- recipe: esiti\n"+only)
}

// callsBack lets Borgo Fiorito call esiti, at an address, with the answers of what it was asked.
func callsBack(t *testing.T, dir, asked, url string) {
	t.Helper()
	serena := ambiente.ValSerena()
	mine := filepath.Join("enti", ambiente.BorgoFiorito().CodiceIPA)
	exposes, err := os.ReadFile(filepath.Join(dir, mine, "exposes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(exposes), "- recipe: esiti\n")
	item := "- recipe: " + asked + "\n"
	before, offered, found := strings.Cut(text, item)
	if !found {
		before, offered, found = strings.Cut(string(exposes), item)
	}
	if !found {
		t.Fatal(asked + " is not exposed")
	}
	offered = strings.Replace(offered, "  backEnd:\n", "  callbacks:\n  - {consumer: "+serena.TenantID+
		", service: esiti, procedimento: richiamate, applicazione: sportello, operatore: job-iscrizioni}\n  backEnd:\n", 1)
	writeFile(t, filepath.Join(dir, mine, "exposes.yaml"), before+item+offered)
	consumes, err := os.ReadFile(filepath.Join(dir, mine, "consumes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, mine, "consumes.yaml"), string(consumes)+
		"\n- {recipe: esiti, environment: locale, client: servizi, titolo: proprio, url: "+url+"}\n")
	writeFile(t, filepath.Join(dir, mine, "procedimenti/richiamate.yaml"), `nome: richiamate
titolo: Risposte differite
norma: CAD art. 50
baseGiuridica: art43
ufficio: servizi-scolastici
responsabile: Elena Fontana
applicazioni: [sportello]
operazioni: [{servizio: esiti, passante: true}]
purposes: {esiti: `+serena.PurposePeerOf("esiti")+`}
conservazioneGiorni: 30
`)
}

// serveOne opens the hub of a site that has one ente, with a key for its application.
func (s *site) serveOne(t *testing.T, e ambiente.Ente) {
	t.Helper()
	var err error
	s.config = mustLoad(t, s.dir)
	if s.run, err = startHub(context.Background(), s.app, s.config, s.logs); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(t) })
	s.manage = management.New(s.config.Path(s.config.Hub.Listeners.Gestione.Socket), "it")
	key := newKey(t, s.manage, e.CodiceIPA)
	app, err := acquire.New("http://"+s.applicazioni, key, "")
	if err != nil {
		t.Fatal(err)
	}
	s.key, s.apps = map[string]string{e.CodiceIPA: key}, map[string]*acquire.Client{e.CodiceIPA: app}
}

// answered asks again until the answer has come.
func (h pushHubs) answered(t *testing.T, correlazione string) *acquire.Answer {
	t.Helper()
	var answer *acquire.Answer
	eventually(t, 30*time.Second, "the answer comes", func() bool {
		var err error
		answer, err = h.asks.apps[ambiente.ValSerena().CodiceIPA].Later(context.Background(), correlazione)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Status != http.StatusAccepted
	})
	return answer
}

// TestOneSnodoAsksAnotherWhichCallsBack: NONBLOCK_PUSH_REST from end to end, both sides Snodo.
func TestOneSnodoAsksAnotherWhichCallsBack(t *testing.T) {
	h := newPushHubs(t, visure())
	serena := ambiente.ValSerena()
	app := h.asks.apps[serena.CodiceIPA]
	r := demoRequest()
	r.Context.Ente, r.Context.Procedimento, r.Service, r.Operation = serena.CodiceIPA, folder.ProcedimentoRegistri, "visure", "chiedi"
	r.Richiesta, r.IdempotencyKey = json.RawMessage(`{"numero":"7"}`), "chiave-7"
	asked, err := app.Acquire(t.Context(), r)
	if err != nil || asked.Status != http.StatusAccepted || asked.Esito != "in_attesa" || len(asked.Correlazione) != 36 || asked.Dati != nil {
		t.Fatalf("%+v %v %s", asked, err, asked.Raw)
	}
	again, err := app.Acquire(t.Context(), r)
	if err != nil || again.Correlazione != asked.Correlazione {
		t.Errorf("under the same Idempotency-Key: %+v %v", again, err)
	}
	answer := h.answered(t, asked.Correlazione)
	if answer.Status != http.StatusOK || answer.Esito != "acquisito" || string(answer.Dati) != `{"esito":"libero"}` {
		t.Fatalf("%d %s %+v", answer.Status, answer.Raw, answer.Problem)
	}
	if err := app.VerifyProvenance(t.Context(), serena.CodiceIPA, answer); err != nil {
		t.Error(err)
	}
	var from struct{ Scambio, IDOperazione string }
	if err := json.Unmarshal(answer.Provenienza, &from); err != nil || from.Scambio != asked.Correlazione || len(from.IDOperazione) != 36 {
		t.Fatalf("provenance %s", answer.Provenienza)
	}
	t.Run("every delivery is evidence", func(t *testing.T) { h.wantEvidence(t, asked.Correlazione) })
	t.Run("the callback again changes nothing", func(t *testing.T) {
		for range 2 {
			if status := h.callBack(t, from.IDOperazione, `{"numero":"7","esito":"altro"}`); status != http.StatusOK {
				t.Errorf("%d", status)
			}
		}
		if second := h.answered(t, asked.Correlazione); string(second.Dati) != `{"esito":"libero"}` {
			t.Errorf("%s", second.Dati)
		}
	})
	t.Run("a callback that nobody waits for", func(t *testing.T) {
		for correlation, want := range map[string]int{"": http.StatusBadRequest, "c0ffee-0042": http.StatusNotFound} {
			if status := h.callBack(t, correlation, `{}`); status != want {
				t.Errorf("%q: %d, want %d", correlation, status, want)
			}
		}
	})
	t.Run("a callback of somebody else", func(t *testing.T) {
		reply, err := h.asked.UnioneFor(serena, "esiti", 1).Do(t.Context(), http.MethodPost, h.asks.offeredURL(serena, "esiti", 1)+"/esiti", []byte(`{"esito":"falso"}`),
			fruitore.Hooks{Request: func(r *http.Request) { r.Header.Set(registry.HeaderCorrelation, from.IDOperazione) }})
		if err != nil || reply.Status != http.StatusNotFound || ruleOf(reply.Body) != "hub.interaction/correlation-unknown" {
			t.Errorf("%+v %v", reply, err)
		}
	})
	t.Run("an answer that nobody asked for", func(t *testing.T) {
		answer, err := app.Later(t.Context(), "9c1d1b0e-0000-4000-8000-000000000001")
		if err != nil || answer.Status != http.StatusNotFound || answer.Problem.Rule != "hub.interaction/answer-unknown" {
			t.Errorf("%+v %v", answer, err)
		}
	})
	t.Run("a native call", h.nativeCall)
	t.Run("from the command line", func(t *testing.T) {
		key := filepath.Join(t.TempDir(), "chiave")
		writeFile(t, key, h.asks.key[serena.CodiceIPA])
		code, out, diagnostics := h.asks.cli(t, "", "call", "visure", "chiedi", "--url", "http://"+h.asks.applicazioni, "--chiave-file", key, "--ente", serena.CodiceIPA,
			"--procedimento", folder.ProcedimentoRegistri, "--pratica", "PRT-1", "--operatore", folder.Operatore, "--postazione", folder.Postazione, "--loa", folder.LoA, "--dato", "numero=9")
		if code != exitYes || !strings.Contains(out, "/v1/acquisizioni/correlazioni/") {
			t.Errorf("%d %s %s", code, out, diagnostics)
		}
	})
}

// nativeCall asks in the form of the e-service: the acceptance is handed on as it is, and the answer whole.
func (h pushHubs) nativeCall(t *testing.T) {
	serena := ambiente.ValSerena()
	h.asks.key[ambiente.BorgoFiorito().CodiceIPA] = h.asks.key[serena.CodiceIPA] // whose key native calls are made with
	status, header, body := h.asks.native(t, "POST", fruizioni+serena.CodiceIPA+"/visure/avvisi", `{"numero":"8"}`,
		nativeContext("Content-Type", "application/json", "X-ReplyTo", "http://169.254.169.254/")...)
	if status != http.StatusAccepted || header.Get(registry.HeaderCorrelation) == "" || !strings.Contains(body, `"accepted"`) {
		t.Fatalf("%d %v %s", status, header, body)
	}
	answer := h.answered(t, header.Get("Snodo-Scambio"))
	if want := `{"esito":"libero","numero":"8","riservato":"segreto"}`; answer.Status != http.StatusOK || string(answer.Dati) != want {
		t.Errorf("%d %s %+v", answer.Status, answer.Dati, answer.Problem)
	}
}

// callBack has Borgo Fiorito call esiti by hand.
func (h pushHubs) callBack(t *testing.T, correlation, body string) int {
	t.Helper()
	headers := nativeContext("Content-Type", "application/json", "Snodo-Procedimento", "richiamate")
	if correlation != "" {
		headers = append(headers, registry.HeaderCorrelation, correlation)
	}
	status, _, _ := h.asked.native(t, "POST", fruizioni+ambiente.BorgoFiorito().CodiceIPA+"/esiti/esiti", body, headers...)
	return status
}

// wantEvidence holds the records of who asked against what happened: the request, the callback, the delivery.
func (h pushHubs) wantEvidence(t *testing.T, exchange string) {
	t.Helper()
	var own, received []string
	for _, r := range h.asks.evidence(t, ambiente.ValSerena().CodiceIPA) {
		what := r.Tipo + " " + r.Servizio + " " + http.StatusText(r.Stato)
		switch {
		case r.Scambio == exchange:
			own = append(own, what)
		case r.Servizio == "esiti":
			received = append(received, what)
		}
	}
	asked := []string{"acquisizione/intento visure ", "acquisizione/esito visure Accepted"}
	delivered := []string{"acquisizione/intento visure ", "acquisizione/esito visure OK"}
	if len(own) < 4 || !slices.Equal(own[:2], asked) || !slices.Equal(own[len(own)-2:], delivered) {
		t.Errorf("records of the exchange: %q", own)
	}
	if !slices.Equal(received, []string{"erogazione/intento esiti ", "erogazione/esito esiti OK"}) {
		t.Errorf("records of the callback: %q", received)
	}
}
