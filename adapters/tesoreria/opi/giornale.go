// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

// Giornale is a page of the cash book that the treasurer keeps: flusso_giornale_di_cassa.
type Giornale struct {
	ID                         string               `json:"@Id,omitempty"`
	Testata                    TestataMessaggio     `json:"testata_messaggio"`
	IdentificativoFlussoBT     string               `json:"identificativo_flusso_BT"`
	Pagina                     int                  `json:"pagina"`
	PagineTotali               int                  `json:"pagine_totali"`
	RiferimentoEnte            string               `json:"riferimento_ente,omitempty"`
	Esercizio                  int                  `json:"esercizio"`
	DataRiferimento            Data                 `json:"data_riferimento_GdC"`
	Conti                      []ContoEvidenza      `json:"informazioni_conto_evidenza"`
	SaldoComplessivoPrecedente *Importo             `json:"saldo_complessivo_precedente,omitempty"`
	TotaleComplessivoEntrate   *Importo             `json:"totale_complessivo_entrate,omitempty"`
	TotaleComplessivoUscite    *Importo             `json:"totale_complessivo_uscite,omitempty"`
	SaldoComplessivoFinale     *Importo             `json:"saldo_complessivo_finale,omitempty"`
	TotaliEsercizio            *TotaliEsercizio     `json:"totali_esercizio,omitempty"`
	TotaliDisponibilitaLiquide *TotaliDisponibilita `json:"totali_disponibilita_liquide,omitempty"`

	Resto
}

// ContoEvidenza are the movements of one account of the ente.
type ContoEvidenza struct {
	Conto           string      `json:"conto_evidenza"`
	Descrizione     string      `json:"descrizione_conto_evidenza,omitempty"`
	Movimenti       []Movimento `json:"movimento_conto_evidenza,omitempty"`
	SaldoPrecedente *Importo    `json:"saldo_precedente_conto_evidenza,omitempty"`
	TotaleEntrate   *Importo    `json:"totale_entrate_conto_evidenza,omitempty"`
	TotaleUscite    *Importo    `json:"totale_uscite_conto_evidenza,omitempty"`
	SaldoFinale     *Importo    `json:"saldo_finale_conto_evidenza,omitempty"`

	Resto
}

// Movimento is one line of the cash book. Importo is positive also of a payment; TipoMovimento says the direction.
type Movimento struct {
	IdentificativoFlusso                  string                  `json:"identificativo_flusso"`
	NumeroMovimento                       int64                   `json:"numero_movimento"`
	TipoMovimento                         string                  `json:"tipo_movimento"`
	TipoDocumento                         string                  `json:"tipo_documento"`
	TipoOperazione                        string                  `json:"tipo_operazione"`
	NumeroDocumento                       int64                   `json:"numero_documento"`
	SospesoDaRegolarizzare                *SospesoDaRegolarizzare `json:"sospeso_da_regolarizzare,omitempty"`
	TipologiaPagamentoFunzionarioDelegato string                  `json:"tipologia_pagamento_funzionario_delegato,omitempty"`
	NumeroPagamentoFunzionarioDelegato    string                  `json:"numero_pagamento_funzionario_delegato,omitempty"`
	ProgressivoDocumento                  int64                   `json:"progressivo_documento"`
	Importo                               Importo                 `json:"importo"`
	ImportoRitenute                       Importo                 `json:"importo_ritenute,omitempty"`
	NumeroBollettaQuietanza               string                  `json:"numero_bolletta_quietanza,omitempty"`
	NumeroBollettaQuietanzaStorno         string                  `json:"numero_bolletta_quietanza_storno,omitempty"`
	DataMovimento                         Data                    `json:"data_movimento"`
	DataMovimentoSIOPE                    Data                    `json:"data_movimento_siope"`
	DataValutaEnte                        Data                    `json:"data_valuta_ente,omitempty"`
	TipoEsecuzione                        string                  `json:"tipo_esecuzione"`
	Coordinate                            string                  `json:"coordinate,omitempty"`
	CodiceRiferimentoOperazione           string                  `json:"codice_riferimento_operazione,omitempty"`
	EndToEndID                            string                  `json:"end_to_end_id,omitempty"`
	CodiceRiferimentoInterno              string                  `json:"codice_riferimento_interno,omitempty"`
	TipoContabilita                       string                  `json:"tipo_contabilita,omitempty"`
	Destinazione                          string                  `json:"destinazione,omitempty"`
	AssoggettamentoBollo                  string                  `json:"assoggettamento_bollo"`
	ImportoBollo                          Importo                 `json:"importo_bollo,omitempty"`
	AssoggettamentoSpese                  string                  `json:"assoggettamento_spese,omitempty"`
	ImportoSpese                          Importo                 `json:"importo_spese,omitempty"`
	AssoggettamentoCommissioni            string                  `json:"assoggettamento_commissioni,omitempty"`
	ImportoCommissioni                    Importo                 `json:"importo_commissioni,omitempty"`
	Cliente                               Cliente                 `json:"cliente"`
	Delegato                              *DelegatoMovimento      `json:"delegato,omitempty"`
	CreditoreEffettivo                    *CreditoreEffettivo     `json:"creditore_effettivo,omitempty"`
	Causale                               string                  `json:"causale"`
	Sospesi                               []Sospeso               `json:"sospeso,omitempty"`

	Resto
}

// SospesoDaRegolarizzare says since when a provvisorio waits and under which code.
type SospesoDaRegolarizzare struct {
	Data   Data   `json:"data_effettiva_sospeso"`
	Codice string `json:"codice_gestionale_provvisorio"`

	Resto
}

// Cliente is who paid or was paid.
type Cliente struct {
	Anagrafica    string `json:"anagrafica_cliente"`
	Indirizzo     string `json:"indirizzo_cliente,omitempty"`
	CAP           string `json:"cap_cliente,omitempty"`
	Localita      string `json:"localita_cliente,omitempty"`
	Provincia     string `json:"provincia_cliente,omitempty"`
	Stato         string `json:"stato_cliente,omitempty"`
	PartitaIVA    string `json:"partita_iva_cliente,omitempty"`
	CodiceFiscale string `json:"codice_fiscale_cliente,omitempty"`

	Resto
}

// DelegatoMovimento is who gave the receipt of a movement.
type DelegatoMovimento struct {
	Anagrafica    string `json:"anagrafica_delegato"`
	Indirizzo     string `json:"indirizzo_delegato,omitempty"`
	CAP           string `json:"cap_delegato,omitempty"`
	Localita      string `json:"localita_delegato,omitempty"`
	Provincia     string `json:"provincia_delegato,omitempty"`
	Stato         string `json:"stato_delegato,omitempty"`
	CodiceFiscale string `json:"codice_fiscale_delegato,omitempty"`

	Resto
}

// TotaliEsercizio are the totals of the year up to the day of the cash book.
type TotaliEsercizio struct {
	FondoDiCassa            Importo `json:"fondo_di_cassa"`
	TotaleReversaliRiscosse Importo `json:"totale_reversali_riscosse"`
	TotaleSospesiEntrata    Importo `json:"totale_sospesi_entrata"`
	TotaleEntrate           Importo `json:"totale_entrate"`
	DeficitDiCassa          Importo `json:"deficit_di_cassa"`
	TotaleMandatiPagati     Importo `json:"totale_mandati_pagati"`
	TotaleSospesiUscita     Importo `json:"totale_sospesi_uscita"`
	TotaleUscite            Importo `json:"totale_uscite"`
	SaldoEsercizio          Importo `json:"saldo_esercizio"`

	Resto
}

// TotaliDisponibilita are the liquid means at the day of the cash book.
type TotaliDisponibilita struct {
	SaldoContiCorrenti           Importo  `json:"saldo_conti_correnti"`
	SaldoContiBI                 *Importo `json:"saldo_conti_BI,omitempty"`
	TotaleConti                  *Importo `json:"totale_conti,omitempty"`
	VincoliContiCorrenti         *Importo `json:"vincoli_conti_correnti,omitempty"`
	VincoliContiBI               *Importo `json:"vincoli_conti_BI,omitempty"`
	TotaleVincoli                *Importo `json:"totale_vincoli,omitempty"`
	SvincoliContiCorrenti        *Importo `json:"svincoli_conti_correnti,omitempty"`
	SvincoliContiBI              *Importo `json:"svincoli_conti_BI,omitempty"`
	TotaleSvincoli               *Importo `json:"totale_svincoli,omitempty"`
	AnticipazioneAccordata       Importo  `json:"anticipazione_accordata"`
	AnticipazioneUtilizzata      Importo  `json:"anticipazione_utilizzata"`
	TotaleSommeBloccateRiservate *Importo `json:"totale_somme_bloccate_riservate,omitempty"`
	Disponibilita                Importo  `json:"disponibilita"`

	Resto
}

// Liquide are the monthly reports of liquid means: flusso_disponibilita_liquide.
type Liquide struct {
	ID                     string                `json:"@Id,omitempty"`
	Testata                TestataMessaggio      `json:"testata_messaggio"`
	IdentificativoFlussoBT string                `json:"identificativo_flusso_BT"`
	Segnalazioni           []SegnalazioneMensile `json:"segnalazione_mensile"`

	Resto
}

// SegnalazioneMensile is the report of one month; its fields are named by the code of their item.
type SegnalazioneMensile struct {
	CodiceABIOriginario string  `json:"codice_abi_originario,omitempty"`
	AnnoRiferimento     int     `json:"anno_riferimento"`
	MeseRiferimento     int     `json:"mese_riferimento"`
	Voce1100            Importo `json:"codice_voce_1100"`
	Voce1200            Importo `json:"codice_voce_1200"`
	Voce1300            Importo `json:"codice_voce_1300"`
	Voce1400            Importo `json:"codice_voce_1400"`
	Voce1450            Importo `json:"codice_voce_1450"`
	Voce2100            Importo `json:"codice_voce_2100"`
	Voce2200            Importo `json:"codice_voce_2200"`
	Voce2300            Importo `json:"codice_voce_2300"`
	Voce2400            Importo `json:"codice_voce_2400"`
	Voce1500            Importo `json:"codice_voce_1500"`
	Voce1600            Importo `json:"codice_voce_1600"`
	Voce1700            Importo `json:"codice_voce_1700"`
	Voce1800            Importo `json:"codice_voce_1800"`
	Voce1850            Importo `json:"codice_voce_1850"`
	Voce1900            Importo `json:"codice_voce_1900"`

	Resto
}
