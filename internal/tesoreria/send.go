// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/registry"
)

// The codes of what fails.
const (
	CodeUnsent   = "tesoreria/non-inviato"
	CodeOpen     = "tesoreria/esito-ignoto"
	CodeChannel  = "tesoreria/canale"
	CodeRefused  = "tesoreria/rifiutato"
	CodeReading  = "tesoreria/lettura"
	CodeNotice   = "tesoreria/avviso"
	CodeNoEnte   = "tesoreria/ente"
	codeUsed     = "101"
	reread       = 15 * time.Second // between two looks at the ACKs after an unknown outcome
	windowBefore = 10 * time.Minute // how much earlier than the upload the window of its ACK begins: clocks differ
)

// flowTask is what a job is about.
type flowTask struct {
	Year int    `json:"esercizio"`
	ID   string `json:"id"`
}

// sendKind is the sending of a flow.
func sendKind() jobs.Kind[flowTask] {
	return jobs.Kind[flowTask]{Name: "tesoreria/invio", Policy: jobs.Policy{
		MaxAttempts: jobs.Unlimited, Concurrency: 2, Timeout: 10 * time.Minute, Lease: 6 * time.Second,
		Backoff: jobs.Backoff{Base: 2 * time.Second, Max: 15 * time.Minute},
	}}
}

func (d *Desk) enqueueSend(ctx context.Context, tx Tx, row FlowRow) error {
	_, err := sendKind().EnqueueIn(ctx, d.Queue, tx, jobs.Spec{
		Ente: row.Ente, Environment: row.Environment, Key: row.String(),
	}, flowTask{row.Year, row.ID})
	return err
}

// send takes a signed flow to SIOPE+. Before anything leaves, the flow is in_invio, durably: from then on, until an
// answer is kept, nobody knows whether it arrived, and it is not sent again before the ACKs have been read.
func (d *Desk) send(ctx context.Context, job jobs.Job[flowTask]) error {
	c, err := d.channel(job.Ente)
	if err != nil {
		return jobs.Permanent(jobs.Coded(CodeNoEnte, err))
	}
	row, err := d.Store.Flow(ctx, c.Channel, FlowKey{job.Payload.Year, job.Payload.ID})
	if err != nil {
		return err
	}
	if row.State == Sending {
		return d.settle(ctx, c, row)
	}
	if row.State != Signed {
		return nil // it is on its way, or was withdrawn
	}
	return d.attempt(ctx, c, row)
}

// settle finds out what became of a flow whose sending was interrupted. The ACKs of its window are read first, and no
// other message: one that cannot be about this flow does not hold it up. Only when its ACK has not come for as long as is
// configured the flow is sent again, and SIOPE+ refuses it with code 101 if it was there after all.
func (d *Desk) settle(ctx context.Context, c *channel, row FlowRow) error {
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return err
	}
	if err := d.readList(ctx, c, ListAck, facts.FirstSent.Add(-windowBefore), d.Clock(), false); err != nil {
		return jobs.Coded(CodeOpen, err)
	}
	ofWindow := func(m MessageRow) bool { return m.List == ListAck && !m.At.Before(facts.FirstSent.Add(-windowBefore)) }
	if err := d.readMessages(ctx, c, ofWindow); err != nil {
		return jobs.Coded(CodeOpen, err)
	}
	if row, err = d.Store.Flow(ctx, c.Channel, row.FlowKey); err != nil {
		return err
	}
	if row.State != Sending {
		return d.closeIntent(ctx, c, row, http.StatusCreated, "")
	}
	if left := c.cfg.AttesaEsito - d.Clock().Sub(facts.LastSent); left > 0 {
		return jobs.Retry(jobs.Coded(CodeOpen, errors.New("whether the flow arrived is not known yet")), min(left, reread))
	}
	return d.attempt(ctx, c, row)
}

// attempt uploads a flow.
func (d *Desk) attempt(ctx context.Context, c *channel, row FlowRow) error {
	text, err := unseal[flowText](d, "flusso", row.String(), row.Box)
	if err != nil {
		return err
	}
	row, intent, err := d.depart(ctx, c, row)
	if err != nil {
		return err
	}
	receipt, err := c.siope.Upload(ctx, text.Document)
	if err == nil {
		return d.arrived(ctx, c, row, intent, receipt)
	}
	if errors.Is(context.Cause(ctx), jobs.ErrLeaseLost) {
		return err
	}
	return d.failed(ctx, c, row, intent, err)
}

// failed keeps what an upload that was not answered well means for the flow. A clear no is about this attempt alone: a
// flow that may have arrived by an earlier one stays in_invio, and its ACKs are read before anything else is done.
func (d *Desk) failed(ctx context.Context, c *channel, row FlowRow, intent int64, why error) error {
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return err
	}
	var fault *registry.Fault
	errors.As(why, &fault)
	status, after := 0, time.Duration(0)
	if fault != nil {
		status, after = fault.Status, fault.RetryAfter
	}
	judged := c.siope.Judge(why)
	code, rule := CodeUnsent, CodeUnsent
	switch judged {
	case Unknown:
		return jobs.Retry(jobs.Coded(CodeOpen, why), max(after, time.Second))
	case Rejected:
		code, rule = "http/"+strconv.Itoa(status), CodeRefused
	case NotToSend:
		rule = CodeChannel
	case NotSent:
	}
	if err := d.finish(ctx, c, row, intent, cmp.Or(status, http.StatusServiceUnavailable), rule); err != nil {
		return err
	}
	switch {
	case facts.Doubt:
		err = d.undecided(ctx, row, facts, judged, code)
	case judged == Rejected:
		return d.move(ctx, c, row, change{to: Refused, code: code})
	default:
		err = d.move(ctx, c, row, change{to: Signed, code: code, quiet: true, facts: func(f *flowFacts) { f.Intent = 0 }})
	}
	if err != nil {
		return err
	}
	if judged == NotSent {
		return jobs.Retry(jobs.Coded(rule, why), after)
	}
	return jobs.Permanent(jobs.Coded(rule, why))
}

// undecided keeps a flow in_invio after a clear no to one attempt of several.
func (d *Desk) undecided(ctx context.Context, row FlowRow, facts flowFacts, judged Judgement, code string) error {
	facts.Intent = 0
	if judged != NotSent { // for people, who read the history
		facts.Code, facts.History = code, step(facts.History, Sending, d.Clock(), code)
	}
	row.ChangedAt, row.Facts = d.Clock().UTC(), put(facts)
	return d.Store.Update(ctx, func(ctx context.Context, tx Tx) error { return tx.SetFlow(ctx, row) })
}

// depart makes it durable that the flow may leave now.
func (d *Desk) depart(ctx context.Context, c *channel, row FlowRow) (FlowRow, int64, error) {
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return row, 0, err
	}
	exchange, err := d.newExchange()
	if err != nil {
		return row, 0, err
	}
	if err := d.closeIntent(ctx, c, row, 0, CodeOpen); err != nil {
		return row, 0, err
	}
	record := d.record(c, event{exchange: exchange, operation: "flusso/invio", target: row.String(), code: "tentativo-" + strconv.Itoa(facts.Attempts+1)}, evidence.KindTesoreriaIntento)
	kept, err := d.Evidence.Append(ctx, record)
	if err != nil {
		return row, 0, fmt.Errorf("tesoreria: evidence: %w", err)
	}
	now := d.Clock().UTC()
	facts.Attempts++
	facts.Doubt = facts.Doubt || row.State == Sending
	facts.LastSent = now
	facts.Intent, facts.Number = kept.Index+1, ""
	facts.Exchange = exchange
	if row.State == Signed { // no attempt before this one can have arrived
		facts.FirstSent = now
		facts.History = step(facts.History, Sending, now, "")
	}
	row.State, row.ChangedAt, row.Facts = Sending, now, put(facts)
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error { return tx.SetFlow(ctx, row) })
	row.Version++
	return row, kept.Index, err
}

// arrived notes the receipt of a flow.
func (d *Desk) arrived(ctx context.Context, c *channel, row FlowRow, intent int64, u Upload) error {
	if err := d.finish(ctx, c, row, intent, http.StatusCreated, ""); err != nil {
		return err
	}
	err := d.move(ctx, c, row, change{to: Sent, object: u.Number, quiet: true, facts: func(f *flowFacts) { f.Number, f.Intent = u.Number, 0 }})
	if err != nil {
		return jobs.Retry(jobs.Coded(CodeOpen, err), time.Second) // its ACK may have been read meanwhile
	}
	return nil
}

// finish keeps the outcome of an attempt. An intent that is not open any more was closed as unknown, by a start after a
// crash or by the sweep that does so with intents older than a call may take; then the outcome is kept as an event of its
// own.
func (d *Desk) finish(ctx context.Context, c *channel, row FlowRow, intent int64, status int, code string) error {
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return err
	}
	e := event{exchange: facts.Exchange, operation: "flusso/invio", target: row.String(), code: code}
	if code != "" {
		e.rules = []string{code}
	}
	r := d.record(c, e, evidence.KindTesoreriaEsito)
	r.Closes, r.Status = &intent, status
	_, err = d.Evidence.Append(ctx, r)
	if errors.Is(err, evidence.ErrNotOpen) {
		e.exchange += "/esito"
		e.values = map[string]string{"stato": strconv.Itoa(status), "tentativo": strconv.Itoa(facts.Attempts)}
		return d.note(ctx, c, e)
	}
	if err != nil {
		return fmt.Errorf("tesoreria: evidence: %w", err)
	}
	return nil
}

// closeIntent ends the intent that an earlier attempt may have left open.
func (d *Desk) closeIntent(ctx context.Context, c *channel, row FlowRow, status int, code string) error {
	facts, err := get[flowFacts](row.Facts)
	if err != nil || facts.Intent == 0 {
		return err
	}
	if status == 0 {
		status = http.StatusGatewayTimeout
	}
	return d.finish(ctx, c, row, facts.Intent-1, status, code)
}
