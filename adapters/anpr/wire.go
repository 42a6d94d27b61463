// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"encoding/json"
	"fmt"
)

// request is RichiestaE002, the one request of all the services.
type request struct {
	IDOperazioneClient string   `json:"idOperazioneClient"`
	CriteriRicerca     criteria `json:"criteriRicerca"`
	// Verifica are the blocks that a verifica compares, by ANPR's names.
	Verifica      map[string]json.RawMessage `json:"verifica,omitempty"`
	DatiRichiesta requestData                `json:"datiRichiesta"`
}

// criteria are exactly one of: codice fiscale, idANPR, demographic data. The last are
// passed on as the caller wrote them: they were validated against the recipe's schema.
type criteria struct {
	CodiceFiscale string          `json:"codiceFiscale,omitempty"`
	IDANPR        string          `json:"idANPR,omitempty"`
	Cognome       string          `json:"cognome,omitempty"`
	SenzaCognome  string          `json:"senzaCognome,omitempty"`
	Nome          string          `json:"nome,omitempty"`
	SenzaNome     string          `json:"senzaNome,omitempty"`
	Sesso         string          `json:"sesso,omitempty"`
	DatiNascita   json.RawMessage `json:"datiNascita,omitempty"`
}

type requestData struct {
	DataRiferimentoRichiesta string `json:"dataRiferimentoRichiesta"`
	MotivoRichiesta          string `json:"motivoRichiesta"`
	CasoUso                  string `json:"casoUso"`
}

// answer is RispostaE002OK and RispostaKO together. What is handed on as it came stays
// raw.
type answer struct {
	IDOperazioneANPR string    `json:"idOperazioneANPR"`
	ListaSoggetti    *subjects `json:"listaSoggetti"`
	ListaAnomalie    []anomaly `json:"listaAnomalie"`
	ListaErrori      []anomaly `json:"listaErrori"`
}

type subjects struct {
	DatiSoggetto []subject `json:"datiSoggetto"`
}

// subject is a person of an answer, in the blocks that the e-service gives; those the
// adapter itself reads have a field of their own beside.
type subject struct {
	blocks           map[string]json.RawMessage
	Generalita       json.RawMessage
	Identificativi   json.RawMessage
	Residenza        []json.RawMessage
	InfoSoggettoEnte []fact
	DatiDecesso      struct {
		DataEvento string `json:"dataEvento"`
	}
}

// UnmarshalJSON keeps every block as it came.
func (s *subject) UnmarshalJSON(data []byte) error {
	*s = subject{}
	if err := json.Unmarshal(data, &s.blocks); err != nil {
		return fmt.Errorf("read a subject: %w", err)
	}
	s.Generalita, s.Identificativi = s.blocks[fieldGeneralita], s.blocks[fieldIdentificativi]
	for name, into := range map[string]any{
		fieldResidenza: &s.Residenza, "infoSoggettoEnte": &s.InfoSoggettoEnte, "datiDecesso": &s.DatiDecesso,
	} {
		if raw := s.blocks[name]; len(raw) > 0 {
			if err := json.Unmarshal(raw, into); err != nil {
				return fmt.Errorf("read block %s: %w", name, err)
			}
		}
	}
	return nil
}

// fact is one answer of ANPR about a subject. Valore is S (yes), N (no) or A (ANPR
// cannot tell).
type fact struct {
	ID         string `json:"id"`
	Chiave     string `json:"chiave"`
	Valore     string `json:"valore"`
	ValoreData string `json:"valoreData"`
	Dettaglio  string `json:"dettaglio"`
}

// anomaly is an error (listaErrori) or a warning (listaAnomalie). Its oggetto, campo
// and valore are not read: they may repeat personal data of the request.
type anomaly struct {
	Code string `json:"codiceErroreAnomalia"`
	Type string `json:"tipoErroreAnomalia"`
	Text string `json:"testoErroreAnomalia"`
}

// generalita holds what the adapter itself reads of a subject's identity.
type generalita struct {
	CodiceFiscale struct {
		CodFiscale string `json:"codFiscale"`
	} `json:"codiceFiscale"`
	SoggettoAIRE string `json:"soggettoAIRE"`
}

type identificativi struct {
	IDANPR string `json:"idANPR"`
}

// residenza holds what the adapter itself reads of an address.
type residenza struct {
	DataDecorrenzaResidenza string          `json:"dataDecorrenzaResidenza"`
	LocalitaEstera          json.RawMessage `json:"localitaEstera"`
}
