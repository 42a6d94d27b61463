// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"encoding/json"
	"time"

	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/modi"
)

// Application is the authenticated caller of an acquisition.
type Application struct {
	Ente  string // codice IPA its key belongs to
	Name  string // local name in ente.yaml
	KeyID string // public id of the key, for logs
}

// Operatore is who stands behind an acquisition, as the application states it.
type Operatore struct {
	Tipo       string // persona, automatismo, cittadino
	UserID     string // opaque identifier inside the ente
	Postazione string // workstation
	LoA        string // level of assurance, "" = not stated
}

// Contesto is why an acquisition is made. Everything else derives from the procedimento (design D10b).
type Contesto struct {
	Ente         string
	Procedimento string
	Pratica      string
	Operatore    Operatore
}

// Acquisition is one request of an application.
type Acquisition struct {
	Caller     Application
	Servizio   string // consumes recipe
	Operazione string // one of its operations
	Contesto   Contesto
	Richiesta  json.RawMessage // in the registry's own field names
	Decoded    any             // Richiesta if schema.ParseJSON has read it already; nil = it is read here
	// Dichiarato makes it a verifica: an object whose members are fields of the answer as they were declared. They are
	// compared, and verdicts alone come back. nil = the data are asked for.
	Dichiarato     json.RawMessage
	IdempotencyKey string // "" = none
	RequestID      string // of the HTTP request, for logs
}

// The esito of an acquisition that delivers data, of one that delivers verdicts, and of one whose data come later.
const (
	EsitoAcquisito  = "acquisito"
	EsitoVerificato = "verificato"
	EsitoInAttesa   = "in_attesa"
)

// Acquired is the answer of an acquisition. Dati holds the exact bytes that Firma covers. While the data are still to come
// there are Correlazione, by which [Out.Answer] finds them, and Scade alone.
type Acquired struct {
	Esito        string    `json:"esito"`
	Correlazione string    `json:"correlazione,omitempty"`
	Scade        time.Time `json:"scade,omitzero"`

	Dati        json.RawMessage       `json:"dati"`
	Avvisi      []modi.Text           `json:"avvisi,omitempty"` // the registry's warnings, for the operator
	Provenienza provenance.Provenance `json:"provenienza"`
	Firma       string                `json:"firma"` // provenance JWS by the ente seal
}
