// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// ack is what SIOPE+ found in a flow.
func (d *Desk) ack(ctx context.Context, c *channel, doc *opi.Document) (*effect, error) {
	a, err := doc.Ack()
	if err != nil {
		return nil, err
	}
	row, err := d.flowOfMessage(ctx, c, a.Testata, a.Esercizio, a.IdentificativoFlusso)
	if err != nil {
		return nil, err
	}
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return nil, err
	}
	if a.StatoFlusso != "KO" {
		return d.advance(ctx, c, row, change{to: Acquired, facts: func(f *flowFacts) { f.Warnings = len(a.Warning) }})
	}
	codes := codesOf(a.Errori)
	if facts.Doubt && slices.Contains(codes, codeUsed) {
		// The flow was sent again because nobody knew whether it had arrived: it had, and whatever else is wrong with the
		// second copy follows from that. What SIOPE+ thinks of it is in the ACK of the first time.
		return d.advance(ctx, c, row, change{to: Sent, code: "101-dopo-esito-ignoto"})
	}
	return d.refusal(ctx, c, row, strings.Join(codes, ","), a.Errori)
}

// codesOf lists the codes of errors, each once.
func codesOf(all []opi.Errore) []string {
	var codes []string
	for _, e := range all {
		if code := cmpOr(e.Codice, "senza-codice"); !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// refusal ends a flow: its orders have to be issued anew in another one.
func (d *Desk) refusal(ctx context.Context, c *channel, row FlowRow, code string, all []opi.Errore) (*effect, error) {
	text, err := unseal[flowText](d, "flusso", row.String(), row.Box)
	if err != nil {
		return nil, err
	}
	text.Errors = all
	return d.advance(ctx, c, row, change{to: Refused, code: cmpOr(code, "senza-codice"), text: &text})
}

// reception says that the treasurer has a flow.
func (d *Desk) reception(ctx context.Context, c *channel, doc *opi.Document) (*effect, error) {
	r, err := doc.Ricezione()
	if err != nil {
		return nil, err
	}
	row, err := d.flowOfMessage(ctx, c, r.Testata, r.Esercizio, r.IdentificativoFlusso)
	if err != nil {
		return nil, err
	}
	return d.advance(ctx, c, row, change{to: Taken, object: r.IdentificativoFlussoBT})
}

// rejection says that the treasurer refuses a flow.
func (d *Desk) rejection(ctx context.Context, c *channel, doc *opi.Document) (*effect, error) {
	r, err := doc.Rifiuto()
	if err != nil {
		return nil, err
	}
	row, err := d.flowOfMessage(ctx, c, r.Testata, r.Esercizio, r.IdentificativoFlusso)
	if err != nil {
		return nil, err
	}
	return d.refusal(ctx, c, row, "BT:"+strings.Join(codesOf(r.Errori), ","), r.Errori)
}

// outcome is what a message says of one order, or of one of its lines where line is not 0.
type outcome struct {
	key  opi.OrderKey
	line int64
	word string
	at   opi.DataOra
	code string
}

func outcomesOf(m *opi.EsitiApplicativi) []outcome {
	var all []outcome
	for _, e := range m.Esiti {
		if p := e.Mandato; p != nil {
			all = append(all, outcome{opi.OrderKey{Year: p.Esercizio, Number: p.Numero}, p.Progressivo, p.EsitoOperazione, p.DataOra, codeOf(p.Errori)})
		} else if r := e.Reversale; r != nil {
			all = append(all, outcome{opi.OrderKey{Collection: true, Year: r.Esercizio, Number: r.Numero}, r.Progressivo, r.EsitoOperazione, r.DataOra, codeOf(r.Errori)})
		}
	}
	return all
}

func codeOf(all []opi.ErroreEsito) string {
	if len(all) == 0 {
		return ""
	}
	return cmpOr(all[0].CodiceErrore, "senza-codice")
}

// outcomes applies what became of orders. Outcomes of orders that this hub did not send are left out.
func (d *Desk) outcomes(ctx context.Context, c *channel, doc *opi.Document) (*effect, error) {
	m, err := doc.Esiti()
	if err != nil {
		return nil, err
	}
	if !c.ours(m.Testata) {
		return nil, errNotOurs
	}
	now := d.Clock().UTC()
	e := &effect{state: MessageRead, facts: messageFacts{ID: m.IdentificativoFlussoBT}, event: event{operation: "ordinativi/esito", target: m.IdentificativoFlussoBT, values: map[string]string{}}}
	rows := map[opi.OrderKey]*OrderRow{}
	var changed []opi.OrderKey
	for _, o := range outcomesOf(m) {
		row := rows[o.key]
		if row == nil {
			found, err := d.Store.Order(ctx, c.Channel, o.key)
			if errors.Is(err, ErrNotFound) {
				e.event.values[name(o.key)] = "estraneo"
				continue
			}
			if err != nil {
				return nil, err
			}
			row = &found
			rows[o.key] = row
		}
		moved, err := apply(row, o, now)
		if err != nil {
			return nil, err
		}
		if moved && !slices.Contains(changed, o.key) {
			changed = append(changed, o.key)
		}
	}
	for key, row := range rows {
		e.event.values[name(key)] = string(row.State)
	}
	if len(rows) == 0 {
		return nil, errNotOurs
	}
	var told []string
	for _, key := range changed {
		e.orders, told = append(e.orders, *rows[key]), append(told, name(key))
	}
	if len(told) > 0 {
		e.notices = append(e.notices, notice{ID: "esiti/" + m.IdentificativoFlussoBT + "/" + fmt.Sprint(len(rows)), Evento: "ordinativi", Ordinativi: told, Riferimento: m.IdentificativoFlussoBT})
	}
	return e, nil
}

// name is how evidence and notices call an order.
func name(k opi.OrderKey) string {
	if k.Collection {
		return fmt.Sprintf("reversale/%d/%d", k.Year, k.Number)
	}
	return fmt.Sprintf("mandato/%d/%d", k.Year, k.Number)
}

// apply changes an order by one outcome, and tells whether it did. Outcomes may come twice and late: an order that has
// ended does not end again.
func apply(row *OrderRow, o outcome, now time.Time) (bool, error) {
	facts, err := get[orderFacts](row.Facts)
	if err != nil {
		return false, err
	}
	before, changed, code := row.State, false, o.code
	if row.State.rank() >= Sending.rank() && row.State.rank() < Taken.rank() {
		row.State = Taken // the treasurer speaks of it, so it has it; the message that says so comes late
	}
	switch o.word {
	case "VARIATO":
		changed = facts.Before != nil
		facts.Before = nil
		if row.State.rank() >= 0 {
			row.State = Taken
		}
	case "NON VARIATO", "NON ANNULLATO", "NON SOSTITUITO":
		code = cmpOr(code, strings.ToLower(strings.ReplaceAll(o.word, " ", "-")))
		if changed = facts.undo(row); changed {
			before = "" // a step of its history, also where it is what it was before
		} else if o.word == "NON SOSTITUITO" { // a new order that was to replace another
			changed = facts.end(row, o, NotExecuted)
		}
	case "ACQUISITO":
	default:
		to := outcomeState(o.word)
		changed = to != "" && facts.end(row, o, to)
		if to == Cancelled || to == Replaced {
			facts.Before = nil
		}
	}
	if row.State != before {
		facts.History, changed = step(facts.History, row.State, now, code), true
	}
	if changed {
		row.ChangedAt, row.Facts = now, put(facts)
	}
	return changed, nil
}

// end gives the lines that an outcome is about their state, and the order the sum of them; it tells whether a line
// changed.
func (f *orderFacts) end(row *OrderRow, o outcome, to State) bool {
	changed := false
	for i := range f.Lines {
		l := &f.Lines[i]
		if o.line != 0 && l.Number != o.line || !lineFollows(l.State, to) {
			continue
		}
		l.State, l.Code, changed = to, o.code, true
	}
	row.State = stateOf(f.Lines, row.State)
	return changed
}
