// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/internal/problem"
)

// Form is how somebody has a flow.
type Form string

// The forms.
const (
	FormXML  Form = "xml"
	FormJSON Form = "json"
	FormCSV  Form = "csv"
	// FormP7M is a p7m around a flow in XML that is signed itself: SIOPE+ wants the signature inside. Both are verified, and
	// what was inside is sent.
	FormP7M Form = "p7m"
)

// A Submission is a flow as the accounting program gives it.
type Submission struct {
	Ente        string
	Application string // "" on behalf of who runs the hub
	Operator    string // userID of who prepared it
	Form        Form
	Data        []byte
	ID          string // of the flow: for CSV, which has none; "" = a new one
	Year        int    // of a CSV; 0 = the present one
}

// Submit checks a flow and keeps it: signed and to be sent, or prepared and to be signed. Nothing is kept of one with
// faults. A flow that was submitted before in the same bytes is returned as it is now.
func (d *Desk) Submit(ctx context.Context, s Submission) (Flow, error) {
	c, err := d.admit(s.Ente, s.Application, s.Operator)
	if err != nil {
		return Flow{}, err
	}
	in, err := d.read(ctx, c, s)
	if err != nil {
		return Flow{}, err
	}
	key := FlowKey{in.Flusso.Esercizio, in.Flusso.Testata.IdentificativoFlusso}
	digest := d.Sealer.Index("tesoreria/flusso", string(s.Data))
	if known, err := d.Store.Flow(ctx, c.Channel, key); err == nil {
		facts, err := get[flowFacts](known.Facts)
		if err != nil {
			return Flow{}, stored(err)
		}
		if !bytes.Equal(facts.Digest, digest) {
			return Flow{}, problem.New(problem.RuleTreasuryUsed)
		}
		return d.flowOf(known)
	} else if !errors.Is(err, ErrNotFound) {
		return Flow{}, stored(err)
	}
	for try := range maxTries {
		f, err := d.take(ctx, c, s, in, digest, try > 0)
		if !errors.Is(err, ErrMoved) {
			return f, stored(err)
		}
	}
	return Flow{}, problem.New(problem.RuleStore).Because(ErrMoved)
}

// take checks a flow against the orders that were issued before and keeps it with its own. ErrMoved means that one of
// them was issued, or changed, meanwhile: what was found out about them does not hold any more.
func (d *Desk) take(ctx context.Context, c *channel, s Submission, in *opi.Input, digest []byte, again bool) (Flow, error) {
	known, err := d.known(ctx, c, in.Flusso)
	if err != nil {
		return Flow{}, err
	}
	if faults := in.Check(d.version(c), d.policy(c, known)); len(faults) > 0 {
		if again { // the evidence has it as kept
			if err := d.overtaken(ctx, c, s, in.Flusso); err != nil {
				return Flow{}, err
			}
		}
		return Flow{}, invalid(faults)
	}
	document, err := in.XML()
	if err != nil {
		return Flow{}, fmt.Errorf("tesoreria: %w", err)
	}
	return d.keep(ctx, c, s, in, known, document, digest)
}

// overtaken keeps in the evidence that a flow came to nothing because another one had the same orders at the same time.
func (d *Desk) overtaken(ctx context.Context, c *channel, s Submission, f *opi.Flusso) error {
	key := FlowKey{f.Esercizio, f.Testata.IdentificativoFlusso}
	id, err := d.newExchange()
	if err != nil {
		return err
	}
	return d.note(ctx, c, event{
		exchange: id, operation: "flusso/non-tenuto", target: key.String(), operator: s.Operator, application: s.Application,
		rules: []string{string(problem.RuleTreasuryFlow)},
	})
}

// Check tells all that is wrong with a flow, without keeping it.
func (d *Desk) Check(ctx context.Context, s Submission) (opi.Faults, error) {
	c, err := d.admit(s.Ente, s.Application, s.Operator)
	if err != nil {
		return nil, err
	}
	s.ID = cmpOr(s.ID, "controllo")
	in, err := d.read(ctx, c, s)
	var unreadable *unreadableError
	if errors.As(err, &unreadable) {
		return unreadable.faults, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := d.known(ctx, c, in.Flusso)
	if err != nil {
		return nil, stored(err)
	}
	return in.Check(d.version(c), d.policy(c, known)), nil
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// admit holds who asks against the configuration: the application is listed, and so is the operator, also where the
// application may declare operators elsewhere. Whoever nobody lists could be prepared under any name, and sign.
func (d *Desk) admit(ente, application, operator string) (*channel, error) {
	c, err := d.may(ente, application)
	if err != nil {
		return nil, err
	}
	if _, listed := c.ente.Operatori[operator]; !listed {
		return nil, problem.New(problem.RuleTreasuryOperator)
	}
	return c, nil
}

// unreadableError is a file that is no flow at all.
type unreadableError struct{ faults opi.Faults }

func (e *unreadableError) Error() string { return e.faults.Error() }
func (e *unreadableError) Unwrap() error { return invalid(e.faults) }

// read takes a flow in the form it has.
func (d *Desk) read(ctx context.Context, c *channel, s Submission) (*opi.Input, error) {
	limits := opi.Limits{Bytes: int(c.cfg.Massimo)}
	var in *opi.Input
	var faults opi.Faults
	switch s.Form {
	case FormXML:
		in, faults = opi.FromXML(s.Data, limits)
	case FormP7M:
		inside, err := d.unwrap(c, s)
		if err != nil {
			return nil, err
		}
		if in, faults = opi.FromXML(inside, limits); in != nil && !in.Signed() {
			return nil, problem.New(problem.RuleTreasuryForm) // a p7m is not sent, and what is inside nobody signed
		}
	case FormJSON:
		in, faults = opi.FromJSON(s.Data, limits)
	case FormCSV:
		header, year, err := d.newHeader(ctx, c, s)
		if err != nil {
			return nil, err
		}
		in, faults = opi.FromCSV(s.Data, header, year, limits)
	default:
		return nil, problem.New(problem.RuleTreasuryForm)
	}
	if len(faults) > 0 {
		return nil, &unreadableError{faults}
	}
	return in, nil
}

// newHeader makes the header of a CSV file, with an identifier that was not used before when none is given.
func (d *Desk) newHeader(ctx context.Context, c *channel, s Submission) (opi.Testata, int, error) {
	now := d.Clock().In(d.Rome)
	header, year := c.header(), s.Year
	if year == 0 {
		year = now.Year()
	}
	header.IdentificativoFlusso, header.DataOraCreazioneFlusso = s.ID, opi.NewDataOra(now)
	if s.ID == "" {
		n, err := d.Numbers.Next(ctx, c.Ente, "tesoreria/"+c.Environment+"/flusso")
		if err != nil {
			return header, year, problem.New(problem.RuleStore).Because(err)
		}
		header.IdentificativoFlusso = fmt.Sprintf("%d-%07d-%s", year, n, now.Format("20060102-150405"))
	}
	return header, year, nil
}

// known finds what is kept of the orders of a flow. It is read once: what a flow is checked against is what its orders are
// stored over.
func (d *Desk) known(ctx context.Context, c *channel, f *opi.Flusso) (map[opi.OrderKey]OrderRow, error) {
	found := map[opi.OrderKey]OrderRow{}
	for _, o := range f.Ordinativi {
		key, _ := orderOf(f.Esercizio, o)
		row, err := d.Store.Order(ctx, c.Channel, key)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[key] = row
	}
	return found, nil
}

// issued tells whether an order counts as issued: one whose flow was refused or withdrawn does not.
func (r OrderRow) issued() bool { return r.Version > 0 && r.State != Refused && r.State != Withdrawn }

// policy is what the flows of an ente are held against. Identifiers are judged when they are taken.
func (d *Desk) policy(c *channel, known map[opi.OrderKey]OrderRow) opi.Policy {
	open := c.cfg.Esercizi
	if len(open) == 0 {
		open = []int{d.Clock().In(d.Rome).Year()}
	}
	header := c.header()
	header.DescrizioneEnte = "" // names are written in many ways; the codes say who it is
	return opi.Policy{Ente: header, OpenYears: open, Issued: func(k opi.OrderKey) (string, bool) {
		row := known[k]
		return row.inFlow(), row.issued()
	}, Waits: func(k opi.OrderKey) (string, bool) {
		row := known[k]
		return row.inFlow(), row.waits()
	}}
}

func (r OrderRow) inFlow() string { return fmt.Sprintf("%s (%s)", r.Flow, r.State) }

// waits tells an order that may not be varied yet: SIOPE+ does not have it, or another variation of it is still to be
// decided. What it was before is remembered once, so that whatever is undone leads back to what the treasurer has.
func (r OrderRow) waits() bool {
	facts, err := get[orderFacts](r.Facts)
	return err != nil || facts.Before != nil || r.State.rank() >= 0 && r.State.rank() < Acquired.rank()
}

// keep stores a good flow with its orders, and has it sent when it is signed.
func (d *Desk) keep(ctx context.Context, c *channel, s Submission, in *opi.Input, known map[opi.OrderKey]OrderRow, document, digest []byte) (Flow, error) {
	f, now := in.Flusso, d.Clock().UTC()
	row := FlowRow{Channel: c.Channel, FlowKey: FlowKey{f.Esercizio, f.Testata.IdentificativoFlusso}, State: Prepared, ChangedAt: now}
	facts := flowFacts{Digest: digest, Preparer: s.Operator, Application: s.Application}
	text := flowText{Document: document}
	if in.Signed() {
		found, err := d.verify(c, document, s.Operator)
		if err != nil {
			return Flow{}, d.refused(ctx, c, row.FlowKey, s.Operator, err)
		}
		row.State, facts.Signer, text.Signer = Signed, found.signatory, found.by
	}
	facts.History = step(nil, row.State, now, "")
	orders, err := newOrders(c, f, known, row.State, now, &facts)
	if err != nil {
		return Flow{}, err
	}
	if row.Box, err = d.seal("flusso", row.String(), text); err != nil {
		return Flow{}, err
	}
	row.Facts = put(facts)
	err = d.note(ctx, c, event{
		exchange: "tesoreria/" + row.String() + "/preparato", operation: "flusso/" + string(row.State), target: row.String(),
		operator: s.Operator, application: s.Application,
		values: map[string]string{"mandati": fmt.Sprint(facts.Mandati), "reversali": fmt.Sprint(facts.Reversali), "stato": string(row.State), "firmatario": facts.Signer},
	})
	if err != nil {
		return Flow{}, err
	}
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
		if err := tx.AddFlow(ctx, row); err != nil {
			return err
		}
		for _, o := range orders {
			if err := tx.SetOrder(ctx, o); err != nil {
				return err
			}
		}
		return d.after(ctx, tx, row)
	})
	if err != nil {
		return Flow{}, err
	}
	d.Queue.Wake()
	row.Version = 1
	return d.flowOf(row)
}

// newOrders are the rows of the orders of a flow, each over what is known of it. Those that vary or cancel an order
// remember what it was.
func newOrders(c *channel, f *opi.Flusso, known map[opi.OrderKey]OrderRow, state State, now time.Time, sum *flowFacts) ([]OrderRow, error) {
	var rows []OrderRow
	for _, o := range f.Ordinativi {
		key, facts := orderOf(f.Esercizio, o)
		if key.Collection {
			sum.Reversali++
			sum.Collections = sum.Collections.Plus(facts.Amount)
		} else {
			sum.Mandati++
			sum.Payments = sum.Payments.Plus(facts.Amount)
		}
		row := OrderRow{Channel: c.Channel, OrderKey: key, Flow: f.Testata.IdentificativoFlusso, State: state, ChangedAt: now}
		var history []Step
		if before, there := known[key]; there {
			row.Version = before.Version
			was, err := get[orderFacts](before.Facts)
			if err != nil {
				return nil, err
			}
			history = was.History
			if before.issued() {
				facts.Before = &orderBefore{Flow: before.Flow, Operation: was.Operation, State: before.State, Amount: was.Amount, Lines: was.Lines}
			}
		}
		facts.History = step(history, state, now, "")
		row.Facts = put(facts)
		rows = append(rows, row)
	}
	return rows, nil
}

// orderOf gives the key and the first facts of an order.
func orderOf(year int, o opi.Ordinativo) (opi.OrderKey, orderFacts) {
	if m := o.Mandato; m != nil {
		facts := orderFacts{Operation: m.TipoOperazione, Amount: m.Importo}
		for _, b := range m.Beneficiari {
			facts.Lines = append(facts.Lines, Line{Number: b.Progressivo, Amount: b.Importo})
		}
		return opi.OrderKey{Year: year, Number: m.Numero}, facts
	}
	r := o.Reversale
	facts := orderFacts{Operation: r.TipoOperazione, Amount: r.Importo}
	for _, v := range r.Versanti {
		facts.Lines = append(facts.Lines, Line{Number: v.Progressivo, Amount: v.Importo})
	}
	return opi.OrderKey{Collection: true, Year: year, Number: r.Numero}, facts
}

// Fault is one thing that is wrong with a flow, in both languages.
type Fault struct {
	Regola   string `json:"regola"`
	Percorso string `json:"percorso,omitempty"`
	Campo    string `json:"campo,omitempty"`
	Riga     int    `json:"riga,omitempty"`  // of a CSV
	Linea    int    `json:"linea,omitempty"` // of ready XML
	IT       string `json:"it"`
	EN       string `json:"en"`
}

// Faults tells all that is wrong with a flow, without keeping it.
func (d *Desk) Faults(ctx context.Context, s Submission) ([]Fault, error) {
	found, err := d.Check(ctx, s)
	if err != nil {
		return nil, err
	}
	return FaultsOf(found), nil
}

// FaultsOf puts what package opi finds into the words of the API; none is an empty list.
func FaultsOf(found opi.Faults) []Fault {
	out := make([]Fault, 0, len(found))
	for _, f := range found {
		out = append(out, Fault{Regola: f.Rule, Percorso: f.Path, Campo: f.Field, Riga: f.Row, Linea: f.Line, IT: f.What.IT, EN: f.What.EN})
	}
	return out
}

// MaxFlow is the longest flow of an ente, in bytes; 0 for one without a treasury.
func (d *Desk) MaxFlow(ente string) int64 {
	if c := d.channels[ente]; c != nil {
		return c.cfg.Massimo
	}
	return 0
}

// Withdraw takes a flow back that was not sent yet. Its identifier stays used; its orders may be issued anew.
func (d *Desk) Withdraw(ctx context.Context, ente, application, operator string, k FlowKey) (Flow, error) {
	c, row, _, err := d.open(ctx, ente, application, operator, k)
	if err != nil {
		return Flow{}, err
	}
	if err := d.move(ctx, c, row, change{to: Withdrawn, operator: operator, application: application}); err != nil {
		return Flow{}, err
	}
	return d.Flow(ctx, ente, application, k)
}
