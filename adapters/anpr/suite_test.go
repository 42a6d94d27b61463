// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/adapters/anpr"
	"github.com/snodo-pa/snodo/registry"
)

// An invented person.
const (
	code   = "BNCMRC85C12D612V"
	idANPR = "QX48213ZB"
)

// now is 23:30 of 12 October in Rome.
func now() time.Time { return time.Date(2026, 10, 12, 21, 30, 0, 0, time.UTC) }

// builtin reads the recipes once for all tests; each gets copies that it may change.
var builtin = sync.OnceValues(func() (map[string]*registry.Recipe, error) {
	consumes, _, err := registry.Builtin()
	return consumes, err
})

func recipes(t testing.TB) map[string]*registry.Recipe {
	t.Helper()
	all, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	consumes := make(map[string]*registry.Recipe)
	for name, r := range all {
		if r.Adapter != anpr.Name {
			continue
		}
		own := *r
		own.Environments, own.Operations = maps.Clone(r.Environments), maps.Clone(r.Operations)
		consumes[name] = &own
	}
	return consumes
}

// contract holds every call against what ANPR documents.
func contract(t testing.TB, recipes map[string]*registry.Recipe) func(registry.Call) error {
	t.Helper()
	document, err := os.ReadFile("testdata/e002.openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string][]byte{}
	for service := range recipes {
		documents[service] = document
	}
	admits, err := adaptertest.OpenAPI(documents)
	if err != nil {
		t.Fatal(err)
	}
	return admits
}

func subject(t testing.TB) adaptertest.Subject {
	recipes := recipes(t)
	// The suite asks the same adapter many times and counts the calls of each; what is
	// remembered has tests of its own.
	forgetful := recipes["anpr-c030"].Operations["id-anpr"]
	forgetful.Remember = 0
	recipes["anpr-c030"].Operations["id-anpr"] = forgetful
	return adaptertest.Subject{
		New:     func(d registry.Deps) (registry.Adapter, error) { return anpr.New(d) },
		Recipes: recipes,
		Now:     now(),
	}
}

func ok(body string) registry.Reply {
	return registry.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

// ko is an answer of ANPR with one error.
func ko(status int, code, kind, text string) registry.Reply {
	body, err := json.Marshal(map[string]any{
		"idOperazioneANPR": "59913460",
		"listaErrori": []map[string]string{{
			"codiceErroreAnomalia": code, "tipoErroreAnomalia": kind, "testoErroreAnomalia": text, "valoreErroreAnomalia": "BNCMRC85C12D612V",
		}},
	})
	if err != nil {
		body = []byte(err.Error())
	}
	return registry.Reply{Status: status, Header: http.Header{"Content-Type": {"application/problem+json"}}, Body: body}
}

const (
	identified = `{"idOperazioneANPR":"59913377","listaSoggetti":{"datiSoggetto":[{"identificativi":{"idANPR":"QX48213ZB"}}]}}`
	who        = `{"codiceFiscale":{"codFiscale":"BNCMRC85C12D612V","validitaCF":"1"},` + names
	known      = `{"codiceFiscale":{"codFiscale":"BNCMRC85C12D612V","validitaCF":"1","descrizioneValiditaCF":"Validato dall'Agenzia delle Entrate"},` + names
	names      = `"cognome":"BIANCHI","nome":"MARCO","sesso":"M","dataNascita":"1985-03-12","soggettoAIRE":"N"}`
	home       = `{"tipoIndirizzo":"1",` + address
	described  = `{"tipoIndirizzo":"1","descrizioneTipoIndirizzo":"Residenza",` + address
	address    = `"indirizzo":{"cap":"50053","comune":{"nomeComune":"EMPOLI","codiceIstat":"048014","siglaProvinciaIstat":"FI"},"toponimo":{"specie":"VIA","denominazioneToponimo":"DELLE PROVE"},"numeroCivico":{"numero":"12"}},"dataDecorrenzaResidenza":"2019-06-03"}`
	resident   = `{"idOperazioneANPR":"59913401","listaSoggetti":{"datiSoggetto":[{"generalita":` + who + `,"residenza":[` + home + `],"identificativi":{"idANPR":"QX48213ZB"}}]}}`
	dati       = `{"residenza":` + described + `,"generalita":` + known + `,"identificativi":{"idANPR":"QX48213ZB"},"aire":false,"esistenzaInVita":{"stato":"non indicata"}}`
	byData     = `{"cognome":"BIANCHI","nome":"MARCO","sesso":"M","datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{"comune":{"nomeComune":"FIRENZE","codiceIstat":"048017","siglaProvinciaIstat":"FI"}}}}`
)

func TestAdapter(t *testing.T) {
	s := subject(t)
	s.Contract = contract(t, s.Recipes)
	absent := ko(404, "EN122", "E", "Soggetto non registrato in ANPR")
	private := []string{code, "BIANCHI", "FIRENZE", "1985-03-12"}
	s.Probes = []adaptertest.Probe{
		{
			Service: "anpr-c030", Operation: "id-anpr", Richiesta: json.RawMessage(`{"codiceFiscale":"BNCMRC85C12D612V"}`),
			Answers: []registry.Reply{ok(identified)}, Dati: json.RawMessage(`{"idANPR":"QX48213ZB"}`), Absent: absent, Private: private,
		},
		{
			Service: "anpr-c030", Operation: "id-anpr", Richiesta: json.RawMessage(byData),
			Answers: []registry.Reply{ok(identified)}, Dati: json.RawMessage(`{"idANPR":"QX48213ZB"}`), Absent: absent, Private: private,
		},
		{
			Service: "anpr-c020", Operation: "residenza", Richiesta: json.RawMessage(`{"codiceFiscale":"BNCMRC85C12D612V"}`),
			Answers: []registry.Reply{ok(identified), ok(resident)}, Dati: json.RawMessage(dati), Absent: absent, Private: append(private, idANPR),
		},
		{
			Service: "anpr-c020", Operation: "residenza", Richiesta: json.RawMessage(`{"idANPR":"QX48213ZB","dataRiferimento":"2026-01-31"}`),
			Answers: []registry.Reply{ok(resident)}, Dati: json.RawMessage(dati), Absent: absent, Private: append(private, idANPR),
		},
	}
	s.Probes = append(s.Probes, told(absent, private)...)
	s.Probes = append(s.Probes, compared(absent, private)...)
	s.Probes = append(s.Probes, massive(absent, private)...)
	s.Exempt = map[string]string{}
	for _, k := range []string{"030", "019", "020"} {
		s.Exempt["anpr-massivo-"+k+"/richiesta: absent record"] = "handing rows over asks about nobody: who is not there is missing in the result"
	}
	adaptertest.Run(t, s)
}
