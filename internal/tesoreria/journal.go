// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// pageFacts is what is kept in clear of a page of the cash book: which book it is of, and its sums.
type pageFacts struct {
	Book        string       `json:"giornale"` // identifier without page numbers
	Page        int          `json:"pagina"`
	Pages       int          `json:"pagine"`
	Made        opi.DataOra  `json:"creato"`
	Rows        int          `json:"movimenti"`
	Income      opi.Importo  `json:"entrate"` // of the movements of this page, computed
	Outgo       opi.Importo  `json:"uscite"`
	Before      *opi.Importo `json:"saldo_precedente,omitempty"` // of the whole book, as the treasurer says on this page
	TotalIn     *opi.Importo `json:"totale_entrate,omitempty"`
	TotalOut    *opi.Importo `json:"totale_uscite,omitempty"`
	After       *opi.Importo `json:"saldo_finale,omitempty"`
	YearBalance *opi.Importo `json:"saldo_esercizio,omitempty"`
}

// said takes what a page of the same book says, where this one does not: the treasurer may write the sums of a book on
// any of its pages.
func (f *pageFacts) said(by pageFacts) {
	for _, sum := range []struct{ to, from **opi.Importo }{
		{&f.Before, &by.Before}, {&f.TotalIn, &by.TotalIn}, {&f.TotalOut, &by.TotalOut}, {&f.After, &by.After}, {&f.YearBalance, &by.YearBalance},
	} {
		if *sum.to == nil {
			*sum.to = *sum.from
		}
	}
}

// movements is what is sealed of a page: its accounts with their movements, as the treasurer wrote them.
type movements struct {
	Accounts []opi.ContoEvidenza `json:"conti"`
}

// moves tells what a movement changes in the balance: in, or out. A movement that regularises a provvisorio moves no
// money: the provvisorio did.
func moves(m opi.Movimento) (in, out opi.Importo) {
	amount := m.Importo
	switch m.TipoOperazione {
	case "REGOLARIZZATO", "RIPRISTINATO":
		return 0, 0
	case "STORNATO":
		amount = -amount
	}
	if m.TipoMovimento == "ENTRATA" {
		return amount, 0
	}
	return 0, amount
}

// journal keeps a page of the cash book and, with the last page of a book, holds its sums against each other.
func (d *Desk) journal(ctx context.Context, c *channel, doc *opi.Document) (*effect, error) {
	g, err := doc.Giornale()
	if err != nil {
		return nil, err
	}
	if !c.ours(g.Testata) {
		return nil, errNotOurs
	}
	book, _, _ := strings.Cut(g.IdentificativoFlussoBT, "#")
	facts := pageFacts{
		Book: book, Page: g.Pagina, Pages: g.PagineTotali, Made: g.Testata.DataOraCreazioneFlusso,
		Before: g.SaldoComplessivoPrecedente, TotalIn: g.TotaleComplessivoEntrate, TotalOut: g.TotaleComplessivoUscite, After: g.SaldoComplessivoFinale,
	}
	if t := g.TotaliEsercizio; t != nil {
		facts.YearBalance = &t.SaldoEsercizio
	}
	for _, account := range g.Conti {
		for _, row := range account.Movimenti {
			in, out := moves(row)
			facts.Rows, facts.Income, facts.Outgo = facts.Rows+1, facts.Income.Plus(in), facts.Outgo.Plus(out)
		}
	}
	of := string(g.DataRiferimento)[:min(len(g.DataRiferimento), len(time.DateOnly))]
	page := PageRow{Channel: c.Channel, ID: g.IdentificativoFlussoBT, Year: g.Esercizio, Day: of, Facts: put(facts)}
	if page.Box, err = d.seal("giornale", page.ID, movements{g.Conti}); err != nil {
		return nil, err
	}
	e := &effect{
		state: MessageRead, page: &page, facts: messageFacts{ID: g.IdentificativoFlussoBT},
		event: event{operation: "giornale/ricevuto", target: "giornale/" + g.IdentificativoFlussoBT, values: map[string]string{
			"giorno": of, "movimenti": fmt.Sprint(facts.Rows), "entrate": facts.Income.String(), "uscite": facts.Outgo.String(),
		}},
		notices: []notice{{ID: "giornale/" + g.IdentificativoFlussoBT, Evento: "giornale", Riferimento: g.IdentificativoFlussoBT, Esercizio: g.Esercizio}},
	}
	all, err := d.Store.YearSums(ctx, c.Channel, g.Esercizio)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(p PageRow) bool { return p.ID == page.ID }) {
		all = append(all, page)
	}
	balances, err := balancesOf(all, g.Esercizio)
	if err != nil {
		return nil, err
	}
	for _, b := range balances.Giornali {
		if b.Giornale == book && len(b.Allarmi) > 0 {
			e.event.operation, e.event.code = "giornale/allarme", strings.Join(b.Allarmi, ",")
			e.warn = "il giornale di cassa non quadra: " + e.event.code
			e.notices = append(e.notices, notice{ID: "allarme/" + page.ID, Evento: "allarme", Riferimento: book, Esercizio: g.Esercizio, Codice: e.event.code})
		}
	}
	return e, nil
}

// The alarms of a cash book.
const (
	AlarmIncome  = "entrate-diverse"   // the movements do not add up to its total of income
	AlarmOutgo   = "uscite-diverse"    // nor to that of outgo
	AlarmFinal   = "saldo-diverso"     // balance before, plus income, less outgo is not the final balance
	AlarmChain   = "saldo-interrotto"  // the balance before is not the final one of the book before
	AlarmYear    = "esercizio-diverso" // the balance of the year is not the final one
	AlarmMissing = "pagine-mancanti"   // pages have not come; it is an alarm when a later book has
)

// Saldi are the balances of a year, from the cash book.
type Saldi struct {
	Esercizio int          `json:"esercizio"`
	Entrate   opi.Importo  `json:"entrate"` // computed from the movements
	Uscite    opi.Importo  `json:"uscite"`
	Saldo     *opi.Importo `json:"saldo,omitempty"`     // computed: what was there first, plus income, less outgo
	Tesoriere *opi.Importo `json:"tesoriere,omitempty"` // as the last whole book says
	Giornali  []Giornale   `json:"giornali"`
	Allarmi   []string     `json:"allarmi,omitempty"`
}

// Giornale is one cash book with its sums.
type Giornale struct {
	Giornale  string       `json:"giornale"`
	Giorno    string       `json:"giorno"`
	Pagine    int          `json:"pagine"`
	Ricevute  int          `json:"ricevute"`
	Movimenti int          `json:"movimenti"`
	Entrate   opi.Importo  `json:"entrate"`
	Uscite    opi.Importo  `json:"uscite"`
	Prima     *opi.Importo `json:"saldoPrecedente,omitempty"`
	Dopo      *opi.Importo `json:"saldoFinale,omitempty"`
	Allarmi   []string     `json:"allarmi,omitempty"`

	said pageFacts
}

// balancesOf holds the sums of every book of a year against its movements, itself and the book before it. The pages are
// those of that year.
func balancesOf(pages []PageRow, year int) (Saldi, error) {
	s := Saldi{Esercizio: year}
	at := map[string]int{}
	for _, p := range pages {
		facts, err := get[pageFacts](p.Facts)
		if err != nil {
			return s, err
		}
		i, known := at[facts.Book]
		if !known {
			i = len(s.Giornali)
			at[facts.Book] = i
			s.Giornali = append(s.Giornali, Giornale{Giornale: facts.Book, Giorno: p.Day, Pagine: facts.Pages, said: facts})
		}
		g := &s.Giornali[i]
		g.Ricevute++
		g.Movimenti, g.Entrate, g.Uscite = g.Movimenti+facts.Rows, g.Entrate.Plus(facts.Income), g.Uscite.Plus(facts.Outgo)
		g.said.said(facts)
		g.Prima, g.Dopo = g.said.Before, g.said.After
	}
	slices.SortStableFunc(s.Giornali, func(a, b Giornale) int {
		return strings.Compare(a.Giorno+string(a.said.Made)+a.Giornale, b.Giorno+string(b.said.Made)+b.Giornale)
	})
	var before *opi.Importo
	for i := range s.Giornali {
		g := &s.Giornali[i]
		g.Allarmi = g.alarms(before, i < len(s.Giornali)-1)
		before = g.Dopo
		s.Entrate, s.Uscite, s.Tesoriere = s.Entrate+g.Entrate, s.Uscite+g.Uscite, g.Dopo
		for _, a := range g.Allarmi {
			if !slices.Contains(s.Allarmi, a) {
				s.Allarmi = append(s.Allarmi, a)
			}
		}
	}
	if len(s.Giornali) > 0 && s.Giornali[0].Prima != nil {
		balance := *s.Giornali[0].Prima + s.Entrate - s.Uscite
		s.Saldo = &balance
	}
	return s, nil
}

// alarms tells what does not add up in a book. Sums that the treasurer leaves out are not held against anything; a book
// whose pages have not all come is judged when they have.
func (g *Giornale) alarms(before *opi.Importo, more bool) []string {
	if g.Ricevute < g.Pagine {
		if more {
			return []string{AlarmMissing}
		}
		return nil
	}
	var found []string
	differs := func(alarm string, said *opi.Importo, computed opi.Importo) {
		if said != nil && *said != computed {
			found = append(found, alarm)
		}
	}
	differs(AlarmIncome, g.said.TotalIn, g.Entrate)
	differs(AlarmOutgo, g.said.TotalOut, g.Uscite)
	if g.Prima != nil {
		differs(AlarmFinal, g.Dopo, *g.Prima+g.Entrate-g.Uscite)
		if before != nil && *before != *g.Prima {
			found = append(found, AlarmChain)
		}
	}
	if g.Dopo != nil {
		differs(AlarmYear, g.said.YearBalance, *g.Dopo)
	}
	return found
}
