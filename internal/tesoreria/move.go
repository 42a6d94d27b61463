// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// change is one step of a flow, with what goes with it.
type change struct {
	to                    State
	code                  string // of a refusal
	operator, application string
	object                string           // SIOPE+'s own name of it
	facts                 func(*flowFacts) // changes to what is kept
	text                  *flowText        // nil: as it was
	exchange              string           // of the evidence; "" = one of the flow and its new state
	quiet                 bool             // the caller keeps it in the evidence
	signatory, form       string           // of a signature: whose, as userID, and its form
}

// values are what the evidence says of a change.
func (ch change) values(from State) map[string]string {
	v := map[string]string{"da": string(from), "a": string(ch.to)}
	if ch.signatory != "" {
		v["firmatario"], v["forma"] = ch.signatory, ch.form
	}
	return v
}

// move takes a flow and all of its orders one step on, in one transaction, after the step is evidence. When somebody
// else has changed the flow meanwhile the error is a wrong state, and the caller looks again.
func (d *Desk) move(ctx context.Context, c *channel, row FlowRow, ch change) error {
	if !ch.to.follows(row.State) {
		return wrongState(row.String(), row.State)
	}
	next, orders, err := d.planned(ctx, c, row, ch)
	if err != nil {
		return stored(err)
	}
	if !ch.quiet {
		exchange := ch.exchange
		if exchange == "" {
			exchange = fmt.Sprintf("tesoreria/%s/%s/%d", row.String(), ch.to, row.Version)
		}
		err = d.note(ctx, c, event{
			exchange: exchange, operation: "flusso/" + string(ch.to), target: row.String(), object: ch.object, code: ch.code,
			operator: ch.operator, application: ch.application, values: ch.values(row.State),
		})
		if err != nil {
			return err
		}
	}
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error { return d.store(ctx, tx, next, orders) })
	if errors.Is(err, ErrMoved) {
		return wrongState(row.String(), row.State)
	}
	d.Queue.Wake()
	return stored(err)
}

// store writes a flow and its orders, with what follows from its new state.
func (d *Desk) store(ctx context.Context, tx Tx, row FlowRow, orders []OrderRow) error {
	if err := tx.SetFlow(ctx, row); err != nil {
		return err
	}
	for _, o := range orders {
		if err := tx.SetOrder(ctx, o); err != nil {
			return err
		}
	}
	return d.after(ctx, tx, row)
}

// after enqueues what follows from the state of a flow: its sending, and the notice to who wants it.
func (d *Desk) after(ctx context.Context, tx Tx, row FlowRow) error {
	if row.State == Signed {
		if err := d.enqueueSend(ctx, tx, row); err != nil {
			return err
		}
	}
	return d.tell(ctx, tx, row.Channel, notice{
		ID: fmt.Sprintf("%s/%d/%s", row.String(), row.Version+1, row.State), Evento: "flusso", Flusso: row.ID, Esercizio: row.Year, Stato: row.State,
	})
}

// planned gives the rows of a flow and its orders after a step.
func (d *Desk) planned(ctx context.Context, c *channel, row FlowRow, ch change) (FlowRow, []OrderRow, error) {
	now := d.Clock().UTC()
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return row, nil, err
	}
	if ch.facts != nil {
		ch.facts(&facts)
	}
	if ch.code != "" {
		facts.Code = ch.code
	}
	facts.History = step(facts.History, ch.to, now, ch.code)
	orders, err := d.Store.Orders(ctx, c.Channel, row.Year, row.ID)
	if err != nil {
		return row, nil, err
	}
	var moved []OrderRow
	for _, o := range orders {
		after, changed, err := follow(o, ch.to, ch.code, now)
		if err != nil {
			return row, nil, err
		}
		if changed {
			moved = append(moved, after)
		}
	}
	row.State, row.ChangedAt, row.Facts = ch.to, now, put(facts)
	if ch.text != nil {
		if row.Box, err = d.seal("flusso", row.String(), *ch.text); err != nil {
			return row, nil, err
		}
	}
	return row, moved, nil
}

// follow takes an order where its flow goes. An order that has outcomes stays; one that only varied another goes back to
// what that was when the flow is refused or withdrawn.
func follow(o OrderRow, to State, code string, now time.Time) (OrderRow, bool, error) {
	facts, err := get[orderFacts](o.Facts)
	if err != nil {
		return o, false, err
	}
	if o.State.executed() || o.State == to || o.State.Ended() {
		return o, false, nil
	}
	if to != Refused && to != Withdrawn || !facts.undo(&o) {
		o.State = to
	}
	facts.History = step(facts.History, o.State, now, code)
	o.ChangedAt, o.Facts = now, put(facts)
	return o, true, nil
}
