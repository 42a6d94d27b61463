// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

// What is wrong with the options of a command is told in its own words, before a hub is asked.
func TestTreasuryOptionsAreToldByName(t *testing.T) {
	dir := t.TempDir()
	signed := filepath.Join(dir, "flusso.p7m")
	writeFile(t, signed, "\x30\x82\x01\x00")
	sheet := filepath.Join(dir, "mandati.xlsx")
	writeFile(t, sheet, "PK\x03\x04")
	payments := filepath.Join(dir, "incassi.csv")
	writeFile(t, payments, "iuv;importo;colore\n1;1.220;x\n")
	for line, want := range map[string]string{
		"status --ente c_bf01 --ordinativo mandato/1":                            "manca --esercizio",
		"status --ente c_bf01 --flusso F-1":                                      "manca --esercizio",
		"status --ente c_bf01 --esercizio 2026 --ordinativo mandato-1":           "serve mandato/N o reversale/N",
		"status --ente c_bf01 --esercizio 2026 --ordinativo bolletta/1":          "serve mandato/N o reversale/N",
		"status --ente c_bf01 --stato pippo":                                     "gli stati di un flusso sono preparato, in_firma",
		"journal --ente c_bf01 --dal 2026-01-01 --al 2026-01-31 --formato pdf":   "serve json, csv o xlsx",
		"journal --dal 2026-01-01":                                               "--al e --ente",
		"reconcile --ente c_bf01":                                                "manca --esercizio",
		"reconcile --ente c_bf01 --esercizio 2026 --pagamenti " + payments:       `colonna "colore" non prevista; le colonne sono: iuv, importo, iur, data`,
		"validate " + signed:                                                     "è un p7m",
		"validate " + sheet:                                                      "non è CSV, JSON o XML; da Excel salvare come CSV UTF-8",
		"withdraw F-1 --ente c_bf01 --operatore mat-00230":                       "argomenti attesi",
		"validate --versione 1.9 ../../docs/adapters/tesoreria/flusso.xml":       "versione 1.9 non conosciuta; la struttura di flusso_ordinativi c'è nelle versioni 1.6.1, 1.7.1",
		"validate ../../docs/adapters/tesoreria/flusso.json --versione 1.9":      "versione 1.9 non conosciuta",
		"balances --ente c_bf01":                                                 "argomenti attesi",
		"ritira --ente c_bf01 --operatore mat-00230 2026 F-1 --socket /nessuno":  "nessuno Snodo risponde",
		"saldi --ente c_bf01 2026 --socket /nessuno":                             "nessuno Snodo risponde",
		"reconcile --ente c_bf01 --esercizio 2026 --socket /nessuno --pagamenti": "vuole un valore",
	} {
		code, out, why := command(t, "", append([]string{"tesoreria"}, strings.Fields(line)...)...)
		if code == exitYes || !strings.Contains(out+why, want) {
			t.Errorf("%s: exit %d\n%s%s, want %s", line, code, out, why, want)
		}
	}
}

// A required option is named once, and validate lists the columns of a CSV.
func TestTreasuryHelp(t *testing.T) {
	for _, name := range []string{"journal", "reconcile", "send", "withdraw"} {
		_, out, _ := command(t, "", "tesoreria", name, "--help")
		if strings.Contains(out, "(obbligatoria) (obbligatoria)") || strings.Count(out, "--ente VALORE") != 1 {
			t.Errorf("%s:\n%s", name, out)
		}
	}
	_, out, _ := command(t, "", "tesoreria", "validate", "--help")
	for _, column := range []string{"importo_classificazione", "codice_cig_siope", "tesoreria.it.md"} {
		if !strings.Contains(out, column) {
			t.Errorf("no %s:\n%s", column, out)
		}
	}
}

// The faults of validate have the names that the API gives them.
func TestTreasuryFaultsAsJSON(t *testing.T) {
	file := filepath.Join(t.TempDir(), "errato.csv")
	writeFile(t, file, csvColumns+"mandato;1;2026-10-12;CASSA;1;Giulia Conti;CNTGLI88L65G999A;;x;ESENTE BOLLO;1040202999;1;NON_COMMERCIALE\n")
	code, out, _ := command(t, "", "tesoreria", "validate", file, "--esercizio", "2026", "--output", "json")
	var got struct {
		Valido bool             `json:"valido"`
		Errori []map[string]any `json:"errori"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitNo || len(got.Errori) != 1 {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	f := got.Errori[0]
	if f["regola"] != "opi.flow/fiscal-code" || f["campo"] != "codice_fiscale" || f["riga"] != 2.0 || f["it"] == "" || f["en"] == "" {
		t.Errorf("%v", f)
	}
}

// TestTreasuryTellsHowLongAnACKHasNotCome of a flow that left.
func TestTreasuryTellsHowLongAnACKHasNotCome(t *testing.T) {
	now := time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC)
	a := &app{lang: "it", clock: func() time.Time { return now }}
	for want, f := range map[string]tesoreria.Flow{
		"":                         {Stato: tesoreria.Taken},
		"nessun ACK da 0 minuti":   {SenzaACKDal: now.Add(time.Second)},
		"nessun ACK da 119 minuti": {SenzaACKDal: now.Add(-119 * time.Minute)},
		"nessun ACK da 23 ore":     {SenzaACKDal: now.Add(-23*time.Hour - 50*time.Minute)},
		"nessun ACK da 3 giorni: chiedere al tesoriere o al supporto di SIOPE+": {SenzaACKDal: now.Add(-80 * time.Hour), ACKMancante: true},
	} {
		if got := a.noACK(f); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		var out strings.Builder
		a.showFlow(terminal.New(&out, 0, false), f)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nno %q", out.String(), want)
		}
	}
}

// TestTreasuryPaymentsHaveAHeadingOfTheirOwn: that outcomes and cash book agree says nothing about them. Lines are counted.
func TestTreasuryPaymentsHaveAHeadingOfTheirOwn(t *testing.T) {
	found, lost := tesoreria.Abbinato{Stato: "riconciliato"}, tesoreria.Abbinato{Stato: "non-trovato"}
	for want, all := range map[string][]tesoreria.Abbinato{
		"✗ pagamenti: 1 su 2 non trovati":               {found, lost},
		"✓ pagamenti: tutti nel giornale di cassa (1)":  {found},
		"✓ esiti e giornale di cassa quadrano":          {lost},
		"RIGHE ESEGUITE  ESITI  GIORNALE  RIGHE APERTE": nil,
	} {
		var out strings.Builder
		a := &app{lang: "it"}
		a.showReconciled(terminal.New(&out, 0, false), tesoreria.Riconciliazione{Ordinativi: 1, Quadra: true, Pagamenti: all})
		if !strings.Contains(out.String(), want) || all == nil && strings.Contains(out.String(), "pagamenti") {
			t.Errorf("%s\nno %q", out.String(), want)
		}
	}
}
