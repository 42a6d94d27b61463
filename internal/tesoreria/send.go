// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
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

// settle finds out what became of a flow whose sending was interrupted. The ACK list of its window is read first; only
// when the ACK has not come for as long as is configured the flow is sent again, and SIOPE+ refuses it with code 101 if it
// was there after all.
func (d *Desk) settle(ctx context.Context, c *channel, row FlowRow) error {
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return err
	}
	if err := d.readList(ctx, c, ListAck, facts.FirstSent.Add(-windowBefore), d.Clock(), false); err != nil {
		return jobs.Coded(CodeOpen, err)
	}
	if err := d.readMessages(ctx, c); err != nil {
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
	var fault *registry.Fault
	errors.As(err, &fault)
	status, after := 0, time.Duration(0)
	if fault != nil {
		status, after = fault.Status, fault.RetryAfter
	}
	switch c.siope.Judge(err) {
	case Rejected:
		code := "http/" + strconv.Itoa(status)
		if err := d.finish(ctx, c, row, intent, status, CodeRefused); err != nil {
			return err
		}
		return d.move(ctx, c, row, change{to: Refused, code: code})
	case NotSent, NotToSend:
		if err := d.finish(ctx, c, row, intent, max(status, http.StatusServiceUnavailable), CodeUnsent); err != nil {
			return err
		}
		back := change{to: Signed, code: CodeUnsent, quiet: true, facts: func(f *flowFacts) { f.Intent = 0 }}
		if errMove := d.move(ctx, c, row, back); errMove != nil {
			return errMove
		}
		if c.siope.Judge(err) == NotToSend {
			return jobs.Permanent(jobs.Coded(CodeChannel, err))
		}
		return jobs.Retry(jobs.Coded(CodeUnsent, err), after)
	default:
		return jobs.Retry(jobs.Coded(CodeOpen, err), max(after, time.Second))
	}
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
	facts.LastSent = now
	if facts.FirstSent.IsZero() {
		facts.FirstSent = now
	}
	facts.Intent, facts.Number = kept.Index+1, ""
	facts.Exchange = exchange
	if row.State == Signed {
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

// finish keeps the outcome of an attempt.
func (d *Desk) finish(ctx context.Context, c *channel, row FlowRow, intent int64, status int, code string) error {
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return err
	}
	r := d.record(c, event{exchange: facts.Exchange, operation: "flusso/invio", target: row.String(), code: code}, evidence.KindTesoreriaEsito)
	r.Closes, r.Status = &intent, status
	if code != "" {
		r.Rules = []string{code}
	}
	_, err = d.Evidence.Append(ctx, r)
	if errors.Is(err, evidence.ErrNotOpen) {
		return nil // a start after a crash has closed it as unknown
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
