// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fault is one entry of a negative ACK. The codes 101, 106, 109 and 112 are Banca d'Italia's; those from 901 on are this
// mock's, for checks whose codes are not public.
type fault struct{ code, text, element string }

// part is a child that an element has to have in its place.
type part struct {
	name     string
	min, max int
	form     *regexp.Regexp // of a leaf; nil for any text of 1 to 370 characters, or for an element with children
	parts    []part
}

func leaf(name, form string) part {
	return part{name: name, min: 1, max: 1, form: regexp.MustCompile("^(?:" + form + ")$")}
}

func maybe(p part) part { p.min = 0; return p }

func text(name string) part { return part{name: name, min: 1, max: 1} }

const (
	amountForm = `[0-9]{1,13}(\.[0-9]{1,2})?`
	dateForm   = `[0-9]{4}-[0-9]{2}-[0-9]{2}`
	numberForm = `[0-9]{1,7}`
	many       = 100_000
)

func headerParts() []part {
	return []part{
		leaf("codice_ABI_BT", `[0-9]{5}`), leaf("identificativo_flusso", `[a-zA-Z0-9#_\-.]{1,70}`),
		leaf("data_ora_creazione_flusso", dateForm+`T[0-9]{2}:[0-9]{2}:[0-9]{2}.*`), leaf("codice_ente", `[A-Z0-9]{6}`),
		leaf("descrizione_ente", `.{1,140}`), leaf("codice_istat_ente", `[0-9]{9,15}`), leaf("codice_fiscale_ente", `.{11,16}`),
		leaf("codice_tramite_ente", `A2A-[0-9]{8}`), leaf("codice_tramite_BT", `A2A-[0-9]{8}`), text("codice_ente_BT"),
		maybe(text("riferimento_ente")),
	}
}

const operationForm = `INSERIMENTO|VARIAZIONE|ANNULLO|SOSTITUZIONE`

// orderParts are the beginning of an order; what follows differs and is checked one by one.
func orderParts(kind string) []part {
	return []part{
		leaf("tipo_operazione", operationForm), leaf("numero_"+kind, numberForm), leaf("data_"+kind, dateForm),
		leaf("importo_"+kind, amountForm),
	}
}

// lineWords are the names that differ between payments and collections.
type lineWords struct{ kind, line, party, way, number, amount, code string }

func wordsOf(collection bool) lineWords {
	if collection {
		return lineWords{"reversale", "informazioni_versante", "versante", "tipo_riscossione", "progressivo_versante", "importo_versante", "codice_cge"}
	}
	return lineWords{"mandato", "informazioni_beneficiario", "beneficiario", "tipo_pagamento", "progressivo_beneficiario", "importo_beneficiario", "codice_cgu"}
}

// inOrder checks that the children begin with the parts, each in its place and form.
func inOrder(n *node, parts []part, whole bool) []fault {
	i := 0
	for _, p := range parts {
		count := 0
		for i < len(n.kids) && n.kids[i].name == p.name && count < p.max {
			if bad := p.check(n.kids[i]); len(bad) > 0 {
				return bad
			}
			i++
			count++
		}
		if count < p.min {
			return []fault{{"901", "elemento mancante o fuori posto", p.name}}
		}
	}
	if whole && i < len(n.kids) {
		return []fault{{"902", "elemento non previsto", n.kids[i].name}}
	}
	return nil
}

func (p part) check(n *node) []fault {
	if len(p.parts) > 0 {
		return inOrder(n, p.parts, true)
	}
	value := n.text
	if p.form != nil && !p.form.MatchString(value) || p.form == nil && len(n.kids) == 0 && (value == "" || utf8.RuneCountInString(value) > 370) {
		return []fault{{"903", "valore non ammesso", p.name}}
	}
	return nil
}

// checkOrder holds one order against structure and sums.
func checkOrder(n *node, collection bool) []fault {
	w := wordsOf(collection)
	if bad := inOrder(n, orderParts(w.kind), false); len(bad) > 0 {
		return bad
	}
	lines := n.all(w.line)
	if len(lines) == 0 {
		return []fault{{"901", "elemento mancante o fuori posto", w.line}}
	}
	var sum, classified int64
	for _, line := range lines {
		if bad := inOrder(line, []part{leaf(w.number, numberForm), leaf(w.amount, amountForm), text(w.way)}, false); len(bad) > 0 {
			return bad
		}
		for _, name := range []string{"bollo", w.party, "causale"} {
			if line.of(name) == nil {
				return []fault{{"901", "elemento mancante o fuori posto", name}}
			}
		}
		if line.value(w.party, "anagrafica_"+w.party) == "" || utf8.RuneCountInString(line.value("causale")) > 370 {
			return []fault{{"903", "valore non ammesso", w.party}}
		}
		if line.value(w.way) == "SEPA CREDIT TRANSFER" && !ibanForm.MatchString(line.value("sepa_credit_transfer", "iban")) {
			return []fault{{"903", "valore non ammesso", "iban"}}
		}
		sum += cents(line.value(w.amount))
		for _, class := range line.all("classificazione") {
			if !classForm.MatchString(class.value(w.code)) {
				return []fault{{"109", "codice SIOPE non valido", w.code}}
			}
			classified += cents(class.value("importo"))
		}
	}
	total := cents(n.value("importo_" + w.kind))
	switch {
	case sum != total || classified != 0 && classified != total:
		return []fault{{"106", "somma diversa dall'importo del documento", "importo_" + w.kind}}
	case classified == 0:
		return []fault{{"109", "classificazione mancante", "classificazione"}}
	}
	return nil
}

var (
	ibanForm  = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{5,30}$`)
	classForm = regexp.MustCompile(`^[0-9]{4,10}$`)
)

// cents reads an amount whose form was checked.
func cents(text string) int64 {
	whole, rest, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(rest + "00")[:2], 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// checkFlow holds a whole document against the rules of SIOPE+. Amounts and numbers can be read when it gives nothing.
func (s *Server) checkFlow(b *body, a2a string, root *node) []fault {
	if root.name != "flusso_ordinativi" || root.space != "" {
		return []fault{{"900", "la radice non è flusso_ordinativi", root.name}}
	}
	header := root.of("testata_flusso")
	if header == nil || root.of("esercizio") == nil {
		return []fault{{"901", "elemento mancante o fuori posto", "testata_flusso"}}
	}
	all := inOrder(header, headerParts(), true)
	if len(all) == 0 {
		all = s.checkHeader(b, a2a, header)
	}
	if len(root.all("Signature")) == 0 {
		all = append(all, fault{"901", "firma mancante", "Signature"})
	}
	numbers := map[string]bool{}
	orders := 0
	for i, n := range root.kids {
		switch n.name {
		case "mandato", "reversale":
			orders++
			all = append(all, checkOrder(n, n.name == "reversale")...)
			key := n.name + n.value("numero_"+n.name)
			if numbers[key] {
				all = append(all, fault{"904", "numero ripetuto nel flusso", "numero_" + n.name})
			}
			numbers[key] = true
		case "testata_flusso", "esercizio":
			if i > 2 {
				all = append(all, fault{"902", "elemento fuori posto", n.name})
			}
		case "Signature":
			if i != 0 && i != len(root.kids)-1 {
				all = append(all, fault{"902", "elemento fuori posto", n.name})
			}
		default:
			all = append(all, fault{"902", "elemento non previsto", n.name})
		}
	}
	if orders == 0 {
		all = append(all, fault{"901", "nessun ordinativo", "mandato"})
	}
	return all
}

func (s *Server) checkHeader(b *body, a2a string, header *node) []fault {
	var all []fault
	if header.value("codice_ente") != b.Ufficio || header.value("codice_fiscale_ente") != b.CodiceFiscale {
		all = append(all, fault{"905", "ente diverso da quello del canale", "codice_ente"})
	}
	if header.value("codice_istat_ente") != b.ISTAT {
		all = append(all, fault{"112", "codice ISTAT ente non valido", "codice_istat_ente"})
	}
	if header.value("codice_tramite_ente") != a2a || header.value("codice_tramite_BT") != b.TramiteBT {
		all = append(all, fault{"906", "tramite non abilitato", "codice_tramite_ente"})
	}
	if header.value("codice_ABI_BT") != b.CodiceABI || header.value("codice_ente_BT") != b.CodiceEnteBT {
		all = append(all, fault{"907", "tesoriere diverso da quello dell'ente", "codice_ABI_BT"})
	}
	return all
}
