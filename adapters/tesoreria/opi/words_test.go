// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"fmt"
	"strings"
	"testing"
)

// saidOf checks one row of CSV under the header of the page, with columns and cells behind it, and gives its faults as
// people read them, without the rule.
func saidOf(t *testing.T, row, columns, cells string) []string {
	t.Helper()
	in, faults := FromCSV([]byte(strings.TrimSpace(csvHeader)+columns+"\n"+row+cells+"\n"), header(), 2026, Limits{})
	if in != nil {
		faults = in.Check(Version171, Policy{})
	}
	var said []string
	for _, f := range faults {
		said = append(said, fmt.Sprintf("%s: %s", f.Field, f.What.IT))
	}
	return said
}

// TestFaultsOfCSVAreInTheWordsOfTheFile: of the column that is missing with its number, and nothing that only echoes
// another fault.
func TestFaultsOfCSVAreInTheWordsOfTheFile(t *testing.T) {
	const good = "mandato;31;12/10/2026;CASSA;10,00;Elena Neri;;;Contributo;ESENTE BOLLO;1040202999;10,00;NON_COMMERCIALE"
	with := func(from, to string) string {
		t.Helper()
		if !strings.Contains(good, from) {
			t.Fatalf("no %s", from)
		}
		return strings.Replace(good, from, to, 1)
	}
	for name, c := range map[string]struct{ row, columns, cells, want string }{
		"good":                  {row: good},
		"words in small":        {row: strings.NewReplacer("CASSA", "cassa", "ESENTE BOLLO", "Esente bollo", "NON_COMMERCIALE", "non_commerciale").Replace(good)},
		"a day of one figure":   {row: with("12/10", "1/2")},
		"no such day":           {row: with("12/10", "31/02"), want: "data: questo giorno non esiste"},
		"no such day in ISO":    {row: with("12/10/2026", "2026-02-31"), want: "data: questo giorno non esiste"},
		"no date":               {row: with("12/10/2026", "ottobre"), want: "data: serve una data come 12/10/2026 o 2026-10-12"},
		"an amount of two ways": {row: with("10,00", "1.220"), want: "importo_riga: serve un importo in euro come 1220,50 o 1.220,50 o 1220.50; 1.220 vorrebbe dire due cose"},
		"no debt": {
			row: with("NON_COMMERCIALE", ""), want: "classificazione_dati_siope_uscite: manca un elemento; ci si aspetta: tipo_debito_siope_c, tipo_debito_siope_nc",
		},
		"no debt of the second": {
			row: with("10,00;NON", "4,00;NON"), columns: ";codice_siope.2;importo_classificazione.2", cells: ";1040202999;6,00",
			want: "classificazione_dati_siope_uscite: manca un elemento; ci si aspetta: tipo_debito_siope_c.2, tipo_debito_siope_nc.2",
		},
		"no code of the second": {
			row: with("10,00;NON", "4,00;NON"), columns: ";importo_classificazione.2;tipo_debito_siope_nc.2", cells: ";6,00;iva",
			want: "codice_siope.2: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			said := saidOf(t, c.row, c.columns, c.cells)
			if c.want == "" && len(said) > 0 || c.want != "" && (len(said) == 0 || !strings.HasPrefix(said[0], c.want)) ||
				len(said) > 1 && name != "no code of the second" {
				t.Errorf("%q, want %q", said, c.want)
			}
		})
	}
}
