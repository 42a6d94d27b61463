// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi/uuid"
	"github.com/snodo-pa/snodo/registry"
)

// Headers of the interaction patterns (LG Interoperabilità, Pattern di interazione).
const (
	HeaderReplyTo     = registry.HeaderReplyTo
	HeaderCorrelation = registry.HeaderCorrelation
)

// accept keeps a request and the work that it means in one transaction, then says 202.
func (c *offer) accept(ctx context.Context, req *http.Request, match schema.Match, x exchange) (*outbound.Response, error) {
	e := c.engine
	body, err := readBody(req)
	if err != nil {
		return nil, fmt.Errorf("interaction: read the request: %w", err)
	}
	id, err := uuid.New(e.cfg.Rand)
	if err != nil {
		return nil, fmt.Errorf("interaction: draw an id: %w", err)
	}
	target := c.below(req.URL.RequestURI())
	kept := message{Method: req.Method, Path: target, Header: req.Header.Clone(), Body: body}
	consumer, purpose := e.cfg.Caller(req.Header)
	if x.pattern == registry.NonBlockingPush {
		kept.ReplyTo = req.Header.Get(HeaderReplyTo)
		switch {
		case kept.ReplyTo == "":
			return nil, problem.New(problem.RuleReplyToMissing)
		case !e.cfg.MayReply(c.Ente, c.Exposure, consumer, kept.ReplyTo):
			return nil, problem.New(problem.RuleReplyToUnknown)
		}
		kept.Header.Del(HeaderReplyTo)
	}
	now := e.cfg.Clock().UTC()
	row := Row{
		ID: id, Ente: c.Ente, Environment: c.Environment, Service: c.Exposure, Operation: x.request,
		Consumer: consumer, Purpose: purpose,
		AcceptedAt: now, Expires: now.Add(x.keep),
	}
	if row.Request, err = sealed(e.cfg.Sealer, "request", id, kept); err != nil {
		return nil, err
	}
	if err := e.store(ctx, row); err != nil {
		return nil, err
	}
	e.cfg.Queue.Wake()
	answer := &outbound.Response{Status: http.StatusAccepted, Header: http.Header{}}
	if x.pattern == registry.NonBlockingPush {
		answer.Header.Set(HeaderCorrelation, id)
	} else {
		answer.Header.Set("Location", x.status+id)
	}
	return fitting(match, answer, says("accepted", "Presa in carico", id, "")), nil
}

const (
	// mostOpen and mostOpenBytes bound what one consumer may have waiting at one exposure: however slow the procedure is,
	// it does not fill the store of all enti. What came to nothing counts until it is repeated or expires.
	mostOpen      = 1000
	mostOpenBytes = 64 << 20
	// retryOpen is when a consumer with too much waiting may try again: the procedure answers meanwhile.
	retryOpen = time.Minute
)

// store keeps an interaction and its work, unless its consumer has too many that wait.
func (e *Engine) store(ctx context.Context, row Row) error {
	of := Asker{Ente: row.Ente, Environment: row.Environment, Service: row.Service, Consumer: row.Consumer}
	err := e.cfg.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
		open, err := tx.OpenInteractions(ctx, of, row.AcceptedAt)
		if err != nil {
			return err
		}
		if open.Count >= mostOpen || open.Bytes+int64(len(row.Request.Data)) > mostOpenBytes {
			return problem.New(problem.RuleTooManyOpen).Of(mostOpen).After(retryOpen)
		}
		if err := tx.PutInteraction(ctx, row); err != nil {
			return err
		}
		return e.enqueue(ctx, tx, workKind(), row)
	})
	var full *problem.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &full):
		return full
	}
	return problem.New(problem.RuleStore).Because(err)
}

// state tells 200 while the procedure works and 303 when its answer is there.
func (c *offer) state(ctx context.Context, req *http.Request, match schema.Match, x exchange, id string) (*outbound.Response, error) {
	row, err := c.ofCaller(ctx, req, id)
	if err != nil {
		return nil, err
	}
	answer := &outbound.Response{Status: http.StatusOK, Header: http.Header{}}
	if !row.Done() {
		if err := c.engine.worked(ctx, row); err != nil {
			return nil, err
		}
		return fitting(match, answer, says("processing", "In lavorazione", id, "")), nil
	}
	answer.Status = http.StatusSeeOther
	answer.Header.Set("Location", x.result+id)
	return fitting(match, answer, says("done", "Conclusa", id, x.result+id)), nil
}

// result is the answer of the procedure, as it gave it.
func (c *offer) result(ctx context.Context, req *http.Request, id string) (*outbound.Response, error) {
	row, err := c.ofCaller(ctx, req, id)
	if err != nil {
		return nil, err
	}
	if !row.Done() {
		if err := c.engine.worked(ctx, row); err != nil {
			return nil, err
		}
		return nil, problem.New(problem.RuleInteractionPending)
	}
	var kept message
	if err := opened(c.engine.cfg.Sealer, "answer", row.ID, row.Answer, &kept); err != nil {
		return nil, err
	}
	return &outbound.Response{Status: kept.Status, Header: kept.Header, Body: kept.Body}, nil
}

// worked tells whether an interaction without answer is still being worked. One that came to nothing is told as it is: whoever
// runs the hub may have it run again, and then it is worked.
func (e *Engine) worked(ctx context.Context, row Row) error {
	job, err := workKind().Find(ctx, e.cfg.Queue, jobOf(row))
	switch {
	case errors.Is(err, jobs.ErrNotFound): // forgotten, or enqueued under another master key: nothing speaks of a failure
		return nil
	case err != nil:
		return problem.New(problem.RuleStore).Because(err)
	case job.State == jobs.StateDead, job.State == jobs.StateDiscarded:
		return problem.New(problem.RuleInteractionFailed)
	}
	return nil
}

// ofCaller finds an interaction of the consumer that asks, for the purpose that it was begun for. Of everybody else's the
// answer is the same as of one that is not there.
func (c *offer) ofCaller(ctx context.Context, req *http.Request, id string) (Row, error) {
	row, err := c.engine.cfg.Store.Interaction(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return Row{}, problem.New(problem.RuleInteractionUnknown)
	case err != nil:
		return Row{}, problem.New(problem.RuleStore).Because(err)
	}
	consumer, purpose := c.engine.cfg.Caller(req.Header)
	if row.Ente != c.Ente || row.Environment != c.Environment || row.Service != c.Exposure ||
		row.Consumer != consumer || row.Purpose != purpose || !row.Expires.After(c.engine.cfg.Clock()) {
		return Row{}, problem.New(problem.RuleInteractionUnknown)
	}
	return row, nil
}
