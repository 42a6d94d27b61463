// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// A Step is one change of state.
type Step struct {
	State State     `json:"stato"`
	At    time.Time `json:"istante"`
	Code  string    `json:"codice,omitempty"` // of a refusal or of an outcome that is none
}

// flowFacts is what is kept in clear of a flow.
type flowFacts struct {
	Digest      []byte      `json:"impronta"` // keyed: tells whether the same file was given again
	Mandati     int         `json:"mandati"`
	Reversali   int         `json:"reversali"`
	Payments    opi.Importo `json:"pagamenti"`
	Collections opi.Importo `json:"incassi"`
	Preparer    string      `json:"preparatore"`
	Application string      `json:"applicazione"`
	Signer      string      `json:"firmatario,omitempty"` // userID of who signed
	Attempts    int         `json:"tentativi,omitempty"`
	FirstSent   time.Time   `json:"primo_invio,omitzero"` // of the attempts that may have arrived
	LastSent    time.Time   `json:"ultimo_invio,omitzero"`
	// Doubt tells that the flow was sent again while nobody knew whether it had arrived. It never ends: a clear no to a
	// later attempt says nothing about the one before it.
	Doubt    bool   `json:"dubbio,omitempty"`
	Intent   int64  `json:"intento,omitempty"` // index, plus one, of the open intent in the evidence
	Exchange string `json:"scambio,omitempty"` // of that intent
	Number   string `json:"prog_flusso,omitempty"`
	Code     string `json:"codice,omitempty"`
	Warnings int    `json:"avvisi,omitempty"`
	Late     bool   `json:"ack_mancante,omitempty"`
	History  []Step `json:"storia"`
}

// ackIsLate tells whether the ACK of a flow that left has to be asked for.
func (f flowFacts) ackIsLate(now time.Time) bool {
	return !f.FirstSent.IsZero() && now.Sub(f.FirstSent) >= lateAck
}

// flowText is what is sealed of a flow.
type flowText struct {
	Document []byte       `json:"documento"`
	Signer   *SignedBy    `json:"firma,omitempty"`
	Errors   []opi.Errore `json:"errori,omitempty"`
}

// SignedBy is who signed a flow, as the certificate names them.
type SignedBy struct {
	CodiceFiscale string    `json:"codiceFiscale"`
	Name          string    `json:"nome"`
	Form          string    `json:"forma"`
	Claimed       time.Time `json:"dichiarato,omitzero"` // when, as the signer says
}

// orderFacts is what is kept of an order.
type orderFacts struct {
	Operation string      `json:"operazione"`
	Amount    opi.Importo `json:"importo"`
	Lines     []Line      `json:"righe"`
	// Before is what the order was before a variation or cancellation that is still to be decided.
	Before  *orderBefore `json:"prima,omitempty"`
	History []Step       `json:"storia"`
}

type orderBefore struct {
	Flow      string      `json:"flusso"`
	Operation string      `json:"operazione"`
	State     State       `json:"stato"`
	Amount    opi.Importo `json:"importo"`
	Lines     []Line      `json:"righe"`
}

// undo makes an order again what it was before a variation or cancellation that comes to nothing; false where it was
// nothing.
func (f *orderFacts) undo(o *OrderRow) bool {
	b := f.Before
	if b == nil {
		return false
	}
	o.State, o.Flow = b.State, b.Flow
	f.Operation, f.Amount, f.Lines, f.Before = b.Operation, b.Amount, b.Lines, nil
	return true
}

// messageFacts is what is kept in clear of a message.
type messageFacts struct {
	Kind  string   `json:"tipo,omitempty"`
	ID    string   `json:"identificativo,omitempty"`
	Flows []string `json:"flussi,omitempty"`
	Code  string   `json:"codice,omitempty"`
	Odd   int      `json:"difetti,omitempty"` // faults of the structure that did not keep it from being read
}

func put(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return []byte("{}") // no type of this package fails to marshal
	}
	return data
}

func get[T any](data []byte) (T, error) {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return v, fmt.Errorf("tesoreria: what the store keeps cannot be read")
	}
	return v, nil
}

func step(history []Step, s State, at time.Time, code string) []Step {
	return append(slices.Clone(history), Step{State: s, At: at.UTC(), Code: code})
}

// seal keeps what may name people under a key of its own.
func (d *Desk) seal(what, id string, v any) (sealed, error) {
	box, err := d.Sealer.Seal(sealContext(what, id), put(v))
	if err != nil {
		return box, fmt.Errorf("tesoreria: seal: %w", err)
	}
	return box, nil
}

func unseal[T any](d *Desk, what, id string, box sealed) (T, error) {
	var none T
	text, err := d.Sealer.Open(sealContext(what, id), box)
	if err != nil {
		return none, fmt.Errorf("tesoreria: open what is kept: %w", err)
	}
	return get[T](text)
}

func sealContext(what, id string) []byte { return []byte("tesoreria|" + what + "|" + id) }
