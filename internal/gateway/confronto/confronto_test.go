// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package confronto

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func object(t testing.TB, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestVerdictOfOneField(t *testing.T) {
	for name, tc := range map[string]struct {
		declared, held string
		want           Esito
	}{
		"equal":                      {`"Rossi"`, `"Rossi"`, Conforme},
		"case and spaces":            {`" de  rossi "`, `"DE ROSSI"`, Conforme},
		"accent as apostrophe":       {`"Nicolò"`, `"NICOLO'"`, Conforme},
		"curly apostrophe":           {`"D’Angelo"`, `"D'ANGELO"`, Conforme},
		"combining accent":           {`"Nicolo\u0300"`, `"NICOLÒ"`, Conforme},
		"hyphen":                     {`"Rossi-Bianchi"`, `"ROSSI BIANCHI"`, Conforme},
		"Slavic letters":             {`"Čuk"`, `"CUK"`, Conforme},
		"date as people write it":    {`"01/02/1980"`, `"1980-02-01"`, Conforme},
		"another date":               {`"02/01/1980"`, `"1980-02-01"`, NonConforme},
		"number and text":            {`"12"`, `12`, Conforme},
		"bool":                       {`true`, `"true"`, Conforme},
		"another name":               {`"Rossi"`, `"Rosso"`, NonConforme},
		"a name within another":      {`"Rossi"`, `"ROSSI BIANCHI"`, NonConforme},
		"registry says null":         {`"Rossi"`, `null`, NonDeterminabile},
		"registry says nothing":      {`"Rossi"`, `" "`, NonDeterminabile},
		"declared null":              {`null`, `"Rossi"`, NonDeterminabile},
		"declared empty":             {`""`, `"Rossi"`, NonDeterminabile},
		"apostrophes alone":          {`"'"`, `"'"`, NonDeterminabile},
		"value against an object":    {`"Rossi"`, `{"cognome":"Rossi"}`, NonDeterminabile},
		"object against a value":     {`{"cognome":"Rossi"}`, `"Rossi"`, NonDeterminabile},
		"one of many":                {`"via Roma"`, `["VIA VERDI","VIA ROMA"]`, Conforme},
		"none of many":               {`"via Roma"`, `["VIA VERDI"]`, NonConforme},
		"none at all":                {`"via Roma"`, `[]`, NonConforme},
		"unknown among many":         {`"via Roma"`, `["VIA VERDI",null]`, NonDeterminabile},
		"object of many":             {`{"nome":"Anna"}`, `[{"nome":"LUCA"},{"nome":"ANNA","eta":3}]`, Conforme},
		"list in any order":          {`["a","b"]`, `["B","A"]`, Conforme},
		"list with one more held":    {`["a"]`, `["A","B"]`, NonConforme},
		"list with one more stated":  {`["a","b"]`, `["A"]`, NonConforme},
		"the same item twice":        {`["a","a"]`, `["A","B"]`, NonConforme},
		"list against a value":       {`["a"]`, `"a"`, NonDeterminabile},
		"list of lists":              {`[["a"]]`, `[["A"]]`, Conforme},
		"empty lists":                {`[]`, `[]`, Conforme},
		"empty object":               {`[{}]`, `[{"a":1}]`, NonDeterminabile},
		"more items than are looked": {`["a"` + strings.Repeat(`,"a"`, maxList) + `]`, `["a"]`, NonDeterminabile},
	} {
		got := Compare(object(t, `{"campo":`+tc.declared+`}`), object(t, `{"campo":`+tc.held+`}`))
		if got.Esito != tc.want || len(got.Verdetti) != 1 || got.Verdetti[0].Esito != tc.want {
			t.Errorf("%s: %+v, want %s", name, got, tc.want)
		}
	}
}

func TestEachFieldHasItsVerdict(t *testing.T) {
	got := Compare(
		object(t, `{"residenza":{"via":"Roma","cap":"00100","scala":"B"},"nome":"Anna","figli":["x"]}`),
		object(t, `{"residenza":{"via":"ROMA","cap":"00200"},"nome":"ANNA","altro":"segreto"}`))
	want := Risultato{Esito: NonConforme, Confronto: DelNodo, Verdetti: []Verdetto{
		{"figli", NonDeterminabile},
		{"nome", Conforme},
		{"residenza/cap", NonConforme},
		{"residenza/scala", NonDeterminabile},
		{"residenza/via", Conforme},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := Compare(map[string]any{}, map[string]any{"a": "b"}); got.Esito != NonDeterminabile {
		t.Errorf("nothing declared: %+v", got)
	}
}

// TestNoValueOfTheRegistryIsRepeated: a result holds names that were declared, and verdicts.
func TestNoValueOfTheRegistryIsRepeated(t *testing.T) {
	text, err := json.Marshal(Compare(object(t, `{"a":"x","b":{"c":"y"}}`), object(t, `{"a":"segreto","b":{"c":"altro","d":"ancora"}}`)))
	if err != nil {
		t.Fatal(err)
	}
	for _, held := range []string{"segreto", "altro", "ancora", `"d"`} {
		if strings.Contains(string(text), held) {
			t.Errorf("%s tells %s", text, held)
		}
	}
}

func TestOfRegistry(t *testing.T) {
	answer := object(t, `{"esito":"non-conforme","controlli":[
		{"id":"1","chiave":"Verifica residenza","esito":"non-conforme","dettaglio":"altro"},{"id":"2","chiave":"","esito":"conforme"}]}`)
	declared := map[string]any{"residenza": map[string]any{}}
	got, ok := OfRegistry(declared, answer, true)
	want := Risultato{Esito: NonConforme, Confronto: DelRegistro, Verdetti: []Verdetto{{"Verifica residenza", NonConforme}, {"2", Conforme}}}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("%t %s", ok, diff)
	}
	got, ok = OfRegistry(declared, answer, false)
	want.Verdetti = []Verdetto{{"residenza", NonConforme}}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("%t %s", ok, diff)
	}
	for _, bad := range []string{`{}`, `{"esito":"boh"}`, `{"esito":"conforme","controlli":[{"esito":"S"}]}`, `{"esito":"conforme","controlli":[1]}`} {
		if _, ok := OfRegistry(declared, object(t, bad), true); ok {
			t.Errorf("%s was taken for an outcome", bad)
		}
	}
}

// FuzzCompare: whatever the two sides, one verdict for each value that was declared, and the same again.
func FuzzCompare(f *testing.F) {
	f.Add(`{"a":"b"}`, `{"a":"B"}`)
	f.Add(`{"a":[{"b":1}]}`, `{"a":[{"b":"1"},null]}`)
	f.Fuzz(func(t *testing.T, declared, held string) {
		var d, h map[string]any
		if json.Unmarshal([]byte(declared), &d) != nil || json.Unmarshal([]byte(held), &h) != nil {
			return
		}
		got := Compare(d, h)
		if diff := cmp.Diff(got, Compare(d, h)); diff != "" {
			t.Fatal(diff)
		}
		for _, v := range got.Verdetti {
			if _, ok := verdict(string(v.Esito)); !ok || v.Campo == "" && !strings.Contains(declared, `""`) {
				t.Fatalf("%+v", v)
			}
		}
	})
}
