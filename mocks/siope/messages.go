// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	dateTimeForm = "2006-01-02T15:04:05"
)

// el writes an element around what it holds, or nothing when that is empty.
func el(name string, content ...string) string {
	inside := strings.Join(content, "")
	if inside == "" {
		return ""
	}
	return "<" + name + ">" + inside + "</" + name + ">"
}

// val writes a leaf.
func val(name, value string) string { return el(name, escape(value)) }

func num[T int | int64](name string, n T) string { return el(name, strconv.FormatInt(int64(n), 10)) }

func euro(name string, cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return el(name, fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100))
}

func head(b *body, at time.Time) string {
	return el("testata_messaggio", val("codice_ABI_BT", b.CodiceABI), val("data_ora_creazione_flusso", at.Format(dateTimeForm)),
		val("codice_ente", b.Ufficio), val("descrizione_ente", b.Denominazione), val("codice_istat_ente", b.ISTAT),
		val("codice_fiscale_ente", b.CodiceFiscale), val("codice_tramite_ente", b.A2A), val("codice_tramite_BT", b.TramiteBT),
		val("codice_ente_BT", b.CodiceEnteBT))
}

// ack is what SIOPE+ says of a flow. It bears no signature.
func ack(b *body, id string, year int, at time.Time, faults []fault) string {
	state := "OK"
	var list strings.Builder
	for _, f := range faults {
		state = "KO"
		list.WriteString(el("errore", val("codice", f.code), val("descrizione", f.text), val("elemento", f.element)))
	}
	year2 := ""
	if year > 0 {
		year2 = num("esercizio", year)
	}
	return el("messaggio_ack_siope", head(b, at), val("identificativo_flusso", id), year2, val("stato_flusso", state), list.String())
}

func reception(b *body, f *flow, number string, at time.Time) string {
	return el("messaggio_ricezione_flusso", head(b, at), val("identificativo_flusso", f.id), val("identificativo_flusso_BT", number), num("esercizio", f.year))
}

func rejection(b *body, f *flow, number string, at time.Time, code, why string) string {
	return el("messaggio_rifiuto_flusso", head(b, at), val("identificativo_flusso", f.id), val("identificativo_flusso_BT", number),
		num("esercizio", f.year), el("errore", val("codice", code), val("descrizione", why)))
}

// outcome says what became of lines of orders.
func outcome(b *body, f *flow, number string, at time.Time, results []result) string {
	var list strings.Builder
	for _, r := range results {
		kind, line := "mandat", "progressivo_beneficiario"
		name := "mandato"
		if r.key.collection {
			kind, line, name = "reversal", "progressivo_versante", "reversale"
		}
		kind += "i"
		why := ""
		if strings.HasPrefix(r.word, "NON ") {
			why = el("lista_errori", val("codice_errore", "35"), val("descrizione", "Coordinate del beneficiario non utilizzabili"))
		}
		list.WriteString(el("esito_"+kind, val("identificativo_flusso", f.id), num("esercizio", f.year), num("numero_"+name, r.key.number),
			num(line, r.number), val("data_"+name, r.date), euro("importo", r.cents), val("esito_operazione", r.word),
			val("data_ora_esito_operazione", at.Format(dateTimeForm)), why))
	}
	return el("messaggi_esito_applicativo", head(b, at), val("identificativo_flusso_BT", number), list.String())
}
