// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSONIsTheModel(t *testing.T) {
	data, err := json.Marshal(flow())
	if err != nil {
		t.Fatal(err)
	}
	in, faults := FromJSON(data, Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if diff := cmp.Diff(flow(), in.Flusso); diff != "" {
		t.Error(diff)
	}
	wantRules(t, in.Check(Version171, Policy{}))
	out, err := in.XML()
	if err != nil || string(out) != text(t, flow()) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestFaultsOfJSON changes one thing in good JSON.
func TestFaultsOfJSON(t *testing.T) {
	data, err := json.Marshal(flow())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from, to string
		want     []string
		path     string
	}{
		"unknown field": {`"causale":"Contributo"`, `"causale":"Contributo","nota":"x"`, []string{"input/unknown-field nota"}, "/flusso_ordinativi/mandato[1]/informazioni_beneficiario[2]/nota"},
		"twice":         {`"causale":"Contributo"`, `"causale":"Contributo","causale":"altro"`, []string{"input/unknown-field causale"}, ""},
		"amount":        {`"importo_reversale":"50.00"`, `"importo_reversale":50.00`, []string{"input/type importo_reversale"}, "/flusso_ordinativi/reversale[1]/importo_reversale"},
		"text":          {`"causale":"Contributo"`, `"causale":7`, []string{"input/type causale"}, ""},
		"number":        {`"esercizio":2026`, `"esercizio":"2026"`, []string{"input/type esercizio"}, "/flusso_ordinativi/esercizio"},
		"fraction":      {`"numero_mandato":31,"data`, `"numero_mandato":31.5,"data`, []string{"input/type numero_mandato"}, ""},
		"object":        {`"beneficiario":{"anagrafica_beneficiario":"Giulia Conti","codice_fiscale_beneficiario":"CNTGLI88L65G999B"}`, `"beneficiario":"Giulia"`, []string{"input/type beneficiario", "structure/min-length anagrafica_beneficiario"}, ""},
		"missing":       {`"causale":"Contributo"`, `"codice_versante":"A123456789"`, []string{"structure/min-length causale"}, "/flusso_ordinativi/mandato/informazioni_beneficiario[2]/causale"},
		"both orders":   {`{"reversale":`, `{"mandato":null,"reversale":`, []string{"input/type ordinativi"}, ""},
		"neither order": {`{"reversale":`, `{"bolletta":`, []string{"input/unknown-field bolletta"}, ""},
		"list":          {`"sepa_credit_transfer":{"iban":"IT60X0542811101000000123456"}`, `"sospeso":{}`, []string{"input/type sospeso", "flow/payment-data iban"}, ""},
		"IBAN":          {`IT60X`, `IT61X`, []string{"flow/iban iban"}, "/flusso_ordinativi/mandato[1]/informazioni_beneficiario[1]/sepa_credit_transfer/iban"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(string(data), c.from, c.to, 1)
			if bad == string(data) {
				t.Fatal("nothing was changed")
			}
			in, faults := FromJSON([]byte(bad), Limits{})
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			faults = in.Check(Version171, Policy{})
			wantRules(t, faults, c.want...)
			if c.path != "" && faults[0].Path != c.path {
				t.Errorf("at %s, want %s", faults[0].Path, c.path)
			}
		})
	}
}

func TestRejectsWhatIsNoJSON(t *testing.T) {
	for name, data := range map[string]string{
		"nothing": "", "cut off": `{"esercizio":`, "two values": "{}{}", "no UTF-8": "\"\xff\"", "too deep": strings.Repeat("[", 100), "words": "ciao",
		"too large": `{"a":"` + strings.Repeat("x", 2000) + `"}`, "not closed": `{"a":[1,2`, "key": "{1:2}",
	} {
		in, faults := FromJSON([]byte(data), Limits{Bytes: 1000})
		if in != nil || len(faults) != 1 || faults[0].Rule != "opi.input/not-json" || strings.TrimPrefix(faults[0].What.IT, "JSON non leggibile: ") == strings.TrimPrefix(faults[0].What.EN, "JSON that cannot be read: ") {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

const csvHeader = "documento;numero;data;modo;importo_riga;anagrafica;codice_fiscale;iban;causale;assoggettamento_bollo;codice_siope;importo_classificazione;tipo_debito_siope_nc\n"

func TestCSV(t *testing.T) {
	in, faults := FromCSV([]byte("\ufeff"+csvHeader+
		"mandato;31;12/10/2026;SEPA CREDIT TRANSFER;1.000,50;Giulia Conti;CNTGLI88L65G999B;IT60X0542811101000000123456;Contributo;ESENTE BOLLO;1040202999;1000,50;NON_COMMERCIALE\n"+
		"m;31;;CASSA;200;\"Neri; Elena\";NRELNE70A41H501T;;Contributo;ESENTE BOLLO;1040202999;200.00;NON_COMMERCIALE\r\n"+
		"\n"+
		"reversale;8;2026-10-12;CASSA;50,5;Giulia Conti;;;\"Rata\nuna\";ESENTE BOLLO;9010302001;50,50;NON_COMMERCIALE\n"), header(), 2026, Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	wantRules(t, in.Check(Version171, Policy{}))
	line := func(n int64, amount Importo, way, name, code, why string) InformazioniBeneficiario {
		return InformazioniBeneficiario{
			Progressivo: n, Importo: amount, TipoPagamento: way, Bollo: Bollo{Assoggettamento: "ESENTE BOLLO"}, Causale: why,
			Beneficiario:    Beneficiario{Anagrafica: name, CodiceFiscale: code},
			Classificazioni: []ClassificazioneUscita{{Codice: "1040202999", Importo: amount, Dati: DatiSIOPEUscite{Debiti: []Debito{{NonCommerciale: "NON_COMMERCIALE"}}}}},
		}
	}
	m := &Mandato{TipoOperazione: "INSERIMENTO", Numero: 31, Data: "2026-10-12", Importo: 120050, Beneficiari: []InformazioniBeneficiario{
		line(1, 100050, "SEPA CREDIT TRANSFER", "Giulia Conti", "CNTGLI88L65G999B", "Contributo"), line(2, 20000, "CASSA", "Neri; Elena", "NRELNE70A41H501T", "Contributo"),
	}}
	m.Beneficiari[0].SEPA = &SEPA{IBAN: "IT60X0542811101000000123456"}
	r := &Reversale{TipoOperazione: "INSERIMENTO", Numero: 8, Data: "2026-10-12", Importo: 5050, Versanti: []InformazioniVersante{{
		Progressivo: 1, Importo: 5050, TipoRiscossione: "CASSA", Versante: Versante{Anagrafica: "Giulia Conti"}, Causale: "Rata\nuna", Bollo: Bollo{Assoggettamento: "ESENTE BOLLO"},
		Classificazioni: []ClassificazioneEntrata{{Codice: "9010302001", Importo: 5050, Dati: DatiSIOPEEntrate{Debiti: []Debito{{NonCommerciale: "NON_COMMERCIALE"}}}}},
	}}}
	want := &Flusso{Testata: header(), Esercizio: 2026, Ordinativi: []Ordinativo{{Mandato: m}, {Reversale: r}}}
	if diff := cmp.Diff(want, in.Flusso); diff != "" {
		t.Error(diff)
	}
}

// TestFaultsOfCSVNameRowAndColumn puts faults of every layer into one file: all are told, by row.
func TestFaultsOfCSVNameRowAndColumn(t *testing.T) {
	in, faults := FromCSV([]byte(csvHeader+
		"mandato;31;12/10/2026;SEPA CREDIT TRANSFER;100,00;Giulia Conti;CNTGLI88L65G999A;IT61X0542811101000000123456;Contributo;ESENTE BOLLO;1040202999;100,00;NON_COMMERCIALE\n"+
		"\n\n"+
		"mandato;31;13/10/2026;CASSA;1.220;Elena Neri;;;;ESENTE BOLLO;1040202999;1;NON_COMMERCIALE\n"+
		"\"reversale\";\"9\";\"12/10/2026\";BONIFICO;10;\"Giulia\nConti\";;IT60X0542811101000000123456;Rata;ESENTE BOLLO;9010302001;10;NON_COMMERCIALE\n"+
		"bolletta;x;;;;;;;;;;;\n"+
		"mandato;;;;;;;;;;;;\n"+
		"reversale;10;2025-10-12;CASSA;10;Giulia Conti;;;Rata;ESENTE BOLLO;9010302001;9;NON_COMMERCIALE\n"), header(), 2026, Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var got []string
	for _, f := range in.Check(Version171, Policy{}) {
		got = append(got, fmt.Sprintf("%d %s %s", f.Row, strings.TrimPrefix(f.Rule, "opi."), f.Field))
	}
	want := []string{
		"2 flow/fiscal-code codice_fiscale",
		"2 flow/iban iban",
		"5 input/disagreement data",
		"5 input/type importo_riga",
		"5 structure/min-length causale",
		"6 input/column iban",
		"6 structure/enumeration modo",
		"7 input/column documento",
		"7 input/type numero",
		"8 input/column numero",
		"9 flow/total importo_ordinativo",
		"9 flow/date data",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", diff, in.Check(Version171, Policy{}).In("it"))
	}
}

func TestColumnsOfCSV(t *testing.T) {
	in, faults := FromCSV([]byte("documento,numero,codice_cgu,importo_classificazione,codice_cgu.2,Importo_Classificazione.2,numero_provvisorio.2,codifica_bilancio,importo_ordinativo,informazioni_beneficiario/beneficiario/cap_beneficiario\n"+
		"mandato,31,1030299999,10,1040202999,20,7,1030299,30.00,50053\n"), header(), 2026, Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	m := in.Flusso.Ordinativi[0].Mandato
	b := m.Beneficiari[0]
	if len(b.Classificazioni) != 2 || b.Classificazioni[1].Codice != "1040202999" || b.Classificazioni[1].Importo != 2000 || len(b.Sospesi) != 2 ||
		b.Sospesi[1].NumeroProvvisorio != 7 || m.Bilancio[0].CodificaBilancio != "1030299" || m.Importo != 3000 || b.Beneficiario.CAP != "50053" {
		t.Errorf("%+v", m)
	}
	_, faults = FromCSV([]byte("documento,colore,colore,causale,numero_mandato.x\n"), header(), 2026, Limits{})
	wantRules(t, faults, "input/column colore", "input/column colore", "input/column numero_mandato.x", "input/column numero")
}

func TestRejectsWhatIsNoCSV(t *testing.T) {
	for name, data := range map[string]string{
		"nothing": "", "no UTF-8": "documento;numero\nmandato;\xe0\n", "quote": "documento;numero\nmandato;\"1\n", "cells": "documento;numero\nmandato;1;2\n",
		"too large": strings.Repeat("x", 2000),
	} {
		in, faults := FromCSV([]byte(data), header(), 2026, Limits{Bytes: 1000})
		if in != nil || len(faults) != 1 || faults[0].Rule != "opi.input/not-csv" {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

func TestReadyXML(t *testing.T) {
	good := signedText(t, flow())
	in, faults := FromXML([]byte(good), Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	wantRules(t, in.Check(Version171, Policy{}))
	if out, err := in.XML(); err != nil || string(out) != good {
		t.Error("ready XML was changed")
	}
	bad := strings.NewReplacer("IT60X", "IT61X", "<numero_mandato>31<", "<numero_mandato>x<", "1200.50</importo_mandato>", "1200.51</importo_mandato>").Replace(good)
	in, faults = FromXML([]byte(bad), Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	faults = in.Check(Version171, Policy{})
	for _, f := range faults {
		if f.Line == 0 || f.Row != 0 {
			t.Errorf("no line: %+v", f)
		}
	}
	wantRules(t, faults, "structure/type numero_mandato", "flow/total importo_mandato", "flow/total importo_mandato", "flow/total importo_mandato", "flow/iban iban",
		"structure/type numero_mandato")
	if _, faults = FromXML([]byte(text(t, messages()[KindAck])), Limits{}); len(faults) != 1 || faults[0].Rule != "opi.xml/unknown-document" {
		t.Errorf("an ack is no flow: %v", faults)
	}
	if _, faults = FromXML([]byte("<a"), Limits{}); len(faults) != 1 || faults[0].Rule != "opi.xml/not-well-formed" {
		t.Errorf("got %v", faults)
	}
	in, _ = FromXML([]byte(text(t, flow())), Limits{})
	wantRules(t, in.Check(Version171, Policy{}))
}

func TestBadJSONTellsItsLine(t *testing.T) {
	_, faults := FromJSON([]byte("{\n  \"esercizio\": 2026,\n  oops\n}"), Limits{})
	if len(faults) != 1 || faults[0].Line != 3 {
		t.Errorf("%+v", faults[0])
	}
}

func FuzzFromJSON(f *testing.F) {
	data, err := json.Marshal(flow())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"ordinativi":[{"mandato":{"informazioni_beneficiario":[{"classificazione":[{"classificazione_dati_siope_uscite":{"debiti":[{"fattura_siope":[null]}]}}]}]}}]}`))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if in, faults := FromJSON(data, Limits{}); len(faults) == 0 {
			_ = in.Check(Version171, Policy{}) // that it ends
		}
	})
}

func FuzzFromCSV(f *testing.F) {
	f.Add([]byte(csvHeader + "mandato;31;12/10/2026;CASSA;1.000,50;Giulia Conti;;;x;ESENTE BOLLO;1040202999;1;IVA\n"))
	f.Add([]byte("documento,numero,codice_cgu.99\nreversale,1,x\n\nm,2,\n"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if in, faults := FromCSV(data, header(), 2026, Limits{Bytes: 1 << 16}); len(faults) == 0 {
			_ = in.Check(Version171, Policy{}) // that it ends
		}
	})
}
