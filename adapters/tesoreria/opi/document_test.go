// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func importo(n Importo) *Importo { return &n }

// messages are one of each kind, with most of what may stand in them.
func messages() map[Kind]any {
	head := TestataMessaggio{
		CodiceABI: "99999", DataOraCreazioneFlusso: "2026-10-13T07:00:00", CodiceEnte: "UFBORG", DescrizioneEnte: "Comune di Borgo Prova",
		CodiceISTATEnte: "000999123", CodiceFiscaleEnte: "99999990007", CodiceTramiteEnte: "A2A-00000011", CodiceTramiteBT: "A2A-00000012", CodiceEnteBT: "0000042",
	}
	return map[Kind]any{
		KindFlusso: flow(),
		KindAck: &Ack{
			Testata: head, IdentificativoFlusso: "2026-0000007-1", Esercizio: 2026, StatoFlusso: "KO",
			Errori: []Errore{{Codice: "101", Descrizione: "identificativo già usato", Elemento: "identificativo_flusso"}}, Warning: []Errore{{Codice: "0", Descrizione: "x"}},
		},
		KindRicezione: &Ricezione{Testata: head, IdentificativoFlusso: "2026-0000007-1", IdentificativoFlussoBT: "BT-1", Esercizio: 2026, ID: "m1"},
		KindRifiuto: &Rifiuto{
			Testata: head, IdentificativoFlusso: "2026-0000007-1", IdentificativoFlussoBT: "BT-1", Esercizio: 2026, Errori: []Errore{{Descrizione: "firma non abilitata"}},
		},
		KindEsiti: &EsitiApplicativi{Testata: head, IdentificativoFlussoBT: "BT-2", Esiti: []Esito{
			{Mandato: &EsitoMandato{IdentificativoFlusso: "2026-0000007-1", Esercizio: 2026, Numero: 31, Progressivo: 1, Data: "2026-10-12", Importo: importo(100050), EsitoOperazione: "PAGATO", DataOra: "2026-10-13T08:00:00"}},
			{Reversale: &EsitoReversale{IdentificativoFlusso: "2026-0000007-1", Esercizio: 2026, Numero: 8, EsitoOperazione: "RISCOSSO", DataOra: "2026-10-13T08:00:00", Importo: importo(0)}},
			{Mandato: &EsitoMandato{
				IdentificativoFlusso: "2026-0000007-1", Esercizio: 2026, Numero: 31, Progressivo: 2, EsitoOperazione: "NON ESEGUIBILE", DataOra: "2026-10-13T08:00:00",
				Errori: []ErroreEsito{{ProgressivoBeneficiario: 2, CodiceErrore: "9", Descrizione: "assente"}},
			}},
		}},
		KindGiornale: &Giornale{
			Testata: head, IdentificativoFlussoBT: "GDC-20261013BORGOPROVA0001#001#001", Pagina: 1, PagineTotali: 1, Esercizio: 2026, DataRiferimento: "2026-10-13",
			Conti: []ContoEvidenza{{Conto: "0000001", SaldoPrecedente: importo(0), TotaleUscite: importo(100050), SaldoFinale: importo(-100050), Movimenti: []Movimento{{
				IdentificativoFlusso: "2026-0000007-1", NumeroMovimento: 1, TipoMovimento: "USCITA", TipoDocumento: "MANDATO", TipoOperazione: "ESEGUITO", NumeroDocumento: 31,
				ProgressivoDocumento: 1, Importo: 100050, DataMovimento: "2026-10-13", DataMovimentoSIOPE: "2026-10-13", TipoEsecuzione: "SEPA INSTANT CREDIT TRANSFER",
				AssoggettamentoBollo: "ESENTE BOLLO", Cliente: Cliente{Anagrafica: "Officina di prova srl"}, Causale: "Fattura 12/A", Sospesi: []Sospeso{{NumeroProvvisorio: 999999999999999999, Importo: 1}},
			}}}},
			TotaliEsercizio: &TotaliEsercizio{FondoDiCassa: 500000, TotaleUscite: 100050, SaldoEsercizio: 399950},
		},
		KindLiquide: &Liquide{Testata: head, IdentificativoFlussoBT: "DL-1", Segnalazioni: []SegnalazioneMensile{{CodiceABIOriginario: "99999", AnnoRiferimento: 2026, MeseRiferimento: 9, Voce1100: -1, Voce1900: 12345}}},
	}
}

// model reads a document into the struct of its kind.
func model(d *Document) (any, error) {
	switch d.Kind() {
	case KindFlusso:
		return d.Flusso()
	case KindAck:
		return d.Ack()
	case KindRicezione:
		return d.Ricezione()
	case KindRifiuto:
		return d.Rifiuto()
	case KindEsiti:
		return d.Esiti()
	case KindGiornale:
		return d.Giornale()
	case KindLiquide:
		return d.Liquide()
	}
	return nil, errors.New("no kind")
}

func TestEveryKindIsWrittenReadAndValid(t *testing.T) {
	all := messages()
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			doc := text(t, all[kind])
			if kind != KindAck { // SIOPE+ does not sign its answers
				doc = signedText(t, all[kind])
			}
			d := read(t, doc)
			wantRules(t, d.Check(Latest(kind), CheckOptions{}))
			got, err := model(d)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(all[kind], got); diff != "" {
				t.Errorf("what was read is not what was written:\n%s", diff)
			}
			if d.Kind() != kind || string(d.Bytes()) != doc {
				t.Error("not the document that was given")
			}
		})
	}
}

// TestUnknownElementsAreKept reads and writes elements that the model does not know, where a schema admits them and
// where only a version to come could.
func TestUnknownElementsAreKept(t *testing.T) {
	const (
		own  = `<dati_a_disposizione_ente_mandato><z:mio xmlns:z="urn:z" a="1">testo<z:altro></z:altro></z:mio></dati_a_disposizione_ente_mandato>`
		next = `<elemento_nuovo>2</elemento_nuovo>`
		odd  = `<x:iban xmlns:x="urn:altro">x</x:iban>`
	)
	doc := text(t, flow())
	doc = strings.Replace(doc, "</informazioni_beneficiario>\n  </mandato>", "</informazioni_beneficiario>\n"+own+"\n  </mandato>", 1)
	doc = strings.Replace(doc, "<causale>Contributo", next+"<causale>Contributo", 1)
	doc = strings.Replace(doc, "<iban>", odd+"<iban>", 1)
	doc = strings.Replace(doc, "<testata_flusso>", "<primo></primo><testata_flusso>", 1)
	once, err := read(t, doc).Flusso()
	if err != nil {
		t.Fatal(err)
	}
	written := text(t, once)
	for _, kept := range []string{own, next, odd, "<primo></primo>"} {
		if strings.Count(written, kept) != 1 {
			t.Errorf("%s is there %d times", kept, strings.Count(written, kept))
		}
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, ">", "> ")), "") }
	if squeeze(written) != squeeze(doc) {
		t.Errorf("the order changed:\n%s", written)
	}
	again, err := read(t, written).Flusso()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, again); diff != "" {
		t.Error(diff)
	}
}

// TestOrderOfOrdersAndDebtsIsKept mixes what a schema lets repeat in any order.
func TestOrderOfOrdersAndDebtsIsKept(t *testing.T) {
	f := flow()
	second := *f.Ordinativi[0].Mandato
	second.Numero = 32
	f.Ordinativi = append(f.Ordinativi, Ordinativo{Mandato: &second})
	debts := &f.Ordinativi[0].Mandato.Beneficiari[0].Classificazioni[0].Dati.Debiti
	*debts = append([]Debito{{NonCommerciale: "IVA"}}, append(*debts, (*debts)[0], Debito{NonCommerciale: "IVA", MotivoEsclusioneCIG: "ARBITRATO", Fatture: (*debts)[0].Fatture})...)
	d := read(t, signedText(t, f))
	wantRules(t, d.Check(Version171, CheckOptions{}))
	got, err := d.Flusso()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, got); diff != "" {
		t.Error(diff)
	}
}

func TestVersionsDiffer(t *testing.T) {
	f := flow()
	f.Ordinativi[0].Mandato.Beneficiari[1].TipoPagamento = "ACCREDITO TESORERIA PROVINCIALE STATO PER TAB A"
	d := read(t, signedText(t, f))
	if got := d.Conforms(); !slices.Equal(got, []Version{Version161}) {
		t.Errorf("conforms to %v", got)
	}
	wantRules(t, d.Check(Version18, CheckOptions{}), "structure/enumeration tipo_pagamento")
	wantRules(t, d.Check("1.9", CheckOptions{}), "structure/version ")
	if got := read(t, signedText(t, messages()[KindGiornale])).Conforms(); !slices.Equal(got, []Version{Version18}) {
		t.Errorf("an instant transfer conforms to %v", got)
	}
	if Latest("altro") != "" || Versions("altro") != nil {
		t.Error("versions of no kind")
	}
}

func TestTheSignatureIsAskedFor(t *testing.T) {
	d := read(t, text(t, flow()))
	wantRules(t, d.Check(Version171, CheckOptions{}), "structure/missing-element flusso_ordinativi")
	wantRules(t, d.Check(Version171, CheckOptions{Unsigned: true}))
	if d.Signatures() != 0 || read(t, signedText(t, flow())).Signatures() != 1 {
		t.Error("signatures are counted wrong")
	}
}

// TestFaultsHaveTheirPlace makes one fault of each code and asks for line, path and words.
func TestFaultsHaveTheirPlace(t *testing.T) {
	good := signedText(t, flow())
	for name, c := range map[string]struct {
		from, to string
		want     []string
	}{
		"out of place":     {"<esercizio>2026</esercizio>", "", []string{"structure/unexpected-element mandato"}},
		"unknown":          {"<esercizio>", "<anno/><esercizio>", []string{"structure/unexpected-element anno"}},
		"missing":          {"<assoggettamento_bollo>ESENTE BOLLO</assoggettamento_bollo>", "", []string{"structure/missing-element bollo"}},
		"text":             {"<bilancio>", "<bilancio>ciao", []string{"structure/text-not-allowed bilancio"}},
		"attribute":        {"<bilancio>", `<bilancio a="1">`, []string{"structure/unexpected-attribute bilancio"}},
		"xsi":              {"<bilancio>", `<bilancio xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">`, []string{"structure/xsi bilancio"}},
		"no attribute":     {` Algorithm="urn:c"`, "", []string{"structure/missing-attribute CanonicalizationMethod"}},
		"type":             {"2026-10-12</data_mandato>", "12/10/2026</data_mandato>", []string{"structure/type data_mandato"}},
		"number":           {"<numero_mandato>31", "<numero_mandato>trentuno", []string{"structure/type numero_mandato"}},
		"length":           {"99999</codice_ABI_BT>", "9999</codice_ABI_BT>", []string{"structure/length codice_ABI_BT", "structure/pattern codice_ABI_BT"}},
		"too short":        {"Contributo</causale>", "</causale>", []string{"structure/min-length causale"}},
		"too long":         {"<iban>", "<iban>IT60X0542811101000000123456", []string{"structure/max-length iban", "structure/pattern iban"}},
		"form":             {"A2A-00000011", "A2A-11", []string{"structure/pattern codice_tramite_ente"}},
		"value":            {"COMPETENZA", "CASSA", []string{"structure/enumeration gestione"}},
		"decimals":         {"1200.50</importo_mandato>", "1200.501</importo_mandato>", []string{"structure/fraction-digits importo_mandato"}},
		"digits":           {"1200.50</importo_mandato>", "12345678901234.51</importo_mandato>", []string{"structure/total-digits importo_mandato"}},
		"too small":        {"1200.50</importo_mandato>", "0.00</importo_mandato>", []string{"structure/min importo_mandato"}},
		"too great":        {"<esercizio>2026", "<esercizio>2199", []string{"structure/max esercizio"}},
		"there twice":      {"<progressivo_beneficiario>2<", "<progressivo_beneficiario>1<", []string{"structure/unique informazioni_beneficiario"}},
		"child of a value": {"<causale>Contributo", "<causale><b/>Contributo", []string{"structure/unexpected-element b"}},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, c.from, c.to, 1)
			if bad == good {
				t.Fatal("nothing was changed")
			}
			faults := read(t, bad).Check(Version171, CheckOptions{})
			if c.want != nil {
				wantRules(t, faults, c.want...)
			}
			if len(faults) == 0 {
				t.Fatal("no fault")
			}
			f := faults[0]
			if f.Line == 0 || !strings.HasPrefix(f.Path, "/flusso_ordinativi") {
				t.Errorf("no place: %+v", f)
			}
			if it, en := f.In("it"), faults.Error(); !strings.Contains(it, "linea ") || !strings.Contains(en, "line ") || !strings.Contains(it, f.Rule) {
				t.Errorf("%s\n%s", it, en)
			}
		})
	}
}

// TestFaultsDoNotQuoteValues: a value may be a codice fiscale.
func TestFaultsDoNotQuoteValues(t *testing.T) {
	bad := strings.ReplaceAll(signedText(t, flow()), "CNTGLI88L65G999B", "CNTGLI88L65G999A"+strings.Repeat("A", 30))
	faults := read(t, bad).Check(Version171, CheckOptions{})
	if len(faults) == 0 || strings.Contains(faults.In("it")+faults.In("en"), "CNTGLI") {
		t.Errorf("%s", faults.In("it"))
	}
}

func TestRejectsWhatIsNoDocument(t *testing.T) {
	for name, c := range map[string]struct{ doc, rule string }{
		"no XML":            {"<flusso_ordinativi>", "opi.xml/not-well-formed"},
		"DOCTYPE":           {`<!DOCTYPE flusso_ordinativi SYSTEM "http://a.example/"><flusso_ordinativi/>`, "opi.xml/doctype"},
		"bomb":              {`<!DOCTYPE a [<!ENTITY b "&c;&c;">]><flusso_ordinativi>&b;</flusso_ordinativi>`, "opi.xml/doctype"},
		"another root":      {"<fattura/>", "opi.xml/unknown-document"},
		"in a namespace":    {`<flusso_ordinativi xmlns="urn:x"/>`, "opi.xml/unknown-document"},
		"encoding":          {`<?xml version="1.0" encoding="UTF-16"?><a/>`, "opi.xml/encoding"},
		"too many elements": {"<flusso_ordinativi>" + strings.Repeat("<a/>", 200) + "</flusso_ordinativi>", "opi.xml/too-large"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(c.doc), Limits{Elements: 100})
			var faults Faults
			if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Rule != c.rule {
				t.Errorf("got %v, want %s", err, c.rule)
			}
		})
	}
}

func TestReadingRefusesAnotherKind(t *testing.T) {
	d := read(t, text(t, flow()))
	if _, err := d.Ack(); err == nil || !strings.Contains(err.Error(), "flusso_ordinativi") {
		t.Errorf("got %v", err)
	}
	if _, err := Write(struct{}{}); err == nil {
		t.Error("wrote what is no document")
	}
	if _, err := Write((*Flusso)(nil)); err == nil {
		t.Error("wrote nothing")
	}
	_, err := read(t, strings.Replace(text(t, flow()), "<numero_mandato>31", "<numero_mandato>x", 1)).Flusso()
	var faults Faults
	if !errors.As(err, &faults) || faults[0].Line == 0 {
		t.Errorf("got %v", err)
	}
}

func TestRulesAreToldInBothLanguages(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] || r.Title.IT == "" || r.Title.EN == "" || r.Title.IT == r.Title.EN {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
}

// FuzzRead: what is read as a model and written is read as the same again.
func FuzzRead(f *testing.F) {
	for _, m := range messages() {
		f.Add([]byte(signedText(f, m)))
	}
	f.Add([]byte(`<flusso_ordinativi Id="1"><mandato><importo_mandato>-0.1</importo_mandato><x y="&#10;"/></mandato></flusso_ordinativi>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read(data, Limits{Elements: 2000, Depth: 20})
		if err != nil {
			return
		}
		_ = d.Check(Latest(d.Kind()), CheckOptions{}) // that it ends
		once, err := model(d)
		if err != nil {
			return
		}
		written := text(t, once)
		again, err := model(read(t, written))
		if err != nil {
			t.Fatalf("%v in %s", err, written)
		}
		if text(t, again) != written {
			t.Errorf("%s becomes %s", written, text(t, again))
		}
	})
}
