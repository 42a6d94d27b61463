// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry"
)

const worksPage = `{"dati":{"opere":[{"titolo":"Uno","anno":"1901","stato":"libera"},{"titolo":"Due","stato":"ritirata"},{"titolo":"Tre","stato":"libera"}]}}`

func TestRequestPlacesValues(t *testing.T) {
	d := open(t, cataloghi(t), reply(200, worksPage))
	d.dati("opere", `{"autore":"  Anna % Rossi?&{x}","lingue":["it","en fr"]}`,
		`{"opere":[{"anno":1901,"titolo":"Uno"},{"titolo":"Tre"}],"totale":3}`)
	c := d.wire.Calls()[0]
	if want := "/opere/anna%20%25%20rossi%3F&%7Bx%7D?lingua=it&lingua=en%20fr"; c.Path != want {
		t.Errorf("path is %s, want %s", c.Path, want)
	}
	if c.Header.Get("X-Richiesta") != "scambio-1" || c.Header.Get("X-Ente") != "c_bf01" || c.Body != nil || c.Header.Get("Content-Type") != "" {
		t.Errorf("call is %+v", c)
	}
}

func TestRequestBody(t *testing.T) {
	d := open(t, cataloghi(t), with(reply(200, `{"esito":0}`), "Location", "https://elsewhere.example/depositi/R-7/?x=1"))
	out := d.dati("deposita", `{"data":"2026-10-12","opera":{"titolo":"Uno","pagine":10}}`, `{"esito":"regolare","ricevuta":"R-7"}`)
	c := d.wire.Calls()[0]
	want := `{"alle":"2026-10-12T09:00:00Z","canale":"forte","data":{"giorno":"12/10/2026"},"del":"2026-10-12","numero":"20261012090000",` +
		`"operatore":"mat-00417","opere":[{"pagine":10,"titolo":"Uno"}],"urgente":false}`
	if diff := cmp.Diff(want, string(c.Body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if c.OperationID != "20261012090000" || !c.Idempotent || c.Header.Get("Content-Type") != "application/json" || len(out.Avvisi)+len(out.Notes) != 0 {
		t.Errorf("call is %+v, warnings %v", c, out.Avvisi)
	}
	if _, err := d.ask("deposita", `{"opera":{}}`); err != nil {
		t.Fatal(err)
	}
	if again := d.wire.Calls()[1]; again.OperationID != "20261012090001" || !strings.Contains(string(again.Body), `"giorno":"oggi"`) {
		t.Errorf("second call is %s %s", again.OperationID, again.Body)
	}
}

// TestRefusesWhatCannotBeSent: nothing leaves the hub, and no error quotes the value.
func TestRefusesWhatCannotBeSent(t *testing.T) {
	for name, c := range map[string]struct{ operation, richiesta, says string }{
		"absent":            {"opere", `{}`, "richiesta/autore"},
		"null":              {"opere", `{"autore":null}`, "richiesta/autore"},
		"an object":         {"opere", `{"autore":{"x":"segreto"}}`, "richiesta/autore"},
		"dots":              {"opere", `{"autore":".."}`, "path/autore"},
		"slash":             {"opere", `{"autore":"../segreto"}`, "path/autore"},
		"backslash":         {"opere", `{"autore":"..\\segreto"}`, "path/autore"},
		"matrix parameter":  {"opere", `{"autore":"a;segreto=1"}`, "path/autore"},
		"line end":          {"opere", `{"autore":"a\r\nsegreto"}`, "path/autore"},
		"blank":             {"opere", `{"autore":"  "}`, "path/autore"},
		"list of objects":   {"opere", `{"autore":"a","lingue":[{"x":"segreto"}]}`, "query/lingua"},
		"no date":           {"deposita", `{"data":"segreto","opera":{}}`, "richiesta/data"},
		"no JSON":           {"opere", `segreto`, "richiesta"},
		"no object":         {"opere", `["segreto"]`, "richiesta"},
		"list where a word": {"opere", `{"autore":["a","segreto"]}`, "path/autore"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, cataloghi(t), reply(200, "{}"))
			f := d.fault(c.operation, c.richiesta, registry.ErrInvalid)
			if !strings.Contains(f.Text.IT, c.says) || strings.Contains(f.Text.IT+f.Text.EN+f.Err.Error(), "segreto") {
				t.Errorf("fault says %q (%v)", f.Text.IT, f.Err)
			}
			if n := len(d.wire.Calls()); n != 0 {
				t.Errorf("%d calls were made", n)
			}
		})
	}
}

func TestRefusesACodiceFiscaleThatCannotExist(t *testing.T) {
	d := open(t, builtin(t, "ade-vcf2")["ade-vcf2"], reply(200, "{}"))
	f := d.fault("verifica", `{"codiceFiscale":"BNCMRC85C12D612X"}`, registry.ErrInvalid)
	if !strings.Contains(f.Text.IT, "non è un codice fiscale valido") || strings.Contains(f.Error()+f.Err.Error(), "BNCMRC") {
		t.Errorf("fault says %q (%v)", f.Text.IT, f.Err)
	}
}

// TestTodayIsADayInItaly at half past eleven in the evening of UTC.
func TestTodayIsADayInItaly(t *testing.T) {
	late := time.Date(2026, 10, 12, 23, 30, 0, 0, time.UTC)
	d := openOver(t, cataloghi(t), open(t, cataloghi(t), with(reply(200, `{"esito":"1"}`), "Location", "/R")).wire, late)
	out := d.dati("deposita", `{"opera":{}}`, `{"esito":"irregolare","ricevuta":"R"}`)
	if body := string(d.wire.Calls()[0].Body); !strings.Contains(body, `"del":"2026-10-13"`) || !strings.Contains(body, `"alle":"2026-10-12T23:30:00Z"`) {
		t.Errorf("body is %s", body)
	}
	if len(out.Notes) != 1 || out.Notes[0].Text.EN != "irregular" || out.Notes[0].Fields[0] != "esito" || len(out.Avvisi) != 0 {
		t.Errorf("notes are %v, warnings %v", out.Notes, out.Avvisi)
	}
}
