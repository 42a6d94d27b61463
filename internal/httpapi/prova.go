// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/base64"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
)

// Prova is one entry of a log as the management API shows it.
type Prova struct {
	Indice         int64      `json:"indice"`
	Foglia         string     `json:"foglia"` // RFC 6962 leaf hash, base64
	Ente           string     `json:"ente"`
	Ambiente       string     `json:"ambiente"`
	Tipo           string     `json:"tipo"`
	Scambio        string     `json:"scambio"`
	Istante        time.Time  `json:"istante"`
	Servizio       string     `json:"servizio,omitempty"`
	Operazione     string     `json:"operazione,omitempty"`
	EserviceID     string     `json:"eserviceId,omitempty"`
	DescriptorID   string     `json:"descriptorId,omitempty"`
	PurposeID      string     `json:"purposeId,omitempty"`
	ClientID       string     `json:"clientId,omitempty"`
	Voucher        []string   `json:"voucher,omitempty"` // jti
	Stato          int        `json:"stato,omitempty"`   // HTTP status
	Regole         []string   `json:"regole,omitempty"`
	Chiude         *int64     `json:"chiude,omitempty"` // index of the intent it closes
	StatoRiservati string     `json:"statoRiservati"`   // what became of the side record
	Riservati      *Riservati `json:"riservati,omitempty"`
}

func provaOf(s *evidence.Stored) Prova {
	return Prova{
		Indice: s.Index, Foglia: base64.StdEncoding.EncodeToString(s.LeafHash[:]),
		Ente: s.Ente, Ambiente: s.Environment, Tipo: string(s.Kind), Scambio: s.Exchange, Istante: s.Instant.UTC(),
		Servizio: s.Service, Operazione: s.Operation, EserviceID: s.Eservice, DescriptorID: s.Descriptor,
		PurposeID: s.Purpose, ClientID: s.Client, Voucher: s.Vouchers, Stato: s.Status, Regole: s.Rules,
		Chiude: s.Closes, StatoRiservati: statoRiservati(s.SideState), Riservati: riservatiOf(s.Side),
	}
}
