// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"slices"
	"strings"
	"testing"
)

// TestUnknownColumnsNameTheOneThatWasMeant, or those that are used most.
func TestUnknownColumnsNameTheOneThatWasMeant(t *testing.T) {
	for title, want := range map[string]string{
		"beneficiario": "forse: anagrafica", "cig": "forse: codice_cig_siope", "cup": "forse: codice_cup", "CUP": "forse: codice_cup", "provincia.x": "forse: provincia",
		"importo": "forse: importo_riga, importo_classificazione, importo_ordinativo", "casuale": "forse: causale", "ibna": "forse: iban",
		"colore": "le più usate sono: documento, numero, data", "x": "le più usate sono", "": "le più usate sono", "numero_ordinativo": "forse: numero",
	} {
		_, faults := FromCSV([]byte("documento;numero;"+title+"\n"), header(), 2026, Limits{})
		if len(faults) != 1 || !strings.Contains(faults.In("it"), "non prevista; "+want) {
			t.Errorf("%q: %s, want %s", title, faults.In("it"), want)
		}
	}
}

// TestColumnsMayBeInCapitals: a name is one in any case, and there once; no two names differ by their case alone.
func TestColumnsMayBeInCapitals(t *testing.T) {
	in, faults := FromCSV([]byte("Documento;NUMERO;IBAN;Causale\nmandato;1;IT60X0542811101000000123456;x\n"), header(), 2026, Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if b := in.Flusso.Ordinativi[0].Mandato.Beneficiari[0]; b.SEPA == nil || b.Causale != "x" {
		t.Errorf("%+v", b)
	}
	_, faults = FromCSV([]byte("documento;numero;iban;IBAN;Numero\n"), header(), 2026, Limits{})
	wantRules(t, faults, "input/column IBAN", "input/column Numero")
	v := newVocabulary()
	for _, names := range []map[string][]field{v.mandati, v.reversali} {
		for name := range names {
			if got := v.canonical(strings.ToUpper(name)); got != name {
				t.Errorf("%s is also %s", name, got)
			}
		}
	}
	for _, name := range Columns()[2:] {
		if v.chain(name, false) == nil && v.chain(name, true) == nil {
			t.Errorf("column %s fills nothing", name)
		}
	}
	for name := range v.short {
		if !slices.Contains(Columns(), name) {
			t.Errorf("%s is not listed", name)
		}
	}
}

// TestFaultsOfCSVNameItsColumns: of a column that is missing as of one with another spelling, and inside the text.
func TestFaultsOfCSVNameItsColumns(t *testing.T) {
	in, faults := FromCSV([]byte("documento;numero;data;Modo;importo_riga;importo_ordinativo;anagrafica;CAUSALE;assoggettamento_bollo;codice_cgu;importo_classificazione;tipo_debito_siope_nc\n"+
		"mandato;1;2026-10-12;SEPA CREDIT TRANSFER;10,00;11;Giulia Conti;;ESENTE BOLLO;9010302001;10;NON_COMMERCIALE\n"+
		"mandato;2;2026-10-12;BONIFICO;10;10;Giulia Conti;x;ESENTE BOLLO;;;\n"), header(), 2026, Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	p := Policy{Issued: func(k OrderKey) (string, bool) { return "F-7 (in_firma)", k.Number == 2 }}
	got := in.Check(Version171, p).In("it")
	for _, want := range []string{
		"riga 2, importo_ordinativo: 11.00, ma la somma di importo_riga è 10.00", "riga 2, iban: SEPA CREDIT TRANSFER senza iban", "riga 2, CAUSALE: ", "riga 2, codice_cgu: ",
		"riga 3, Modo: ", "riga 3, codice_cgu: manca la classificazione", "riga 3, numero: mandato 2 del 2026 è già stato emesso, nel flusso F-7 (in_firma)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, element := range []string{"importo_mandato", "tipo_pagamento", "numero_mandato", "informazioni_beneficiario"} {
		if strings.Contains(got, element) {
			t.Errorf("%s is no column of the file:\n%s", element, got)
		}
	}
}

// TestRowsOfOneOrderAgreeByValue: 100,00 and 100.00 are one amount, 12/10/2026 and 2026-10-12 one day.
func TestRowsOfOneOrderAgreeByValue(t *testing.T) {
	const names = "documento;numero;data;importo_ordinativo;importo_riga\n"
	for rows, want := range map[string]int{
		"mandato;1;12/10/2026;1.100,00;550\nmandato;1;2026-10-12;1100.00;550\nmandato;1;;1100;0\n": 0,
		"mandato;1;12/10/2026;100,00;50\nmandato;1;12/10/2026;100,01;50\n":                         1,
		"mandato;1;12/10/2026;1.220;50\nmandato;1;13/10/2026;1.220;50\n":                           2,
	} {
		in, faults := FromCSV([]byte(names+rows), header(), 2026, Limits{})
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		if len(in.faults) != want {
			t.Errorf("%q:\n%s", rows, in.faults.In("it"))
		}
	}
}

func TestTablesAreReadAsFlowsAre(t *testing.T) {
	needed, known := []string{"iuv", "importo"}, []string{"iur"}
	for name, data := range map[string]string{
		"comma": "iuv,importo,iur\n7,1.00,r\n", "semicolon": "\ufeffIUV; Importo ;iur\n7 ;1.00;r\n", "tab": "importo\tiur\tiuv\n\"1.00\"\tr\t7\n",
	} {
		rows, faults := ReadTable([]byte(data), needed, known, Limits{})
		if len(faults) > 0 || len(rows) != 1 || rows[0].Number != 2 || rows[0].Cells["iuv"] != "7" || rows[0].Cells["importo"] != "1.00" || rows[0].Cells["iur"] != "r" {
			t.Errorf("%s: %+v %v", name, rows, faults)
		}
	}
	_, faults := ReadTable([]byte("iuv;iuv;colore\n"), needed, known, Limits{})
	wantRules(t, faults, "input/column iuv", "input/column colore", "input/column importo")
	if !strings.Contains(faults.In("it"), "le colonne sono: iuv, importo, iur") {
		t.Error(faults.In("it"))
	}
	for _, data := range []string{"", "iuv;importo\n1\n", "iuv;importo\n\"1;2\n", "iuv;importo\n\xe0;1\n"} {
		rows, faults := ReadTable([]byte(data), needed, known, Limits{})
		if rows != nil || len(faults) != 1 || faults[0].Rule != "opi.input/not-csv" || strings.Contains(faults.In("it"), "wrong number") {
			t.Errorf("%q: %v", data, faults)
		}
	}
	for cell, want := range map[string]Importo{"1.220,50": 122050, "1220,5": 122050, "1220.50": 122050, "-3": -300} {
		if got, err := PlainAmount(cell); err != nil || got != want {
			t.Errorf("%s: %s %v", cell, got, err)
		}
	}
	if _, err := PlainAmount("1.220"); err == nil {
		t.Error("1.220 could mean two things")
	}
}

// TestFaultsOfInputAreBounded: a file in which everything is wrong costs no more than one with a thousand faults, and a name
// of a megabyte is not told whole.
func TestFaultsOfInputAreBounded(t *testing.T) {
	_, faults := FromCSV([]byte(strings.Repeat("colore;", 100_000)+strings.Repeat("x", 1<<20)+"\n"), header(), 2026, Limits{})
	if len(faults) != maxTitleFaults {
		t.Errorf("%d faults of columns", len(faults))
	}
	_, faults = FromCSV([]byte("documento;numero;"+strings.Repeat("è", 1<<20)+"\n"), header(), 2026, Limits{})
	if len(faults) != 1 || len(faults.In("it")) > 3000 {
		t.Errorf("%d bytes", len(faults.In("it")))
	}
	if _, faults = ReadTable([]byte(strings.Repeat("c;", 100_000)+"\n"), nil, []string{"iuv"}, Limits{}); len(faults) != maxTitleFaults {
		t.Errorf("%d faults of a table", len(faults))
	}
	in, faults := FromCSV([]byte("documento;numero\n"+strings.Repeat("bolletta;x\n", 5000)), header(), 2026, Limits{})
	if len(faults) > 0 || len(in.faults) != maxFaults {
		t.Errorf("%d faults of rows, %v", len(in.faults), faults)
	}
	in, faults = FromJSON([]byte(`{"esercizio":2026`+strings.Repeat(`,"x":1`, 5000)+"}"), Limits{})
	if len(faults) > 0 || len(in.faults) != maxFaults {
		t.Errorf("%d faults of fields, %v", len(in.faults), faults)
	}
}
