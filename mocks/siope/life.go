// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// event is something that happens by itself at an instant.
type event struct {
	at time.Time
	do func(at time.Time)
}

// orderKey names an order of an ente.
type orderKey struct {
	collection   bool
	year, number int
}

// flow is one that was uploaded under its identifier. taken is how often the treasurer took it: once, or there is a
// fault in this mock.
type flow struct {
	id             string
	year           int
	uploads, taken int
	root           *node
}

// later has something happen after a delay.
func (s *Server) later(at time.Time, delay time.Duration, do func(at time.Time)) {
	s.due = append(s.due, event{at.Add(delay), do})
}

// advance lets happen all that is due, in order. The lock is held.
func (s *Server) advance(now time.Time) {
	for {
		next := -1
		for i := range s.due {
			if !s.due[i].at.After(now) && (next < 0 || s.due[i].at.Before(s.due[next].at)) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		e := s.due[next]
		s.due = slices.Delete(s.due, next, next+1)
		e.do(e.at)
	}
}

// publish makes a message that can be listed from now on.
func (s *Server) publish(b *body, list, doc string, at time.Time) {
	number := s.since + 1
	for _, m := range s.messages {
		if m.list == list && m.ufficio == b.Ufficio {
			number++
		}
	}
	s.messages = append(s.messages, &message{list: list, ufficio: b.Ufficio, number: number, at: at, xml: doc})
}

// receive takes an upload: all further is told by messages.
func (s *Server) receive(b *body, a2a string, data []byte, now time.Time) {
	root, err := parse(data)
	if err != nil {
		s.later(now, s.opts.Delays.Ack, func(at time.Time) {
			s.publish(b, listAck, ack(b, "", 0, at.In(s.place), []fault{{"900", err.Error(), ""}}), at)
		})
		return
	}
	faults := s.checkFlow(b, a2a, root)
	year, _ := strconv.Atoi(root.value("esercizio"))
	f := &flow{id: root.value("testata_flusso", "identificativo_flusso"), year: year, root: root, uploads: 1}
	key := flowKey{year, f.id}
	if known := b.flows[key]; known != nil {
		known.uploads++
		faults = append([]fault{{"101", "Identificativo flusso già utilizzato", "identificativo_flusso"}}, faults...)
	} else if len(faults) == 0 {
		b.flows[key] = f
	}
	s.later(now, s.opts.Delays.Ack, func(at time.Time) {
		s.publish(b, listAck, ack(b, f.id, f.year, at.In(s.place), faults), at)
		if len(faults) == 0 {
			s.later(at, s.opts.Delays.Esito, func(at time.Time) { s.take(b, f, at) })
		}
	})
}

// take is the answer of the treasurer to a flow.
func (s *Server) take(b *body, f *flow, at time.Time) {
	number := fmt.Sprintf("BT-%s-%06d", at.In(s.place).Format("20060102"), s.next(b))
	if !signatureHolds(f.root) {
		s.publishSigned(b, listEsito, rejection(b, f, number, at.In(s.place), "12", "Firma digitale non valida"), at)
		return
	}
	f.taken++
	s.publishSigned(b, listEsito, reception(b, f, number, at.In(s.place)), at)
	orders := ordersOf(f)
	if accepted := s.outcomes(orders, "ACQUISITO"); len(accepted) > 0 {
		s.publishSigned(b, listEsiti, outcome(b, f, fmt.Sprintf("EA-%06d", s.next(b)), at.In(s.place), accepted), at)
	}
	s.later(at, s.opts.Delays.Esiti, func(at time.Time) { s.execute(b, f, orders, at) })
}

func (s *Server) next(b *body) int { b.numbers++; return b.numbers }

func (s *Server) publishSigned(b *body, list, doc string, at time.Time) {
	signed, err := s.bank.sign(s.opts.Rand, doc)
	if err != nil {
		signed = doc // without randomness: whoever reads it refuses it, as it should
	}
	s.publish(b, list, signed, at)
}

// line is a payment or a collection of an order.
type line struct {
	number     int
	cents      int64
	way        string
	party, why string
	iban       string
	sospesi    []int64
}

type order struct {
	key       orderKey
	operation string
	date      string
	lines     []line
}

// result is what becomes of a line.
type result struct {
	order
	line
	word string
}

func ordersOf(f *flow) []order {
	var out []order
	for _, n := range f.root.kids {
		if n.name != "mandato" && n.name != "reversale" {
			continue
		}
		collection := n.name == "reversale"
		w := wordsOf(collection)
		number, _ := strconv.Atoi(n.value("numero_" + w.kind))
		o := order{key: orderKey{collection, f.year, number}, operation: n.value("tipo_operazione"), date: n.value("data_" + w.kind)}
		for _, l := range n.all(w.line) {
			progressive, _ := strconv.Atoi(l.value(w.number))
			item := line{
				number: progressive, cents: cents(l.value(w.amount)), way: l.value(w.way), party: l.value(w.party, "anagrafica_"+w.party),
				why: l.value("causale"), iban: l.value("sepa_credit_transfer", "iban"),
			}
			for _, p := range l.all("sospeso") {
				provisional, _ := strconv.ParseInt(p.value("numero_provvisorio"), 10, 64)
				item.sospesi = append(item.sospesi, provisional)
			}
			o.lines = append(o.lines, item)
		}
		out = append(out, o)
	}
	return out
}

// outcomes gives every line of the orders the word, or its opposite where that was planned.
func (s *Server) outcomes(orders []order, word string) []result {
	var out []result
	for _, o := range orders {
		said := word
		if s.planned(o) == "NON "+word {
			said = "NON " + word
		}
		for _, l := range o.lines {
			out = append(out, result{o, l, said})
		}
	}
	return out
}

// planned is what was planned for an order, where it is an answer to what the order asks: NON ANNULLATO is none to a new
// order, nor NON ESEGUIBILE to a cancellation.
func (s *Server) planned(o order) string {
	plan := s.plans[o.key]
	asks := map[string]string{"NON ANNULLATO": "ANNULLO", "NON VARIATO": "VARIAZIONE", "NON SOSTITUITO": "SOSTITUZIONE"}[plan]
	changes := o.operation == "ANNULLO" || o.operation == "VARIAZIONE"
	if asks != "" && asks != o.operation || asks == "" && changes && plan != "NON ACQUISITO" {
		return ""
	}
	return plan
}

// execute pays, collects and regularises, and says so in the outcomes and in the cash book.
func (s *Server) execute(b *body, f *flow, orders []order, at time.Time) {
	var done []result
	for _, o := range orders {
		plan := s.planned(o)
		if plan == "NON ACQUISITO" {
			continue
		}
		for _, l := range o.lines {
			r := result{o, l, "PAGATO"}
			if o.key.collection {
				r.word = "RISCOSSO"
			}
			switch {
			case plan != "":
				r.word = plan
			case o.operation == "ANNULLO":
				r.word = "ANNULLATO"
			case o.operation == "VARIAZIONE":
				r.word = "VARIATO"
			case len(l.sospesi) > 0:
				r.word = "REGOLARIZZATO"
			case l.way == "REGOLARIZZAZIONE":
				r.word = "NON REGOLARIZZATO"
			}
			done = append(done, r)
			if r.word == "PAGATO" || r.word == "RISCOSSO" || r.word == "REGOLARIZZATO" {
				s.book(b, s.movementOf(b, f, r, at))
			}
		}
	}
	for begin := 0; begin < len(done); begin += s.opts.Rows {
		some := done[begin:min(begin+s.opts.Rows, len(done))]
		s.publishSigned(b, listEsiti, outcome(b, f, fmt.Sprintf("EA-%06d", s.next(b)), at.In(s.place), some), at)
	}
}
