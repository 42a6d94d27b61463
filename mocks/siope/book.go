// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"fmt"
	"strings"
	"time"
)

// movement is a line of the cash book.
type movement struct {
	kind, operation string // tipo_documento and tipo_operazione
	income          bool
	flow            string
	number          int64
	line            int
	cents           int64
	at              time.Time
	receipt         int
	way, iban       string
	who, why        string
	sospesi         []int64
}

func (s *Server) movementOf(b *body, f *flow, r result, at time.Time) movement {
	b.receipts++
	m := movement{
		kind: "MANDATO", operation: "ESEGUITO", flow: f.id, number: int64(r.key.number), line: r.number, cents: r.cents, at: at.In(s.place),
		receipt: b.receipts, way: r.way, iban: r.iban, who: r.party, why: r.why, sospesi: r.sospesi,
	}
	if r.key.collection {
		m.kind, m.income = "REVERSALE", true
	}
	if r.word == "REGOLARIZZATO" {
		m.operation = "REGOLARIZZATO"
	}
	return m
}

// book notes a movement; the cash book that has it comes a while after the first one that is not in any.
func (s *Server) book(b *body, m movement) {
	b.movements = append(b.movements, m)
	if b.bookDue {
		return
	}
	b.bookDue = true
	s.later(m.at, s.opts.Delays.Giornale, func(at time.Time) { s.close(b, at) })
}

// moves tells what a movement changes in the balance. What regularises a provvisorio moved the money before.
func (m movement) moves() (in, out int64) {
	switch {
	case m.operation == "REGOLARIZZATO":
		return 0, 0
	case m.income:
		return m.cents, 0
	default:
		return 0, m.cents
	}
}

// close writes the cash book of what moved since the last one, in pages.
func (s *Server) close(b *body, at time.Time) {
	rows := b.movements
	b.movements, b.bookDue = nil, false
	b.books++
	before := b.balance
	var in, out int64
	for _, m := range rows {
		i, o := m.moves()
		in, out = in+i, out+o
	}
	b.balance += in - out
	b.written = append(b.written, rows...)
	day := at.In(s.place)
	pages := max(1, (len(rows)+s.opts.Rows-1)/s.opts.Rows)
	for page := 1; page <= pages; page++ {
		some := rows[(page-1)*s.opts.Rows : min(page*s.opts.Rows, len(rows))]
		id := fmt.Sprintf("GDC-%s%s%06d#%03d#%03d", day.Format("20060102"), b.Ufficio, b.books, page, pages)
		first := len(b.written) - len(rows) + (page-1)*s.opts.Rows + 1
		var totals []string
		if page == pages { // the schema asks for none of them on any page; a book says them once
			totals = []string{
				euro("saldo_complessivo_precedente", before), euro("totale_complessivo_entrate", in),
				euro("totale_complessivo_uscite", out), euro("saldo_complessivo_finale", b.balance), yearTotals(b),
			}
		}
		doc := el("flusso_giornale_di_cassa", head(b, day), val("identificativo_flusso_BT", id), num("pagina", page), num("pagine_totali", pages),
			num("esercizio", day.Year()), val("data_riferimento_GdC", day.Format(time.DateOnly)),
			el("informazioni_conto_evidenza", val("conto_evidenza", "0000000001"), movements(some, first),
				euro("saldo_precedente_conto_evidenza", before), euro("totale_entrate_conto_evidenza", in),
				euro("totale_uscite_conto_evidenza", out), euro("saldo_finale_conto_evidenza", b.balance)),
			strings.Join(totals, ""))
		s.publishSigned(b, listGiornale, doc, at)
	}
}

// yearTotals are the totals since the year began. A provvisorio that was regularised counts as its order.
func yearTotals(b *body) string {
	var collected, paid, openIn, openOut int64
	for _, m := range b.written {
		switch {
		case m.kind == "REVERSALE":
			collected += m.cents
		case m.kind == "MANDATO":
			paid += m.cents
		case m.income:
			openIn += m.cents
		default:
			openOut += m.cents
		}
		if m.operation == "REGOLARIZZATO" && m.income {
			openIn -= m.cents
		} else if m.operation == "REGOLARIZZATO" {
			openOut -= m.cents
		}
	}
	return el("totali_esercizio", euro("fondo_di_cassa", b.Fondo), euro("totale_reversali_riscosse", collected), euro("totale_sospesi_entrata", openIn),
		euro("totale_entrate", b.Fondo+collected+openIn), euro("deficit_di_cassa", 0), euro("totale_mandati_pagati", paid),
		euro("totale_sospesi_uscita", openOut), euro("totale_uscite", paid+openOut), euro("saldo_esercizio", b.Fondo+collected+openIn-paid-openOut))
}

func movements(rows []movement, first int) string {
	var out strings.Builder
	for i, m := range rows {
		direction, cro := "USCITA", ""
		if m.income {
			direction = "ENTRATA"
		} else if m.iban != "" {
			cro = fmt.Sprintf("CRO%013d", first+i)
		}
		way := m.way
		if way == "" {
			way = "CASSA"
		}
		pending := ""
		if strings.HasPrefix(m.kind, "SOSPESO") {
			pending = el("sospeso_da_regolarizzare", val("data_effettiva_sospeso", m.at.Format(time.DateOnly)), val("codice_gestionale_provvisorio", "9999"))
		}
		regularised := ""
		for _, p := range m.sospesi {
			regularised += el("sospeso", num("numero_provvisorio", p), euro("importo_provvisorio", m.cents))
		}
		flow := m.flow
		if flow == "" {
			flow = "SOSPESO"
		}
		receipt := ""
		if m.receipt > 0 {
			receipt = num("numero_bolletta_quietanza", m.receipt)
		}
		out.WriteString(el("movimento_conto_evidenza", val("identificativo_flusso", flow), num("numero_movimento", first+i), val("tipo_movimento", direction),
			val("tipo_documento", m.kind), val("tipo_operazione", m.operation), num("numero_documento", m.number), pending,
			num("progressivo_documento", m.line), euro("importo", m.cents), receipt, val("data_movimento", m.at.Format(time.DateOnly)),
			val("data_movimento_siope", m.at.Format(time.DateOnly)), val("tipo_esecuzione", way), val("coordinate", m.iban), val("codice_riferimento_operazione", cro),
			val("assoggettamento_bollo", "ESENTE BOLLO"), el("cliente", val("anagrafica_cliente", m.who)), val("causale", m.why), regularised))
	}
	return out.String()
}
