// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

// Mandato is an order to pay.
type Mandato struct {
	TipoOperazione                    string                     `json:"tipo_operazione"`
	Numero                            int64                      `json:"numero_mandato"`
	Data                              Data                       `json:"data_mandato"`
	Importo                           Importo                    `json:"importo_mandato"`
	ContoEvidenza                     string                     `json:"conto_evidenza,omitempty"`
	EstremiProvvedimentoAutorizzativo string                     `json:"estremi_provvedimento_autorizzativo,omitempty"`
	ResponsabileProvvedimento         string                     `json:"responsabile_provvedimento,omitempty"`
	UfficioResponsabile               string                     `json:"ufficio_responsabile,omitempty"`
	Bilancio                          []Bilancio                 `json:"bilancio,omitempty"`
	FunzionarioDelegato               *FunzionarioDelegato       `json:"funzionario_delegato,omitempty"`
	Beneficiari                       []InformazioniBeneficiario `json:"informazioni_beneficiario"`

	Resto
}

// FunzionarioDelegato is the official on whose account is paid.
type FunzionarioDelegato struct {
	Codice             string  `json:"codice_funzionario_delegato"`
	Importo            Importo `json:"importo_funzionario_delegato"`
	TipologiaPagamento string  `json:"tipologia_pagamento_funzionario_delegato"`
	NumeroPagamento    string  `json:"numero_pagamento_funzionario_delegato"`

	Resto
}

// InformazioniBeneficiario is one payment of an order.
type InformazioniBeneficiario struct {
	Progressivo                         int64                   `json:"progressivo_beneficiario"`
	Importo                             Importo                 `json:"importo_beneficiario"`
	TipoPagamento                       string                  `json:"tipo_pagamento"`
	Impignorabili                       string                  `json:"impignorabili,omitempty"`
	Frazionabile                        string                  `json:"frazionabile,omitempty"`
	GestioneProvvisoria                 string                  `json:"gestione_provvisoria,omitempty"`
	DataEsecuzionePagamento             Data                    `json:"data_esecuzione_pagamento,omitempty"`
	DataScadenzaPagamento               Data                    `json:"data_scadenza_pagamento,omitempty"`
	Destinazione                        string                  `json:"destinazione,omitempty"`
	NumeroContoBancaItaliaEnteRicevente string                  `json:"numero_conto_banca_italia_ente_ricevente,omitempty"`
	TipoContabilitaEnteRicevente        string                  `json:"tipo_contabilita_ente_ricevente,omitempty"`
	TipoPostalizzazione                 string                  `json:"tipo_postalizzazione,omitempty"`
	Classificazioni                     []ClassificazioneUscita `json:"classificazione,omitempty"`
	Bollo                               Bollo                   `json:"bollo"`
	Spese                               *Spese                  `json:"spese,omitempty"`
	Beneficiario                        Beneficiario            `json:"beneficiario"`
	Delegati                            []Delegato              `json:"delegato,omitempty"`
	CreditoreEffettivo                  *CreditoreEffettivo     `json:"creditore_effettivo,omitempty"`
	Piazzatura                          *Piazzatura             `json:"piazzatura,omitempty"`
	SEPA                                *SEPA                   `json:"sepa_credit_transfer,omitempty"`
	CodiceVersante                      string                  `json:"codice_versante,omitempty"`
	Causale                             string                  `json:"causale"`
	Sospesi                             []Sospeso               `json:"sospeso,omitempty"`
	Ritenute                            []Ritenuta              `json:"ritenute,omitempty"`
	InformazioniAggiuntive              *InformazioniAggiuntive `json:"informazioni_aggiuntive,omitempty"`
	SostituzioneMandato                 *SostituzioneMandato    `json:"sostituzione_mandato,omitempty"`

	Resto
}

// ClassificazioneUscita is the SIOPE code of a part of a payment.
type ClassificazioneUscita struct {
	Codice  string          `json:"codice_cgu"`
	CUP     string          `json:"codice_cup,omitempty"`
	CPV     string          `json:"codice_cpv,omitempty"`
	Importo Importo         `json:"importo"`
	Dati    DatiSIOPEUscite `json:"classificazione_dati_siope_uscite"`

	Resto
}

// DatiSIOPEUscite are the debts behind a payment and its place in the harmonised budget.
type DatiSIOPEUscite struct {
	Debiti  []Debito       `json:"debiti" opi:"group"`
	ARCONET *ARCONETUscite `json:"dati_ARCONET_siope,omitempty"`

	Resto
}

// ARCONETUscite is the place of a payment in the harmonised budget.
type ARCONETUscite struct {
	Missione        string  `json:"codice_missione_siope"`
	Programma       string  `json:"codice_programma_siope"`
	CodiceEconomico string  `json:"codice_economico_siope"`
	Importo         Importo `json:"importo_codice_economico_siope"`
	CodiceUE        string  `json:"codice_UE_siope"`
	Uscita          string  `json:"codice_uscita_siope,omitempty"`
	COFOG           COFOG   `json:"cofog_siope"`

	Resto
}

// COFOG is the function of government that is paid for.
type COFOG struct {
	Codice  string  `json:"codice_cofog_siope"`
	Importo Importo `json:"importo_cofog_siope"`

	Resto
}

// Spese says who bears the charges of a payment.
type Spese struct {
	Destinatario     string `json:"soggetto_destinatario_delle_spese"`
	NaturaPagamento  string `json:"natura_pagamento,omitempty"`
	CausaleEsenzione string `json:"causale_esenzione_spese,omitempty"`

	Resto
}

// Piazzatura is a postal or bank account.
type Piazzatura struct {
	NumeroConto string `json:"numero_conto_corrente_beneficiario"`

	Resto
}

// SEPA are the coordinates of a credit transfer.
type SEPA struct {
	IBAN            string           `json:"iban"`
	BIC             string           `json:"bic,omitempty"`
	EndToEnd        string           `json:"identificativo_end_to_end,omitempty"`
	CategoryPurpose *CategoryPurpose `json:"identificativo_category_purpose,omitempty"`

	Resto
}

// CategoryPurpose is why a transfer is made: a code or a word of its own, one of the two.
type CategoryPurpose struct {
	Code        string `json:"code,omitempty"`
	Proprietary string `json:"proprietary,omitempty"`

	Resto
}

// Ritenuta is what is held back of a payment and collected with an order of the ente's own.
type Ritenuta struct {
	Importo             Importo `json:"importo_ritenute"`
	NumeroReversale     int64   `json:"numero_reversale"`
	ProgressivoVersante int64   `json:"progressivo_versante"`

	Resto
}

// SostituzioneMandato names the order that is replaced.
type SostituzioneMandato struct {
	Numero      int64 `json:"numero_mandato_da_sostituire"`
	Progressivo int64 `json:"progressivo_beneficiario_da_sostituire"`
	Esercizio   int   `json:"esercizio_mandato_da_sostituire"`

	Resto
}

// Beneficiario is who is paid.
type Beneficiario struct {
	Anagrafica    string `json:"anagrafica_beneficiario"`
	Indirizzo     string `json:"indirizzo_beneficiario,omitempty"`
	CAP           string `json:"cap_beneficiario,omitempty"`
	Localita      string `json:"localita_beneficiario,omitempty"`
	Provincia     string `json:"provincia_beneficiario,omitempty"`
	Stato         string `json:"stato_beneficiario,omitempty"`
	PartitaIVA    string `json:"partita_iva_beneficiario,omitempty"`
	CodiceFiscale string `json:"codice_fiscale_beneficiario,omitempty"`

	Resto
}

// Delegato is who may give a receipt for somebody else.
type Delegato struct {
	Anagrafica    string `json:"anagrafica_delegato"`
	Indirizzo     string `json:"indirizzo_delegato,omitempty"`
	CAP           string `json:"cap_delegato,omitempty"`
	Localita      string `json:"localita_delegato,omitempty"`
	Provincia     string `json:"provincia_delegato,omitempty"`
	Stato         string `json:"stato_delegato,omitempty"`
	CodiceFiscale string `json:"codice_fiscale_delegato"`

	Resto
}

// CreditoreEffettivo is for whom somebody else is paid.
type CreditoreEffettivo struct {
	Anagrafica    string `json:"anagrafica_creditore_effettivo"`
	Indirizzo     string `json:"indirizzo_creditore_effettivo,omitempty"`
	CAP           string `json:"cap_creditore_effettivo,omitempty"`
	Localita      string `json:"localita_creditore_effettivo,omitempty"`
	Provincia     string `json:"provincia_creditore_effettivo,omitempty"`
	Stato         string `json:"stato_creditore_effettivo,omitempty"`
	PartitaIVA    string `json:"partita_iva_creditore_effettivo,omitempty"`
	CodiceFiscale string `json:"codice_fiscale_creditore_effettivo,omitempty"`

	Resto
}
