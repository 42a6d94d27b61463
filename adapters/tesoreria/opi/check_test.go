// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"errors"
	"strings"
	"testing"
)

func TestAFlowInOrderHasNoFaults(t *testing.T) {
	p := Policy{
		Ente: header(), OpenYears: []int{2026}, Issued: func(OrderKey) (string, bool) { return "", false },
	}
	p.Ente.IdentificativoFlusso = ""
	wantRules(t, p.Check(flow()))
	wantRules(t, Policy{}.Check(flow()))
}

// TestPolicyFindsWhatTheStructureCannotSay breaks one thing at a time.
func TestPolicyFindsWhatTheStructureCannotSay(t *testing.T) {
	for name, c := range map[string]struct {
		policy Policy
		change func(f *Flusso, m *Mandato, r *Reversale)
		want   []string
	}{
		"total of the payments": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[1].Importo++ }, want: []string{"flow/total importo_mandato"},
		},
		"total of the collections": {
			change: func(_ *Flusso, _ *Mandato, r *Reversale) { r.Versanti[0].Importo-- }, want: []string{"flow/total importo_reversale"},
		},
		"total of the classifications": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[0].Classificazioni[0].Importo-- }, want: []string{"flow/total importo_mandato"},
		},
		"total of the budget": {change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Bilancio[0].Importo-- }, want: []string{"flow/total importo_mandato"}},
		"no classification": {
			change: func(_ *Flusso, _ *Mandato, r *Reversale) { r.Versanti[0].Classificazioni = nil }, want: []string{"flow/siope-code codice_cge"},
		},
		"code of a collection": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[0].Classificazioni[0].Codice = "9010302001" }, want: []string{"flow/siope-code codice_cgu"},
		},
		"code of a payment": {
			change: func(_ *Flusso, _ *Mandato, r *Reversale) { r.Versanti[0].Classificazioni[0].Codice = "8030299999" }, want: []string{"flow/siope-code codice_cge"},
		},
		"code of another comparto": {
			change: func(_ *Flusso, _ *Mandato, r *Reversale) { r.Versanti[0].Classificazioni[0].Codice = "8030" },
		},
		"more sospesi than amount": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) {
				m.Beneficiari[1].Sospesi = []Sospeso{{NumeroProvvisorio: 1, Importo: 20001}}
			},
			want: []string{"flow/total importo_provvisorio"},
		},
		"more withheld than paid": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[0].Ritenute[0].Importo = 100051 }, want: []string{"flow/total importo_ritenute"},
		},
		"withheld for nobody": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[0].Ritenute[0].ProgressivoVersante = 2 }, want: []string{"flow/withholding progressivo_versante"},
		},
		"withheld for an earlier flow": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[0].Ritenute[0].NumeroReversale = 7 },
		},
		"residue without year": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Bilancio[0].Gestione = "RESIDUO" }, want: []string{"flow/payment-data anno_residuo"},
		},
		"date of another year": {change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Data = "2025-12-31" }, want: []string{"flow/date data_mandato"}},
		"closed year":          {policy: Policy{OpenYears: []int{2027}}, change: func(*Flusso, *Mandato, *Reversale) {}, want: []string{"flow/closed-year esercizio"}},
		"codice ISTAT":         {policy: Policy{Ente: Testata{CodiceISTATEnte: "000999124"}}, change: func(*Flusso, *Mandato, *Reversale) {}, want: []string{"flow/ente codice_istat_ente"}},
		"IBAN":                 {change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[0].SEPA.IBAN = "IT61X0542811101000000123456" }, want: []string{"flow/iban iban"}},
		"CIG": {change: func(_ *Flusso, m *Mandato, _ *Reversale) {
			m.Beneficiari[0].Classificazioni[0].Dati.Debiti[0].CIG = "0000000000"
		}, want: []string{"flow/cig codice_cig_siope"}},
		"CUP": {change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[0].Classificazioni[0].CUP = "|11B26000010001" }, want: []string{"flow/cup codice_cup"}},
		"codice fiscale": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) {
				m.Beneficiari[1].Beneficiario.CodiceFiscale = "CNTGLI88L65G999A"
			},
			want: []string{"flow/fiscal-code codice_fiscale_beneficiario"},
		},
		"codice fiscale of a foreigner": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) {
				m.Beneficiari[1].Beneficiario.CodiceFiscale, m.Beneficiari[1].Beneficiario.Stato = "CNTGLI88L65G999A", "FR"
			},
		},
		"partita IVA of a creditor": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) {
				m.Beneficiari[1].CreditoreEffettivo = &CreditoreEffettivo{Anagrafica: "x", PartitaIVA: "07000001236"}
			},
			want: []string{"flow/fiscal-code partita_iva_creditore_effettivo"},
		},
		"transfer without coordinates": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[0].SEPA = nil }, want: []string{"flow/payment-data iban"},
		},
		"notice without number": {
			change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.Beneficiari[1].TipoPagamento = "AVVISO PAGOPA" }, want: []string{"flow/payment-data numero_avviso"},
		},
		"postal account": {
			change: func(_ *Flusso, _ *Mandato, r *Reversale) { r.Versanti[0].TipoRiscossione = "PRELIEVO DA CC POSTALE" }, want: []string{"flow/payment-data numero_ccp"},
		},
		"replaces nothing": {change: func(_ *Flusso, m *Mandato, _ *Reversale) { m.TipoOperazione = "SOSTITUZIONE" }, want: []string{"flow/replacement numero_mandato_da_sostituire"}},
		"replaces": {change: func(_ *Flusso, m *Mandato, _ *Reversale) {
			m.TipoOperazione, m.Beneficiari[1].SostituzioneMandato = "SOSTITUZIONE", &SostituzioneMandato{Numero: 1, Progressivo: 1, Esercizio: 2026}
		}},
		"issued already": {
			policy: Policy{Issued: func(k OrderKey) (string, bool) { return "F-1", k == OrderKey{Year: 2026, Number: 31} }}, change: func(*Flusso, *Mandato, *Reversale) {},
			want: []string{"flow/already-issued numero_mandato"},
		},
		"cancels nothing": {
			policy: Policy{Issued: func(OrderKey) (string, bool) { return "", false }}, change: func(_ *Flusso, _ *Mandato, r *Reversale) { r.TipoOperazione = "ANNULLO" },
			want: []string{"flow/not-issued numero_reversale"},
		},
		"cancels what waits": {
			policy: Policy{
				Issued: func(k OrderKey) (string, bool) { return "F-1", k.Collection },
				Waits:  func(k OrderKey) (string, bool) { return "V-1", k.Collection },
			},
			change: func(_ *Flusso, _ *Mandato, r *Reversale) { r.TipoOperazione = "ANNULLO" },
			want:   []string{"flow/unsettled numero_reversale"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := flow()
			c.change(f, f.Ordinativi[0].Mandato, f.Ordinativi[1].Reversale)
			wantRules(t, c.policy.Check(f), c.want...)
		})
	}
}

// TestSumsDoNotWrap: lines without number that would add up, over the end of an int64, to the amount of the order.
func TestSumsDoNotWrap(t *testing.T) {
	f := flow()
	m := f.Ordinativi[0].Mandato
	line := m.Beneficiari[0]
	line.Importo, line.Ritenute = 1<<62, nil
	for range 4 {
		m.Beneficiari = append(m.Beneficiari, line)
	}
	if faults := (Policy{}).Check(f); len(faults) == 0 || !strings.Contains(faults.In("en"), "92233720368547758.07") {
		t.Errorf("%s", faults.In("en"))
	}
}

// TestAllFaultsAtOnce: nothing hides behind something else.
func TestAllFaultsAtOnce(t *testing.T) {
	f := flow()
	m := f.Ordinativi[0].Mandato
	m.Importo++
	m.Data = "2025-01-01"
	m.Beneficiari[0].SEPA.IBAN = "IT00"
	m.Beneficiari[1].Beneficiario.CodiceFiscale = "CNTGLI88L65G999A"
	f.Ordinativi[1].Reversale.Versanti[0].Classificazioni = nil
	faults := Policy{OpenYears: []int{}}.Check(f)
	if len(faults) != 8 {
		t.Errorf("%d faults:\n%s", len(faults), faults.In("it"))
	}
	if strings.Contains(faults.In("it"), "CNTGLI") {
		t.Error("a codice fiscale is quoted")
	}
}

// TestFaultsAreBounded: a flow in which everything is wrong costs no more than one with a thousand faults.
func TestFaultsAreBounded(t *testing.T) {
	f := flow()
	bad := *f.Ordinativi[0].Mandato
	bad.Importo = 1
	for range 1100 {
		f.Ordinativi = append(f.Ordinativi, Ordinativo{Mandato: &bad})
	}
	if n := len(Policy{}.Check(f)); n != maxFaults {
		t.Errorf("%d faults", n)
	}
	doc := strings.ReplaceAll(text(t, f), "<numero_mandato>31", "<numero_mandato>x")
	_, err := read(t, doc).Flusso()
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != maxFaults {
		t.Errorf("%d faults", len(faults))
	}
}

func TestIBAN(t *testing.T) {
	for iban, want := range map[string]bool{
		"IT60X0542811101000000123456": true, "SM86U0322509800000000270100": true, "DE89370400440532013000": true, "GB82WEST12345698765432": true,
		"NO9386011117947": true, "IT60X054281110100000012345": false, "IT60X0542811101000000123457": false, "it60X0542811101000000123456": false,
		"DE88370400440532013000": false, "": false, "IT": false, "IT60|0542811101000000123456": false,
	} {
		if validIBAN(iban) != want {
			t.Errorf("%s: %v", iban, !want)
		}
	}
}

func TestFiscalCodes(t *testing.T) {
	for code, want := range map[string]bool{
		"CNTGLI88L65G999B": true, "CNTGLI88L65G999C": false, "NRELNE70A41H501T": true, "99999990007": true, "99999990008": false, "07000001235": true,
		"CNTGLI88L65G99": true, "FOREIGN-123": true, "cntgli88l65g999b": false, "1234567890123456": false,
		"CNTGLI88L65G99VT": IsPersonalCode("CNTGLI88L65G99VT"),
	} {
		if validFiscalCode(code) != want {
			t.Errorf("%s: %v", code, !want)
		}
	}
	if IsPersonalCode("99999990007") || !IsPersonalCode("NRELNE70A41H501T") {
		t.Error("personal codes")
	}
}
