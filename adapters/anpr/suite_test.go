// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"encoding/json"
	"net/http"
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

func recipes(t testing.TB) map[string]*registry.Recipe {
	t.Helper()
	consumes, _, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return consumes
}

func subject(t testing.TB) adaptertest.Subject {
	return adaptertest.Subject{
		New:     func(d registry.Deps) (registry.Adapter, error) { return anpr.New(d) },
		Recipes: recipes(t),
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
	who        = `{"codiceFiscale":{"codFiscale":"BNCMRC85C12D612V","validitaCF":"1"},"cognome":"BIANCHI","nome":"MARCO","sesso":"M","dataNascita":"1985-03-12","soggettoAIRE":"N"}`
	home       = `{"tipoIndirizzo":"1","indirizzo":{"cap":"50053","comune":{"nomeComune":"EMPOLI","codiceIstat":"048014","siglaProvinciaIstat":"FI"},"toponimo":{"specie":"VIA","denominazioneToponimo":"DELLE PROVE"},"numeroCivico":{"numero":"12"}},"dataDecorrenzaResidenza":"2019-06-03"}`
	resident   = `{"idOperazioneANPR":"59913401","listaSoggetti":{"datiSoggetto":[{"generalita":` + who + `,"residenza":[` + home + `],"identificativi":{"idANPR":"QX48213ZB"}}]}}`
	dati       = `{"residenza":` + home + `,"generalita":` + who + `,"identificativi":{"idANPR":"QX48213ZB"},"aire":false,"esistenzaInVita":{"stato":"non indicata"}}`
	byData     = `{"cognome":"BIANCHI","nome":"MARCO","sesso":"M","datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{"comune":{"nomeComune":"FIRENZE","codiceIstat":"048017","siglaProvinciaIstat":"FI"}}}}`
)

func TestAdapter(t *testing.T) {
	s := subject(t)
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
	adaptertest.Run(t, s)
}
