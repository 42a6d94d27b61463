// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/registry"
)

// subjectOf is an answer of C020 with these addresses and generalita.
func subjectOf(generalita string, addresses ...string) string {
	return `{"idOperazioneANPR":"59913401","listaSoggetti":{"datiSoggetto":[{"generalita":` + generalita +
		`,"residenza":[` + strings.Join(addresses, ",") + `]}]}}`
}

func TestResidenceIsTheOneThatBeganLast(t *testing.T) {
	address := func(cap, since string) string {
		if since == "" {
			return `{"indirizzo":{"cap":"` + cap + `"}}`
		}
		return `{"indirizzo":{"cap":"` + cap + `"},"dataDecorrenzaResidenza":"` + since + `"}`
	}
	abroad := `{"localitaEstera":{"indirizzoEstero":{"localita":{"descrizioneStato":"FRANCIA"}}},"dataDecorrenzaResidenza":"2020-01-01"}`
	aire := strings.Replace(who, `"soggettoAIRE":"N"`, `"soggettoAIRE":"S"`, 1)
	for name, c := range map[string]struct {
		body string
		want string
		aire bool
		note bool
	}{
		"one":                         {subjectOf(who, address("1", "2019-06-03")), address("1", "2019-06-03"), false, false},
		"later one last":              {subjectOf(who, address("1", "2019-06-03"), address("2", "2021-01-01")), address("2", "2021-01-01"), false, false},
		"later one first":             {subjectOf(who, address("2", "2021-01-01"), address("1", "2019-06-03")), address("2", "2021-01-01"), false, false},
		"one without a date":          {subjectOf(who, address("1", ""), address("2", "1950-01-01")), address("2", "1950-01-01"), false, false},
		"no date at all":              {subjectOf(who, address("1", ""), address("2", "")), address("1", ""), false, false},
		"abroad":                      {subjectOf(who, abroad), abroad, true, false},
		"abroad, then back":           {subjectOf(who, abroad, address("1", "2022-01-01")), address("1", "2022-01-01"), false, false},
		"AIRE by the flag":            {subjectOf(aire, address("1", "2019-06-03")), address("1", "2019-06-03"), true, false},
		"localitaEstera that is null": {subjectOf(who, `{"localitaEstera":null}`), `{"localitaEstera":null}`, false, false},
		"none":                        {subjectOf(who), `null`, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := open(t, adaptertest.Play(ok(identified), ok(c.body))).residence()
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Residenza json.RawMessage
				AIRE      bool
			}
			if err := json.Unmarshal(out.Dati, &got); err != nil {
				t.Fatal(err)
			}
			if string(got.Residenza) != c.want || got.AIRE != c.aire || (len(out.Notes) > 0) != c.note || len(out.Avvisi) > 0 {
				t.Errorf("residenza %s, aire %v, notes %v, avvisi %v", got.Residenza, got.AIRE, out.Notes, out.Avvisi)
			}
			if out.RegistryID != "59913401" {
				t.Errorf("id of the operation is %q", out.RegistryID)
			}
		})
	}
}

// notesOn are the notes that are told to who may see one field.
func notesOn(out registry.Response, field string) []string {
	var texts []string
	for _, n := range out.Notes {
		if len(n.Fields) == 1 && n.Fields[0] == field {
			texts = append(texts, n.Text.IT)
		}
	}
	return texts
}

// TestThreeStatesOfLife: alive, dead on a known day, dead without a day; and silence,
// which is none of them.
func TestThreeStatesOfLife(t *testing.T) {
	fact := func(id, value string) string { return `{"id":"` + id + `",` + value + `}` }
	yes, no, cannot := fact("1003", `"valore":"S"`), fact("1003", `"valore":"N"`), fact("1003", `"valore":"A"`)
	died := fact("1015", `"chiave":"Data decesso","valoreData":"2026-02-17"`)
	for name, c := range map[string]struct {
		facts string
		want  string
		says  string
	}{
		"alive":                   {yes, `{"stato":"vivo"}`, ""},
		"dead on a day":           {no + "," + died, `{"stato":"deceduto","dataDecesso":"2026-02-17"}`, "deceduta"},
		"dead without a day":      {no, `{"stato":"deceduto"}`, "deceduta"},
		"only the day":            {died, `{"stato":"deceduto","dataDecesso":"2026-02-17"}`, "deceduta"},
		"cannot be told":          {cannot, `{"stato":"non determinabile"}`, "non può determinare"},
		"alive, and dead on":      {yes + "," + died, `{"stato":"non determinabile"}`, "non può determinare"},
		"another fact":            {fact("1002", `"valore":"S"`), `{"stato":"non indicata"}`, ""},
		"a day without a value":   {no + "," + fact("1015", `"valoreTesto":""`), `{"stato":"deceduto"}`, "deceduta"},
		"no facts at all":         {"", `{"stato":"non indicata"}`, ""},
		"the order is immaterial": {died + "," + no, `{"stato":"deceduto","dataDecesso":"2026-02-17"}`, "deceduta"},
	} {
		t.Run(name, func(t *testing.T) {
			body := strings.Replace(resident, `"generalita"`, `"infoSoggettoEnte":[`+c.facts+`],"generalita"`, 1)
			out, err := open(t, adaptertest.Play(ok(identified), ok(body))).residence()
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ EsistenzaInVita json.RawMessage }
			if err := json.Unmarshal(out.Dati, &got); err != nil {
				t.Fatal(err)
			}
			said := strings.Join(notesOn(out, "esistenzaInVita"), " ")
			if string(got.EsistenzaInVita) != c.want || (said != "") != (c.says != "") || len(out.Avvisi) > 0 {
				t.Fatalf("esistenzaInVita %s, notes %v, avvisi %v", got.EsistenzaInVita, out.Notes, out.Avvisi)
			}
			if !strings.Contains(said, c.says) || strings.Contains(said, "2026") {
				t.Errorf("note %q", said)
			}
			// Who may see the residence alone learns that it is none today, not why.
			last := strings.Join(notesOn(out, "residenza"), " ")
			if (last != "") != (c.says == "deceduta") || strings.Contains(last, "dece") {
				t.Errorf("note on the residence %q", last)
			}
		})
	}
	for name, facts := range map[string]string{
		"a value of no list": fact("1003", `"valore":"X"`),
		"a day of no form":   no + "," + fact("1015", `"valoreData":"17/02/2026"`),
		"a fact of no shape": `5`,
	} {
		body := strings.Replace(resident, `"generalita"`, `"infoSoggettoEnte":[`+facts+`],"generalita"`, 1)
		_, err := open(t, adaptertest.Play(ok(identified), ok(body))).residence()
		if !errors.Is(err, registry.ErrBadReply) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// TestSubjectsOfTheAnswer: the evidence is found by the codice fiscale of the answer,
// also when the request named none.
func TestSubjectsOfTheAnswer(t *testing.T) {
	full := strings.Replace(identified, `"identificativi"`, `"generalita":`+strings.ToLower(who)+`,"identificativi"`, 1)
	full = strings.ReplaceAll(full, "codfiscale", "codFiscale")
	full = strings.ReplaceAll(full, `"codicefiscale"`, `"codiceFiscale"`)
	for name, c := range map[string]struct {
		service, operation, richiesta string
		reply                         string
		want                          []string
	}{
		"C020 by idANPR":       {"anpr-c020", "residenza", `{"idANPR":"` + idANPR + `"}`, resident, []string{code}},
		"C030 by demographics": {"anpr-c030", "id-anpr", byData, full, []string{code}},
		"C030 without codes":   {"anpr-c030", "id-anpr", byData, identified, nil},
	} {
		out, err := open(t, adaptertest.Play(ok(c.reply))).ask(c.service, c.operation, c.richiesta)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, out.Subjects); diff != "" {
			t.Errorf("%s: subjects (-want +got):\n%s", name, diff)
		}
	}
}

// TestC020ByIDANPRNeedsItInTheAnswer: nothing else ties the answer to the question.
func TestC020ByIDANPRNeedsItInTheAnswer(t *testing.T) {
	for name, body := range map[string]string{
		"no identificativi":    strings.Replace(resident, `,"identificativi":{"idANPR":"QX48213ZB"}`, "", 1),
		"null":                 strings.Replace(resident, `{"idANPR":"QX48213ZB"}`, "null", 1),
		"identificativi empty": strings.Replace(resident, `{"idANPR":"QX48213ZB"}`, "{}", 1),
		"of another person":    strings.ReplaceAll(resident, idANPR, "OR69233LN"),
		"of no shape":          strings.Replace(resident, `{"idANPR":"QX48213ZB"}`, `["QX48213ZB"]`, 1),
	} {
		if body == resident {
			t.Fatalf("%s changes nothing", name)
		}
		_, err := open(t, adaptertest.Play(ok(body))).ask("anpr-c020", "residenza", `{"idANPR":"`+idANPR+`"}`)
		if !errors.Is(err, registry.ErrBadReply) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// TestAnswerAboutAnotherPersonIsNotDelivered: whatever the signature says.
func TestAnswerAboutAnotherPersonIsNotDelivered(t *testing.T) {
	for name, body := range map[string]string{
		"another codice fiscale": strings.ReplaceAll(resident, code, "CNTGLI88L65G999B"),
		"no codice fiscale":      strings.ReplaceAll(resident, `"codFiscale":"`+code+`",`, ""),
		"another idANPR":         strings.ReplaceAll(resident, idANPR, "OR69233LN"),
		"no generalita":          `{"listaSoggetti":{"datiSoggetto":[{"residenza":[]}]}}`,
		"address of no shape":    `{"listaSoggetti":{"datiSoggetto":[{"generalita":` + who + `,"residenza":["via"]}]}}`,
		"no list of subjects":    `{"idOperazioneANPR":"1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			out, err := open(t, adaptertest.Play(ok(identified), ok(body))).residence()
			f := faultOf(t, err, registry.ErrBadReply)
			if out.Dati != nil || strings.Contains(f.Error()+f.Text.IT+f.Err.Error(), "CNTGLI") {
				t.Errorf("fault is %+v", f)
			}
		})
	}
	// A code asked in small letters, or answered so, is the same code.
	if _, err := open(t, adaptertest.Play(ok(identified), ok(strings.ReplaceAll(resident, code, strings.ToLower(code))))).residence(); err != nil {
		t.Error(err)
	}
}

func TestNoneAndSeveralSubjects(t *testing.T) {
	one := `{"identificativi":{"idANPR":"QX48213ZB"}}`
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"none":             {`{"idOperazioneANPR":"7","listaSoggetti":{"datiSoggetto":[]}}`, registry.ErrNotFound},
		"an empty list":    {`{"idOperazioneANPR":"7","listaSoggetti":{}}`, registry.ErrNotFound},
		"two":              {`{"idOperazioneANPR":"7","listaSoggetti":{"datiSoggetto":[` + one + `,` + one + `]}}`, registry.ErrAmbiguous},
		"one without id":   {`{"listaSoggetti":{"datiSoggetto":[{}]}}`, registry.ErrBadReply},
		"an id of no form": {`{"listaSoggetti":{"datiSoggetto":[{"identificativi":{"idANPR":"<b>"}}]}}`, registry.ErrBadReply},
	} {
		_, err := open(t, adaptertest.Play(ok(c.body))).ask("anpr-c030", "id-anpr", `{"codiceFiscale":"`+code+`"}`)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: error is %v, want %v", name, err, c.want)
		}
	}
}

func TestErrorsOfANPR(t *testing.T) {
	for name, c := range map[string]struct {
		reply registry.Reply
		want  error
		says  string
	}{
		"never registered":       {ko(404, "EN122", "E", "Soggetto non registrato in ANPR"), registry.ErrNotFound, "non registrato"},
		"removed":                {ko(404, "EN122", "E", "Soggetto cancellato da ANPR"), registry.ErrNotFound, "cancellato"},
		"ambiguous":              {ko(400, "EN067", "E", "Trovati piu' soggetti"), registry.ErrAmbiguous, "più soggetti"},
		"not enabled":            {ko(400, "EN148", "E", "Ente non abilitato o caso uso inesistente : 1"), registry.ErrDenied, "non è abilitato"},
		"a rule of the case":     {ko(400, "EN148", "E", "Devi specificare il comune di residenza"), registry.ErrInvalid, "regola"},
		"incoherent criteria":    {ko(400, "EN071", "E", ""), registry.ErrInvalid, "non concordano"},
		"running":                {ko(400, "EN109", "E", ""), registry.ErrNotReady, "elaborando"},
		"pending":                {ko(400, "EN179", "E", ""), registry.ErrThrottled, "in lavorazione"},
		"cannot be done now":     {ko(500, "999", "", "Operazione non effettuabile"), registry.ErrUnavailable, "in questo momento"},
		"errors in a 200":        {ko(200, "EN122", "E", "Soggetto non registrato in ANPR"), registry.ErrNotFound, "non registrato"},
		"only a warning in a KO": {ko(400, "EN141", "E", "Soggetto non validato"), registry.ErrInvalid, "non sono ancora validati"},
		"unknown code, 400":      {ko(400, "EN001", "E", "x"), registry.ErrInvalid, "errore non previsto"},
		"unknown code, 500":      {ko(500, "EN001", "E", "x"), registry.ErrUnavailable, "errore non previsto"},
		"unknown code decides nothing about a person": {ko(404, "EN001", "E", "x"), registry.ErrBadReply, "errore non previsto"},
		"bare 404 decides nothing about a person": {
			registry.Reply{Status: 404, Header: http.Header{}, Body: []byte(`{}`)}, registry.ErrUnavailable, "indirizzo configurato",
		},
		"quota, whatever the body": {ko(429, "EN122", "E", ""), registry.ErrThrottled, "limite"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, adaptertest.Play(c.reply)).ask("anpr-c030", "id-anpr", `{"codiceFiscale":"`+code+`"}`)
			f := faultOf(t, err, c.want)
			if !strings.Contains(f.Text.IT, c.says) || f.Text.EN == "" || f.Service != "anpr-c030" || f.Status != c.reply.Status {
				t.Errorf("fault is %+v", f)
			}
			if strings.Contains(f.Error()+f.Text.IT+f.Text.EN, "BNCMRC") {
				t.Error("the fault repeats the registry's valore")
			}
		})
	}
}

func TestFaultCarriesWhatTheHelpDeskAsks(t *testing.T) {
	_, err := open(t, adaptertest.Play(ko(404, "EN122", "E", "x"))).residence()
	if f := faultOf(t, err, registry.ErrNotFound); f.Code != "EN122" || f.RegistryID != "59913460" {
		t.Errorf("fault is %+v, want code and idOperazioneANPR", f)
	}
	reply := ko(404, "EN122", "E", "x")
	reply.RegistryID = "gov-1"
	_, err = open(t, adaptertest.Play(reply)).residence()
	if f := faultOf(t, err, registry.ErrNotFound); f.RegistryID != "gov-1" {
		t.Errorf("fault is %+v, want the gateway's id", f)
	}
}

func TestTheFirstErrorThatIsAFailureCounts(t *testing.T) {
	body := `{"listaErrori":[
		{"codiceErroreAnomalia":"EN148","tipoErroreAnomalia":"W","testoErroreAnomalia":"Utilizzare idANPR"},
		{"codiceErroreAnomalia":"EN122","tipoErroreAnomalia":"E","testoErroreAnomalia":"Soggetto cancellato da ANPR"}]}`
	_, err := open(t, adaptertest.Play(registry.Reply{Status: 404, Header: http.Header{}, Body: []byte(body)})).residence()
	if f := faultOf(t, err, registry.ErrNotFound); f.Code != "EN122" {
		t.Errorf("fault is %+v", f)
	}
}

func TestWarningsReachTheOperator(t *testing.T) {
	warned := strings.Replace(identified, `"listaSoggetti"`,
		`"listaAnomalie":[{"codiceErroreAnomalia":"EN148","tipoErroreAnomalia":"W","testoErroreAnomalia":"Utilizzare idANPR"},`+
			`{"codiceErroreAnomalia":"EN777","tipoErroreAnomalia":"W","testoErroreAnomalia":"BIANCHI MARCO"}],"listaSoggetti"`, 1)
	out, err := open(t, adaptertest.Play(ok(warned), ok(resident))).residence()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range out.Avvisi {
		got = append(got, a.IT)
	}
	want := []string{
		"ANPR consiglia di chiedere per idANPR invece che per codice fiscale (DM 3 marzo 2023)",
		"ANPR segnala l'anomalia EN777",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("avvisi (-want +got):\n%s", diff)
	}
}

// TestAPendingMassiveRequestStopsNoOtherCall: EN179 is about one more request; the result of the first can be fetched.
func TestAPendingMassiveRequestStopsNoOtherCall(t *testing.T) {
	for reply, alone := range map[*registry.Reply]bool{
		new(ko(400, "EN179", "E", "")): true, new(ko(429, "EN179", "E", "")): false,
	} {
		_, err := open(t, adaptertest.Play(*reply)).ask("anpr-massivo-019", "richiesta", `{"idANPR":["`+idANPR+`"]}`)
		if f := faultOf(t, err, registry.ErrThrottled); f.Alone != alone {
			t.Errorf("HTTP %d: fault is %+v", reply.Status, f)
		}
	}
}

// TestAWarningAmongTheErrorsOfAnAnswerIsNone: data that came are given, with the warning.
func TestAWarningAmongTheErrorsOfAnAnswerIsNone(t *testing.T) {
	with := func(code string) registry.Reply {
		return ok(strings.Replace(resident, `"listaSoggetti"`,
			`"listaErrori":[{"codiceErroreAnomalia":"`+code+`","tipoErroreAnomalia":"E","testoErroreAnomalia":"x"}],"listaSoggetti"`, 1))
	}
	out, err := open(t, adaptertest.Play(ok(identified), with("EN141"))).residence()
	if err != nil || len(out.Avvisi) != 1 || !strings.Contains(out.Avvisi[0].IT, "validati") {
		t.Errorf("%v, avvisi %v", err, out.Avvisi)
	}
	_, err = open(t, adaptertest.Play(ok(identified), with("EN122"))).residence()
	_ = faultOf(t, err, registry.ErrNotFound)
	_, err = open(t, adaptertest.Play(ok(identified), with("EN001"))).residence()
	_ = faultOf(t, err, registry.ErrBadReply)
}

// TestIDANPRInSmallLettersIsTheSame, and goes to ANPR as it writes it.
func TestIDANPRInSmallLettersIsTheSame(t *testing.T) {
	tr := adaptertest.Play(ok(resident))
	if _, err := open(t, tr).ask("anpr-c020", "residenza", `{"idANPR":"`+strings.ToLower(idANPR)+`"}`); err != nil {
		t.Fatal(err)
	}
	if got := request(t, tr.Calls()[0]).CriteriRicerca["idANPR"]; got != idANPR {
		t.Errorf("asked about %v", got)
	}
}

// FuzzReply: whatever an answer holds, the adapter gives data about the person asked
// for or a typed error.
func FuzzReply(f *testing.F) {
	f.Add(200, []byte(resident))
	f.Add(404, ko(404, "EN122", "E", "Soggetto cancellato da ANPR").Body)
	f.Add(200, []byte(`{"listaSoggetti":{"datiSoggetto":[{"generalita":null,"residenza":null,"identificativi":null}]}}`))
	f.Add(503, []byte("<html>"))
	s := subject(f)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		tr := adaptertest.Play(ok(identified), registry.Reply{Status: status, Header: http.Header{}, Body: body})
		out, err := openOver(t, s, tr).residence()
		var fault *registry.Fault
		switch {
		case err != nil && !errors.As(err, &fault):
			t.Fatalf("error is %T", err)
		case err == nil && (!json.Valid(out.Dati) || !strings.Contains(strings.ToUpper(string(body)), code)):
			t.Fatalf("delivered %s for %s", out.Dati, body)
		}
	})
}
