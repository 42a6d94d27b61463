// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

// The blocks of a record beyond identity and address, in the registry's member names.

// Legame is the place of a person in a household.
type Legame struct {
	TipoLegame            string `json:"tipoLegame"` // 3 family, 5 AIRE
	CodiceLegame          string `json:"codiceLegame"`
	DataDecorrenza        string `json:"dataDecorrenza"`
	ProgressivoComponente string `json:"progressivoComponente,omitempty"`
}

// StatoCivile is the civil status by the registry's table.
type StatoCivile struct {
	StatoCivile string `json:"statoCivile"`
}

// Cittadinanza is one citizenship.
type Cittadinanza struct {
	DescrizioneStato string `json:"descrizioneStato"`
	CodiceStato      string `json:"codiceStato"`
	DataValidita     string `json:"dataValidita,omitempty"`
}

// DatiEvento is when and where something happened.
type DatiEvento struct {
	DataEvento  string `json:"dataEvento,omitempty"`
	LuogoEvento *Luogo `json:"luogoEvento,omitempty"`
}

// Parente is somebody else's identity inside a record. The registry gives neither
// codice fiscale nor idANPR of a parent.
type Parente struct {
	CodiceFiscale *CodiceFiscale `json:"codiceFiscale,omitempty"`
	Cognome       string         `json:"cognome,omitempty"`
	Nome          string         `json:"nome,omitempty"`
	Sesso         string         `json:"sesso,omitempty"`
	DataNascita   string         `json:"dataNascita,omitempty"`
	LuogoNascita  *Luogo         `json:"luogoNascita,omitempty"`
}

// Genitore is a parent.
type Genitore struct {
	Generalita Parente `json:"generalita"`
}

// Matrimonio is a marriage in force.
type Matrimonio struct {
	Coniuge          Parente    `json:"coniuge"`
	DatiMatrimonio   DatiEvento `json:"datiMatrimonio"`
	OrdineMatrimonio string     `json:"ordineMatrimonio,omitempty"`
}

// Vedovanza is the death of the spouse.
type Vedovanza struct {
	DatiMorteConiuge           DatiEvento `json:"datiMorteconiuge"`
	OrdineMatrimonioPrecedente string     `json:"ordineMatrimonioPrecedente,omitempty"`
}

// Annullamento is the end of a marriage by a judge.
type Annullamento struct {
	TipoCessazione string   `json:"tipoCessazione"`
	Sentenza       Sentenza `json:"sentenza"`
}

// Sentenza is a decision of a court.
type Sentenza struct {
	Data          string `json:"data"`
	Numero        string `json:"numero,omitempty"`
	TipoTribunale string `json:"tipoTribunale"`
	Autorita      string `json:"autorita"`
	DataValidita  string `json:"dataValidita"`
}

// UnioneCivile is a civil union in force.
type UnioneCivile struct {
	UnitoCivilmente Parente    `json:"unitoCivilmente"`
	AttoUnione      DatiEvento `json:"attoUnione"`
	OrdineUnione    string     `json:"ordineUnione,omitempty"`
}

// DomicilioDigitale is the digital address a person has elected.
type DomicilioDigitale struct {
	IndirizzoDigitale  string `json:"indirizzoDigitale"`
	DataInizioValidita string `json:"dataInizioValidita"`
	StatoDomicilio     string `json:"statoDomicilio,omitempty"`
}
