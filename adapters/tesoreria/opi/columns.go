// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// column is a column of a CSV file: the way to what it fills, in a mandato and in a reversale.
type column struct {
	title     string
	item      int // the number behind the name; 0 for none
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
		"importo_classificazione": {"importo", "importo"},
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

// columnsOf reads the row of names.
func columnsOf(titles []string) ([]column, Faults) {
	mandati, reversali := ways(reflect.TypeFor[Mandato]()), ways(reflect.TypeFor[Reversale]())
	delete(mandati, "numero_mandato") // the number of the order itself is the column numero
	delete(reversali, "numero_reversale")
	short := shortNames()
	var out []column
	var faults Faults
	seen := map[string]bool{}
	add := func(title string, what Text) {
		faults = append(faults, Fault{Rule: "opi.input/column", Row: 1, Field: title, What: what})
	}
	for _, title := range titles {
		title = strings.TrimSpace(title)
		c := column{title: title}
		name := title
		if m := numbered.FindStringSubmatch(title); m != nil {
			name = m[1]
			c.item, _ = strconv.Atoi(m[2])
		}
		pair := [2]string{name, name}
		if both, ok := short[name]; ok {
			pair = both
		}
		c.mandato, c.reversale = mandati[pair[0]], reversali[pair[1]]
		c.number = title == "numero"
		c.special = title == "documento" || c.number
		switch {
		case seen[title]:
			add(title, Text{IT: "la colonna c'è due volte", EN: "the column is there twice"})
		case !c.special && c.mandato == nil && c.reversale == nil:
			add(title, textf("colonna %s non prevista", "column %s is not known", strconv.Quote(title)))
		}
		seen[title] = true
		out = append(out, c)
	}
	if !seen["documento"] {
		add("documento", Text{IT: "manca la colonna documento", EN: "column documento is missing"})
	}
	if !seen["numero"] {
		add("numero", Text{IT: "manca la colonna numero", EN: "column numero is missing"})
	}
	return out, faults
}

var (
	thousands = regexp.MustCompile(`^-?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}$`)
	withComma = regexp.MustCompile(`^-?[0-9]+,[0-9]{1,2}$`)
	withPoint = regexp.MustCompile(`^-?[0-9]+(?:\.[0-9]{1,2})?$`)
)

// plain turns a cell as people write it into the form of XML. What could mean two things, as 1.220 could, stays as it
// is and is refused.
func plain(v reflect.Value, cell string) string {
	switch v.Type() {
	case reflect.TypeFor[Importo]():
		switch {
		case thousands.MatchString(cell), withComma.MatchString(cell):
			return strings.ReplaceAll(strings.ReplaceAll(cell, ".", ""), ",", ".")
		case withPoint.MatchString(cell):
			return cell
		}
		return "?"
	case reflect.TypeFor[Data]():
		if day, err := time.Parse("02/01/2006", cell); err == nil {
			return string(NewData(day))
		}
	}
	return cell
}
