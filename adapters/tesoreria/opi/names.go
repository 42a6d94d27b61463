// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"cmp"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The columns that say which order a row belongs to.
const (
	columnDocument = "documento"
	columnNumber   = "numero"
)

// Columns lists the columns that most flows need, in the order in which people write them. All others are named after
// the element they fill.
func Columns() []string {
	return []string{
		columnDocument, columnNumber, "data", "operazione", "importo_ordinativo", "progressivo", "importo_riga", "modo", "anagrafica", "codice_fiscale",
		"partita_iva", "indirizzo", "cap", "localita", "provincia", "stato", "iban", "causale", "assoggettamento_bollo", "codice_siope",
		"importo_classificazione", "tipo_debito_siope_nc", "tipo_debito_siope_c", "codice_cig_siope", "motivo_esclusione_cig_siope", "codice_cup",
		"numero_provvisorio", "importo_provvisorio",
	}
}

// vocabulary is every name that a column may have.
type vocabulary struct {
	mandati, reversali map[string][]field
	short              map[string][2]string
	folded             map[string]string // from lower case
}

func newVocabulary() *vocabulary {
	v := &vocabulary{
		mandati: ways(reflect.TypeFor[Mandato]()), reversali: ways(reflect.TypeFor[Reversale]()), short: shortNames(), folded: map[string]string{},
	}
	delete(v.mandati, "numero_mandato") // the number of the order itself is the column numero
	delete(v.reversali, "numero_reversale")
	for _, all := range []map[string][]field{v.mandati, v.reversali} {
		delete(all, "importo") // of the order, of the row or of the classificazione: it has to be said
		for name := range all {
			v.folded[strings.ToLower(name)] = name
		}
	}
	for name := range v.short {
		v.folded[name] = name
	}
	for _, name := range []string{columnDocument, columnNumber} {
		v.folded[name] = name
	}
	return v
}

// canonical is a name as the vocabulary has it; one that it lacks stays as it is.
func (v *vocabulary) canonical(name string) string {
	if known, ok := v.folded[strings.ToLower(name)]; ok {
		return known
	}
	return name
}

// chain is the way to what a column fills; nil where orders of that kind do not have it.
func (v *vocabulary) chain(name string, collection bool) []field {
	pair, ok := v.short[name]
	if !ok {
		pair = [2]string{name, name}
	}
	if collection {
		return v.reversali[pair[1]]
	}
	return v.mandati[pair[0]]
}

// unknown tells that there is no column of a name, and which one was probably meant.
func (v *vocabulary) unknown(title, name string) Text {
	quoted := strconv.Quote(short(title))
	if near := v.near(strings.ToLower(name)); len(near) > 0 {
		list := strings.Join(near, ", ")
		return textf("colonna %s non prevista; forse: %s", "column %s is not known; perhaps: %s", quoted, list)
	}
	list := strings.Join(Columns(), ", ")
	return textf("colonna %s non prevista; le più usate sono: %s", "column %s is not known; those used most are: %s", quoted, list)
}

// otherWords are what people call columns that have another name.
func otherWords() map[string][]string {
	names, sums := []string{"anagrafica"}, []string{"importo_riga", "importo_classificazione", "importo_ordinativo"}
	return map[string][]string{
		"importo": sums, "totale": sums, "euro": sums,
		"beneficiario": names, "versante": names, "creditore": names, "debitore": names, "nome": names, "cognome": names, "ragione_sociale": names, "denominazione": names,
		"tipo": {columnDocument}, "tipo_documento": {columnDocument}, "numero_ordinativo": {columnNumber},
		"descrizione": {"causale"}, "oggetto": {"causale"}, "bollo": {"assoggettamento_bollo"}, "modalita": {"modo"}, "modalita_pagamento": {"modo"},
		"comune": {"localita"}, "citta": {"localita"}, "siope": {"codice_siope"}, "cf": {"codice_fiscale"}, "piva": {"partita_iva"}, "sospeso": {"numero_provvisorio", "importo_provvisorio"},
	}
}

// near are the names that hold a word, or differ from it by little; at most four.
func (v *vocabulary) near(word string) []string {
	if meant := otherWords()[word]; meant != nil {
		return meant
	}
	const most, far, longest = 4, 3, 100
	if len(word) > longest {
		return nil
	}
	names := slices.Concat(Columns(), slices.Sorted(maps.Keys(v.mandati)), slices.Sorted(maps.Keys(v.reversali)))
	found := map[string]int{}
	var order []string
	for _, name := range names {
		low := strings.ToLower(name)
		distance := edits(word, low)
		if len(word) >= 3 && !strings.Contains(name, "/") && strings.Contains("_"+low+"_", "_"+word+"_") {
			distance = 0
		}
		if _, seen := found[name]; !seen && distance < min(far, len(word)-1) {
			found[name] = distance
			order = append(order, name)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return found[a] - found[b] })
	return order[:min(most, len(order))]
}

// edits is how many letters lie between two words.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			before, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, before+cost)
		}
	}
	return row[len(b)]
}

// titles says faults in the words of a CSV file: where an element has a column, by its name there; where it has none, by
// the name of the column that is missing.
type titles struct {
	cells map[string]string // the column that filled a place
	ways  map[string]string // the column of an element, by its way from the flow
	words map[string]string // the column of an element, by its name
	known *vocabulary
}

func newTitles(columns []column, known *vocabulary) *titles {
	t := &titles{cells: map[string]string{}, ways: map[string]string{}, words: map[string]string{}, known: known}
	add := func(title string, item int, chain []field, collection bool) {
		if len(chain) == 0 || item > 1 {
			return
		}
		way := "/" + string(KindFlusso) + "/" + orderName(collection)
		for _, f := range chain {
			if !f.group {
				way += "/" + f.name
			}
		}
		if t.ways[way] == "" {
			t.ways[way] = title
		}
		if name := chain[len(chain)-1].name; t.words[name] == "" && strings.Contains(name, "_") { // importo is a word, too
			t.words[name] = title
		}
	}
	for _, c := range columns {
		add(c.title, c.item, c.mandato, false)
		add(c.title, c.item, c.reversale, true)
		if c.number {
			for _, collection := range []bool{false, true} {
				name := orderName(collection)
				t.ways["/"+string(KindFlusso)+"/"+name+"/numero_"+name] = c.title
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known.short)) {
		add(name, 0, known.chain(name, false), false)
		add(name, 0, known.chain(name, true), true)
	}
	return t
}

// filled notes which column a place was filled from.
func (t *titles) filled(path, title string) { t.cells[samePlace(path)] = title }

var (
	placeNumber = regexp.MustCompile(`\[[0-9]+\]`)
	elementName = regexp.MustCompile(`[a-z]+(?:_[A-Za-z]+)+`)
)

// field names a place.
func (t *titles) field(path string) string {
	if title, ok := t.cells[samePlace(path)]; ok {
		return title
	}
	list, n := itemOf(path)
	if title, ok := t.ways[placeNumber.ReplaceAllString(path, "")]; ok {
		return nth(title, n)
	}
	name := fieldOf(path)
	if t.within(name, list) {
		return nth(name, n)
	}
	return name
}

// told names the elements in what is said of a place: those of its second classificazione by the columns of the second.
func (t *titles) told(path string, what Text) Text {
	list, n := itemOf(path)
	in := func(text string) string {
		return elementName.ReplaceAllStringFunc(text, func(name string) string {
			title := cmp.Or(t.words[name], name)
			if t.within(name, list) {
				return nth(title, n)
			}
			return title
		})
	}
	return Text{IT: in(what.IT), EN: in(what.EN)}
}

// within tells whether a column fills an element of a list: its name has the number of the item behind it.
func (t *titles) within(name, list string) bool {
	if list == "" {
		return false
	}
	for _, collection := range []bool{false, true} {
		for _, f := range t.known.chain(name, collection) {
			if f.name == list {
				return true
			}
		}
	}
	return false
}

// itemOf finds the list of a row, such as classificazione, in which a place is, and the number of its item; "" for none.
func itemOf(path string) (list string, n int) {
	steps := strings.Split(path, "/")
	for _, step := range steps[min(4, len(steps)):] { // below "", flusso, order and row
		if name, number, found := strings.Cut(strings.TrimSuffix(step, "]"), "["); found {
			n, _ = strconv.Atoi(number)
			return name, n
		}
	}
	return "", 0
}

// nth is the column of the n-th item of a list.
func nth(title string, n int) string {
	if n < 2 {
		return title
	}
	return strings.TrimSuffix(title, ".1") + "." + strconv.Itoa(n)
}
