// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/adapters/declarative"
	"github.com/snodo-pa/snodo/registry"
)

// Invented people.
const (
	bianchi  = "BNCMRC85C12D612V"
	conti    = "CNTGLI88L65G999B"
	omocodia = "BNCMRC85C12D61NK" // of a Bianchi who shares the data of another
	listID   = "f8c3de3d-1fea-4d7c-a8b0-29f63c4c3454"
)

func now() time.Time { return time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC) }

func builtin(t testing.TB, names ...string) map[string]*registry.Recipe {
	t.Helper()
	consumes, _, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	chosen := map[string]*registry.Recipe{}
	for _, name := range names {
		chosen[name] = consumes[name]
	}
	return chosen
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func reply(status int, body string) registry.Reply {
	return registry.Reply{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body), Received: now()}
}

func subject(t testing.TB, recipes map[string]*registry.Recipe, documents map[string][]byte) adaptertest.Subject {
	t.Helper()
	admits, err := adaptertest.OpenAPI(documents)
	if err != nil {
		t.Fatal(err)
	}
	return adaptertest.Subject{
		New:     func(d registry.Deps) (registry.Adapter, error) { return declarative.New(d) },
		Recipes: recipes, Now: now(), Contract: admits,
	}
}

func TestAgenziaDelleEntrate(t *testing.T) {
	recipes := builtin(t, "ade-vcf1", "ade-vcf2")
	document := read(t, "ade.openapi.yaml")
	s := subject(t, recipes, map[string][]byte{"ade-vcf1": document, "ade-vcf2": document})
	s.Exempt = map[string]string{
		"absent record": "the registry answers 200 about every code: that it knows none is one of the four outcomes",
	}
	for service := range recipes {
		s.Probes = append(s.Probes, adaptertest.Probe{
			Service: service, Operation: "verifica", Richiesta: json.RawMessage(`{"codiceFiscale":"` + bianchi + `"}`),
			Answers: []registry.Reply{reply(200, `{"codiceFiscale":"`+bianchi+`","valido":true,"messaggio":"Codice fiscale valido"}`)},
			Dati:    json.RawMessage(`{"codiceFiscale":"` + bianchi + `","esito":"valido","messaggio":"Codice fiscale valido"}`),
			Private: []string{bianchi},
		})
	}
	adaptertest.Run(t, s)
}

const (
	contiHome  = `{"codiceFiscale":"` + conti + `","since":"2026-10-12T09:41:10Z","digitalAddress":[` + contiLive + `,` + contiPast + `]}`
	contiLive  = `{"digitalAddress":"giulia.conti@pec.example","usageInfo":{"motivation":"CESSAZIONE_VOLONTARIA","dateEndValidity":"9999-12-31T00:00:00Z"}}`
	contiPast  = `{"digitalAddress":"vecchia@pec.example","usageInfo":{"motivation":"CESSAZIONE_UFFICIO","dateEndValidity":"2024-01-01T00:00:00Z"}}`
	contiDati  = `{"codiceFiscale":"` + conti + `","dataOra":"2026-10-12T09:41:10Z","domicili":[{"indirizzo":"giulia.conti@pec.example"}]}`
	nobodyHome = `{"status":"404","type":"NOT_FOUND","detail":"CF non trovato"}`
)

func TestINAD(t *testing.T) {
	s := subject(t, builtin(t, "inad-consultazione"), map[string][]byte{"inad-consultazione": read(t, "inad.openapi.yaml")})
	s.Exempt = map[string]string{
		"inad-consultazione/elenco-richiesta: absent record": "a list is taken before anybody is looked for: who is absent shows in the list",
	}
	absent := reply(404, nobodyHome)
	probe := func(operation, richiesta, dati string, answers ...registry.Reply) {
		s.Probes = append(s.Probes, adaptertest.Probe{
			Service: "inad-consultazione", Operation: operation, Richiesta: json.RawMessage(richiesta),
			Answers: answers, Dati: json.RawMessage(dati), Absent: absent, Private: []string{conti, omocodia, "giulia.conti", "vecchia@"},
		})
	}
	probe("domicilio", `{"codiceFiscale":"`+conti+`"}`, contiDati, reply(200, contiHome))
	probe("verifica", `{"codiceFiscale":"`+omocodia+`","domicilio":"giulia.conti@pec.example","data":"2026-10-12"}`,
		`{"esito":"non-corrisponde","dataOra":"2026-10-12T09:41:10Z"}`, reply(200, `{"outcome":false,"dateTimeCheck":"2026-10-12T09:41:10Z"}`))
	probe("elenco-richiesta", `{"codiciFiscali":["`+conti+`","`+omocodia+`"]}`,
		`{"id":"`+listID+`","stato":"presa-in-carico","dataOra":"2026-10-12T09:41:10Z"}`,
		reply(202, `{"state":"PRESA_IN_CARICO","message":"x","id":"`+listID+`","dateTimeRequest":"2026-10-12T09:41:10Z"}`))
	probe("elenco", `{"id":"`+listID+`"}`,
		`{"persone":[`+contiDati+`,{"codiceFiscale":"`+omocodia+`","domicili":[]}]}`,
		with(reply(303, `{"state":"DISPONIBILE","message":"x"}`), "Location", "/listDigitalAddress/response/"+listID), reply(200, `{"list":[`+contiHome+`,{"codiceFiscale":"`+omocodia+`"}]}`))
	adaptertest.Run(t, s)
}
