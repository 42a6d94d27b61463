// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"bytes"
	"crypto/x509"
	"testing"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// TestASignedFlowIsAFlow signs a flow, verifies it and reads what was verified: the way of every order.
func TestASignedFlowIsAFlow(t *testing.T) {
	who := person()
	doc, err := opi.Write(&opi.Flusso{
		Testata: opi.Testata{
			CodiceABI: "99999", IdentificativoFlusso: "2026-1", DataOraCreazioneFlusso: "2026-10-12T09:30:15", CodiceEnte: "UFBORG",
			DescrizioneEnte: "Comune di Borgo Prova", CodiceISTATEnte: "000999123", CodiceFiscaleEnte: "99999990007",
			CodiceTramiteEnte: "A2A-00000011", CodiceTramiteBT: "A2A-00000012", CodiceEnteBT: "42",
		},
		Esercizio: 2026,
		Ordinativi: []opi.Ordinativo{{Mandato: &opi.Mandato{
			TipoOperazione: "INSERIMENTO", Numero: 1, Data: "2026-10-12", Importo: 100, Beneficiari: []opi.InformazioniBeneficiario{{
				Progressivo: 1, Importo: 100, TipoPagamento: "CASSA", Bollo: opi.Bollo{Assoggettamento: "ESENTE BOLLO"},
				Beneficiario: opi.Beneficiario{Anagrafica: "Elena Neri", CodiceFiscale: neri}, Causale: "rimborso",
				Classificazioni: []opi.ClassificazioneUscita{{
					Codice: "1040202999", Importo: 100, Dati: opi.DatiSIOPEUscite{Debiti: []opi.Debito{{NonCommerciale: "NON_COMMERCIALE"}}},
				}},
			}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := Sign(doc, who.key, []*x509.Certificate{who.cert, ca().cert}, now)
	if err != nil {
		t.Fatal(err)
	}
	verified, err := Verify(signed, options())
	if err != nil {
		t.Fatal(err)
	}
	in, faults := opi.FromXML(verified.XML, opi.Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if faults := in.Check(opi.Version171, opi.Policy{}); len(faults) > 0 {
		t.Error(faults.In("it"))
	}
	again, err := opi.Write(in.Flusso)
	if err != nil || !bytes.Equal(again, doc) {
		t.Errorf("what is read is not what was signed: %v\n%s", err, again)
	}
}
