// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// Payment is one that somebody made to the ente through pagoPA, as the ente's own programs know it.
type Payment struct {
	IUV     string      `json:"iuv"`
	IUR     string      `json:"iur,omitempty"`
	Importo opi.Importo `json:"importo"`
	Data    string      `json:"data,omitempty"` // YYYY-MM-DD
}

// Riconciliazione is what comes of holding orders, cash book and payments of a year against each other.
type Riconciliazione struct {
	Esercizio  int         `json:"esercizio"`
	Ordinativi int         `json:"ordinativi"` // orders of the year; with no movement either there is nothing to hold together
	Movimenti  int         `json:"movimenti"`  // of its cash books
	Mandati    Confronto   `json:"mandati"`
	Reversali  Confronto   `json:"reversali"`
	Differenze []Scarto    `json:"differenze"`
	Sospesi    []Aperto    `json:"sospesi"`   // provvisori that no order has regularised yet, with what is left of them
	Pagamenti  []Abbinato  `json:"pagamenti"` // in the order in which they were given
	Saldi      Saldi       `json:"saldi"`
	Quadra     bool        `json:"quadra"` // no difference, no alarm: nothing also agrees with nothing
	Abbinati   opi.Importo `json:"abbinati"`
}

// Confronto are the sums of one kind of order. It counts lines, which are what outcomes and cash book tell one by one: an
// order with two beneficiari has two.
type Confronto struct {
	Eseguiti int         `json:"eseguiti"` // lines that the outcomes say are executed or regularised
	Importo  opi.Importo `json:"importo"`
	Giornale opi.Importo `json:"giornale"` // of the same in the cash book
	Aperti   int         `json:"aperti"`   // lines without an outcome
}

// Scarto is a line of an order on which outcomes and cash book do not agree.
type Scarto struct {
	Ordinativo  string      `json:"ordinativo"`
	Progressivo int64       `json:"progressivo"`
	Motivo      string      `json:"motivo"` // solo-esito, solo-giornale, importo-diverso
	Esito       opi.Importo `json:"esito"`
	Giornale    opi.Importo `json:"giornale"`
}

// Aperto is a provvisorio that is still to be regularised.
type Aperto struct {
	Numero    int64       `json:"numero"`
	Direzione string      `json:"direzione"` // ENTRATA, USCITA
	Giorno    string      `json:"giorno"`
	Importo   opi.Importo `json:"importo"`
	Residuo   opi.Importo `json:"residuo"`
	Cliente   string      `json:"cliente,omitempty"`
	Causale   string      `json:"causale,omitempty"`
	IUV       []string    `json:"iuv,omitempty"`
}

// Abbinato is what became of a payment.
type Abbinato struct {
	Payment
	Stato      string `json:"stato"` // riconciliato, sospeso, importo-diverso, non-trovato
	Movimento  string `json:"movimento,omitempty"`
	Ordinativo string `json:"ordinativo,omitempty"`
}

// lineKey is a line of an order.
type lineKey struct {
	order opi.OrderKey
	line  int64
}

// Reconcile holds the orders of a year, its cash book and payments against each other.
func (d *Desk) Reconcile(ctx context.Context, ente, application string, year int, payments []Payment) (Riconciliazione, error) {
	r := Riconciliazione{Esercizio: year, Differenze: []Scarto{}, Sospesi: []Aperto{}, Pagamenti: []Abbinato{}}
	c, err := d.may(ente, application)
	if err != nil {
		return r, err
	}
	pages, err := d.Store.YearPages(ctx, c.Channel, year)
	if err != nil {
		return r, stored(err)
	}
	rows, err := d.book(pages)
	if err != nil {
		return r, stored(err)
	}
	if r.Saldi, err = balancesOf(pages, year); err != nil {
		return r, stored(err)
	}
	said, err := d.executedLines(ctx, c, year, &r)
	if err != nil {
		return r, stored(err)
	}
	r.Movimenti = len(rows)
	booked := map[lineKey]opi.Importo{}
	for _, m := range rows {
		key, ok := lineOf(m.Movimento, year)
		if !ok || m.TipoOperazione == "RIPRISTINATO" {
			continue
		}
		amount := m.Importo
		if m.TipoOperazione == "STORNATO" {
			amount = -amount
		}
		booked[key] += amount
	}
	r.compare(said, booked)
	r.Sospesi = provisional(rows)
	for _, p := range payments {
		a := match(p, rows)
		if a.Stato == "riconciliato" {
			r.Abbinati += p.Importo
		}
		r.Pagamenti = append(r.Pagamenti, a)
	}
	r.Quadra = len(r.Differenze) == 0 && len(r.Saldi.Allarmi) == 0
	return r, nil
}

// executedLines are the lines of a year that were executed, by what the outcomes say.
func (d *Desk) executedLines(ctx context.Context, c *channel, year int, r *Riconciliazione) (map[lineKey]opi.Importo, error) {
	orders, err := d.Store.Orders(ctx, c.Channel, year, "")
	if err != nil {
		return nil, err
	}
	r.Ordinativi = len(orders)
	said := map[lineKey]opi.Importo{}
	for _, o := range orders {
		facts, err := get[orderFacts](o.Facts)
		if err != nil {
			return nil, err
		}
		sum := &r.Mandati
		if o.Collection {
			sum = &r.Reversali
		}
		for _, l := range facts.Lines {
			if l.State == Executed || l.State == Regularised {
				said[lineKey{o.OrderKey, l.Number}] += l.Amount
				sum.Eseguiti++
				sum.Importo += l.Amount
			}
			if l.State == "" && !o.State.Ended() {
				sum.Aperti++
			}
		}
	}
	return said, nil
}

// lineOf names the line of an order that a movement is about.
func lineOf(m opi.Movimento, year int) (lineKey, bool) {
	switch m.TipoDocumento {
	case "MANDATO", "REVERSALE":
		return lineKey{opi.OrderKey{Collection: m.TipoDocumento == "REVERSALE", Year: year, Number: m.NumeroDocumento}, m.ProgressivoDocumento}, true
	}
	return lineKey{}, false
}

// compare finds the lines on which outcomes and cash book differ.
func (r *Riconciliazione) compare(said, booked map[lineKey]opi.Importo) {
	keys := slices.Collect(maps.Keys(said))
	for k, amount := range booked {
		sum := &r.Mandati
		if k.order.Collection {
			sum = &r.Reversali
		}
		sum.Giornale += amount
		if _, there := said[k]; !there {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b lineKey) int {
		return cmp.Or(strings.Compare(kindName(a.order), kindName(b.order)), cmp.Compare(a.order.Number, b.order.Number), cmp.Compare(a.line, b.line))
	})
	for _, k := range keys {
		s := Scarto{Ordinativo: name(k.order), Progressivo: k.line, Esito: said[k], Giornale: booked[k]}
		switch {
		case s.Esito == s.Giornale:
			continue
		case s.Giornale == 0:
			s.Motivo = "solo-esito"
		case s.Esito == 0:
			s.Motivo = "solo-giornale"
		default:
			s.Motivo = "importo-diverso"
		}
		r.Differenze = append(r.Differenze, s)
	}
}

func kindName(k opi.OrderKey) string {
	if k.Collection {
		return "reversale"
	}
	return "mandato"
}

// provisional lists the provvisori that are not wholly regularised, the oldest first.
func provisional(rows []Movimento) []Aperto {
	type key struct {
		number int64
		income bool
	}
	open := map[key]*Aperto{}
	var order []key
	for _, m := range rows {
		income := m.TipoMovimento == "ENTRATA"
		if strings.HasPrefix(m.TipoDocumento, "SOSPESO") {
			k := key{m.NumeroDocumento, income}
			switch m.TipoOperazione {
			case "ESEGUITO", "RIPRISTINATO":
				if open[k] == nil {
					open[k] = &Aperto{
						Numero: m.NumeroDocumento, Direzione: m.TipoMovimento, Giorno: string(m.DataMovimento), Cliente: m.Cliente.Anagrafica,
						Causale: m.Causale, IUV: references(m.Causale).iuv,
					}
					order = append(order, k)
				}
				open[k].Importo += m.Importo
				open[k].Residuo += m.Importo
			case "STORNATO", "REGOLARIZZATO":
				if open[k] != nil {
					open[k].Residuo -= m.Importo
				}
			}
			continue
		}
		if m.TipoOperazione != "REGOLARIZZATO" {
			continue
		}
		for _, s := range m.Sospesi {
			if a := open[key{s.NumeroProvvisorio, income}]; a != nil {
				a.Residuo -= s.Importo
			}
		}
	}
	out := []Aperto{}
	for _, k := range order {
		if open[k].Residuo != 0 {
			out = append(out, *open[k])
		}
	}
	return out
}
