// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package registry is the catalogue of e-services: the recipe format, the contract
// that every adapter meets, the errors all registries are mapped to, and the Guard
// that protects a remote host and its callers.
//
// It depends only on modi. It never opens a connection, signs or reads a
// configuration folder: adapters are handed a Transport, a Clock and a State.
package registry

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// OperatorKind tells who stands behind an acquisition.
type OperatorKind string

// The three kinds of operator.
const (
	Persona     OperatorKind = "persona"     // a named employee
	Automatismo OperatorKind = "automatismo" // a job, with its responsible person and act
	Cittadino   OperatorKind = "cittadino"   // the citizen, through a service of the ente
)

// Operator is who causes an acquisition, as the tracking evidence states it.
type Operator struct {
	Kind         OperatorKind
	UserID       string // opaque identifier inside the ente
	UserLocation string // workstation
	LoA          string // level of assurance, at most 20 characters
}

// Scope is what an acquisition derives from its procedimento. The adapter passes it
// unchanged to every Transport.Do; the transport appends to Calls.
type Scope struct {
	ExchangeID   string
	Ente         string // codice IPA
	Environment  string
	Applicazione string
	Procedimento string
	Pratica      string
	Operator     Operator
	// Purposes maps a service (recipe name) to the PDND purposeId that covers it.
	Purposes map[string]string
	// ReplyTo is where the answer of an operation that does not block is to go (X-ReplyTo); "" for all others.
	ReplyTo string
	Calls   *CallLog
}

// CallRecord describes one attempt on the wire. PDND tracing and quotas count these.
type CallRecord struct {
	Service        string
	EserviceID     string
	DescriptorID   string
	PurposeID      string
	ClientID       string
	VoucherJTI     string
	KID            string
	Status         int // HTTP status, 0 when no answer came
	Started, Ended time.Time
	OperationID    string // the registry's own operation id sent (idOperazioneClient)
	RegistryID     string // govway_id or the registry's own id received
	// Proofs kept under evidence.keep=proofs, compact form.
	RequestSignature, TrackingEvidence, ResponseSignature string
	RequestDigest, ResponseDigest                         string
	Fault                                                 string // sentinel or rule id when the attempt failed
}

// CallLog collects call records. It is safe for concurrent use; the zero value is empty.
type CallLog struct {
	mu    sync.Mutex
	calls []CallRecord
}

// Add appends a record.
func (l *CallLog) Add(r CallRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, r)
}

// All returns a copy of the records in the order of their addition.
func (l *CallLog) All() []CallRecord {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]CallRecord(nil), l.calls...)
}

// Call is one request to an e-service, before voucher and signatures.
type Call struct {
	Service     string // recipe name: chooses URL, audience, client, purpose
	Method      string
	Path        string // below the recipe's URL, already escaped
	Header      http.Header
	Body        []byte
	Idempotent  bool   // whether a second attempt is harmless
	OperationID string // for the evidence
	// SeeOther tells that 303 is an answer of this call, which says where the result of an
	// asynchronous operation is. It is handed on and never followed.
	SeeOther bool
	// Classify turns an answer into an error of this package's kinds, or nil. It runs
	// inside the guard, so that what it returns decides whether the breaker counts the
	// attempt. nil means ClassifyByStatus.
	Classify func(Reply) error
}

// Reply is an answer whose signature, where the recipe requires one, has verified.
type Reply struct {
	Status     int
	Header     http.Header
	Body       []byte
	RegistryID string // govway_id when the answer carries one
	// Received is when the answer came; dates in it are read relative to it. Zero when
	// unknown.
	Received time.Time
}

// Transport performs one signed call: deadline, limiter, voucher, guard, signatures,
// send, retry with fresh signatures, verified reply. Errors are *Fault or wrap one of
// this package's kinds. Implementations are safe for concurrent use.
type Transport interface {
	Do(ctx context.Context, s *Scope, c Call) (Reply, error)
}

// State hands out durable numbers that never repeat and never go back.
type State interface {
	// Next returns a number greater than every number returned before for (ente, name)
	// and at least floor.
	Next(ctx context.Context, ente, name string, floor uint64) (uint64, error)
}

// Deps is all that an adapter is given.
type Deps struct {
	Transport Transport
	Clock     modi.Clock
	State     State
	// Recipes are the consumes recipes the adapter was configured with, by name.
	Recipes map[string]*Recipe
}

// Request is one acquisition as an adapter sees it.
type Request struct {
	Scope     *Scope
	Richiesta json.RawMessage // already validated against the operation's input schema
}

// Response is what the registry said, in its own field names.
type Response struct {
	// Dati is a JSON object; the gateway keeps only the fields the procedimento may see.
	Dati json.RawMessage
	// Avvisi are warnings for the operator about the answer as a whole. They say nothing of
	// the person: every caller is told them.
	Avvisi []modi.Text
	// Notes are avvisi that say something of fields of dati.
	Notes []Note
	// RegistryID is the registry's own id of the operation (idOperazioneANPR).
	RegistryID string
	// Subjects are the normalised codici fiscali of the persons the answer speaks of, also
	// when the request named none of them: the evidence is looked up and erased by them.
	// Personal data, for the index alone: never logged nor returned to the caller.
	Subjects []string
	// Correlation is the X-Correlation-ID of the answer that is still to come, of an operation with an Interaction; "" when
	// who was asked has not accepted it with 202 and one of the form that Correlation reads.
	Correlation string
}

// Note is an avviso that gives away something of fields of dati. The gateway tells it only
// to who may see all of them, and never with a comparison of its own, of which verdicts
// alone come back.
type Note struct {
	Fields []string // at least one, by their names in dati
	Text   modi.Text
}

// Adapter speaks to one family of e-services. It neither signs, retries nor breaks
// circuits: Transport does. It is safe for concurrent use. Call returns an error
// wrapping ErrUnsupported for an operation it does not have.
type Adapter interface {
	// Services lists the recipes (services) it serves.
	Services() []string
	// Call carries out one operation of one service and returns its dati whole: what a
	// procedimento may not see is dropped by the caller.
	Call(ctx context.Context, service, operation string, in Request) (Response, error)
}

// Receiver is an Adapter some of whose operations have their answers come later. It is safe for concurrent use.
type Receiver interface {
	Adapter
	// Receive reads a callback as the answer of the operation that in asked, with the errors of Call about an answer.
	Receive(service, operation string, in Request, callback Reply) (Response, error)
}
