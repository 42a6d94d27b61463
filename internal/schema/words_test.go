// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// told lists "where: expected / found" of a refusal.
func told(t *testing.T, err error, lang string) []string {
	t.Helper()
	document, _ := problem.From(Problem(err), lang, "")
	var out []string
	for _, v := range document.Violations {
		out = append(out, v.Where+": "+v.Expected+" / "+v.Found)
	}
	return out
}

// TestRefusalsSayWhereWhatWasAskedAndWhatCame holds requests of the ANPR recipes against their schemas. No refusal
// repeats a value.
func TestRefusalsSayWhereWhatWasAskedAndWhatCame(t *testing.T) {
	consumes, _, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	const choiceC030 = "codiceFiscale | sesso + datiNascita + (cognome | senzaCognome) + (nome | senzaNome)"
	for name, tc := range map[string]struct {
		service, operation, request string
		it, en                      []string
	}{
		"no choice": {
			"anpr-c020", "residenza", `{}`,
			[]string{"/richiesta: una sola di queste scelte: codiceFiscale | idANPR / nessuna"},
			[]string{"/richiesta: exactly one of these choices: codiceFiscale | idANPR / none of them"},
		},
		"two choices": {
			"anpr-c020", "residenza", `{"codiceFiscale":"RSSMRA85T10A562S","idANPR":"AB12345CD"}`,
			[]string{"/richiesta: una sola di queste scelte: codiceFiscale | idANPR / più di una (ci sono: codiceFiscale, idANPR)"},
			[]string{"/richiesta: exactly one of these choices: codiceFiscale | idANPR / more than one of them (there are: codiceFiscale, idANPR)"},
		},
		"half a choice": {
			"anpr-c030", "id-anpr", `{"cognome":"ROSSI","nome":"MARIO"}`,
			[]string{"/richiesta: una sola di queste scelte: " + choiceC030 + " / nessuna (ci sono: cognome, nome)"},
			[]string{"/richiesta: exactly one of these choices: " + choiceC030 + " / none of them (there are: cognome, nome)"},
		},
		"type": {
			"anpr-c020", "residenza", `{"idANPR":12.5}`,
			[]string{"/richiesta/idANPR: un testo / un numero non intero"},
			[]string{"/richiesta/idANPR: a string / a number that is not whole"},
		},
		"form": {
			"anpr-c020", "residenza", `{"idANPR":"ROSSI"}`,
			[]string{"/richiesta/idANPR: la forma ^[0-9A-Za-z]{9}$ / un testo di altra forma"},
			[]string{"/richiesta/idANPR: the form ^[0-9A-Za-z]{9}$ / a text of another form"},
		},
		"date": {
			"anpr-c020", "residenza", `{"idANPR":"AB12345CD","dataRiferimento":"ieri"}`,
			[]string{"/richiesta/dataRiferimento: una data AAAA-MM-GG / un testo di altra forma"},
			[]string{"/richiesta/dataRiferimento: a date YYYY-MM-DD / a text of another form"},
		},
		"unknown": {
			"anpr-c020", "residenza", `{"idANPR":"AB12345CD","cap":"1"}`,
			[]string{"/richiesta/cap: solo i nomi del documento OpenAPI / un nome che non prevede"},
			[]string{"/richiesta/cap: only the names of the OpenAPI document / a name it does not have"},
		},
		"length": {
			"anpr-c030", "id-anpr", `{"sesso":"F","datiNascita":{"dataEvento":"1990-01-01","luogoNascita":{"luogoEccezionale":""}},"senzaCognome":"1","senzaNome":"1"}`,
			[]string{"/richiesta/datiNascita/luogoNascita/luogoEccezionale: almeno 1 carattere / 0 caratteri"},
			[]string{"/richiesta/datiNascita/luogoNascita/luogoEccezionale: at least 1 character / 0 characters"},
		},
		"missing, one of few": {
			"anpr-c030", "id-anpr", `{"sesso":"X","datiNascita":{"dataEvento":"1990-01-01"},"senzaCognome":"1","senzaNome":"1"}`,
			[]string{"/richiesta/datiNascita/luogoNascita: che ci sia / manca", "/richiesta/sesso: uno tra M, F, N / un altro valore"},
			[]string{"/richiesta/datiNascita/luogoNascita: to be there / it is missing", "/richiesta/sesso: one of M, F, N / another value"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			input, err := CompileObject(consumes[tc.service].Operations[tc.operation].Input)
			if err != nil {
				t.Fatal(err)
			}
			_, err = input.Check([]byte(tc.request), "richiesta")
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(tc.it, told(t, err, "it")); diff != "" {
				t.Errorf("Italian (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.en, told(t, err, "en")); diff != "" {
				t.Errorf("English (-want +got):\n%s", diff)
			}
			for _, value := range []string{"ROSSI", "MARIO", "RSSMRA", "AB12345CD", "12.5", "ieri", "1990"} {
				if strings.Contains(strings.Join(told(t, err, "it"), " "), value) {
					t.Errorf("the value %s is told", value)
				}
			}
		})
	}
}

// TestEveryFaultHasWords: whatever keyword of the sample breaks, both languages say what was asked.
func TestEveryFaultHasWords(t *testing.T) {
	for _, body := range []string{
		`{}`, `{"nome":"a","x":1}`, `{"nome":7}`, `{"nome":""}`, `{"nome":"ABCD"}`, `{"nome":"a","voci":[]}`,
		`{"nome":"a","voci":[{},{},{}]}`, `{"nome":"a","tipo":"tre"}`, `{"nome":"a","quando":"x"}`, `[]`, ``, `null`, `true`,
	} {
		for _, lang := range []string{"it", "en"} {
			for _, line := range told(t, postB(t, body), lang) {
				if strings.Contains(line, ":  /") || strings.HasSuffix(line, "/ ") || !strings.HasPrefix(line, "/") {
					t.Errorf("%s in %s: %q", body, lang, line)
				}
			}
		}
	}
}
