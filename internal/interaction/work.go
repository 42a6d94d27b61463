// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// HeaderIdempotency carries the id of the interaction to the procedure, the same at every attempt.
const HeaderIdempotency = "Idempotency-Key"

// The codes of what fails.
const (
	CodeBackEnd  = "interazione/procedura"
	CodeDelivery = "interazione/consegna"
	CodeOffer    = "interazione/non-offerta"

	CodeSuspended = "interazione/fruitore-sospeso"
	CodeFull      = "interazione/posti-occupati"
)

const (
	// retrySuspended is how long what a suspended consumer asked for waits before it is looked at again.
	retrySuspended = 15 * time.Minute
	// retryGuarded is how long a call that the breaker of the procedure kept back, or that found no place, waits at least.
	retryGuarded = time.Minute
	// perExposure is how many interactions of one exposure a process works at a time, and how many of its callbacks it
	// sends: a procedure, or receivers, that are slow hold up nobody else's. perConsumer is how many all processes do of
	// one consumer: who asks much, or receives slowly, holds up no other consumer.
	perExposure = 4
	perConsumer = perExposure / 2
	// queueFor is how long a job waits for one of the places of its exposure, and retryFull when it is looked at again.
	queueFor  = 250 * time.Millisecond
	retryFull = 30 * time.Second
	// mostPlaces bounds what a process works at a time, of each of the two.
	mostPlaces = 64
)

// task is what a job is about. All else is with the interaction.
type task struct {
	ID string `json:"id"`
}

// workKind is the call of the procedure.
func workKind() jobs.Kind[task] {
	return jobs.Kind[task]{Name: "interazione/lavoro", Policy: jobs.Policy{
		MaxAttempts: 20, PerShare: perConsumer, Timeout: 10 * time.Minute, Lease: 6 * time.Second, Backoff: jobs.Backoff{Base: 5 * time.Second, Max: 15 * time.Minute},
	}}
}

// callbackKind is the delivery of an answer.
func callbackKind() jobs.Kind[task] {
	return jobs.Kind[task]{Name: "interazione/richiamata", Policy: jobs.Policy{
		MaxAttempts: 20, PerShare: perConsumer, Lease: 6 * time.Second, Backoff: jobs.Backoff{Base: 5 * time.Second, Max: time.Hour},
	}}
}

// purgeKind is the forgetting of what expired.
func purgeKind() jobs.Kind[jobs.Tick] { return jobs.Kind[jobs.Tick]{Name: "interazione/scadenze"} }

// Kinds are the names of the kinds of job of this package.
func Kinds() []string { return []string{workKind().Name, callbackKind().Name, purgeKind().Name} }

// jobOf is whose the jobs of an interaction are.
func jobOf(row Row) jobs.Spec {
	return jobs.Spec{Ente: row.Ente, Environment: row.Environment, Key: row.ID, Share: row.Service + "\n" + row.Consumer}
}

// enqueue makes a job of an interaction, which is given up when the interaction is forgotten.
func (e *Engine) enqueue(ctx context.Context, tx jobs.Putter, kind jobs.Kind[task], row Row) error {
	spec := jobOf(row)
	spec.GiveUpAfter = max(row.Expires.Sub(e.cfg.Clock()), 1)
	_, err := kind.EnqueueIn(ctx, e.cfg.Queue, tx, spec, task{ID: row.ID})
	return err
}

// places are how many interactions a process works at a time: each exposure has its own.
func (e *Engine) places() int { return min(perExposure*max(len(e.offers), 1), mostPlaces) }

// Register gives the jobs of this package their handlers, with room for the offers that have been made.
func (e *Engine) Register(set *jobs.Handlers) error {
	work, callback := workKind(), callbackKind()
	work.Policy.Concurrency, callback.Policy.Concurrency = e.places(), e.places()
	work.Handle(set, e.work)
	callback.Handle(set, e.callback)
	purgeKind().Handle(set, func(ctx context.Context, _ jobs.Job[jobs.Tick]) error {
		_, err := e.cfg.Store.PurgeInteractions(ctx, e.cfg.Clock())
		return err
	})
	every, err := jobs.ParseWhen("every 1h jitter 10m")
	if err != nil {
		return fmt.Errorf("interaction: %w", err)
	}
	set.Schedule(jobs.Schedule{Name: "interazione/scadenze", When: every}, purgeKind())
	return nil
}

// find returns the interaction of a job with its offer; false when there is nothing left to do. One that was forgotten is
// a dead letter: it was promised, and nobody can keep the promise any more.
func (e *Engine) find(ctx context.Context, id string) (Row, *offer, bool, error) {
	row, err := e.cfg.Store.Interaction(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return row, nil, false, jobs.Permanent(jobs.Coded(jobs.CodeExpired, err))
	case err != nil:
		return row, nil, false, err
	}
	c := e.offers[row.Ente+"/"+row.Service]
	if c == nil {
		return row, nil, false, jobs.Permanent(jobs.Coded(CodeOffer, errors.New("the e-service is not exposed any more")))
	}
	if e.cfg.Suspended != nil && e.cfg.Suspended(row.Ente, row.Service, row.Consumer) {
		return row, nil, false, jobs.Postpone(jobs.Coded(CodeSuspended, errors.New("the ente has suspended the consumer")), retrySuspended)
	}
	return row, c, true, nil
}

// take takes a place of an exposure; where there is none in a moment the job is postponed, so that others get its worker.
func take(ctx context.Context, places chan struct{}) (leave func(), err error) {
	wait := time.NewTimer(queueFor)
	defer wait.Stop()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-wait.C:
		return nil, jobs.Postpone(jobs.Coded(CodeFull, errors.New("as much as may be of this e-service is under way")), retryFull)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// work calls the procedure and keeps its answer. An error and 429 mean that there is none yet: it is called again. Every
// other status is its answer.
func (e *Engine) work(ctx context.Context, job jobs.Job[task]) error {
	row, c, due, err := e.find(ctx, job.Payload.ID)
	if err != nil || !due || row.Done() {
		return err
	}
	var asked message
	if err := opened(e.cfg.Sealer, "request", row.ID, row.Request, &asked); err != nil {
		return err
	}
	leave, err := take(ctx, c.working)
	if err != nil {
		return err
	}
	defer leave()
	answer, err := c.call(ctx, row.ID, asked)
	if err != nil {
		return again(job.Attempt, err)
	}
	kept := message{Status: answer.Status, Header: keptHeaders(answer.Header), Body: answer.Body, ReplyTo: asked.ReplyTo}
	box, err := sealed(e.cfg.Sealer, "answer", row.ID, kept)
	if err != nil {
		return err
	}
	err = e.cfg.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
		if err := tx.Fence(ctx, job.Lease); err != nil {
			return err
		}
		err := tx.EndInteraction(ctx, row.ID, box, e.cfg.Clock().UTC())
		if err != nil || c.requests[row.Operation].pattern != registry.NonBlockingPush {
			return err
		}
		return e.enqueue(ctx, tx, callbackKind(), row)
	})
	if errors.Is(err, ErrNotFound) {
		return nil // answered by another run
	}
	e.cfg.Queue.Wake()
	return err
}

// call asks the procedure once.
func (c *offer) call(ctx context.Context, id string, asked message) (*outbound.Response, error) {
	req, err := http.NewRequestWithContext(ctx, asked.Method, c.URL+asked.Path, bytes.NewReader(asked.Body))
	if err != nil {
		return nil, jobs.Permanent(errors.New("the request to the procedure cannot be built"))
	}
	req.Header = asked.Header
	req.Header.Set(HeaderIdempotency, id)
	answer, err := c.BackEnd.Do(ctx, req, outbound.Exchange{})
	if err != nil {
		return nil, err
	}
	if answer.Status == http.StatusTooManyRequests {
		after := registry.ParseRetryAfter(answer.Header, c.engine.cfg.Clock())
		return nil, &registry.Fault{Kind: registry.ErrThrottled, Status: answer.Status, RetryAfter: after}
	}
	return answer, nil
}

// again says when the procedure is called again after it gave no answer. Where it was not called at all, since its breaker
// keeps calls back or all of its places are taken, no attempt is used up. When it says itself when it will be back it is not
// called before, but neither sooner than after so many attempts: a short Retry-After would use them up during a restart. An
// answer that cannot be taken would be given again.
func again(attempt int, err error) error {
	var own *problem.Error
	var fault *registry.Fault
	coded := jobs.Coded(CodeBackEnd, err)
	switch {
	case errors.As(err, &own) && own.Rule == problem.RuleBackEndBadAnswer:
		return jobs.Permanent(coded)
	case own != nil && own.Rule == problem.RuleConcurrency:
		return jobs.Postpone(coded, retryGuarded)
	case !errors.As(err, &fault):
	case errors.Is(err, registry.ErrGuardOpen):
		return jobs.Postpone(coded, max(fault.RetryAfter, retryGuarded))
	case fault.RetryAfter >= workKind().Policy.Backoff.Least(attempt):
		return jobs.Retry(coded, fault.RetryAfter)
	}
	return coded
}

// callback delivers the answer of a procedure to the address that the caller gave. 4xx is a refusal that repetition does
// not change, but for 408, 409, 425 and 429.
func (e *Engine) callback(ctx context.Context, job jobs.Job[task]) error {
	row, c, due, err := e.find(ctx, job.Payload.ID)
	if err != nil || !due {
		return err
	}
	var kept message
	if err := opened(e.cfg.Sealer, "answer", row.ID, row.Answer, &kept); err != nil {
		return err
	}
	if !e.cfg.MayReply(row.Ente, row.Service, row.Consumer, kept.ReplyTo) {
		return jobs.Permanent(jobs.Coded(CodeOffer, errors.New("the callback is not in the binding any more")))
	}
	header := kept.Header.Clone()
	header.Set(HeaderCorrelation, row.ID)
	leave, err := take(ctx, c.sending)
	if err != nil {
		return err
	}
	defer leave()
	status, err := e.cfg.Deliver(ctx, Callback{
		ID: row.ID, Ente: row.Ente, Exposure: c.Exposure, Consumer: row.Consumer, ReplyTo: kept.ReplyTo,
		Header: header, Body: kept.Body,
	})
	switch {
	case err != nil:
		return jobs.Coded(CodeDelivery, err)
	case status >= 200 && status < 300:
		return nil
	}
	refused := jobs.Coded(CodeDelivery, fmt.Errorf("the callback was answered %d", status))
	switch status {
	case http.StatusNotFound, // who asked may not have noted the correlation yet
		http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return refused
	}
	if status >= 400 && status < 500 {
		return jobs.Permanent(refused)
	}
	return refused
}
