// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package acts keeps what was done on PDND in the name of an ente, as a kind of its own in
// the evidence log of that ente.
//
// It owns the form of an act: an intent that is durable before PDND is asked, and its
// outcome. The log is also the only memory of which objects Snodo made, so that it never
// changes another one. It depends on internal/evidence and never calls PDND.
package acts

import (
	"context"
	"errors"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/evidence"
)

// Outcome says how an act ended.
type Outcome string

// The outcomes of an act.
const (
	// Done: PDND carried it out.
	Done Outcome = "fatto"
	// Refused: PDND said no, and nothing changed.
	Refused Outcome = "rifiutato"
	// Unknown: no outcome was kept. What happened is to be read on PDND.
	Unknown Outcome = "sconosciuto"
)

// Act is one change on PDND. It travels between the commands and the hub as JSON, whose
// names are those of the management API.
type Act struct {
	ID          string    `json:"id"`       // of the act, one for intent and outcome
	Ente        string    `json:"ente"`     // codice IPA: whose log it is in
	Environment string    `json:"ambiente"` //
	Action      string    `json:"azione"`   // what was done: eservice/create, client-key/add
	Target      string    `json:"oggetto"`  // what it was done for: purpose/asilo, client/servizi
	At          time.Time `json:"istante"`  // of the intent; the log sets it
	Operator    string    `json:"operatore"`
	Workstation string    `json:"postazione"`

	Service    string `json:"servizio,omitempty"`
	Eservice   string `json:"eserviceId,omitempty"`
	Descriptor string `json:"descriptorId,omitempty"`
	Purpose    string `json:"purposeId,omitempty"`
	Client     string `json:"clientId,omitempty"`

	Object   string             `json:"id_pdnd,omitempty"` // of the object made or changed; with the outcome
	Values   map[string]string  `json:"valori,omitempty"`
	Approval *evidence.Approval `json:"approvazione,omitempty"`

	Outcome Outcome `json:"esito,omitempty"`
	Status  int     `json:"stato,omitempty"`  // of PDND's answer
	Code    string  `json:"codice,omitempty"` // PDND's own code of a refusal
}

// Journal keeps acts. The log of the hub is one; the commands reach it through the
// management API. Implementations are safe for concurrent use.
type Journal interface {
	// Begin keeps the intent of an act and returns its index. When it returns an error
	// nothing may be asked of PDND. The act has no ID and no instant yet.
	Begin(ctx context.Context, a Act) (Begun, error)
	// End keeps the outcome. An error leaves the act Unknown.
	End(ctx context.Context, b Begun, a Act) error
	// Acts lists the acts of an ente in an environment, oldest first.
	Acts(ctx context.Context, ente, environment string) ([]Act, error)
}

// Begun is an act whose outcome is still to be kept.
type Begun struct {
	ID    string `json:"id"`
	Index int64  `json:"indice"`
}

// ErrInvalid reports an act that lacks a mandatory member or has an unknown outcome.
var ErrInvalid = bilingual.New("atto non valido", "invalid act")

// Evidence is what a Journal needs of the log; *evidence.Log is the one.
type Evidence interface {
	// Append keeps a record; nil means that it is durable.
	Append(ctx context.Context, r evidence.Record) (evidence.Receipt, error)
	// List returns the entries that match, by ascending index.
	List(ctx context.Context, q evidence.Query) ([]evidence.Stored, error)
}

// Log is the Journal over the evidence log.
type Log struct {
	evidence Evidence
	newID    func() (string, error)
}

// NewLog returns a Journal. newID gives the ids of acts, unique for ever.
func NewLog(log Evidence, newID func() (string, error)) *Log {
	return &Log{evidence: log, newID: newID}
}

// Begin implements Journal. The error wraps ErrInvalid or one of package evidence.
func (l *Log) Begin(ctx context.Context, a Act) (Begun, error) {
	if a.Ente == "" || a.Environment == "" || a.Action == "" || a.Target == "" {
		return Begun{}, ErrInvalid
	}
	id, err := l.newID()
	if err != nil {
		return Begun{}, err
	}
	a.ID, a.Status, a.Code = id, 0, ""
	receipt, err := l.evidence.Append(ctx, record(a, evidence.KindPiattaformaIntento))
	return Begun{ID: id, Index: receipt.Index}, err
}

// End implements Journal. The error wraps ErrInvalid or one of package evidence; with
// evidence.ErrNotOpen the hub has closed the act as unknown meanwhile.
func (l *Log) End(ctx context.Context, b Begun, a Act) error {
	if a.Outcome != Done && a.Outcome != Refused || b.ID == "" {
		return ErrInvalid
	}
	a.ID = b.ID
	r := record(a, evidence.KindPiattaformaEsito)
	r.Closes = &b.Index
	_, err := l.evidence.Append(ctx, r)
	return err
}

// record writes an act as evidence. A done act has a status of success, also when there was
// no answer to take it from.
func record(a Act, kind evidence.Kind) evidence.Record {
	if kind == evidence.KindPiattaformaEsito && a.Status == 0 {
		a.Status = map[Outcome]int{Done: 200, Refused: 400}[a.Outcome]
	}
	return evidence.Record{
		Entry: evidence.Entry{
			Ente: a.Ente, Environment: a.Environment, Kind: kind, Exchange: a.ID, Service: a.Service, Operation: a.Action,
			Eservice: a.Eservice, Descriptor: a.Descriptor, Purpose: a.Purpose, Client: a.Client, Status: a.Status,
		},
		Side: evidence.Side{
			Operator: evidence.Operator{Type: "persona", UserID: a.Operator, Workstation: a.Workstation, Assurance: "dichiarati"},
			Act:      &evidence.Act{Target: a.Target, Object: a.Object, Values: a.Values, Approval: a.Approval, Code: a.Code},
		},
	}
}

// Acts implements Journal. An act whose side record cannot be read is left out: what Snodo
// cannot show to be its own it does not change.
func (l *Log) Acts(ctx context.Context, ente, environment string) ([]Act, error) {
	intents, err := l.all(ctx, ente, environment, evidence.KindPiattaformaIntento)
	if err != nil {
		return nil, err
	}
	outcomes, err := l.all(ctx, ente, environment, evidence.KindPiattaformaEsito)
	if err != nil {
		return nil, err
	}
	ends := make(map[string]Act, len(outcomes))
	for _, a := range outcomes {
		ends[a.ID] = a
	}
	list := make([]Act, 0, len(intents))
	for _, a := range intents {
		a.Outcome = Unknown
		if end, ended := ends[a.ID]; ended {
			end.At = a.At
			end.Outcome = Refused
			if end.Status/100 == 2 {
				end.Outcome = Done
			}
			a = end
		}
		list = append(list, a)
	}
	return list, nil
}

func (l *Log) all(ctx context.Context, ente, environment string, kind evidence.Kind) ([]Act, error) {
	var list []Act
	query := evidence.Query{Ente: ente, Environment: environment, Kind: kind, Limit: evidence.MaxPage}
	for {
		page, err := l.evidence.List(ctx, query)
		if errors.Is(err, evidence.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for i := range page {
			if s := &page[i]; s.Side != nil && s.Side.Act != nil {
				list = append(list, actOf(s))
			}
		}
		if len(page) < evidence.MaxPage {
			return list, nil
		}
		query.After = &page[len(page)-1].Index
	}
}

func actOf(s *evidence.Stored) Act {
	act := s.Side.Act
	return Act{
		ID: s.Exchange, Ente: s.Ente, Environment: s.Environment, Action: s.Operation, Target: act.Target, At: s.Instant,
		Operator: s.Side.Operator.UserID, Workstation: s.Side.Operator.Workstation,
		Service: s.Service, Eservice: s.Eservice, Descriptor: s.Descriptor, Purpose: s.Purpose, Client: s.Client,
		Object: act.Object, Values: act.Values, Approval: act.Approval, Status: s.Status, Code: act.Code,
	}
}
