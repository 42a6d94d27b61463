// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// column is a column of a CSV file: the way to what it fills, in a mandato and in a reversale.
type column struct {
	title     string // as the file has it
	name      string // as the vocabulary has it, without the number behind it
	item      int    // the number behind the name; 0 for none
	special   bool
	number    bool // of the order
	mandato   []field
	reversale []field
}

func (c column) of(collection bool) []field {
	if collection {
		return c.reversale
	}
	return c.mandato
}

// inLine tells whether the column is about a beneficiario or versante, not about the whole order.
func (c column) inLine(collection bool) bool {
	return c.of(collection)[0].name == lineNames(collection)
}

func orderName(collection bool) string {
	if collection {
		return "reversale"
	}
	return "mandato"
}

func lineNames(collection bool) string {
	if collection {
		return "informazioni_versante"
	}
	return "informazioni_beneficiario"
}

func linesOf(order reflect.Value) reflect.Value {
	for _, f := range fieldsOf(order.Elem().Type()) {
		if f.name == lineNames(true) || f.name == lineNames(false) {
			return order.Elem().Field(f.index)
		}
	}
	return reflect.Value{}
}

// shortNames are the columns that mandati and reversali share, with the element of each.
func shortNames() map[string][2]string {
	names := map[string][2]string{
		"operazione":              {"tipo_operazione", "tipo_operazione"},
		"data":                    {"data_mandato", "data_reversale"},
		"importo_ordinativo":      {"importo_mandato", "importo_reversale"},
		"progressivo":             {"informazioni_beneficiario/progressivo_beneficiario", "informazioni_versante/progressivo_versante"},
		"importo_riga":            {"importo_beneficiario", "importo_versante"},
		"modo":                    {"tipo_pagamento", "tipo_riscossione"},
		"codice_siope":            {"codice_cgu", "codice_cge"},
		"importo_classificazione": {lineNames(false) + "/classificazione/importo", lineNames(true) + "/classificazione/importo"},
	}
	for _, name := range []string{"anagrafica", "indirizzo", "cap", "localita", "provincia", "stato", "partita_iva", "codice_fiscale"} {
		names[name] = [2]string{name + "_beneficiario", name + "_versante"}
	}
	return names
}

// ways lists every simple element below a type, by its name and by its way from the top.
func ways(t reflect.Type) map[string][]field {
	found := map[string][]field{}
	var walk func(t reflect.Type, path string, chain []field)
	walk = func(t reflect.Type, path string, chain []field) {
		for _, f := range fieldsOf(t) {
			if f.attribute() {
				continue
			}
			way := append(append([]field{}, chain...), f)
			at := path + f.name
			if f.group {
				at = strings.TrimSuffix(path, "/")
			}
			if f.element().Kind() == reflect.Struct {
				walk(f.element(), at+"/", way)
				continue
			}
			found[at] = way
			if _, taken := found[f.name]; taken && at != f.name {
				continue // the way from the top still names it
			}
			found[f.name] = way
		}
	}
	walk(t, "", nil)
	return found
}

var numbered = regexp.MustCompile(`^(.+)\.([1-9][0-9]?)$`)

// maxTitleFaults is how many names of columns are told to be wrong: whoever has more has another file. Of each it is
// looked up what it may mean.
const maxTitleFaults = 50

// short is the beginning of a name that is too long for one.
func short(name string) string {
	const most = 80
	if r := []rune(name[:min(len(name), 4*most)]); len(r) > most {
		return string(r[:most]) + "…"
	}
	return name
}

// columnsOf reads the row of names.
func columnsOf(titles []string, known *vocabulary) ([]column, Faults) {
	var out []column
	var faults Faults
	seen := map[string]bool{}
	add := func(title string, what Text) {
		faults = append(faults, Fault{Rule: "opi.input/column", Row: 1, Field: short(title), What: what})
	}
	for _, title := range titles {
		if len(faults) == maxTitleFaults {
			return nil, faults
		}
		title = strings.TrimSpace(title)
		c := column{title: title, name: title}
		if m := numbered.FindStringSubmatch(title); m != nil {
			c.name = m[1]
			c.item, _ = strconv.Atoi(m[2])
		}
		c.name = known.canonical(c.name)
		c.mandato, c.reversale = known.chain(c.name, false), known.chain(c.name, true)
		c.number = c.name == columnNumber && c.item == 0
		c.special = c.name == columnDocument && c.item == 0 || c.number
		once := fmt.Sprintf("%s.%d", c.name, c.item)
		switch {
		case seen[once]:
			add(title, Text{IT: "la colonna c'è due volte", EN: "the column is there twice"})
		case !c.special && c.mandato == nil && c.reversale == nil:
			add(title, known.unknown(title, c.name))
		}
		seen[once] = true
		out = append(out, c)
	}
	for _, needed := range []string{columnDocument, columnNumber} {
		if !seen[needed+".0"] {
			add(needed, textf("manca la colonna %s", "column %s is missing", needed))
		}
	}
	return out, faults
}
