// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/scaffold"
	"github.com/snodo-pa/snodo/internal/schema/apirules"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/mocks/suap"
	"github.com/snodo-pa/snodo/registry"
)

// twoHubs are two Snodo over TCP: Borgo Fiorito's offers e-services, Val Serena's calls them, each with a folder, a database
// and keys of its own.
type twoHubs struct {
	offers  *world
	calls   *site
	request acquire.Request // what Val Serena says of itself
}

// newTwoHubs starts both, with the recipes of the caller made from the documents that the first one publishes.
func newTwoHubs(t *testing.T, names ...string) *twoHubs {
	t.Helper()
	dir := shortDir(t)
	recipes := filepath.Join(dir, "r")
	for _, name := range names {
		made, err := scaffold.Template(name, name)
		if err != nil {
			t.Fatal(err)
		}
		for path, text := range map[string][]byte{"exposes/" + name + ".yaml": made.Recipe, "exposes/" + name + ".openapi.yaml": made.Document, "backends/" + name + ".yaml": made.BackEnd} {
			if err := writeNew(filepath.Join(recipes, path), text); err != nil {
				t.Fatal(err)
			}
		}
	}
	w, err := startWorld(t.Context(), testApp(), worldOptions{
		dir: filepath.Join(dir, "a"), applicazioni: "127.0.0.1:0", esposizione: "127.0.0.1:0", socket: "dati/s", registri: recipes,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if err := os.RemoveAll(filepath.Join(w.dir, "enti", ambiente.ValSerena().CodiceIPA)); err != nil {
		t.Fatal(err)
	}
	run, err := startHub(context.Background(), testApp(), mustLoad(t, w.dir), &lockedBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.stop(); err != nil {
			t.Error(err)
		}
	})
	h := &twoHubs{offers: w, request: demoRequest()}
	h.request.Context.Ente, h.request.Context.Procedimento = ambiente.ValSerena().CodiceIPA, folder.ProcedimentoRegistri
	h.startCaller(t, dir, names)
	return h
}

// startCaller writes the folder of the second hub and starts it.
func (h *twoHubs) startCaller(t *testing.T, dir string, names []string) {
	t.Helper()
	borgo, serena := ambiente.BorgoFiorito(), ambiente.ValSerena()
	described := h.offers.describe("dati/s")
	described.Name, described.RecipesDir, described.Registri = "val-serena.locale", filepath.Join(dir, "c"), nil
	described.Enti = slices.DeleteFunc(described.Enti, func(e folder.Ente) bool { return e.CodiceIPA != serena.CodiceIPA })
	ente := &described.Enti[0]
	ente.Offerti, ente.Purposes = nil, map[string]string{}
	var err error
	for _, address := range []*string{&described.Applicazioni, &described.Esposizione} {
		if *address, err = freeAddress("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names {
		recipe := h.consumes(t, filepath.Join(described.RecipesDir, "consumes"), name)
		described.Registri = append(described.Registri, describeRegistro(recipe, h.offers.offeredURL(borgo, name, 1), false))
		ente.Purposes[name] = borgo.PurposePeerOf(name)
	}
	second := &world{Ambiente: h.offers.Ambiente, dir: filepath.Join(dir, "b"), applicazioni: described.Applicazioni, esposizione: described.Esposizione}
	app := testApp()
	if second.written, err = folder.Write(second.dir, described, app.rand); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "suap-") {
			editFile(filepath.Join("enti", serena.CodiceIPA, "procedimenti", folder.ProcedimentoRegistri+".yaml"),
				"servizio: "+name+"\n    operazione: stato\n    campi: [titolo]\n", "servizio: "+name+"\n    passante: true\n")(t, second.dir)
		}
	}
	public := second.written.Public[serena.CodiceIPA]
	for client, pem := range map[string][]byte{serena.ConsumerClientID: public.Client, serena.APIClientID: public.API} {
		if _, err := h.offers.PDND.AddClientKey(client, pem); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.offers.PDND.AddKeychainKey(serena.KeychainID, public.Keychain); err != nil {
		t.Fatal(err)
	}
	h.calls = &site{world: second, app: app, logs: &lockedBuffer{}, apps: map[string]*acquire.Client{}}
	h.calls.config = mustLoad(t, second.dir)
	if h.calls.run, err = startHub(context.Background(), app, h.calls.config, h.calls.logs); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.calls.stop(t) })
	manage := management.New(h.calls.config.Path(h.calls.config.Hub.Listeners.Gestione.Socket), "it")
	h.calls.key = map[string]string{serena.CodiceIPA: newKey(t, manage, serena.CodiceIPA)}
	if h.calls.apps[serena.CodiceIPA], err = acquire.New("http://"+second.applicazioni, h.calls.key[serena.CodiceIPA], ""); err != nil {
		t.Fatal(err)
	}
}

// consumes writes the recipe of who calls from the document that is published, and gives it the ids of PDND.
func (h *twoHubs) consumes(t *testing.T, dir, name string) *registry.Recipe {
	t.Helper()
	borgo := ambiente.BorgoFiorito()
	status, _, document := get(t, h.offers.offeredURL(borgo, name, 1)+"/openapi.yaml")
	if status != 200 {
		t.Fatalf("the document of %s: %d", name, status)
	}
	for _, f := range apirules.Errors(apirules.Check([]byte(document))) {
		if f.Rule != apirules.ServerNotHTTPS { // the hub under test has no certificate
			t.Errorf("%s publishes: %s", name, f)
		}
	}
	files, err := scaffold.Write(name, []byte(document))
	if files.Recipe == nil && strings.HasPrefix(name, "suap-") {
		files.Recipe, err = nativeRecipe(name, borgo), nil // no answer of it has data to acquire: it is called natively
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, files.Recipe)
	}
	draft, err := registry.DecodeRecipe(name+".yaml", files.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	locale := draft.Environments[registry.Locale]
	text := strings.NewReplacer(
		"audience: "+locale.Audience, "audience: "+borgo.AudienceOf(name, 1), locale.EserviceID, borgo.EserviceOf(name), locale.ProducerID, borgo.TenantID,
	).Replace(string(files.Recipe))
	if err := writeNew(filepath.Join(dir, name+".yaml"), []byte(text)); err != nil {
		t.Fatal(err)
	}
	return draft
}

// nativeRecipe is a recipe for native calls alone.
func nativeRecipe(name string, e ambiente.Ente) []byte {
	return fmt.Appendf(nil, `name: %s
title: {it: SUAP, en: SUAP}
registry: SUAP
adapter: declarative
patterns: {request: [INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}
environments:
  locale: {url: https://suap.locale.invalid, audience: %s, eserviceId: %s, producerId: %s}
operations:
  stato:
    title: {it: Stato, en: Status}
    method: GET
    path: /status
    idempotent: true
    fields: [titolo]
    input: {type: object, additionalProperties: false}
    response: [{to: titolo, from: body/title}]
guard: {deadline: 15s, attempts: 1}
evidence: {keep: proofs}
`, name, e.AudienceOf(name, 1), e.EserviceOf(name), e.TenantID)
}

// ask has Val Serena ask Borgo Fiorito through both hubs, and gives what its application gets.
func (h *twoHubs) ask(t *testing.T, service, operation, richiesta string) *acquire.Answer {
	t.Helper()
	r := h.request
	r.Service, r.Operation, r.Richiesta = service, operation, json.RawMessage(richiesta)
	answer, err := h.calls.apps[r.Context.Ente].Acquire(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// native is a call of Val Serena's application in the words of the e-service: status and body of what it gets.
func (h *twoHubs) native(t *testing.T, method, path, body, ifMatch string) string {
	t.Helper()
	c := h.request.Context
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+h.calls.applicazioni+"/v1/fruizioni/"+c.Ente+"/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Authorization": "Bearer " + h.calls.key[c.Ente], "Snodo-Procedimento": c.Procedimento, "Snodo-Pratica": c.Pratica, "Snodo-Operatore": c.Operatore.UserID,
		"Snodo-Operatore-Tipo": c.Operatore.Tipo, "Snodo-Postazione": c.Operatore.Postazione, "Snodo-LoA": c.Operatore.LoA, "If-Match": ifMatch,
	} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(resp.StatusCode) + " " + string(answer)
}

// wants compares what was acquired, member by member.
func wants(t *testing.T, answer *acquire.Answer, dati string) {
	t.Helper()
	var want, got map[string]any
	if err := json.Unmarshal([]byte(dati), &want); err != nil {
		t.Fatal(err)
	}
	if answer.Status != 200 || json.Unmarshal(answer.Dati, &got) != nil || !maps.EqualFunc(want, got, func(a, b any) bool {
		x, errX := json.Marshal(a)
		y, errY := json.Marshal(b)
		return errX == nil && errY == nil && string(x) == string(y)
	}) {
		t.Errorf("%d %+v %s, want %s", answer.Status, answer.Problem, answer.Dati, dati)
	}
}

// TestTemplatesAreCalledByASecondSnodo: every ready e-service, from a comune to another, each with its own Snodo.
func TestTemplatesAreCalledByASecondSnodo(t *testing.T) {
	h := newTwoHubs(t, "stato-istanza", "conferma-autocertificazioni", "diritto-allo-studio", "protocollo-aoo", "deposito-atti")
	t.Run("stato-istanza", func(t *testing.T) {
		wants(t, h.ask(t, "stato-istanza", "search-istanza", `{"istanza":"PRT-2026-0000126"}`),
			`{"istanza":"PRT-2026-0000126","stato":"accolta","aggiornataIl":"2026-07-21T07:30:00Z","ufficio":"Servizi Scolastici","responsabile":"Sara Galli"}`)
	})
	t.Run("conferma-autocertificazioni", func(t *testing.T) {
		declared := func(code, riferimento, day string) string {
			return `{"taxCode":"` + code + `","fatto":"iscrizione_nido","riferimento":"` + riferimento + `","allaData":"` + day + `"}`
		}
		const service, operation = "conferma-autocertificazioni", "check-dichiarazione"
		wants(t, h.ask(t, service, operation, declared("BNCMRC85C12D612V", "2026/2027", "2026-10-01")), `{"confermato":true,"datiAl":"2026-11-20"}`)
		for name, richiesta := range map[string]string{
			"another year": declared("BNCMRC85C12D612V", "2025/2026", "2026-10-01"), "another day": declared("BNCMRC85C12D612V", "2026/2027", "2027-07-01"),
			"somebody who is in no register": declared("RSSNNA76D52H501B", "2026/2027", "2026-10-01"),
		} {
			answer := h.ask(t, service, operation, richiesta)
			if answer.Status != 200 || !strings.Contains(string(answer.Dati), `"confermato":false`) {
				t.Errorf("%s: %d %s", name, answer.Status, answer.Dati)
			}
		}
		anagrafe := strings.Replace(declared("BNCMRC85C12D612V", "2026", "2026-10-01"), "iscrizione_nido", "residenza", 1)
		if answer := h.ask(t, service, operation, anagrafe); answer.Status != 400 {
			t.Errorf("a fact of the anagrafe: %d %s", answer.Status, answer.Dati)
		}
	})
	t.Run("diritto-allo-studio", func(t *testing.T) {
		const pupil = `{"taxCode":"BNCMRC85C12D612V","annoScolastico":"2026/2027"}`
		wants(t, h.ask(t, "diritto-allo-studio", "search-frequenza", pupil),
			`{"annoScolastico":"2026/2027","codiceScuola":"FIEE000001","denominazione":"Scuola primaria Don Milani","ordine":"primaria","datiAl":"2026-11-20"}`)
		if answer := h.ask(t, "diritto-allo-studio", "search-benefici", pupil); !strings.Contains(string(answer.Dati), "DD 398/2026") {
			t.Errorf("benefits: %d %s", answer.Status, answer.Dati)
		}
		nobody := strings.Replace(pupil, "BNCMRC85C12D612V", "RSSNNA76D52H501B", 1)
		if answer := h.ask(t, "diritto-allo-studio", "search-frequenza", nobody); answer.Status == 200 {
			t.Errorf("who goes to no school: %s", answer.Dati)
		}
	})
	t.Run("protocollo-aoo", func(t *testing.T) { protocolled(t, h) })
	t.Run("deposito-atti", func(t *testing.T) { deposited(t, h) })
}

// deposited follows a conference of Borgo Fiorito from Val Serena: its state, an act by its digest, an opinion, a change of what
// was seen, a content in pieces.
func deposited(t *testing.T, h *twoHubs) {
	t.Helper()
	const service, space = "deposito-atti", `"spazio":"CDS-2026-0000012"`
	answer := h.ask(t, service, "show-spazio", "{"+space+"}")
	if answer.Status != 200 || !strings.Contains(string(answer.Dati), `"in_corso"`) || !strings.Contains(string(answer.Dati), "ATT-0001") {
		t.Errorf("the space: %d %s", answer.Status, answer.Dati)
	}
	act := `{` + space + `,"titolo":"Parere","nomeFile":"parere.pdf","mimeType":"application/pdf","dimensione":11,"algoritmo":"SHA-256","impronta":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}`
	if answer = h.ask(t, service, "submit-atto", act); answer.Status != 200 || !strings.Contains(string(answer.Dati), "ATT-0002") {
		t.Errorf("an act: %d %+v %s", answer.Status, answer.Problem, answer.Dati)
	}
	if answer = h.ask(t, service, "submit-parere", `{`+space+`,"esito":"favorevole","atto":"ATT-0001"}`); answer.Status != 200 || !strings.Contains(string(answer.Dati), "favorevole") {
		t.Errorf("an opinion: %d %+v %s", answer.Status, answer.Problem, answer.Dati)
	}
	if answer = h.ask(t, service, "submit-parere", `{`+space+`,"esito":"favorevole","atto":"ATT-0009"}`); answer.Status == 200 {
		t.Errorf("an opinion on an act that is not there: %s", answer.Dati)
	}
	unione, base := h.offers.UnioneFor(ambiente.BorgoFiorito(), service, 1), h.offers.offeredURL(ambiente.BorgoFiorito(), service, 1)+"/spazi/CDS-2026-0000012/atti/ATT-0001"
	for _, c := range []struct {
		method, path, body, header, value string
		status                            int
		want                              string
	}{
		{"PATCH", "", `{"titolo":"x"}`, "If-Match", `"1"`, 200, "ATT-0001"},
		{"PATCH", "", `{"titolo":"x"}`, "If-Match", `"0"`, 412, "cambiata"},
		{"PATCH", "", `{"titolo":"x"}`, "X-Altro", "x", 428, "If-Match"},
		{"GET", "/contenuto", "", "Range", "bytes=3-5", 206, "def"},
		{"GET", "/contenuto", "", "If-Match", `"0"`, 412, ""},
		{"GET", "/contenuto", "", "Range", "bytes=90-", 416, ""},
		{"HEAD", "/contenuto", "", "X-Altro", "x", 200, ""},
		{"PUT", "/contenuto", strings.Repeat("atto", 1<<20), "X-Altro", "x", 200, "ATT-0001"}, // beyond limits.body: it is streamed
		{"PUT", "/contenuto", "atto", "Digest", "SHA-256=ccSA35PWri8e+tFEfGbJUl4xYhjPUfyNntgy8trxi3M=", 400, "signed-header-mismatch"},
		{"PUT", "/contenuto", `{"contenuto":"YXR0bw=="}`, "Content-Type", "application/json", 400, "content-type"},
	} {
		reply, err := unione.Do(t.Context(), c.method, base+c.path, []byte(c.body), fruitore.Hooks{ContentType: contentTypeOf(c.method), Request: func(r *http.Request) { r.Header.Set(c.header, c.value) }})
		if err != nil {
			t.Fatal(err)
		}
		if reply.Status != c.status || !strings.Contains(string(reply.Body), c.want) {
			t.Errorf("%s %s with %s %s: %d %s, want %d", c.method, c.path, c.header, c.value, reply.Status, reply.Body, c.status)
		}
		if c.method == "HEAD" && reply.Header.Get("Content-Length") != "26" {
			t.Errorf("HEAD: %v", reply.Header)
		}
	}
}

func contentTypeOf(method string) string {
	return map[string]string{"PATCH": "application/merge-patch+json", "PUT": "application/octet-stream"}[method]
}

// segnaturaOf is a segnatura of Val Serena for an ente, of one letter.
func segnaturaOf(ente, letter string) []byte {
	sum := sha256.Sum256([]byte(letter))
	return []byte(`<p:SegnaturaInformatica xmlns:p="http://www.agid.gov.it/protocollo/" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" p:versione="3.0.0" p:lang="it">
<p:Intestazione><p:Identificatore><p:CodiceAmministrazione>c_vs02</p:CodiceAmministrazione><p:CodiceAOO>AVS0001</p:CodiceAOO><p:CodiceRegistro>PG</p:CodiceRegistro>
<p:NumeroRegistrazione>0012345</p:NumeroRegistrazione><p:DataRegistrazione>2026-10-12</p:DataRegistrazione></p:Identificatore><p:Oggetto>Richiesta di parere</p:Oggetto>
<p:Classifica><p:Denominazione>Edilizia</p:Denominazione><p:CodiceFlat>06.03</p:CodiceFlat></p:Classifica></p:Intestazione>
<p:Descrizione><p:Mittente><p:Amministrazione><p:DenominazioneAmministrazione>Comune di Val Serena</p:DenominazioneAmministrazione>
<p:CodiceIPAAmministrazione>c_vs02</p:CodiceIPAAmministrazione></p:Amministrazione></p:Mittente>
<p:Destinatario><p:Amministrazione><p:DenominazioneAmministrazione>Comune</p:DenominazioneAmministrazione><p:CodiceIPAAmministrazione>` + ente + `</p:CodiceIPAAmministrazione></p:Amministrazione></p:Destinatario>
<p:DocumentoPrimario p:nomeFile="lettera.txt" p:mimeType="text/plain"><p:Impronta>` + base64.StdEncoding.EncodeToString(sum[:]) + `</p:Impronta></p:DocumentoPrimario></p:Descrizione>
<ds:Signature><ds:SignedInfo><ds:Reference URI=""><ds:DigestValue>YQ==</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>YQ==</ds:SignatureValue></ds:Signature>
</p:SegnaturaInformatica>`)
}

// protocolled sends a letter from the protocol of Val Serena to that of Borgo Fiorito.
func protocolled(t *testing.T, h *twoHubs) {
	t.Helper()
	const service, operation = "protocollo-aoo", "submit-messaggio"
	message := func(segnatura []byte, letter string) string {
		body, err := json.Marshal(map[string]any{
			"segnatura": segnatura, "file": []map[string]any{{"nome_file": "lettera.txt", "mime_type": "text/plain", "contenuto": []byte(letter)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	borgo := ambiente.BorgoFiorito().CodiceIPA
	backEnd := h.offers.BackEnds[service]
	backEnd.ResetRequests()
	answer := h.ask(t, service, operation, message(segnaturaOf(borgo, "lettera"), "lettera"))
	if answer.Status != 200 || !strings.Contains(string(answer.Dati), `"0012345"`) || strings.Contains(string(answer.Dati), "anomalia") || len(backEnd.Requests()) != 1 {
		t.Errorf("a letter: %d %s, %d in the protocol", answer.Status, answer.Dati, len(backEnd.Requests()))
	}
	answer = h.ask(t, service, operation, message(segnaturaOf(borgo, "lettera"), "altra lettera"))
	if answer.Status != 200 || !strings.Contains(string(answer.Dati), "002_AnomaliaImpronte") {
		t.Errorf("a letter that was changed: %d %s", answer.Status, answer.Dati)
	}
	for name, body := range map[string]string{"a text": message([]byte("lettera"), "lettera"), "somebody else's": message(segnaturaOf("c_zz99", "lettera"), "lettera")} {
		if answer := h.ask(t, service, operation, body); answer.Status == 200 || answer.Problem == nil {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Dati)
		}
	}
	if n := len(backEnd.Requests()); n != 1 {
		t.Errorf("the protocol saw %d messages", n)
	}
}

// TestSUAPPassesTheBlackBox: an ente terzo answers the accreditation as the specification wants, and the ready e-service of the
// back office answers by the same catalogue.
func TestSUAPPassesTheBlackBox(t *testing.T) {
	h := newTwoHubs(t, "suap-ente-terzo", "suap-back-office")
	borgo := ambiente.BorgoFiorito()
	key, err := (&stage{app: testApp(), world: h.offers}).keychainKey(borgo)
	if err != nil {
		t.Fatal(err)
	}
	const service = "suap-ente-terzo"
	verdicts, err := suap.Suite{
		Caller: h.offers.UnioneFor(borgo, service, 1), Base: h.offers.offeredURL(borgo, service, 1), Key: key, Document: "doc-1", ETag: `"2cf24dba"`,
	}.Run(t.Context())
	if err != nil || len(verdicts) < 15 {
		t.Fatalf("%d verdicts, %v", len(verdicts), err)
	}
	for _, v := range verdicts {
		if !v.Passed() {
			t.Errorf("%+v", v)
		}
	}
	// A second Snodo, whose application speaks the specification itself: a refusal in the words of the catalogue, a document.
	for _, c := range []struct{ method, path, body, tag, want string }{
		{"POST", "/send_instance", "{}", "", "400 {\"code\":\"ERROR_400_001\""},
		{"GET", "/instance/3f2b8c1e-6f0a-4d57-9a57-0c6b8f5b1a10/document/doc-1", "", `"2cf24dba"`, "200 PHNjaWE+PC9zY2lhPg=="},
	} {
		if got := h.native(t, c.method, service+c.path, c.body, c.tag); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s through a second Snodo: %s, want %s", c.path, got, c.want)
		}
	}
	unione := h.offers.UnioneFor(borgo, "suap-back-office", 1)
	body := `{"cui":{"context":"SUAP","sub_context":"SCIA","data":"2026-09-01","progressive":"0000123","uuid":"3f2b8c1e-6f0a-4d57-9a57-0c6b8f5b1a10"},` +
		`"instance_descriptor_version":"3","conclusions_type":"positive_outcome"}`
	for text, want := range map[string]string{body: "200", strings.Replace(body, "positive_outcome", "altro", 1): "400"} {
		reply, err := unione.Do(t.Context(), "POST", h.offers.offeredURL(borgo, "suap-back-office", 1)+"/send_conclusions", []byte(text), fruitore.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strconv.Itoa(reply.Status); got != want {
			t.Errorf("conclusions: %s %s", got, reply.Body)
		}
		if err := unione.CheckReply(reply, key); err != nil {
			t.Errorf("conclusions, %s: %v", want, err)
		}
	}
}
