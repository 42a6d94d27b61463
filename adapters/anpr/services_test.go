// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	mock "github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/pick"
)

// example is somebody of the population of whom something holds.
func example(t *testing.T, what string, holds func(mock.Person) bool) mock.Person {
	t.Helper()
	for _, p := range append(mock.People(), mock.Population(mock.DefaultSeed, mock.DefaultSize)...) {
		if !p.Cancellato && holds(p) {
			return p
		}
	}
	t.Fatalf("nobody is an example of: %s", what)
	return mock.Person{}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// decoded are the dati of a response.
func decoded(t *testing.T, r registry.Response) map[string]any {
	t.Helper()
	var dati map[string]any
	if err := json.Unmarshal(r.Dati, &dati); err != nil {
		t.Fatal(err)
	}
	return dati
}

// at is a value of dati as text.
func at(t *testing.T, dati map[string]any, path string) string {
	t.Helper()
	p, err := pick.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	v, ok := p.Get(any(dati))
	if !ok {
		return "(nothing)"
	}
	return fmt.Sprint(v)
}

// TestEveryServiceThatTells asks each accertamento about somebody of whom it has
// something to tell.
func TestEveryServiceThatTells(t *testing.T) {
	w := newWorld(t)
	marco := mock.People()[0]
	widow := example(t, "a widow", func(p mock.Person) bool { return p.Vedovanza != nil })
	divorced := example(t, "a divorce", func(p mock.Person) bool { return p.Annullamento != nil })
	partner := example(t, "a civil union", func(p mock.Person) bool { return p.Unione != nil })
	child := example(t, "a child", func(p mock.Person) bool { return p.Padre != nil && p.Madre != nil })
	wired := example(t, "a digital address", func(p mock.Person) bool { return p.Domicilio != nil })
	dead := example(t, "a death", func(p mock.Person) bool { return p.Deceduto && p.DataDecesso != "" })
	foreign := example(t, "a foreigner", func(p mock.Person) bool { return len(p.Cittadinanze) > 0 })
	for _, c := range []struct {
		service    string
		who        mock.Person
		path, want string
	}{
		{"anpr-c001", marco, "residenza/indirizzo/comune/nomeComune", "EMPOLI"},
		{"anpr-c001", marco, "esistenzaInVita/stato", "vivo"},
		{"anpr-c001", dead, "esistenzaInVita/stato", "deceduto"},
		{"anpr-c002", wired, "domicilioDigitale/indirizzoDigitale", wired.Domicilio.IndirizzoDigitale},
		{"anpr-c015", marco, "generalita/cognome", "BIANCHI"},
		{"anpr-c016", dead, "datiDecesso/dataEvento", dead.DataDecesso},
		{"anpr-c016", dead, "esistenzaInVita/dataDecesso", dead.DataDecesso},
		{"anpr-c017", marco, "matrimonio/coniuge/nome", "GIULIA"},
		{"anpr-c017", divorced, "annullamentoMatrimonio/descrizioneTipoCessazione", "Scioglimento"},
		{"anpr-c018", marco, "cittadinanza/0/codiceStato", "100"},
		{"anpr-c018", foreign, "cittadinanza/0/codiceStato", foreign.Cittadinanze[0].CodiceStato},
		{"anpr-c019", marco, "esistenzaInVita/stato", "vivo"},
		{"anpr-c020", marco, "residenza/dataDecorrenzaResidenza", "2019-06-03"},
		{"anpr-c021", marco, "componenti/1/legameSoggetto/descrizioneCodiceLegame", "Marito/Moglie"},
		{"anpr-c021", marco, "componenti/2/generalita/nome", "TOMMASO"},
		{"anpr-c021", marco, "componenti/3", "(nothing)"},
		{"anpr-c022", widow, "statoCivile/descrizioneStatoCivile", "Vedovo/a"},
		{"anpr-c023", widow, "vedovanza/datiMorteconiuge/dataEvento", widow.Vedovanza.DatiMorteConiuge.DataEvento},
		{"anpr-c023", marco, "vedovanza", "(nothing)"},
		{"anpr-c024", child, "paternita/generalita/cognome", child.Padre.Cognome},
		{"anpr-c025", child, "maternita/generalita/cognome", child.Madre.Cognome},
		{"anpr-c026", partner, "unioneCivile/unitoCivilmente/cognome", partner.Unione.UnitoCivilmente.Cognome},
		{"anpr-c029", marco, "statoCivile/statoCivile", "2"},
		{"anpr-c030", marco, "idANPR", "QX48213ZB"},
	} {
		dati := w.ask(c.service, "", `{"codiceFiscale":"`+c.who.CodiceFiscale+`"}`)
		if got := at(t, dati, c.path); got != c.want {
			t.Errorf("%s about %s %s: %s is %s, want %s", c.service, c.who.Cognome, c.who.Nome, c.path, got, c.want)
		}
	}
}

// TestEveryServiceThatCompares declares to each verifica what holds and what does not.
func TestEveryServiceThatCompares(t *testing.T) {
	w := newWorld(t)
	marco, son := mock.People()[0], mock.People()[2]
	widow := example(t, "a widow", func(p mock.Person) bool { return p.Vedovanza != nil })
	partner := example(t, "a civil union", func(p mock.Person) bool { return p.Unione != nil })
	dead := example(t, "a death", func(p mock.Person) bool { return p.Deceduto && p.DataDecesso != "" })
	undated := example(t, "a death without a date", func(p mock.Person) bool { return p.Deceduto && p.DataDecesso == "" })
	family := `{"datiSoggetto":[{"generalita":{"cognome":"Conti","nome":"Giulia"},"legameSoggetto":{"codiceLegame":"2"}},` +
		`{"generalita":{"cognome":"BIANCHI","nome":"MARCO"}},{"generalita":{"cognome":"BIANCHI","nome":"TOMMASO"},"legameSoggetto":{"codiceLegame":"3"}}]}`
	house := `{"tipoIndirizzo":"1","indirizzo":{"comune":{"nomeComune":"EMPOLI","codiceIstat":"048014"},"toponimo":{"codSpecie":"213","denominazioneToponimo":"DELLE PROVE"},"numeroCivico":{"numero":"12"}}}`
	for _, c := range []struct {
		service  string
		who      mock.Person
		declared string
		want     string
	}{
		{"anpr-c003", marco, `"generalita":{"cognome":"bianchi","nome":"Marco","dataNascita":"1985-03-12"}`, "conforme"},
		{"anpr-c003", marco, `"generalita":{"cognome":"BIANCHI","nome":"MARIO"}`, "non-conforme"},
		{"anpr-c004", dead, `"datiDecesso":{"dataEvento":"` + dead.DataDecesso + `"}`, "conforme"},
		{"anpr-c004", dead, `"datiDecesso":{"dataEvento":"1999-01-01"}`, "non-conforme"},
		{"anpr-c004", undated, `"datiDecesso":{"dataEvento":"1999-01-01"}`, "non-determinabile"},
		{"anpr-c004", marco, `"datiDecesso":{"dataEvento":"1999-01-01"}`, "non-conforme"},
		{"anpr-c005", marco, `"matrimonio":{"coniuge":{"cognome":"CONTI"},"datiMatrimonio":{"dataEvento":"2012-09-08"}}`, "conforme"},
		{"anpr-c005", marco, `"matrimonio":{"coniuge":{"cognome":"NERI"}}`, "non-conforme"},
		{"anpr-c006", marco, `"cittadinanza":{"codiceStato":"100"}`, "conforme"},
		{"anpr-c006", marco, `"cittadinanza":{"codiceStato":"201"}`, "non-conforme"},
		{"anpr-c007", marco, ``, "conforme"},
		{"anpr-c007", undated, ``, "non-conforme"},
		{"anpr-c008", marco, `"residenza":` + house, "conforme"},
		{"anpr-c008", marco, `"residenza":` + strings.Replace(house, `"numero":"12"`, `"numero":"13"`, 1), "non-conforme"},
		{"anpr-c009", marco, `"listaSoggetti":` + family, "conforme"},
		{"anpr-c009", marco, `"listaSoggetti":{"datiSoggetto":[{"generalita":{"cognome":"BIANCHI","nome":"MARCO"}}]}`, "non-conforme"},
		{"anpr-c010", widow, ``, "conforme"},
		{"anpr-c010", marco, ``, "non-conforme"},
		{"anpr-c011", widow, `"vedovanza":{"datiMorteconiuge":{"dataEvento":"` + widow.Vedovanza.DatiMorteConiuge.DataEvento + `"},"ordineMatrimonioPrecedente":"1"}`, "conforme"},
		{"anpr-c012", son, `"paternita":{"generalita":{"cognome":"BIANCHI","nome":"MARCO"}}`, "conforme"},
		{"anpr-c013", son, `"maternita":{"generalita":{"cognome":"NERI"}}`, "non-conforme"},
		{"anpr-c014", partner, `"unioneCivile":{"unitoCivilmente":{"cognome":"` + partner.Unione.UnitoCivilmente.Cognome + `"}}`, "conforme"},
		{"anpr-c031", marco, `"identificativi":{"idANPR":"QX48213ZB"}`, "conforme"},
		{"anpr-c031", marco, `"identificativi":{"idANPR":"QX48213ZC"}`, "non-conforme"},
	} {
		richiesta := `{"codiceFiscale":"` + c.who.CodiceFiscale + `"`
		if c.declared != "" {
			richiesta += "," + c.declared
		}
		dati := w.ask(c.service, "", richiesta+"}")
		if got := at(t, dati, "esito"); got != c.want {
			t.Errorf("%s, declared %s: %s, want %s", c.service, c.declared, got, c.want)
		}
	}
}

// TestServicesAgree holds what the services say of a part of the population against one
// another, the massive ones too.
func TestServicesAgree(t *testing.T) {
	w := newWorld(t)
	var codes []string
	var some []mock.Person
	for i, p := range mock.Population(mock.DefaultSeed, mock.DefaultSize) {
		if i%41 == 0 && !p.Cancellato {
			some, codes = append(some, p), append(codes, p.CodiceFiscale)
		}
	}
	results := map[string]map[string]map[string]any{}
	for _, kind := range []string{"030", "019", "020"} {
		results[kind] = w.massive("anpr-massivo-"+kind, append([]string{mock.Unknown}, codes...))
	}
	for _, p := range some {
		cf := `{"codiceFiscale":"` + p.CodiceFiscale + `"}`
		id := at(t, w.ask("anpr-c030", "", cf), "idANPR")
		if got := at(t, results["030"][p.CodiceFiscale], "identificativi/idANPR"); got != id || id != p.IDANPR {
			t.Errorf("%s: C030 says %s, massive %s", p.CodiceFiscale, id, got)
		}
		life := at(t, w.ask("anpr-c019", "", cf), "esistenzaInVita")
		if got := at(t, results["019"][p.CodiceFiscale], "esistenzaInVita"); got != life {
			t.Errorf("%s: C019 says %s, massive %s", p.CodiceFiscale, life, got)
		}
		if want := map[bool]string{true: "conforme", false: "non-conforme"}[strings.Contains(life, "vivo")]; at(t, w.ask("anpr-c007", "", cf), "esito") != want {
			t.Errorf("%s: C019 says %s, C007 not %s", p.CodiceFiscale, life, want)
		}
		residence := w.ask("anpr-c020", "", cf)["residenza"]
		if got := results["020"][p.CodiceFiscale]["residenza"]; asJSON(t, got) != asJSON(t, residence) {
			t.Errorf("%s: C020 says %v, massive %v", p.CodiceFiscale, residence, got)
		}
		if verdict := w.ask("anpr-c008", "", `{"codiceFiscale":"`+p.CodiceFiscale+`","residenza":`+declared(t, residence)+`}`); at(t, verdict, "esito") != "conforme" {
			t.Errorf("%s: C020 says %v, which C008 does not confirm", p.CodiceFiscale, residence)
		}
		w.sameHouse(p, residence)
	}
}

// declared is a residence as somebody would declare it: what C008 compares.
func declared(t *testing.T, residence any) string {
	t.Helper()
	m, ok := residence.(map[string]any)
	if !ok {
		t.Fatalf("no residence: %v", residence)
	}
	copied := map[string]any{}
	for _, name := range []string{"tipoIndirizzo", "indirizzo", "localitaEstera"} {
		if m[name] != nil {
			copied[name] = m[name]
		}
	}
	return asJSON(t, copied)
}

// sameHouse asks C021 for the household: everybody alive in it has the same address.
func (w *world) sameHouse(p mock.Person, residence any) {
	w.t.Helper()
	if p.Deceduto {
		return
	}
	members, _ := w.ask("anpr-c021", "", `{"idANPR":"`+p.IDANPR+`"}`)["componenti"].([]any)
	found := false
	for _, one := range members {
		m, _ := one.(map[string]any)
		id := at(w.t, m, "identificativi/idANPR")
		found = found || id == p.IDANPR
		other := w.ask("anpr-c020", "", `{"idANPR":"`+id+`"}`)["residenza"]
		if declared(w.t, other) != declared(w.t, residence) {
			w.t.Errorf("%s and %s live together, at %v and %v", p.IDANPR, id, residence, other)
		}
	}
	if !found {
		w.t.Errorf("%s is not in its own household", p.IDANPR)
	}
}

// massive carries out a massive request from end to end and gives the rows by key.
func (w *world) massive(service string, codes []string) map[string]map[string]any {
	w.t.Helper()
	list := `"codiciFiscali":` + asJSON(w.t, codes)
	id := at(w.t, w.ask(service, "richiesta", "{"+list+"}"), "idOperazioneANPR")
	again := `{"idOperazioneANPR":"` + id + `",` + list + `}`
	var f *registry.Fault
	if _, err := w.call(service, "risultato", again); !errors.Is(err, registry.ErrNotReady) || !errors.As(err, &f) || f.RetryAfter != time.Minute {
		w.t.Errorf("%s: asked too early, the error is %v", service, err)
	}
	if _, err := w.call(service, "richiesta", "{"+list+"}"); !errors.Is(err, registry.ErrThrottled) {
		w.t.Errorf("%s: a second request is %v, want ErrThrottled", service, err)
	}
	w.pass(2 * time.Minute)
	dati := w.ask(service, "risultato", again)
	if at(w.t, dati, "assenti") != "["+mock.Unknown+"]" || at(w.t, dati, "conteggi/ricevute") != fmt.Sprint(len(codes)-1) {
		w.t.Errorf("%s: %v %v", service, dati["assenti"], dati["conteggi"])
	}
	if at(w.t, w.ask(service, "cancellazione", `{"idOperazioneANPR":"`+id+`"}`), "cancellata") != "true" {
		w.t.Errorf("%s is not deleted", service)
	}
	if _, err := w.call(service, "risultato", again); !errors.Is(err, registry.ErrNotFound) {
		w.t.Errorf("%s: deleted, yet %v", service, err)
	}
	rows := map[string]map[string]any{}
	list2, _ := dati["righe"].([]any)
	for _, one := range list2 {
		row, _ := one.(map[string]any)
		rows[at(w.t, row, "chiave")] = row
	}
	return rows
}

// TestBadHoursOfANPR: no outage is ever taken for "no such person".
func TestBadHoursOfANPR(t *testing.T) {
	w := newWorld(t)
	for kind, want := range map[mock.OutageKind]error{
		mock.Silence: registry.ErrUnavailable, mock.Unavailable: registry.ErrUnavailable, mock.Lost: registry.ErrUnavailable,
		mock.Unexplained: registry.ErrSignature, mock.Limited: registry.ErrThrottled,
	} {
		if err := w.amb.ANPR.SetOutages(mock.Outage{Kind: kind}); err != nil {
			t.Fatal(err)
		}
		for _, service := range []string{"anpr-c030", "anpr-c021", "anpr-c007"} {
			_, err := w.call(service, "", `{"codiceFiscale":"BNCMRC85C12D612V"}`)
			if !errors.Is(err, want) || errors.Is(err, registry.ErrNotFound) {
				t.Errorf("%s of %s: %v, want %v", kind, service, err, want)
			}
		}
	}
}
