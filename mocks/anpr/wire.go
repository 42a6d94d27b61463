// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import "encoding/json"

// The types below are the JSON of operation E002. Member names and value forms are the
// registry's own.

// RichiestaE002 is a request. Verifica holds what is declared, by block, for the
// e-services that compare.
type RichiestaE002 struct {
	IDOperazioneClient string                     `json:"idOperazioneClient"`
	CriteriRicerca     *Criteri                   `json:"criteriRicerca"`
	Verifica           map[string]json.RawMessage `json:"verifica,omitempty"`
	DatiRichiesta      *DatiRichiesta             `json:"datiRichiesta"`
}

// Criteri are the search criteria: a codice fiscale, an idANPR or the five demographic
// fields.
type Criteri struct {
	CodiceFiscale string       `json:"codiceFiscale,omitempty"`
	IDANPR        string       `json:"idANPR,omitempty"`
	Cognome       string       `json:"cognome,omitempty"`
	SenzaCognome  string       `json:"senzaCognome,omitempty"`
	Nome          string       `json:"nome,omitempty"`
	SenzaNome     string       `json:"senzaNome,omitempty"`
	Sesso         string       `json:"sesso,omitempty"`
	DatiNascita   *DatiNascita `json:"datiNascita,omitempty"`
}

// DatiNascita are date and place of birth in a request.
type DatiNascita struct {
	DataEvento      string `json:"dataEvento,omitempty"`
	SenzaGiorno     string `json:"senzaGiorno,omitempty"`
	SenzaGiornoMese string `json:"senzaGiornoMese,omitempty"`
	LuogoNascita    *Luogo `json:"luogoNascita,omitempty"`
}

// DatiRichiesta say at which date, why and for which use case the registry is asked.
type DatiRichiesta struct {
	DataRiferimentoRichiesta string `json:"dataRiferimentoRichiesta"`
	MotivoRichiesta          string `json:"motivoRichiesta"`
	CasoUso                  string `json:"casoUso"`
}

// Luogo is a place: exactly one member is set.
type Luogo struct {
	LuogoEccezionale string    `json:"luogoEccezionale,omitempty"`
	Comune           *Comune   `json:"comune,omitempty"`
	Localita         *Localita `json:"localita,omitempty"`
}

// Comune is an Italian municipality.
type Comune struct {
	NomeComune          string `json:"nomeComune,omitempty"`
	CodiceIstat         string `json:"codiceIstat,omitempty"`
	SiglaProvinciaIstat string `json:"siglaProvinciaIstat,omitempty"`
}

// Localita is a place abroad.
type Localita struct {
	DescrizioneLocalita string `json:"descrizioneLocalita,omitempty"`
	DescrizioneStato    string `json:"descrizioneStato,omitempty"`
	CodiceStato         string `json:"codiceStato,omitempty"`
	ProvinciaContea     string `json:"provinciaContea,omitempty"`
}

// RispostaE002OK is a positive answer.
type RispostaE002OK struct {
	IDOperazioneANPR string         `json:"idOperazioneANPR"`
	ListaSoggetti    *ListaSoggetti `json:"listaSoggetti,omitempty"`
	ListaAnomalie    []Errore       `json:"listaAnomalie,omitempty"`
}

// RispostaKO is a negative answer.
type RispostaKO struct {
	IDOperazioneANPR string   `json:"idOperazioneANPR"`
	ListaErrori      []Errore `json:"listaErrori"`
}

// Errore is an error (type E) or a warning (type W).
type Errore struct {
	Codice string `json:"codiceErroreAnomalia"`
	Tipo   string `json:"tipoErroreAnomalia"`
	Testo  string `json:"testoErroreAnomalia"`
	Campo  string `json:"campoErroreAnomalia,omitempty"`
}

// ListaSoggetti wraps the people found.
type ListaSoggetti struct {
	DatiSoggetto []DatiSoggetto `json:"datiSoggetto"`
}

// DatiSoggetto is one person, in the blocks the e-service gives.
type DatiSoggetto struct {
	Generalita             *Generalita        `json:"generalita,omitempty"`
	StatoCivile            *StatoCivile       `json:"statoCivile,omitempty"`
	Cittadinanza           []Cittadinanza     `json:"cittadinanza,omitempty"`
	Paternita              *Genitore          `json:"paternita,omitempty"`
	Maternita              *Genitore          `json:"maternita,omitempty"`
	Residenza              []Residenza        `json:"residenza,omitempty"`
	Matrimonio             *Matrimonio        `json:"matrimonio,omitempty"`
	Vedovanza              *Vedovanza         `json:"vedovanza,omitempty"`
	AnnullamentoMatrimonio *Annullamento      `json:"annullamentoMatrimonio,omitempty"`
	UnioneCivile           *UnioneCivile      `json:"unioneCivile,omitempty"`
	LegameSoggetto         *Legame            `json:"legameSoggetto,omitempty"`
	DomicilioDigitale      *DomicilioDigitale `json:"domicilioDigitale,omitempty"`
	DatiDecesso            *DatiEvento        `json:"datiDecesso,omitempty"`
	InfoSoggetto           []InfoEnte         `json:"infoSoggettoEnte,omitempty"`
	Identificativi         *Identificativi    `json:"identificativi,omitempty"`
}

// Identificativi holds the national identifier.
type Identificativi struct {
	IDANPR string `json:"idANPR"`
}

// InfoEnte is one answer about a person: exactly one value member is set.
type InfoEnte struct {
	ID         string `json:"id"`
	Chiave     string `json:"chiave"`
	Valore     string `json:"valore,omitempty"`
	ValoreData string `json:"valoreData,omitempty"`
	Dettaglio  string `json:"dettaglio,omitempty"`
}

// Generalita are the personal data.
type Generalita struct {
	CodiceFiscale        CodiceFiscale `json:"codiceFiscale"`
	Cognome              string        `json:"cognome,omitempty"`
	SenzaCognome         string        `json:"senzaCognome,omitempty"`
	Nome                 string        `json:"nome,omitempty"`
	SenzaNome            string        `json:"senzaNome,omitempty"`
	Sesso                string        `json:"sesso,omitempty"`
	DataNascita          string        `json:"dataNascita,omitempty"`
	LuogoNascita         Luogo         `json:"luogoNascita,omitzero"`
	SoggettoAIRE         string        `json:"soggettoAIRE,omitempty"`
	AnnoEspatrio         string        `json:"annoEspatrio,omitempty"`
	IDSchedaSoggettoANPR string        `json:"idSchedaSoggettoANPR,omitempty"`
}

// CodiceFiscale is a codice fiscale with its validation: 1 validated, 9 not.
type CodiceFiscale struct {
	CodFiscale               string `json:"codFiscale"`
	ValiditaCF               string `json:"validitaCF"`
	DataAttribuzioneValidita string `json:"dataAttribuzioneValidita,omitempty"`
}

// Residenza is one residence. Exactly one of Indirizzo and LocalitaEstera is set.
type Residenza struct {
	TipoIndirizzo           string          `json:"tipoIndirizzo"`
	Indirizzo               *Indirizzo      `json:"indirizzo,omitempty"`
	LocalitaEstera          *LocalitaEstera `json:"localitaEstera,omitempty"`
	Presso                  string          `json:"presso,omitempty"`
	DataDecorrenzaResidenza string          `json:"dataDecorrenzaResidenza,omitempty"`
}

// Indirizzo is an address in Italy.
type Indirizzo struct {
	Cap          string        `json:"cap,omitempty"`
	Comune       Comune        `json:"comune"`
	Frazione     string        `json:"frazione,omitempty"`
	Toponimo     Toponimo      `json:"toponimo"`
	NumeroCivico *NumeroCivico `json:"numeroCivico,omitempty"`
}

// Toponimo is the name of a street.
type Toponimo struct {
	CodSpecie             string `json:"codSpecie,omitempty"`
	Specie                string `json:"specie,omitempty"`
	SpecieFonte           string `json:"specieFonte,omitempty"`
	DenominazioneToponimo string `json:"denominazioneToponimo"`
}

// NumeroCivico is a house number.
type NumeroCivico struct {
	Numero        string         `json:"numero,omitempty"`
	ProgSNC       string         `json:"progSNC,omitempty"`
	Lettera       string         `json:"lettera,omitempty"`
	CivicoInterno *CivicoInterno `json:"civicoInterno,omitempty"`
}

// CivicoInterno is what is behind the door.
type CivicoInterno struct {
	Scala    string `json:"scala,omitempty"`
	Interno1 string `json:"interno1,omitempty"`
	Piano    string `json:"piano,omitempty"`
}

// LocalitaEstera is an address abroad, with the consulate it belongs to.
type LocalitaEstera struct {
	IndirizzoEstero *IndirizzoEstero `json:"indirizzoEstero,omitempty"`
	Consolato       Consolato        `json:"consolato"`
}

// IndirizzoEstero is the address itself.
type IndirizzoEstero struct {
	Cap      string          `json:"cap,omitempty"`
	Localita Localita        `json:"localita"`
	Toponimo *ToponimoEstero `json:"toponimo,omitempty"`
}

// ToponimoEstero is a street and number abroad.
type ToponimoEstero struct {
	Denominazione string `json:"denominazione,omitempty"`
	NumeroCivico  string `json:"numeroCivico,omitempty"`
}

// Consolato is an Italian consulate.
type Consolato struct {
	CodiceConsolato      string `json:"codiceConsolato"`
	DescrizioneConsolato string `json:"descrizioneConsolato"`
}
