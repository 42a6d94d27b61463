// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// ErrTaken means that the producer has given a correlation that it had given before.
var ErrTaken = errors.New("the correlation was given before")

// An Asked is a request of the ente whose answer comes by callback.
type Asked struct {
	ID                string // of the exchange that asked
	Ente, Environment string
	Application       string // that asked: nobody else is told the answer
	Exposure          string // of the ente, that receives the callback
	Producer          string // PDND id of who was asked: nobody else may answer
	Correlation       string // the X-Correlation-ID that it gave

	AskedAt, Expires time.Time
}

// An AskedRow is an Asked as a store keeps it. What may name a person is sealed.
type AskedRow struct {
	Asked
	AnsweredAt time.Time // zero: not yet
	Question   seal.Box
	Answer     seal.Box
}

// An AskedStore keeps what was asked. Its methods are safe for concurrent use; an error that is none of this package's
// means "don't know". [Store.PurgeInteractions] forgets what expired.
type AskedStore interface {
	// PutAsked stores a new one, durable when it returns nil; [ErrTaken].
	PutAsked(ctx context.Context, r AskedRow) error
	// AskedByID returns one by its id; [ErrNotFound].
	AskedByID(ctx context.Context, id string) (AskedRow, error)
	// AskedOf returns the one of a correlation; [ErrNotFound].
	AskedOf(ctx context.Context, ente, environment, exposure, producer, correlation string) (AskedRow, error)
	// AnswerAsked keeps the answer; [ErrNotFound] when it is not there or has one already.
	AnswerAsked(ctx context.Context, id string, answer seal.Box, at time.Time) error
}

// AwaitingConfig is what an [Awaiting] needs. All of it is mandatory.
type AwaitingConfig struct {
	Store  AskedStore
	Sealer *seal.Sealer
	Clock  func() time.Time
	// Caller reads from a request to a back end who calls, and for which purpose.
	Caller func(h http.Header) (consumer, purpose string)
}

// Awaiting is what the ente has asked of others and has no answer to yet, and the answers. It is safe for concurrent use.
type Awaiting struct {
	cfg AwaitingConfig

	mu     sync.Mutex
	asking map[addressee]int // requests that have no answer yet: a callback may overtake it
}

// addressee is where the answers of a producer come to.
type addressee struct{ ente, environment, exposure, producer string }

// NewAwaiting returns one over a store.
func NewAwaiting(cfg AwaitingConfig) (*Awaiting, error) {
	if cfg.Store == nil || cfg.Sealer == nil || cfg.Clock == nil || cfg.Caller == nil {
		return nil, errors.New("interaction: store, sealer, clock and caller are mandatory")
	}
	return &Awaiting{cfg: cfg, asking: map[addressee]int{}}, nil
}

// Asking tells that a request to a producer is under way, until ctx ends: a callback of its that nobody waits for may be
// the answer to that one, come before its 202 has been noted, and is told to come again. Only this process knows.
func (a *Awaiting) Asking(ctx context.Context, ente, environment, exposure, producer string) {
	to := addressee{ente, environment, exposure, producer}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asking[to]++
	context.AfterFunc(ctx, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.asking[to]--; a.asking[to] == 0 {
			delete(a.asking, to)
		}
	})
}

func (a *Awaiting) isAsking(to addressee) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asking[to] > 0
}

// Await keeps that an answer is to come, with what whoever reads it needs to know of the question. It is durable when it
// returns nil. A producer that gives a correlation twice has not accepted the second request; every other error means that
// the answer may be refused when it comes.
func (a *Awaiting) Await(ctx context.Context, asked Asked, question json.RawMessage) error {
	box, err := sealed(a.cfg.Sealer, "domanda", asked.ID, question)
	if err != nil {
		return err
	}
	err = a.cfg.Store.PutAsked(ctx, AskedRow{Asked: asked, Question: box})
	switch {
	case errors.Is(err, ErrTaken):
		return problem.New(problem.RuleNotAccepted).Because(err)
	case err != nil:
		return problem.New(problem.RuleStore).Because(err)
	}
	return nil
}

// Find returns what an application of an ente has asked, with its question and the answer, nil while there is none. What
// another one asked is not there.
func (a *Awaiting) Find(ctx context.Context, ente, application, id string) (Asked, json.RawMessage, *registry.Reply, error) {
	row, err := a.cfg.Store.AskedByID(ctx, id)
	switch {
	case err == nil && (row.Ente != ente || row.Application != application || !row.Expires.After(a.cfg.Clock())), errors.Is(err, ErrNotFound):
		return Asked{}, nil, nil, problem.New(problem.RuleAnswerUnknown)
	case err != nil:
		return Asked{}, nil, nil, problem.New(problem.RuleStore).Because(err)
	}
	var question json.RawMessage
	if err := opened(a.cfg.Sealer, "domanda", row.ID, row.Question, &question); err != nil {
		return Asked{}, nil, nil, err
	}
	if row.AnsweredAt.IsZero() {
		return row.Asked, question, nil, nil
	}
	var kept message
	if err := opened(a.cfg.Sealer, "risposta", row.ID, row.Answer, &kept); err != nil {
		return Asked{}, nil, nil, err
	}
	return row.Asked, question, &registry.Reply{Status: kept.Status, Header: kept.Header, Body: kept.Body, Received: row.AnsweredAt}, nil
}
