// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/adapters/anpr"
	"github.com/snodo-pa/snodo/registry"
)

// TestErrorTable asks the table about errors as ANPR writes them.
func TestErrorTable(t *testing.T) {
	table, err := anpr.Errors()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code, kind, text string
		want             registry.ErrorKind
		says             string
	}{
		{"EN122", "E", "Soggetto non registrato in ANPR", registry.KindNotFound, "non registrato"},
		{"EN122", "E", "Soggetto cancellato da ANPR", registry.KindNotFound, "cancellato"},
		{"EN122", "E", "La richiesta effettuata non produce alcun risultato", registry.KindNotFound, "non trova"},
		{"EN148", "W", "Utilizzare idANPR", registry.KindWarn, "consiglia"},
		{"EN148", "E", "Ente non abilitato o caso uso inesistente : 1", registry.KindDenied, "non è abilitato"},
		{"EN148", "E", "Devi specificare il comune di residenza per questo caso d'uso", registry.KindInvalid, "regola"},
		{"EN148", "E", "idOperazioneClient inferiore all'ultimo inviato", registry.KindRenumber, "numero più alto"},
		{"EN079", "E", "id operazione comune gia' presente per un servizio diverso", registry.KindRenumber, "numero"},
		{"EN067", "E", "", registry.KindAmbiguous, ""},
		{"EN095", "E", "", registry.KindAmbiguous, ""},
		{"EN131", "E", "", registry.KindAmbiguous, ""},
		{"EN043", "E", "", registry.KindAmbiguous, ""},
		{"EN115", "E", "", registry.KindAmbiguous, ""},
		{"EN130", "E", "", registry.KindNotFound, ""},
		{"EN133", "E", "", registry.KindNotFound, ""},
		{"EN068", "E", "", registry.KindInvalid, ""},
		{"EN075", "E", "", registry.KindInvalid, ""},
		{"EN083", "E", "", registry.KindInvalid, ""},
		{"EN090", "E", "", registry.KindInvalid, ""},
		{"EN080", "E", "", registry.KindInvalid, ""},
		{"EN132", "E", "", registry.KindInvalid, ""},
		{"EN098", "E", "", registry.KindInvalid, ""},
		{"EN099", "E", "", registry.KindNotReady, ""},
		{"EN108", "E", "", registry.KindNotReady, ""},
		{"EN109", "E", "", registry.KindNotReady, ""},
		{"EN100", "E", "", registry.KindInvalid, ""},
		{"EN101", "E", "", registry.KindInvalid, ""},
		{"EN141", "E", "", registry.KindWarn, ""},
		{"EN179", "E", "", registry.KindThrottled, ""},
		{"999", "", "Operazione non effettuabile", registry.KindUnavailable, ""},
		{"404", "E", "Risorsa in attesa di elaborazione con stato: 1", registry.KindNotReady, "non ha ancora"},
		{"404", "E", "Risorsa non trovata", registry.KindNotFound, "non ha una richiesta"},
		{"404", "E", "", "", ""},
		{"EN001", "E", "", "", ""},
	} {
		var got registry.RecipeError
		for _, row := range table {
			if row.Matches(c.code, c.kind, c.text) {
				got = row
				break
			}
		}
		if got.Kind != c.want || !strings.Contains(got.Say.IT, c.says) {
			t.Errorf("%s %s %q is %q (%s), want %q", c.code, c.kind, c.text, got.Kind, got.Say.IT, c.want)
		}
		if got.Kind != "" && (got.Say.IT == "" || got.Say.EN == "" || got.Say.IT == got.Say.EN) {
			t.Errorf("%s: says %+v", c.code, got.Say)
		}
	}
}
