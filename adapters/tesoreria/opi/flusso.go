// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

// Flusso is a flow of orders: flusso_ordinativi.
type Flusso struct {
	ID         string       `json:"@Id,omitempty"`
	Testata    Testata      `json:"testata_flusso"`
	Esercizio  int          `json:"esercizio"`
	Ordinativi []Ordinativo `json:"ordinativi" opi:"group"`

	Resto
}

// Ordinativo is one order of a flow: exactly one of the two is there.
type Ordinativo struct {
	Reversale *Reversale `json:"reversale,omitempty" opi:"first"`
	Mandato   *Mandato   `json:"mandato,omitempty" opi:"first"`
}

// Testata says who sends a flow, and through whom to whom.
type Testata struct {
	CodiceABI              string  `json:"codice_ABI_BT"`
	IdentificativoFlusso   string  `json:"identificativo_flusso"`
	DataOraCreazioneFlusso DataOra `json:"data_ora_creazione_flusso"`
	CodiceEnte             string  `json:"codice_ente"`
	DescrizioneEnte        string  `json:"descrizione_ente"`
	CodiceISTATEnte        string  `json:"codice_istat_ente"`
	CodiceFiscaleEnte      string  `json:"codice_fiscale_ente"`
	CodiceTramiteEnte      string  `json:"codice_tramite_ente"`
	CodiceTramiteBT        string  `json:"codice_tramite_BT"`
	CodiceEnteBT           string  `json:"codice_ente_BT"`
	RiferimentoEnte        string  `json:"riferimento_ente,omitempty"`

	Resto
}

// Bilancio is the item of the budget that an order is charged to.
type Bilancio struct {
	CodificaBilancio    string  `json:"codifica_bilancio"`
	DescrizioneCodifica string  `json:"descrizione_codifica,omitempty"`
	Gestione            string  `json:"gestione"`
	AnnoResiduo         int     `json:"anno_residuo,omitempty"`
	NumeroArticolo      string  `json:"numero_articolo,omitempty"`
	VoceEconomica       string  `json:"voce_economica,omitempty"`
	Importo             Importo `json:"importo_bilancio"`

	Resto
}

// Sospeso is a provvisorio of the treasurer that an order regularises.
type Sospeso struct {
	NumeroProvvisorio int64   `json:"numero_provvisorio"`
	Importo           Importo `json:"importo_provvisorio"`

	Resto
}

// Bollo says who bears the stamp duty.
type Bollo struct {
	Assoggettamento  string `json:"assoggettamento_bollo"`
	CausaleEsenzione string `json:"causale_esenzione_bollo,omitempty"`

	Resto
}

// Debito says what kind of debt a classification is about, with its invoices: one of the two kinds is there.
type Debito struct {
	NonCommerciale      string    `json:"tipo_debito_siope_nc,omitempty" opi:"first"`
	Commerciale         string    `json:"tipo_debito_siope_c,omitempty" opi:"first"`
	CIG                 string    `json:"codice_cig_siope,omitempty"`
	MotivoEsclusioneCIG string    `json:"motivo_esclusione_cig_siope,omitempty"`
	Fatture             []Fattura `json:"fattura_siope,omitempty"`
}

// Fattura is an invoice: electronic, with the lot of SDI, or another, with its issuer.
type Fattura struct {
	CodiceIPAEnte          string      `json:"codice_ipa_ente_siope"`
	Elettronico            string      `json:"tipo_documento_siope_e,omitempty"`
	LottoSDI               int64       `json:"identificativo_lotto_sdi_siope,omitempty"`
	Analogico              string      `json:"tipo_documento_siope_a,omitempty"`
	TipoAnalogico          string      `json:"tipo_documento_analogico_siope,omitempty"`
	CodiceFiscaleEmittente string      `json:"codice_fiscale_emittente_siope,omitempty"`
	AnnoEmissione          int         `json:"anno_emissione_fattura_siope,omitempty"`
	Dati                   DatiFattura `json:"dati_fattura_siope"`

	Resto
}

// DatiFattura are the data of an invoice that go to the platform of commercial credits. Importo may be negative.
type DatiFattura struct {
	Numero                string  `json:"numero_fattura_siope"`
	Importo               Importo `json:"importo_siope"`
	DataScadenza          Data    `json:"data_scadenza_pagam_siope"`
	MotivoScadenza        string  `json:"motivo_scadenza_siope,omitempty"`
	NaturaSpesa           string  `json:"natura_spesa_siope"`
	UtilizzoNotaDiCredito string  `json:"utilizzo_nota_di_credito,omitempty"`

	Resto
}

// InformazioniAggiuntive are language, references to other documents and the notice of pagoPA to pay.
type InformazioniAggiuntive struct {
	Lingua                      string        `json:"lingua,omitempty"`
	RiferimentoDocumentoEsterno string        `json:"riferimento_documento_esterno,omitempty"`
	AvvisoPagoPA                *AvvisoPagoPA `json:"avviso_pagoPA,omitempty"`

	Resto
}

// AvvisoPagoPA is the notice that a payment settles. Both codes are digits and keep their zeros.
type AvvisoPagoPA struct {
	CodiceEnte string `json:"codice_identificativo_ente"`
	Numero     string `json:"numero_avviso"`

	Resto
}
