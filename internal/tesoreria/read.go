// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/internal/problem"
)

// Flow is a flow as applications see it.
type Flow struct {
	Esercizio   int         `json:"esercizio"`
	Flusso      string      `json:"flusso"`
	Ambiente    string      `json:"ambiente"`
	Stato       State       `json:"stato"`
	Mandati     int         `json:"mandati"`
	Reversali   int         `json:"reversali"`
	Pagamenti   opi.Importo `json:"pagamenti"`
	Incassi     opi.Importo `json:"incassi"`
	Preparatore string      `json:"preparatore"`
	Firmatario  string      `json:"firmatario,omitempty"`
	// SenzaFirmatari tells of a flow to be signed that nobody may sign: who prepared it is the only signatory. It has to be
	// withdrawn, or a signatory added to the configuration.
	SenzaFirmatari bool `json:"senzaFirmatari,omitempty"`

	// SenzaACKDal is when a flow first left of which no ACK has come yet; ACKMancante that it is too long ago: the alarm is due.
	SenzaACKDal time.Time `json:"senzaAckDal,omitzero"`
	ACKMancante bool      `json:"ackMancante,omitempty"`

	ProgFlusso string       `json:"progFlusso,omitempty"`
	Tentativi  int          `json:"tentativi,omitempty"`
	Codice     string       `json:"codice,omitempty"`
	Errori     []opi.Errore `json:"errori,omitempty"` // of SIOPE+ or of the treasurer
	Modificato time.Time    `json:"modificato"`
	Storia     []Step       `json:"storia"`
}

// Order is an order as applications see it.
type Order struct {
	Tipo       string      `json:"tipo"` // mandato, reversale
	Esercizio  int         `json:"esercizio"`
	Numero     int64       `json:"numero"`
	Flusso     string      `json:"flusso"`
	Stato      State       `json:"stato"`
	Operazione string      `json:"operazione"`
	Importo    opi.Importo `json:"importo"`
	Righe      []Line      `json:"righe"`
	Modificato time.Time   `json:"modificato"`
	Storia     []Step      `json:"storia"`
}

// Movimento is a line of the cash book, with the book it is in.
type Movimento struct {
	Giornale  string `json:"giornale"`
	Esercizio int    `json:"esercizio"`
	Conto     string `json:"conto_evidenza"`
	opi.Movimento
}

// may finds the treasury of an ente for an application; "" is who runs the hub.
func (d *Desk) may(ente, application string) (*channel, error) {
	c, err := d.channel(ente)
	if err == nil && application != "" && !slices.Contains(c.cfg.Applicazioni, application) {
		err = noTreasury()
	}
	return c, err
}

func (d *Desk) flowOf(row FlowRow) (Flow, error) {
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return Flow{}, stored(err)
	}
	f := Flow{
		Esercizio: row.Year, Flusso: row.ID, Ambiente: row.Environment, Stato: row.State, Mandati: facts.Mandati, Reversali: facts.Reversali,
		Pagamenti: facts.Payments, Incassi: facts.Collections, Preparatore: facts.Preparer, Firmatario: facts.Signer, ProgFlusso: facts.Number,
		Tentativi: facts.Attempts, Codice: facts.Code, Modificato: row.ChangedAt, Storia: facts.History,
	}
	if row.State != Refused {
		f.Codice = ""
	}
	if row.State == Sending || row.State == Sent {
		f.SenzaACKDal, f.ACKMancante = facts.FirstSent, facts.ackIsLate(d.Clock())
	}
	if c := d.channels[row.Ente]; c != nil && (row.State == Prepared || row.State == InFirma) {
		f.SenzaFirmatari = !c.signable(facts.Preparer)
	}
	if row.State == Refused && len(row.Box.Data) > 0 {
		text, err := unseal[flowText](d, "flusso", row.String(), row.Box)
		if err != nil {
			return f, stored(err)
		}
		f.Errori = text.Errors
	}
	return f, nil
}

// Flow tells the state of a flow.
func (d *Desk) Flow(ctx context.Context, ente, application string, k FlowKey) (Flow, error) {
	c, err := d.may(ente, application)
	if err != nil {
		return Flow{}, err
	}
	row, err := d.Store.Flow(ctx, c.Channel, k)
	if err != nil {
		return Flow{}, stored(err)
	}
	return d.flowOf(row)
}

// maxFlows bounds a list.
const maxFlows = 500

func stateNames() string {
	var names []string
	for _, s := range FlowStates() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// Flows lists flows, the last changed first: of a state when it is not empty, one of FlowStates.
func (d *Desk) Flows(ctx context.Context, ente, application string, s State) ([]Flow, error) {
	c, err := d.may(ente, application)
	if err != nil {
		return nil, err
	}
	if s != "" && !slices.Contains(FlowStates(), s) {
		list := stateNames()
		return nil, problem.Newf(problem.RuleSchema, "stato: serve uno tra "+list+".", "stato: one of "+list+" is needed.")
	}
	rows, err := d.Store.Flows(ctx, c.Channel, s, maxFlows)
	if err != nil {
		return nil, stored(err)
	}
	out := make([]Flow, 0, len(rows))
	for _, row := range rows {
		f, err := d.flowOf(row)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// Order tells the state of an order.
func (d *Desk) Order(ctx context.Context, ente, application string, k opi.OrderKey) (Order, error) {
	c, err := d.may(ente, application)
	if err != nil {
		return Order{}, err
	}
	row, err := d.Store.Order(ctx, c.Channel, k)
	if err != nil {
		return Order{}, stored(err)
	}
	return orderView(row)
}

// Orders lists the orders of a year, of a flow when it is not empty.
func (d *Desk) Orders(ctx context.Context, ente, application string, year int, flow string) ([]Order, error) {
	c, err := d.may(ente, application)
	if err != nil {
		return nil, err
	}
	rows, err := d.Store.Orders(ctx, c.Channel, year, flow)
	if err != nil {
		return nil, stored(err)
	}
	out := make([]Order, 0, len(rows))
	for _, row := range rows {
		o, err := orderView(row)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func orderView(row OrderRow) (Order, error) {
	facts, err := get[orderFacts](row.Facts)
	if err != nil {
		return Order{}, stored(err)
	}
	return Order{
		Tipo: kindName(row.OrderKey), Esercizio: row.Year, Numero: row.Number, Flusso: row.Flow, Stato: row.State, Operazione: facts.Operation,
		Importo: facts.Amount, Righe: facts.Lines, Modificato: row.ChangedAt, Storia: facts.History,
	}, nil
}

// Journal gives the movements of the cash book from one day to another, both included, in order.
func (d *Desk) Journal(ctx context.Context, ente, application, from, to string) ([]Movimento, error) {
	c, err := d.may(ente, application)
	if err != nil {
		return nil, err
	}
	first, errFrom := time.Parse(time.DateOnly, from)
	last, errTo := time.Parse(time.DateOnly, to)
	if errFrom != nil || errTo != nil || last.Before(first) || last.Sub(first) > 732*24*time.Hour {
		return nil, problem.New(problem.RuleTreasuryDays)
	}
	pages, err := d.Store.Pages(ctx, c.Channel, from, to)
	if err != nil {
		return nil, stored(err)
	}
	rows, err := d.book(pages)
	return rows, stored(err)
}

// Balances gives the balances of a year.
func (d *Desk) Balances(ctx context.Context, ente, application string, year int) (Saldi, error) {
	c, err := d.may(ente, application)
	if err != nil {
		return Saldi{}, err
	}
	pages, err := d.Store.YearSums(ctx, c.Channel, year)
	if err != nil {
		return Saldi{}, stored(err)
	}
	s, err := balancesOf(pages, year)
	return s, stored(err)
}

// book opens pages of the cash book and gives their movements in order.
func (d *Desk) book(pages []PageRow) ([]Movimento, error) {
	type place struct {
		row  Movimento
		day  string
		made opi.DataOra
		page int
	}
	var all []place
	for _, p := range pages {
		facts, err := get[pageFacts](p.Facts)
		if err != nil {
			return nil, err
		}
		held, err := unseal[movements](d, "giornale", p.ID, p.Box)
		if err != nil {
			return nil, err
		}
		for _, account := range held.Accounts {
			for _, m := range account.Movimenti {
				all = append(all, place{Movimento{Giornale: facts.Book, Esercizio: p.Year, Conto: account.Conto, Movimento: m}, p.Day, facts.Made, facts.Page})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.made, b.made), cmp.Compare(a.row.Giornale, b.row.Giornale), cmp.Compare(a.page, b.page))
	})
	rows := make([]Movimento, len(all))
	for i := range all {
		rows[i] = all[i].row
	}
	return rows, nil
}
