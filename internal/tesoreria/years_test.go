// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

// bookOf is a page of a cash book with one movement, as a treasurer writes it.
func bookOf(year int, day string, number int, before, amount string) string {
	return fmt.Sprintf(`<flusso_giornale_di_cassa><testata_messaggio><codice_ABI_BT>99999</codice_ABI_BT>`+
		`<data_ora_creazione_flusso>%[2]sT18:00:00</data_ora_creazione_flusso><codice_ente>UFBORG</codice_ente></testata_messaggio>`+
		`<identificativo_flusso_BT>GDC-%08[3]dUFBORG0001#001#001</identificativo_flusso_BT><pagina>1</pagina><pagine_totali>1</pagine_totali>`+
		`<esercizio>%[1]d</esercizio><data_riferimento_GdC>%[2]s</data_riferimento_GdC><informazioni_conto_evidenza><conto_evidenza>1</conto_evidenza>`+
		`<movimento_conto_evidenza><identificativo_flusso>S</identificativo_flusso><numero_movimento>1</numero_movimento><tipo_movimento>ENTRATA</tipo_movimento>`+
		`<tipo_documento>SOSPESO ENTRATA</tipo_documento><tipo_operazione>ESEGUITO</tipo_operazione><numero_documento>%[3]d</numero_documento>`+
		`<progressivo_documento>1</progressivo_documento><importo>%[5]s</importo><data_movimento>%[2]s</data_movimento>`+
		`<data_movimento_siope>%[2]s</data_movimento_siope><tipo_esecuzione>CASSA</tipo_esecuzione><cliente><anagrafica_cliente>Giulia Conti</anagrafica_cliente></cliente>`+
		`<causale>Prova</causale></movimento_conto_evidenza></informazioni_conto_evidenza><saldo_complessivo_precedente>%[4]s</saldo_complessivo_precedente>`+
		`</flusso_giornale_di_cassa>`, year, day, number, before, amount)
}

// TestABookBelongsToItsYear: the last books of a year are closed in the next one, and neither their sums nor their
// movements are of it.
func TestABookBelongsToItsYear(t *testing.T) {
	w := start(t, nil)
	w.wrap(&wrapped{more: map[string]map[string][]byte{tesoreria.ListGiornale: {
		"/gdc/1": elena().sign(t, []byte(bookOf(2025, "2025-12-30", 1, "10.00", "1.00")), w.clock.Now()),
		"/gdc/2": elena().sign(t, []byte(bookOf(2025, "2026-01-05", 2, "11.00", "2.00")), w.clock.Now()),
		"/gdc/3": elena().sign(t, []byte(bookOf(2026, "2026-01-05", 3, "13.00", "4.00")), w.clock.Now()),
	}}}, func(c *config.Tesoreria) {
		c.TesoriereCA = append(c.TesoriereCA, w.write("penna.pem", certPEM(elena().cert)))
	})
	w.pass(time.Minute)
	w.pass(time.Minute)
	for year, want := range map[int]struct {
		books, pending int
		income         string
	}{2025: {2, 2, "3.00"}, 2026: {1, 1, "4.00"}, 2027: {0, 0, "0.00"}} {
		r, err := w.desk.Reconcile(t.Context(), comune, app, year, nil)
		if err != nil || len(r.Saldi.Giornali) != want.books || len(r.Sospesi) != want.pending || r.Saldi.Entrate.String() != want.income || len(r.Saldi.Allarmi) > 0 {
			t.Errorf("%d: %+v, %v", year, r, err)
		}
		if s, err := w.desk.Balances(t.Context(), comune, app, year); err != nil || len(s.Giornali) != want.books {
			t.Errorf("%d: %+v, %v", year, s, err)
		}
	}
	if rows, err := w.desk.Journal(t.Context(), comune, app, "2026-01-01", "2026-01-31"); err != nil || len(rows) != 2 {
		t.Errorf("by day: %+v, %v", rows, err)
	}
}
