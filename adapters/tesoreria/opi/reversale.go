// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

// Reversale is an order to collect.
type Reversale struct {
	TipoOperazione string                 `json:"tipo_operazione"`
	Numero         int64                  `json:"numero_reversale"`
	Data           Data                   `json:"data_reversale"`
	Importo        Importo                `json:"importo_reversale"`
	ContoEvidenza  string                 `json:"conto_evidenza,omitempty"`
	Bilancio       []Bilancio             `json:"bilancio,omitempty"`
	Versanti       []InformazioniVersante `json:"informazioni_versante"`

	Resto
}

// InformazioniVersante is one collection of an order.
type InformazioniVersante struct {
	Progressivo            int64                    `json:"progressivo_versante"`
	Importo                Importo                  `json:"importo_versante"`
	TipoRiscossione        string                   `json:"tipo_riscossione"`
	NumeroCCP              string                   `json:"numero_ccp,omitempty"`
	TipoEntrata            string                   `json:"tipo_entrata,omitempty"`
	Destinazione           string                   `json:"destinazione,omitempty"`
	Classificazioni        []ClassificazioneEntrata `json:"classificazione,omitempty"`
	Bollo                  Bollo                    `json:"bollo"`
	Versante               Versante                 `json:"versante"`
	Causale                string                   `json:"causale"`
	Sospesi                []Sospeso                `json:"sospeso,omitempty"`
	MandatiAssociati       []MandatoAssociato       `json:"mandato_associato,omitempty"`
	InformazioniAggiuntive *InformazioniAggiuntive  `json:"informazioni_aggiuntive,omitempty"`
	SostituzioneReversale  *SostituzioneReversale   `json:"sostituzione_reversale,omitempty"`

	Resto
}

// ClassificazioneEntrata is the SIOPE code of a part of a collection.
type ClassificazioneEntrata struct {
	Codice  string           `json:"codice_cge"`
	CUP     string           `json:"codice_cup,omitempty"`
	Importo Importo          `json:"importo"`
	Dati    DatiSIOPEEntrate `json:"classificazione_dati_siope_entrate"`

	Resto
}

// DatiSIOPEEntrate are the debts behind a collection and its place in the harmonised budget.
type DatiSIOPEEntrate struct {
	Debiti  []Debito        `json:"debiti" opi:"group"`
	ARCONET *ARCONETEntrate `json:"dati_ARCONET_siope,omitempty"`

	Resto
}

// ARCONETEntrate is the place of a collection in the harmonised budget.
type ARCONETEntrate struct {
	CodiceEconomico string  `json:"codice_economico_siope"`
	Importo         Importo `json:"importo_codice_economico_siope"`
	CodiceUE        string  `json:"codice_UE_siope"`
	Entrata         string  `json:"codice_entrata_siope,omitempty"`

	Resto
}

// MandatoAssociato is the order to pay that a collection is tied to.
type MandatoAssociato struct {
	NumeroMandato           int64 `json:"numero_mandato"`
	ProgressivoBeneficiario int64 `json:"progressivo_beneficiario,omitempty"`

	Resto
}

// SostituzioneReversale names the order that is replaced.
type SostituzioneReversale struct {
	Numero      int64 `json:"numero_reversale_da_sostituire"`
	Progressivo int64 `json:"progressivo_versante_da_sostituire"`
	Esercizio   int   `json:"esercizio_reversale_da_sostituire"`

	Resto
}

// Versante is who pays in.
type Versante struct {
	Anagrafica    string `json:"anagrafica_versante"`
	Indirizzo     string `json:"indirizzo_versante,omitempty"`
	CAP           string `json:"cap_versante,omitempty"`
	Localita      string `json:"localita_versante,omitempty"`
	Provincia     string `json:"provincia_versante,omitempty"`
	Stato         string `json:"stato_versante,omitempty"`
	PartitaIVA    string `json:"partita_iva_versante,omitempty"`
	CodiceFiscale string `json:"codice_fiscale_versante,omitempty"`

	Resto
}
