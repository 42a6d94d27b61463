// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/registry"
)

const (
	lives     = `[{"id":"1003","chiave":"Verifica esistenza in vita","valore":"S"}]`
	alive     = `{"stato":"vivo"}`
	spouse    = `{"cognome":"CONTI","nome":"GIULIA","sesso":"F","dataNascita":"1988-07-25"}`
	marriage  = `{"coniuge":` + spouse + `,"datiMatrimonio":{"dataEvento":"2012-09-08"},"ordineMatrimonio":"1"}`
	widowhood = `{"datiMorteconiuge":{"dataEvento":"2020-01-02"},"ordineMatrimonioPrecedente":"1"}`
	father    = `{"generalita":{"cognome":"BIANCHI","nome":"ALDO","dataNascita":"1950-01-01"}}`
	union     = `{"unitoCivilmente":` + spouse + `,"attoUnione":{"dataEvento":"2018-05-05"}}`
	citizen   = `[{"descrizioneStato":"ITALIA","codiceStato":"100"}]`
	ids       = `{"idANPR":"QX48213ZB"}`
)

// subjects is an answer about people, each given as its blocks.
func subjects(list ...string) registry.Reply {
	body := `{"idOperazioneANPR":"59913401","listaSoggetti":{"datiSoggetto":[`
	for i, one := range list {
		if i > 0 {
			body += ","
		}
		body += "{" + one + "}"
	}
	return ok(body + `]}}`)
}

// told are the probes of the services that give data.
func told(absent registry.Reply, private []string) []adaptertest.Probe {
	g := `"generalita":` + who
	var list []adaptertest.Probe
	for _, c := range []struct{ service, operation, subject, dati string }{
		{
			"c001", "notifica", g + `,"residenza":[` + home + `],"infoSoggettoEnte":` + lives + `,"identificativi":` + ids,
			`{"residenza":` + described + `,"generalita":` + known + `,"identificativi":` + ids + `,"aire":false,"esistenzaInVita":` + alive + `}`,
		},
		{
			"c002", "comunicazione", g + `,"residenza":[` + home + `],"infoSoggettoEnte":` + lives + `,"domicilioDigitale":{"indirizzoDigitale":"m.b@pec.example","dataInizioValidita":"2024-01-01"}`,
			`{"residenza":` + described + `,"generalita":` + known + `,"aire":false,"esistenzaInVita":` + alive +
				`,"domicilioDigitale":{"indirizzoDigitale":"m.b@pec.example","dataInizioValidita":"2024-01-01"}}`,
		},
		{"c015", "generalita", g + `,"identificativi":` + ids, `{"generalita":` + known + `,"identificativi":` + ids + `}`},
		{
			"c016", "decesso", g + `,"datiDecesso":{"dataEvento":"2026-02-17"}`,
			`{"generalita":` + known + `,"datiDecesso":{"dataEvento":"2026-02-17"},"esistenzaInVita":{"stato":"deceduto","dataDecesso":"2026-02-17"}}`,
		},
		{
			"c017", "matrimonio", g + `,"matrimonio":` + marriage + `,"annullamentoMatrimonio":{"tipoCessazione":"3"}`,
			`{"generalita":` + known + `,"matrimonio":` + marriage + `,"annullamentoMatrimonio":{"tipoCessazione":"3","descrizioneTipoCessazione":"Scioglimento"}}`,
		},
		{"c018", "cittadinanza", g + `,"cittadinanza":` + citizen, `{"generalita":` + known + `,"cittadinanza":` + citizen + `}`},
		{
			"c019", "esistenza-in-vita", `"infoSoggettoEnte":[{"id":"1003","valore":"N"},{"id":"1015","valoreData":"2026-02-17"}]`,
			`{"esistenzaInVita":{"stato":"deceduto","dataDecesso":"2026-02-17"},"datiDecesso":null}`,
		},
		{
			"c021", "stato-famiglia", g + `,"identificativi":` + ids + `,"legameSoggetto":{"tipoLegame":"3","codiceLegame":"1","dataDecorrenza":"2019-06-03"}`,
			`{"componenti":[{"generalita":` + known + `,"identificativi":` + ids + `,"esistenzaInVita":{"stato":"non indicata"},"legameSoggetto":` +
				`{"tipoLegame":"3","descrizioneTipoLegame":"Famiglia","codiceLegame":"1","descrizioneCodiceLegame":"Intestatario della scheda","dataDecorrenza":"2019-06-03"}}]}`,
		},
		{
			"c022", "stato-libero", g + `,"statoCivile":{"statoCivile":"4"}`,
			`{"generalita":` + known + `,"statoCivile":{"statoCivile":"4","descrizioneStatoCivile":"Divorziato/a"}}`,
		},
		{"c023", "vedovanza", g + `,"vedovanza":` + widowhood, `{"generalita":` + known + `,"vedovanza":` + widowhood + `}`},
		{"c024", "paternita", g + `,"paternita":` + father, `{"generalita":` + known + `,"paternita":` + father + `}`},
		{"c025", "maternita", g, `{"generalita":` + known + `,"maternita":null}`},
		{"c026", "unione-civile", g + `,"unioneCivile":` + union, `{"generalita":` + known + `,"unioneCivile":` + union + `}`},
		{
			"c029", "dati-anagrafici", g + `,"residenza":[` + home + `],"statoCivile":{"statoCivile":"2"},"cittadinanza":` + citizen + `,"identificativi":` + ids + `,"infoSoggettoEnte":` + lives,
			`{"generalita":` + known + `,"residenza":` + described + `,"aire":false,"statoCivile":{"statoCivile":"2","descrizioneStatoCivile":"Coniugato/a"},"cittadinanza":` +
				citizen + `,"identificativi":` + ids + `,"esistenzaInVita":` + alive + `}`,
		},
	} {
		list = append(list, adaptertest.Probe{
			Service: "anpr-" + c.service, Operation: c.operation, Richiesta: json.RawMessage(`{"codiceFiscale":"` + code + `"}`),
			Answers: []registry.Reply{ok(identified), subjects(c.subject)}, Dati: json.RawMessage(c.dati), Absent: absent, Private: append(private, idANPR),
		})
	}
	return list
}

// declarations are what each verifica is asked to compare.
func declarations() map[string]string {
	return map[string]string{
		"c003": `"generalita":` + spouse, "c004": `"datiDecesso":{"dataEvento":"2026-02-17"}`, "c005": `"matrimonio":{"coniuge":` + spouse + `}`,
		"c006": `"cittadinanza":{"codiceStato":"100"}`, "c007": "", "c008": `"residenza":` + home, "c009": `"listaSoggetti":{"datiSoggetto":[{"generalita":` + spouse + `}]}`,
		"c010": "", "c011": `"vedovanza":` + widowhood, "c012": `"paternita":` + father, "c013": `"maternita":` + father, "c014": `"unioneCivile":` + union,
		"c031": `"identificativi":` + ids,
	}
}

// compared are the probes of the services that compare.
func compared(absent registry.Reply, private []string) []adaptertest.Probe {
	var list []adaptertest.Probe
	for service, declared := range declarations() {
		richiesta := `{"codiceFiscale":"` + code + `"`
		if declared != "" {
			richiesta += "," + declared
		}
		answers := []registry.Reply{ok(identified), subjects(`"infoSoggettoEnte":[{"id":"1002","chiave":"Verifica generalita'","valore":"S"}]`)}
		if service == "c031" {
			answers = answers[1:]
		}
		list = append(list, adaptertest.Probe{
			Service: "anpr-" + service, Operation: "verifica", Richiesta: json.RawMessage(richiesta + "}"), Answers: answers,
			Dati:   json.RawMessage(`{"esito":"conforme","controlli":[{"id":"1002","chiave":"Verifica generalita'","esito":"conforme"}]}`),
			Absent: absent, Private: append(private, "CONTI", "EMPOLI", "2026-02-17"),
		})
	}
	return list
}

// packed is the file of a massive result.
func packed(body string) registry.Reply {
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	_, _ = z.Write([]byte(body))
	_ = z.Close()
	return registry.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/gzip"}}, Body: file.Bytes()}
}

// massive are the probes of the massive services.
func massive(_ registry.Reply, private []string) []adaptertest.Probe {
	gone := ko(404, "404", "E", "Risorsa non trovata")
	var list []adaptertest.Probe
	for service, row := range map[string][2]string{
		"030": {`"generalita":{"codiceFiscale":{"codFiscale":"BNCMRC85C12D612V"}},"identificativi":` + ids, `"identificativi":` + ids},
		"019": {`"generalita":{"codiceFiscale":{"codFiscale":"BNCMRC85C12D612V"}},"infoSoggettoEnte":` + lives, `"esistenzaInVita":` + alive},
		"020": {`"generalita":` + who + `,"residenza":[` + home + `]`, `"generalita":` + known + `,"residenza":` + described + `,"aire":false`},
	} {
		service := "anpr-massivo-" + service
		list = append(list,
			adaptertest.Probe{
				Service: service, Operation: "richiesta", Richiesta: json.RawMessage(`{"codiciFiscali":["` + code + `","CNTGLI88L65G999B"]}`),
				Answers: []registry.Reply{ok(`{"idOperazioneANPR":"777","stato":0}`)},
				Dati:    json.RawMessage(`{"idOperazioneANPR":"777","stato":"in coda","righe":2}`), Private: private,
			},
			adaptertest.Probe{
				Service: service, Operation: "risultato", Richiesta: json.RawMessage(`{"idOperazioneANPR":"777","codiciFiscali":["` + code + `","CNTGLI88L65G999B"]}`),
				Answers: []registry.Reply{packed(fmt.Sprintf(`{"risposteMassive":[{"idOperazioneANPR":"0","listaSoggetti":{"datiSoggetto":[{%s}]}}]}`, row[0]))},
				Dati: json.RawMessage(`{"idOperazioneANPR":"777","righe":[{"chiave":"` + code + `",` + row[1] + `}],"assenti":["CNTGLI88L65G999B"],` +
					`"conteggi":{"richieste":2,"ricevute":1,"assenti":1,"doppie":0,"estranee":0}}`),
				Absent: gone, Private: append(private, "CNTGLI"),
			},
			adaptertest.Probe{
				Service: service, Operation: "cancellazione", Richiesta: json.RawMessage(`{"idOperazioneANPR":"777"}`),
				Answers: []registry.Reply{ok(`{"idOperazioneANPR":"777","stato":4}`)},
				Dati:    json.RawMessage(`{"idOperazioneANPR":"777","cancellata":true}`), Absent: gone, Private: private,
			},
		)
	}
	return list
}
