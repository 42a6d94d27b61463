// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

const (
	// statusPath is answered before any back end.
	statusPath = "/status"
	// retryEarly is when a callback that came before its 202 was noted may come again.
	retryEarly = 5 * time.Second
)

// receiver takes the callbacks of an exposed e-service.
type receiver struct {
	Offer
	paths
	awaiting  *Awaiting
	operation string
}

// Receive puts the reception of callbacks in front of a back end, where the recipe has an operation that receives: what it
// returns is to be called in its place. The back end may be missing (nil) where the document has no other operation.
func (a *Awaiting) Receive(o Offer) (BackEnd, error) {
	id := o.Recipe.Receiver()
	if id == "" {
		return o.BackEnd, nil
	}
	below, err := pathsOf(o)
	if err != nil {
		return nil, err
	}
	if err := fits(o.Recipe, below.document); err != nil {
		return nil, err
	}
	for _, op := range below.document.Operations() {
		if o.BackEnd == nil && op.ID != id && op.Template != statusPath {
			return nil, bilingual.Errorf("%s %s: manca backEnd, e il nodo da sé risponde solo a %s",
				"%s %s: backEnd is missing, and the hub by itself answers %s alone", op.Method, op.Template, id)
		}
	}
	return &receiver{Offer: o, paths: below, awaiting: a, operation: id}, nil
}

// Do takes a callback and hands every other request on.
func (r *receiver) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	match, _, err := r.match(req)
	if err == nil && match.ID == r.operation {
		return r.receive(ctx, req, match)
	}
	if r.BackEnd == nil {
		return nil, problem.New(problem.RuleUnknownPath)
	}
	return r.BackEnd.Do(ctx, req, x)
}

// receive keeps an answer that somebody waits for, given by who was asked, once. The same callback again is told 200 and
// changes nothing (NONBLOCK_PUSH_REST, steps 3 and 4).
func (r *receiver) receive(ctx context.Context, req *http.Request, match schema.Match) (*outbound.Response, error) {
	a := r.awaiting
	correlation := registry.Correlation(req.Header)
	if correlation == "" {
		return nil, problem.New(problem.RuleCorrelationMissing)
	}
	producer, _ := a.cfg.Caller(req.Header)
	early := a.isAsking(addressee{r.Ente, r.Environment, r.Exposure, producer}) // before the look: what is noted by then is found
	row, err := a.cfg.Store.AskedOf(ctx, r.Ente, r.Environment, r.Exposure, producer, correlation)
	switch {
	case early && errors.Is(err, ErrNotFound):
		return nil, problem.New(problem.RuleCorrelationEarly).After(retryEarly)
	case err == nil && !row.Expires.After(a.cfg.Clock()), errors.Is(err, ErrNotFound):
		return nil, problem.New(problem.RuleCorrelationUnknown)
	case err != nil:
		return nil, problem.New(problem.RuleStore).Because(err)
	}
	if row.AnsweredAt.IsZero() {
		if err := r.keep(ctx, row, req); err != nil {
			return nil, err
		}
	}
	return fitting(match, &outbound.Response{Status: http.StatusOK, Header: http.Header{}}, says("done", "Ricevuta", correlation, "")), nil
}

func (r *receiver) keep(ctx context.Context, row AskedRow, req *http.Request) error {
	a := r.awaiting
	body, err := readBody(req)
	if err != nil {
		return fmt.Errorf("interaction: read the callback: %w", err)
	}
	kept := message{Status: statusOf(req.Header, body), Header: keptHeaders(req.Header), Body: body}
	box, err := sealed(a.cfg.Sealer, "risposta", row.ID, kept)
	if err != nil {
		return err
	}
	err = a.cfg.Store.AnswerAsked(ctx, row.ID, box, a.cfg.Clock().UTC())
	if err != nil && !errors.Is(err, ErrNotFound) { // not found: the same callback, a moment before
		return problem.New(problem.RuleStore).Because(err)
	}
	return nil
}

// statusOf is what the status of a callback would be if it were an answer: that of the problem document which it holds, or
// 200.
func statusOf(h http.Header, body []byte) int {
	if media, ok := schema.MediaType(h); !ok || media != "application/problem+json" {
		return http.StatusOK
	}
	var told struct {
		Status int `json:"status"`
	}
	if err := json.Unmarshal(body, &told); err != nil || told.Status < 400 || told.Status > 599 {
		return http.StatusInternalServerError
	}
	return told.Status
}
