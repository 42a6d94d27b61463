// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/fruitore"
)

const rossiAnna = `{"cognome":"ROSSI","nome":"ANNA","sesso":"F","datiNascita":{"dataEvento":"1976-04-12","luogoNascita":{"comune":{"nomeComune":"ROMA","codiceIstat":"058091","siglaProvinciaIstat":"RM"}}}}`

func TestC030GivesTheIdentifierOnly(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	reply := w.send("C030", w.body("C030", `{"codiceFiscale":"BNCMRC85C12D612V"}`), fruitore.Hooks{})
	var answer struct {
		IDOperazioneANPR string
		ListaSoggetti    any
	}
	must(t, json.Unmarshal(reply.Body, &answer))
	want := map[string]any{"datiSoggetto": []any{map[string]any{"identificativi": map[string]any{"idANPR": "QX48213ZB"}}}}
	if diff := cmp.Diff(any(want), answer.ListaSoggetti); diff != "" || answer.IDOperazioneANPR == "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestC020AnswerOfTheDocumentedExample(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	answer := w.ask("C020", `{"idANPR":"QX48213ZB"}`)
	got, err := json.Marshal(answer.ListaSoggetti)
	must(t, err)
	const want = `{"datiSoggetto":[{"generalita":{"codiceFiscale":{"codFiscale":"BNCMRC85C12D612V","validitaCF":"1","dataAttribuzioneValidita":"2014-11-03"},` +
		`"cognome":"BIANCHI","nome":"MARCO","sesso":"M","dataNascita":"1985-03-12","luogoNascita":{"comune":{"nomeComune":"FIRENZE","codiceIstat":"048017","siglaProvinciaIstat":"FI"}},` +
		`"soggettoAIRE":"N","idSchedaSoggettoANPR":"30112233"},"residenza":[{"tipoIndirizzo":"1","indirizzo":{"cap":"50053","comune":{"nomeComune":"EMPOLI","codiceIstat":"048014","siglaProvinciaIstat":"FI"},` +
		`"toponimo":{"codSpecie":"213","specie":"VIA","specieFonte":"1","denominazioneToponimo":"DELLE PROVE"},"numeroCivico":{"numero":"12","lettera":"A","civicoInterno":{"scala":"B","interno1":"4","piano":"2"}}},` +
		`"dataDecorrenzaResidenza":"2019-06-03"}],"identificativi":{"idANPR":"QX48213ZB"}}]}`
	if string(got) != want {
		t.Errorf("got\n%s\nexpected\n%s", got, want)
	}
	if answer.ListaAnomalie != nil {
		t.Errorf("a warning on a search by idANPR: %v", answer.ListaAnomalie)
	}
}

func TestC020ByCodiceFiscaleWarns(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	answer := w.ask("C020", `{"codiceFiscale":"bncmrc85c12d612v"}`)
	if len(answer.ListaAnomalie) != 1 || answer.ListaAnomalie[0].Codice != "EN148" || answer.ListaAnomalie[0].Tipo != "W" {
		t.Errorf("warnings %v", answer.ListaAnomalie)
	}
	if w.ask("C030", `{"codiceFiscale":"BNCMRC85C12D612V"}`).ListaAnomalie != nil {
		t.Error("C030 warns too")
	}
}

func TestTwoKindsOfNotFound(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	for _, casoUso := range []string{"C020", "C030"} {
		reply := w.send(casoUso, w.body(casoUso, `{"codiceFiscale":"`+Unknown+`"}`), fruitore.Hooks{})
		wantKO(t, reply, http.StatusNotFound, "EN122", "Soggetto non registrato in ANPR")
		gino := codiceFiscale("MORI", "GINO", "M", "1950-05-15", "D403")
		reply = w.send(casoUso, w.body(casoUso, `{"codiceFiscale":"`+gino+`"}`), fruitore.Hooks{})
		wantKO(t, reply, http.StatusNotFound, "EN122", "Soggetto cancellato da ANPR")
	}
}

func TestOmocodiaIsAnotherPerson(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	plain := codiceFiscale("ROSSI", "ANNA", "F", "1976-04-12", "H501")
	for code, want := range map[string]string{plain: "OM10001AA", omocodia(plain, 1): "OM10002BB"} {
		answer := w.ask("C030", `{"codiceFiscale":"`+code+`"}`)
		if got := answer.ListaSoggetti.DatiSoggetto[0].Identificativi.IDANPR; got != want {
			t.Errorf("%s is %s, expected %s", code, got, want)
		}
	}
	wantKO(t, w.send("C030", w.body("C030", rossiAnna), fruitore.Hooks{}), http.StatusBadRequest, "EN067", "")
}

func TestDemographicSearch(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	cases := map[string]struct{ criteri, want string }{
		"by ISTAT code": {`{"cognome":"BIANCHI","nome":"MARCO","sesso":"M","datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{"comune":{"codiceIstat":"048017"}}}}`, "QX48213ZB"},
		"by name":       {`{"cognome":"bianchi","nome":"marco","sesso":"m","datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{"comune":{"nomeComune":"Firenze"}}}}`, "QX48213ZB"},
		"no day":        {`{"cognome":"BIANCHI","nome":"MARCO","sesso":"M","datiNascita":{"dataEvento":"1985-03-01","senzaGiorno":"1","luogoNascita":{"comune":{"codiceIstat":"048017"}}}}`, "QX48213ZB"},
		"no month":      {`{"cognome":"BIANCHI","nome":"MARCO","sesso":"M","datiNascita":{"dataEvento":"1985-01-01","senzaGiornoMese":"1","luogoNascita":{"comune":{"codiceIstat":"048017"}}}}`, "QX48213ZB"},
		"born abroad":   {`{"cognome":"KOWALSKA","nome":"EWA","sesso":"F","datiNascita":{"dataEvento":"1990-09-14","luogoNascita":{"localita":{"descrizioneLocalita":"CRACOVIA","codiceStato":"233"}}}}`, "PL58402EW"},
		"without name":  {`{"cognome":"SURIANI","senzaNome":"1","sesso":"F","datiNascita":{"dataEvento":"1999-12-24","luogoNascita":{"localita":{"codiceStato":"330"}}}}`, "IN84139SN"},
		"accents":       {`{"cognome":"D'ANGELO","nome":"LUCÍA","sesso":"F","datiNascita":{"dataEvento":"1992-08-08","luogoNascita":{"comune":{"codiceIstat":"058091"}}}}`, "AP55310LC"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			answer := w.ask("C030", c.criteri)
			if got := answer.ListaSoggetti.DatiSoggetto[0].Identificativi.IDANPR; got != c.want {
				t.Errorf("found %s", got)
			}
		})
	}
	none := `{"cognome":"BIANCHI","nome":"MARCO","sesso":"M","datiNascita":{"dataEvento":"1985-03-13","luogoNascita":{"comune":{"codiceIstat":"048017"}}}}`
	wantKO(t, w.send("C030", w.body("C030", none), fruitore.Hooks{}), http.StatusNotFound, "EN122", TestoNonRegistrato)
}

func TestRequestRules(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	const good = `{"idANPR":"QX48213ZB"}`
	person := func(cognome, nome, sesso, nascita string) string {
		return `{"cognome":"` + cognome + `","nome":"` + nome + `","sesso":"` + sesso + `"` + nascita + `}`
	}
	born := `,"datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{"comune":{"codiceIstat":"048017"}}}`
	cases := map[string]struct{ casoUso, criteri, from, to, code string }{
		"no id":                   {"C020", good, `"idOperazioneClient":"`, `"x":"`, "EN081"},
		"id with a dash":          {"C020", good, `"idOperazioneClient":"`, `"idOperazioneClient":"-`, "EN148"},
		"id of 31":                {"C020", good, `"idOperazioneClient":"`, `"idOperazioneClient":"` + strings.Repeat("1", 30), "EN148"},
		"no criteria":             {"C020", good, `"criteriRicerca"`, `"x"`, "EN081"},
		"empty criteria":          {"C020", `{}`, "", "", "EN081"},
		"no data of the request":  {"C020", good, `"datiRichiesta"`, `"x"`, "EN081"},
		"no date":                 {"C020", good, `"dataRiferimentoRichiesta"`, `"x"`, "EN081"},
		"date with slashes":       {"C020", good, "2026-10-12", "12/10/2026", "EN148"},
		"date that is not":        {"C020", good, "2026-10-12", "2026-02-30", "EN148"},
		"no reason":               {"C020", good, `"motivoRichiesta"`, `"x"`, "EN081"},
		"slash in the reason":     {"C020", good, "PROT-2026-0012345", "Prot. 123/2026", "EN148"},
		"reason of 241":           {"C020", good, "PROT-2026-0012345", strings.Repeat("x", 241), "EN148"},
		"no use case":             {"C020", good, `"casoUso"`, `"x"`, "EN081"},
		"another use case":        {"C020", good, `"casoUso":"C020"`, `"casoUso":"C021"`, "EN148"},
		"malformed use case":      {"C020", good, `"casoUso":"C020"`, `"casoUso":"C 20"`, "EN148"},
		"two criteria":            {"C020", `{"idANPR":"QX48213ZB","codiceFiscale":"BNCMRC85C12D612V"}`, "", "", "EN148"},
		"idANPR on C030":          {"C030", good, "", "", "EN081"},
		"malformed idANPR":        {"C020", `{"idANPR":"QX48213Z"}`, "", "", "EN148"},
		"short codice fiscale":    {"C020", `{"codiceFiscale":"BNCMRC85"}`, "", "", "EN148"},
		"codice fiscale, spaces":  {"C020", `{"codiceFiscale":"BNCMRC85C12 D612V"}`, "", "", "EN148"},
		"surname only":            {"C020", `{"cognome":"BIANCHI"}`, "", "", "EN081"},
		"digit in the surname":    {"C020", person("B1ANCHI", "MARCO", "M", born), "", "", "EN148"},
		"no surname":              {"C020", person("", "MARCO", "M", born), "", "", "EN081"},
		"digit in the name":       {"C020", person("BIANCHI", "M4RCO", "M", born), "", "", "EN148"},
		"no sex":                  {"C020", person("BIANCHI", "MARCO", "", born), "", "", "EN081"},
		"sex X":                   {"C020", person("BIANCHI", "MARCO", "X", born), "", "", "EN148"},
		"no birth":                {"C020", person("BIANCHI", "MARCO", "M", ""), "", "", "EN081"},
		"no date of birth":        {"C020", person("BIANCHI", "MARCO", "M", `,"datiNascita":{}`), "", "", "EN081"},
		"malformed date of birth": {"C020", person("BIANCHI", "MARCO", "M", `,"datiNascita":{"dataEvento":"1985"}`), "", "", "EN148"},
		"no place of birth":       {"C020", person("BIANCHI", "MARCO", "M", `,"datiNascita":{"dataEvento":"1985-03-12"}`), "", "", "EN081"},
		"empty place":             {"C020", person("BIANCHI", "MARCO", "M", `,"datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{}}`), "", "", "EN081"},
		"empty comune":            {"C020", person("BIANCHI", "MARCO", "M", `,"datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{"comune":{}}}`), "", "", "EN081"},
		"short ISTAT code":        {"C020", person("BIANCHI", "MARCO", "M", `,"datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{"comune":{"codiceIstat":"4817"}}}`), "", "", "EN148"},
		"no state code":           {"C020", person("BIANCHI", "MARCO", "M", `,"datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{"localita":{}}}`), "", "", "EN148"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			body := strings.Replace(string(w.body(c.casoUso, c.criteri)), c.from, c.to, 1)
			wantKO(t, w.send(c.casoUso, []byte(body), fruitore.Hooks{}), http.StatusBadRequest, c.code, "")
		})
	}
	reply := w.send("C020", []byte(strings.Replace(string(w.body("C020", good)), `"C020"`, `"1"`, 1)), fruitore.Hooks{})
	wantKO(t, reply, http.StatusBadRequest, "EN148", "Ente non abilitato o caso uso inesistente : 1")
}

func TestContentThatIsNoRequest(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	for name, body := range map[string]string{
		"no JSON":    `x`,
		"array":      `[]`,
		"wrong type": `{"idOperazioneClient":1}`,
		"two":        `{}{}`,
	} {
		reply := w.send("C020", []byte(body), fruitore.Hooks{})
		if reply.Status != http.StatusBadRequest || w.anpr.LastRefusal().Title != "InvalidRequestContent" {
			t.Errorf("%s: %d %s", name, reply.Status, reply.Body)
		}
	}
}

func TestSameOperationGetsTheSameAnswer(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	first := w.send("C020", body, fruitore.Hooks{})
	second := w.send("C020", body, fruitore.Hooks{})
	// The registry looks at the id only: another search under the same id gets the old answer.
	third := w.send("C020", []byte(strings.Replace(string(body), "QX48213ZB", "BF30271HN", 1)), fruitore.Hooks{})
	if first.Status != http.StatusOK || string(first.Body) != string(second.Body) || string(first.Body) != string(third.Body) {
		t.Errorf("%s\n%s\n%s", first.Body, second.Body, third.Body)
	}
	negative := w.body("C020", `{"codiceFiscale":"`+Unknown+`"}`)
	one, two := w.send("C020", negative, fruitore.Hooks{}), w.send("C020", negative, fruitore.Hooks{})
	if one.Status != http.StatusNotFound || string(one.Body) != string(two.Body) {
		t.Errorf("%s\n%s", one.Body, two.Body)
	}
}

func TestOperationsMustGrow(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	send := func(casoUso, id string) *fruitore.Reply {
		body := strings.Replace(string(w.body(casoUso, `{"codiceFiscale":"BNCMRC85C12D612V"}`)), `"idOperazioneClient":"`, `"idOperazioneClient":"`+id+`","x":"`, 1)
		return w.send(casoUso, []byte(body), fruitore.Hooks{})
	}
	for _, step := range []struct {
		casoUso, id string
		status      int
	}{
		{"C020", "100", 200},
		{"C020", "99", 400},
		{"C020", "100", 200},
		{"C020", "0101", 200},
		{"C030", "5", 200}, // another e-service, another counter
		{"C020", "A1", 200},
		{"C020", "100", 200},
		{"C020", "50", 400},
		{"C020", "123456789012345678901234567890", 200}, // too long to be compared
		{"C020", "102", 200},
	} {
		if reply := send(step.casoUso, step.id); reply.Status != step.status {
			t.Errorf("%s %s: %d %s", step.casoUso, step.id, reply.Status, reply.Body)
		}
	}
}

// TestAnOperationIsOfOneService: EN079 refuses the id of another e-service, in both
// directions and however often it is sent; other clients are not concerned.
func TestAnOperationIsOfOneService(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	for i, step := range []struct {
		casoUso, id, code string
	}{
		{"C020", "100", ""},
		{"C030", "100", "EN079"},
		{"C030", "100", "EN079"},
		{"C030", "101", ""},
		{"C020", "101", "EN079"},
		{"C020", "100", ""},
		{"C020", "102", ""},
	} {
		body := strings.Replace(string(w.body(step.casoUso, `{"codiceFiscale":"BNCMRC85C12D612V"}`)), `"idOperazioneClient":"`, `"idOperazioneClient":"`+step.id+`","x":"`, 1)
		reply := w.send(step.casoUso, []byte(body), fruitore.Hooks{})
		if (step.code == "") != (reply.Status == http.StatusOK) || step.code != "" && !strings.Contains(string(reply.Body), step.code) {
			t.Errorf("step %d: %d %s, want %q", i, reply.Status, reply.Body, step.code)
		}
	}
	s := new(sequence)
	if !s.claim("a", "C020", "1") || !s.claim("b", "C030", "1") || s.claim("a", "C030", "1") {
		t.Error("ids of two clients are mixed")
	}
	for i := range maxRemembered {
		s.claim("a", "C020", strconv.Itoa(i+2))
	}
	if len(s.ids["a"].order) != maxRemembered || len(s.ids["a"].casoUso) != maxRemembered || !s.claim("a", "C030", "1") {
		t.Error("what is remembered of a client is not bounded")
	}
}

func TestRememberedAnswersAreBounded(t *testing.T) {
	ops := &operations{answers: make(map[string]remembered)}
	for i := range maxRemembered + 1 {
		ops.remember(strings.Repeat("x", i%7)+string(rune('a'+i%26))+http.StatusText(200)+strings.Repeat("y", i/26), remembered{})
	}
	if len(ops.order) != maxRemembered {
		t.Errorf("%d remembered", len(ops.order))
	}
}
