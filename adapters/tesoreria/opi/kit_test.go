// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"strings"
	"testing"
)

// header is that of an invented ente.
func header() Testata {
	return Testata{
		CodiceABI: "99999", IdentificativoFlusso: "2026-0000007-1", DataOraCreazioneFlusso: "2026-10-12T09:30:15", CodiceEnte: "UFBORG",
		DescrizioneEnte: "Comune di Borgo Prova", CodiceISTATEnte: "000999123", CodiceFiscaleEnte: "99999990007",
		CodiceTramiteEnte: "A2A-00000011", CodiceTramiteBT: "A2A-00000012", CodiceEnteBT: "0000042",
	}
}

// flow is a flow with everything in order: an order to pay two people, one of them with a withholding, and the order
// that collects it.
func flow() *Flusso {
	invoice := Fattura{
		CodiceIPAEnte: "UFBORG", Elettronico: "ELETTRONICO", LottoSDI: 10987654321,
		Dati: DatiFattura{Numero: "12/A", Importo: 100050, DataScadenza: "2026-11-11", NaturaSpesa: "CORRENTE"},
	}
	m := &Mandato{
		TipoOperazione: "INSERIMENTO", Numero: 31, Data: "2026-10-12", Importo: 120050,
		Bilancio: []Bilancio{{CodificaBilancio: "1030299", Gestione: "COMPETENZA", Importo: 120050}},
		Beneficiari: []InformazioniBeneficiario{
			{
				Progressivo: 1, Importo: 100050, TipoPagamento: "SEPA CREDIT TRANSFER",
				Classificazioni: []ClassificazioneUscita{{
					Codice: "1030299999", CUP: "B11B26000010001", Importo: 100050,
					Dati: DatiSIOPEUscite{Debiti: []Debito{{Commerciale: "COMMERCIALE", CIG: "B0A1234567", Fatture: []Fattura{invoice}}}},
				}},
				Bollo:        Bollo{Assoggettamento: "ESENTE BOLLO"},
				Beneficiario: Beneficiario{Anagrafica: "Officina di prova srl", Stato: "IT", PartitaIVA: "07000001235"},
				SEPA:         &SEPA{IBAN: "IT60X0542811101000000123456"}, Causale: "Fattura 12/A",
				Ritenute: []Ritenuta{{Importo: 5000, NumeroReversale: 8, ProgressivoVersante: 1}},
			},
			{
				Progressivo: 2, Importo: 20000, TipoPagamento: "CASSA",
				Classificazioni: []ClassificazioneUscita{{Codice: "1040202999", Importo: 20000, Dati: DatiSIOPEUscite{Debiti: []Debito{{NonCommerciale: "NON_COMMERCIALE"}}}}},
				Bollo:           Bollo{Assoggettamento: "ESENTE BOLLO"},
				Beneficiario:    Beneficiario{Anagrafica: "Giulia Conti", CodiceFiscale: "CNTGLI88L65G999B"}, Causale: "Contributo",
			},
		},
	}
	r := &Reversale{
		TipoOperazione: "INSERIMENTO", Numero: 8, Data: "2026-10-12", Importo: 5000,
		Versanti: []InformazioniVersante{{
			Progressivo: 1, Importo: 5000, TipoRiscossione: "COMPENSAZIONE",
			Classificazioni: []ClassificazioneEntrata{{Codice: "9010302001", Importo: 5000, Dati: DatiSIOPEEntrate{Debiti: []Debito{{NonCommerciale: "NON_COMMERCIALE"}}}}},
			Bollo:           Bollo{Assoggettamento: "ESENTE BOLLO"}, Versante: Versante{Anagrafica: "Officina di prova srl"}, Causale: "Ritenuta",
			MandatiAssociati: []MandatoAssociato{{NumeroMandato: 31}},
		}},
	}
	return &Flusso{Testata: header(), Esercizio: 2026, Ordinativi: []Ordinativo{{Mandato: m}, {Reversale: r}}}
}

func text(t testing.TB, model any) string {
	t.Helper()
	out, err := Write(model)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func read(t testing.TB, doc string) *Document {
	t.Helper()
	d, err := Read([]byte(doc), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// signature is one in form: whether it verifies is for opi/firma.
const signature = `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="urn:c"/>` +
	`<ds:SignatureMethod Algorithm="urn:s"/><ds:Reference URI=""><ds:DigestMethod Algorithm="urn:d"/><ds:DigestValue>QUJD</ds:DigestValue></ds:Reference>` +
	`</ds:SignedInfo><ds:SignatureValue>QUJD</ds:SignatureValue></ds:Signature>`

// signedText is a model with a signature as its last child.
func signedText(t testing.TB, model any) string {
	t.Helper()
	doc := text(t, model)
	at := strings.LastIndex(doc, "</")
	return doc[:at] + signature + doc[at:]
}

// rulesIn lists the rules of faults, each with the end of its path.
func rulesIn(faults Faults) []string {
	var out []string
	for _, f := range faults {
		out = append(out, strings.TrimPrefix(f.Rule, "opi.")+" "+f.Field)
	}
	return out
}

func wantRules(t *testing.T, faults Faults, want ...string) {
	t.Helper()
	got := strings.Join(rulesIn(faults), "; ")
	if got != strings.Join(want, "; ") {
		t.Errorf("got  %s\nwant %s\n%s", got, strings.Join(want, "; "), faults.In("it"))
	}
	listed := map[string]bool{}
	for _, r := range Rules() {
		listed[r.ID] = true
	}
	for _, f := range faults {
		if !listed[f.Rule] || f.What.IT == "" || f.What.EN == "" {
			t.Errorf("%s is not listed, or not told in both languages", f.Rule)
		}
	}
}
