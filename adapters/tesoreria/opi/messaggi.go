// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

// TestataMessaggio says who a message is from and for whom.
type TestataMessaggio struct {
	CodiceABI              string  `json:"codice_ABI_BT"`
	DataOraCreazioneFlusso DataOra `json:"data_ora_creazione_flusso"`
	CodiceEnte             string  `json:"codice_ente"`
	DescrizioneEnte        string  `json:"descrizione_ente"`
	CodiceISTATEnte        string  `json:"codice_istat_ente"`
	CodiceFiscaleEnte      string  `json:"codice_fiscale_ente"`
	CodiceTramiteEnte      string  `json:"codice_tramite_ente"`
	CodiceTramiteBT        string  `json:"codice_tramite_BT"`
	CodiceEnteBT           string  `json:"codice_ente_BT"`

	Resto
}

// Ack is what SIOPE+ answers to a flow: messaggio_ack_siope. SIOPE+ does not sign it.
type Ack struct {
	Testata                TestataMessaggio `json:"testata_messaggio"`
	IdentificativoFlusso   string           `json:"identificativo_flusso,omitempty"`
	IdentificativoFlussoBT string           `json:"identificativo_flusso_BT,omitempty"`
	Esercizio              int              `json:"esercizio,omitempty"`
	StatoFlusso            string           `json:"stato_flusso"`
	Errori                 []Errore         `json:"errore,omitempty"`
	Warning                []Errore         `json:"warning,omitempty"`

	Resto
}

// Errore is a fault that SIOPE+ or the treasurer found; Codice is empty where the treasurer gives none.
type Errore struct {
	Codice      string `json:"codice,omitempty"`
	Descrizione string `json:"descrizione"`
	Elemento    string `json:"elemento,omitempty"`

	Resto
}

// Ricezione says that the treasurer took a flow in charge: messaggio_ricezione_flusso.
type Ricezione struct {
	ID                     string           `json:"@Id,omitempty"`
	Testata                TestataMessaggio `json:"testata_messaggio"`
	IdentificativoFlusso   string           `json:"identificativo_flusso"`
	IdentificativoFlussoBT string           `json:"identificativo_flusso_BT"`
	Esercizio              int              `json:"esercizio"`

	Resto
}

// Rifiuto says that the treasurer refuses a flow: messaggio_rifiuto_flusso.
type Rifiuto struct {
	ID                     string           `json:"@Id,omitempty"`
	Testata                TestataMessaggio `json:"testata_messaggio"`
	IdentificativoFlusso   string           `json:"identificativo_flusso"`
	IdentificativoFlussoBT string           `json:"identificativo_flusso_BT"`
	Esercizio              int              `json:"esercizio"`
	Errori                 []Errore         `json:"errore,omitempty"`

	Resto
}

// EsitiApplicativi say what became of orders: messaggi_esito_applicativo.
type EsitiApplicativi struct {
	ID                     string           `json:"@Id,omitempty"`
	Testata                TestataMessaggio `json:"testata_messaggio"`
	IdentificativoFlussoBT string           `json:"identificativo_flusso_BT"`
	Esiti                  []Esito          `json:"esiti" opi:"group"`

	Resto
}

// Esito is what became of one order: exactly one of the two is there.
type Esito struct {
	Reversale *EsitoReversale `json:"esito_reversali,omitempty" opi:"first"`
	Mandato   *EsitoMandato   `json:"esito_mandati,omitempty" opi:"first"`
}

// EsitoMandato is what became of an order to pay, or of one of its payments where that has a number.
type EsitoMandato struct {
	IdentificativoFlusso string        `json:"identificativo_flusso"`
	Esercizio            int           `json:"esercizio"`
	Numero               int64         `json:"numero_mandato"`
	Progressivo          int64         `json:"progressivo_beneficiario,omitempty"`
	Data                 Data          `json:"data_mandato,omitempty"`
	Importo              *Importo      `json:"importo,omitempty"`
	EsitoOperazione      string        `json:"esito_operazione"`
	DataOra              DataOra       `json:"data_ora_esito_operazione"`
	Errori               []ErroreEsito `json:"lista_errori,omitempty"`

	Resto
}

// EsitoReversale is what became of an order to collect, or of one of its collections where that has a number.
type EsitoReversale struct {
	IdentificativoFlusso string        `json:"identificativo_flusso"`
	Esercizio            int           `json:"esercizio"`
	Numero               int64         `json:"numero_reversale"`
	Progressivo          int64         `json:"progressivo_versante,omitempty"`
	Data                 Data          `json:"data_reversale,omitempty"`
	Importo              *Importo      `json:"importo,omitempty"`
	EsitoOperazione      string        `json:"esito_operazione"`
	DataOra              DataOra       `json:"data_ora_esito_operazione"`
	Errori               []ErroreEsito `json:"lista_errori,omitempty"`

	Resto
}

// ErroreEsito is why an order was not done.
type ErroreEsito struct {
	ProgressivoBeneficiario int64  `json:"progressivo_beneficiario,omitempty"`
	ProgressivoVersante     int64  `json:"progressivo_versante,omitempty"`
	CodiceErrore            string `json:"codice_errore,omitempty"`
	Descrizione             string `json:"descrizione"`
	Elemento                string `json:"elemento,omitempty"`

	Resto
}
