// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// FromCSV takes orders as CSV in UTF-8, one row for each beneficiario or versante, separated by comma, semicolon or
// tab; the header of the flow is given apart. The faults say that it is no CSV or has columns that mean nothing; then
// there is no Input.
//
// A column is named after the element it fills, or by one of the short names that mandati and reversali share, in capitals
// or not; Columns lists those that people need. Faults name columns as the file does. Rows
// with the same documento and numero are one order; what they say of the order must agree, where they say it at all.
// A name with a number behind it, as in codice_cgu.2, is about the second classificazione, bilancio, sospeso or ritenuta
// of the row. Where the column is missing or empty, tipo_operazione is INSERIMENTO, the number of the line is its place
// in its order, and the amount of an order is the sum of its rows. Amounts may have a comma and points between
// thousands, dates may be as 12/10/2026.
func FromCSV(data []byte, header Testata, year int, l Limits) (*Input, Faults) {
	rows, first, faults := openRows(data, l)
	if len(faults) > 0 {
		return nil, faults
	}
	known := newVocabulary()
	columns, faults := columnsOf(first, known)
	if len(faults) > 0 {
		return nil, faults
	}
	r := &csvReader{
		columns: columns, orders: map[OrderKey]*csvOrder{}, counts: map[bool]int{},
		in: &Input{Flusso: &Flusso{Testata: header, Esercizio: year}, rows: map[string]int{}, summed: map[string]bool{}, titles: newTitles(columns, known)},
	}
	for {
		record, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, notCSV(rows.row, whyNotCSV(err))
		}
		r.row(rows.row, record)
	}
	r.finish()
	return r.in, nil
}

// csvReader gathers rows into orders.
type csvReader struct {
	columns []column
	in      *Input
	orders  map[OrderKey]*csvOrder
	list    []*csvOrder
	counts  map[bool]int // of orders to pay and to collect
}

type csvOrder struct {
	key   OrderKey
	order reflect.Value // *Mandato or *Reversale
	place string
	cells map[string]any // what the order's own columns say, by their titles
	rows  int
	total bool // whether a row gives the amount of the order
}

func (r *csvReader) add(row int, rule, path, column string, what Text) {
	if len(r.in.faults) == maxFaults {
		return
	}
	r.in.faults = append(r.in.faults, Fault{Rule: "opi.input/" + rule, Path: path, Field: column, Row: row, What: what})
}

func (r *csvReader) row(row int, record []string) {
	key, ok := r.key(row, record)
	if !ok {
		return
	}
	o := r.order(key)
	o.rows++
	lines := linesOf(o.order)
	line, _ := settle(lines, false)
	place := fmt.Sprintf("%s/%s[%d]", o.place, lineNames(key.Collection), o.rows)
	r.in.rows[samePlace(place)] = row
	if o.rows == 1 {
		r.in.rows[samePlace(o.place)] = row
	}
	for i, c := range r.columns {
		cell := strings.TrimSpace(record[i])
		if cell == "" || c.special {
			continue
		}
		chain := c.of(key.Collection)
		switch {
		case chain == nil:
			r.add(row, "column", "", c.title, textf("la colonna non riguarda gli ordinativi di tipo %s", "the column is not about orders of the type %s", orderName(key.Collection)))
		case c.inLine(key.Collection):
			r.set(row, c, line, chain[1:], place, cell)
		case o.cells[c.title] == nil:
			o.cells[c.title] = meaning(chain, cell)
			o.total = o.total || chain[0].name == "importo_"+orderName(key.Collection)
			r.set(row, c, o.order.Elem(), chain, o.place, cell)
		case o.cells[c.title] != meaning(chain, cell):
			r.add(row, "disagreement", "", c.title, Text{
				IT: "il valore è diverso da quello di un'altra riga dello stesso ordinativo", EN: "the value is not that of another row of the same order",
			})
		}
	}
}

// meaning is the value that a cell has for its element, so that 100,00 and 100.00 are one; what cannot be read is its text.
func meaning(chain []field, cell string) any {
	v := reflect.New(chain[len(chain)-1].element()).Elem()
	if what := setText(v, plain(chain[len(chain)-1], cell)); what != (Text{}) {
		return cell
	}
	return v.Interface()
}

// key reads which order a row belongs to.
func (r *csvReader) key(row int, record []string) (OrderKey, bool) {
	key := OrderKey{Year: r.in.Flusso.Esercizio}
	fine := true
	for i, c := range r.columns {
		cell := strings.TrimSpace(record[i])
		switch {
		case c.special && !c.number:
			switch strings.ToLower(cell) {
			case "mandato", "m":
			case "reversale", "r":
				key.Collection = true
			default:
				r.add(row, "column", "", c.title, Text{IT: "serve mandato oppure reversale", EN: "mandato or reversale is needed"})
				fine = false
			}
		case c.number && cell != "":
			n, err := strconv.ParseInt(cell, 10, 32)
			if err != nil {
				r.add(row, "type", "", c.title, Text{IT: "serve un numero intero", EN: "a whole number is needed"})
				fine = false
			}
			key.Number = n
		}
	}
	if fine && key.Number == 0 {
		r.add(row, "column", "", "numero", Text{IT: "manca il numero dell'ordinativo", EN: "the number of the order is missing"})
		fine = false
	}
	return key, fine
}

func (r *csvReader) order(key OrderKey) *csvOrder {
	if o, ok := r.orders[key]; ok {
		return o
	}
	r.counts[key.Collection]++
	o := &csvOrder{
		key: key, cells: map[string]any{},
		place: fmt.Sprintf("/%s/%s[%d]", KindFlusso, orderName(key.Collection), r.counts[key.Collection]),
	}
	if key.Collection {
		o.order = reflect.ValueOf(&Reversale{TipoOperazione: "INSERIMENTO", Numero: key.Number})
	} else {
		o.order = reflect.ValueOf(&Mandato{TipoOperazione: "INSERIMENTO", Numero: key.Number})
	}
	r.orders[key] = o
	r.list = append(r.list, o)
	return o
}

func (r *csvReader) set(row int, c column, v reflect.Value, chain []field, place, cell string) {
	path := place
	listed := false
	for _, f := range chain {
		v = v.Field(f.index)
		step := f.name
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		if v.Kind() == reflect.Slice {
			n := 1
			if !listed {
				n, listed = max(c.item, 1), true
			}
			for v.Len() < n {
				v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			}
			v = v.Index(n - 1)
			step = fmt.Sprintf("%s[%d]", f.name, n)
		}
		if !f.group {
			path += "/" + step
		}
	}
	r.in.titles.filled(path, c.title)
	what := setText(v, plain(chain[len(chain)-1], cell))
	switch {
	case what == amountText():
		what = Text{
			IT: "serve un importo in euro come 1220,50 o 1.220,50 o 1220.50; 1.220 vorrebbe dire due cose",
			EN: "an amount in euro is needed, as 1220,50 or 1.220,50 or 1220.50; 1.220 could mean two things",
		}
	case v.Type() == reflect.TypeFor[Data]():
		what = unreadDate(cell)
	}
	if what != (Text{}) {
		r.add(row, "type", path, c.title, what)
	}
}

// finish fills what the rows leave open and puts the orders into the flow.
func (r *csvReader) finish() {
	for _, o := range r.list {
		var sum Importo
		lines := linesOf(o.order)
		for i := range lines.Len() {
			var progressive *int64
			switch line := lines.Index(i).Addr().Interface().(type) {
			case *InformazioniBeneficiario:
				progressive = &line.Progressivo
				sum += line.Importo
			case *InformazioniVersante:
				progressive = &line.Progressivo
				sum += line.Importo
			}
			if progressive != nil && *progressive == 0 {
				*progressive = int64(i + 1)
			}
		}
		var item Ordinativo
		switch order := o.order.Interface().(type) {
		case *Mandato:
			item.Mandato = order
			if !o.total {
				r.summed(o, sum, &order.Importo)
			}
		case *Reversale:
			item.Reversale = order
			if !o.total {
				r.summed(o, sum, &order.Importo)
			}
		}
		r.in.Flusso.Ordinativi = append(r.in.Flusso.Ordinativi, item)
	}
}

// summed gives an order the amount that its rows add up to.
func (r *csvReader) summed(o *csvOrder, sum Importo, into *Importo) {
	*into = sum
	r.in.summed[samePlace(o.place+"/importo_"+orderName(o.key.Collection))] = true
}
