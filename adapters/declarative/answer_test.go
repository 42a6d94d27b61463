// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry"
)

// TestAgenziaDelleEntrateTellsFourCases, and refuses what is none of them.
func TestAgenziaDelleEntrateTellsFourCases(t *testing.T) {
	for _, c := range []struct {
		valid    string
		message  string
		want     string
		warnings int
	}{
		{"true", "Codice fiscale valido", "valido", 0},
		{"true", " codice  fiscale VALIDO ", "valido", 0},
		{"true", "Codice fiscale valido, non più utilizzabile in quanto aggiornato in altro codice fiscale", "valido-sostituito", 1},
		{"false", "Codice fiscale non utilizzabile in quanto aggiornato in altro codice fiscale", "non-utilizzabile", 1},
		{"false", "Codice fiscale non valido", "non-valido", 0},
		{"false", "Codice fiscale valido", "", 0},
		{"true", "Codice fiscale non valido", "", 0},
		{"true", "Servizio in manutenzione", "", 0},
		{"null", "Codice fiscale valido", "", 0},
	} {
		recipe := builtin(t, "ade-vcf2")["ade-vcf2"]
		d := open(t, recipe, reply(200, fmt.Sprintf(`{"codiceFiscale":%q,"valido":%s,"messaggio":%q}`, bianchi, c.valid, c.message)))
		out, err := d.ask("verifica", `{"codiceFiscale":"bncmrc85c12d612v"}`)
		if c.want == "" {
			d.refuses("verifica", `{"codiceFiscale":"`+bianchi+`"}`, registry.ErrBadReply)
			continue
		}
		if err != nil || !strings.Contains(string(out.Dati), `"esito":"`+c.want+`"`) || len(out.Notes) != c.warnings {
			t.Errorf("%s %q: %s, %v, %v; want %s", c.valid, c.message, out.Dati, out.Notes, err, c.want)
		}
		if diff := cmp.Diff([]string{bianchi}, out.Subjects); diff != "" {
			t.Errorf("subjects (-want +got):\n%s", diff)
		}
	}
}

func TestRefusesAnAnswerAboutSomebodyElse(t *testing.T) {
	d := open(t, builtin(t, "ade-vcf2")["ade-vcf2"], reply(200, `{"codiceFiscale":"`+conti+`","valido":true,"messaggio":"Codice fiscale valido"}`))
	f := d.fault("verifica", `{"codiceFiscale":"`+bianchi+`"}`, registry.ErrBadReply)
	if strings.Contains(fmt.Sprintf("%+v", f), conti) {
		t.Error("the fault names the other person")
	}
	d = open(t, builtin(t, "inad-consultazione")["inad-consultazione"], reply(200, contiHome))
	d.refuses("domicilio", `{"codiceFiscale":"`+bianchi+`"}`, registry.ErrBadReply)
}

// TestINADKeepsActiveDomicilesOnly at the very instant, on the day and without an end.
func TestINADKeepsActiveDomicilesOnly(t *testing.T) {
	recipe := builtin(t, "inad-consultazione")["inad-consultazione"]
	for end, active := range map[string]bool{
		`"9999-12-31T00:00:00Z"`: true, `"2026-10-12T09:00:00Z"`: true, `"2026-10-12T08:59:59Z"`: false,
		`"2026-10-12T11:00:00+02:00"`: true, `"2026-10-12T10:59:59+02:00"`: false,
		`"2026-10-12"`: true, `"2026-10-11"`: false, `null`: true, `"mai"`: false, `{}`: false,
	} {
		d := open(t, recipe, reply(200, `{"codiceFiscale":"`+conti+`","since":"2026-10-12T09:41:10Z","digitalAddress":[`+
			`{"digitalAddress":"a@pec.example","practicedProfession":"Avvocato","usageInfo":{"dateEndValidity":`+end+`}}]}`))
		out, err := d.ask("domicilio", `{"codiceFiscale":"`+conti+`"}`)
		if err != nil {
			t.Fatal(err)
		}
		kept := strings.Contains(string(out.Dati), `{"indirizzo":"a@pec.example","professione":"Avvocato"}`)
		if kept != active || (len(out.Notes) == 0) != active {
			t.Errorf("end %s: %s, notes %v; want active %v", end, out.Dati, out.Notes, active)
		}
	}
}

func TestOutcomesInAGoodStatus(t *testing.T) {
	d := open(t, cataloghi(t), reply(200, `{"esito":9,"motivo":"M-3","operazione":"x"}`))
	f := d.fault("deposita", `{"opera":{}}`, registry.ErrDenied)
	if f.Code != "M-3" || f.Text.EN != "forbidden" || f.Status != 200 {
		t.Errorf("fault is %+v", f)
	}
	open(t, cataloghi(t), with(reply(200, `{"esito":"5"}`), "Location", "/R")).refuses("deposita", `{"opera":{}}`, registry.ErrBadReply)
	open(t, cataloghi(t), reply(200, `{"esito":"0"}`)).refuses("deposita", `{"opera":{}}`, registry.ErrBadReply)
}

// TestErrorsOfTheRegistry go through the table of the recipe.
func TestErrorsOfTheRegistry(t *testing.T) {
	errore := func(code, kind, text string) string {
		return fmt.Sprintf(`{"operazione":"op-5","errori":[{"codice":%q,"tipo":%q,"testo":%q}]}`, code, kind, text)
	}
	midnight := 13 * time.Hour // from 11:00 of Rome
	for name, c := range map[string]struct {
		reply registry.Reply
		kind  error
		code  string
		after time.Duration
	}{
		"code and text":        {reply(400, errore("K1", "E", "Soggetto ASSENTE")), registry.ErrNotFound, "K1", 0},
		"code alone":           {reply(400, errore("K1", "E", "altro")), registry.ErrAmbiguous, "K1", 0},
		"quota":                {reply(400, errore("K2", "E", "")), registry.ErrThrottled, "K2", midnight},
		"quota with its time":  {with(reply(429, errore("K2", "E", "")), "Retry-After", "60"), registry.ErrThrottled, "K2", time.Minute},
		"another type":         {reply(400, errore("K2", "W", "")), registry.ErrInvalid, "K2", 0},
		"ignored":              {reply(500, errore("K3", "", "")), registry.ErrUnavailable, "K3", 0},
		"first failure counts": {reply(400, `{"errori":[{"codice":"K3"},{"codice":"K1"},{"codice":"K2","tipo":"E"}]}`), registry.ErrAmbiguous, "K1", 0},
		"a code that is none":  {reply(400, errore("<b>K1</b>", "", "")), registry.ErrInvalid, "", 0},
		"empty 410":            {reply(410, ""), registry.ErrNotFound, "", 0},
		"410 with a body":      {reply(410, "{}"), registry.ErrInvalid, "", 0},
		"bare 404":             {reply(404, ""), registry.ErrUnavailable, "", 0},
		"no JSON":              {reply(404, "gone"), registry.ErrUnavailable, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, cataloghi(t), c.reply).fault("deposita", `{"opera":{}}`, c.kind)
			if f.Code != c.code || f.RetryAfter != c.after || f.Service != "cataloghi" || f.Text.IT == "" {
				t.Errorf("fault is %+v", f)
			}
			if strings.Contains(string(c.reply.Body), "op-5") && f.RegistryID != "op-5" {
				t.Errorf("registry id is %q", f.RegistryID)
			}
		})
	}
}
