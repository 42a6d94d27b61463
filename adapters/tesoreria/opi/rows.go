// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Row is a row of a table, with the number that a spreadsheet gives it.
type Row struct {
	Number int
	Cells  map[string]string // by the name of the column, in lower case; without the space around them
}

// ReadTable reads CSV as FromCSV does: UTF-8 with or without a mark, separated by comma, semicolon or tab, names of columns
// in capitals or not. It is for the tables that go with flows, such as one of payments. needed are the columns that must be
// there, known those that may; the faults say which ones are missing, unknown or there twice, or that it is no CSV.
func ReadTable(data []byte, needed, known []string, l Limits) ([]Row, Faults) {
	rows, first, faults := openRows(data, l)
	if len(faults) > 0 {
		return nil, faults
	}
	add := func(field string, what Text) {
		faults = append(faults, Fault{Rule: "opi.input/column", Row: 1, Field: short(field), What: what})
	}
	all := strings.Join(append(append([]string{}, needed...), known...), ", ")
	names, seen := make([]string, len(first)), map[string]bool{}
	for i, title := range first {
		if len(faults) == maxTitleFaults {
			return nil, faults
		}
		name := strings.ToLower(strings.TrimSpace(title))
		switch {
		case seen[name]:
			add(title, Text{IT: "la colonna c'è due volte", EN: "the column is there twice"})
		case !strings.Contains(", "+all+", ", ", "+name+", "):
			add(title, textf("colonna %q non prevista; le colonne sono: %s", "column %q is not known; the columns are: %s", short(title), all))
		}
		names[i], seen[name] = name, true
	}
	for _, name := range needed {
		if !seen[name] {
			add(name, textf("manca la colonna %s", "column %s is missing", name))
		}
	}
	var out []Row
	for len(faults) == 0 {
		record, err := rows.next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, notCSV(rows.row, whyNotCSV(err))
		}
		row := Row{Number: rows.row, Cells: make(map[string]string, len(record))}
		for i, cell := range record {
			row.Cells[names[i]] = strings.TrimSpace(cell)
		}
		out = append(out, row)
	}
	return nil, faults
}

func notCSV(row int, what Text) Faults {
	return Faults{{Rule: "opi.input/not-csv", Row: row, What: what}}
}

// whyNotCSV puts what package csv says into words.
func whyNotCSV(err error) Text {
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		return Text{IT: "la riga non ha tante celle quante sono le colonne", EN: "the row does not have as many cells as there are columns"}
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return Text{
			IT: `virgolette fuori posto: una cella che ne contiene va tra virgolette, con le proprie raddoppiate`,
			EN: `quotes out of place: a cell that holds some goes in quotes, with its own doubled`,
		}
	}
	return textf("riga illeggibile: %s", "row that cannot be read: %s", err.Error())
}

// openRows begins to read CSV: first is the row of names.
func openRows(data []byte, l Limits) (r *rows, first []string, faults Faults) {
	if limit := cmp.Or(l.Bytes, defaultBytes); len(data) > limit {
		return nil, nil, notCSV(0, textf("%d byte, al massimo %d", "%d bytes, at most %d", len(data), limit))
	}
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, nil, notCSV(0, Text{IT: "salvare il file in UTF-8", EN: "save the file in UTF-8"})
	}
	r = newRows(text)
	first, err := r.next()
	if err != nil {
		return nil, nil, notCSV(1, Text{IT: "manca la riga dei nomi", EN: "the row of names is missing"})
	}
	return r, first, nil
}

// rows reads records with the number that a spreadsheet gives them: empty lines count, lines within quotes do not.
type rows struct {
	text  []byte
	csv   *csv.Reader
	row   int
	lines int // that the records so far took
	at    int64
}

func newRows(text []byte) *rows {
	header, _, _ := bytes.Cut(text, []byte("\n"))
	comma := ','
	for _, c := range ";\t" {
		if bytes.Count(header, []byte(string(c))) > bytes.Count(header, []byte(string(comma))) {
			comma = c
		}
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = comma
	return &rows{text: text, csv: r}
}

func (r *rows) next() ([]string, error) {
	record, err := r.csv.Read()
	if err != nil {
		r.row++
		return nil, err
	}
	start, _ := r.csv.FieldPos(0)
	r.row += start - r.lines
	end := r.csv.InputOffset()
	r.lines = max(start, r.lines+bytes.Count(r.text[r.at:end], []byte("\n")))
	r.at = end
	return record, nil
}

var (
	thousands = regexp.MustCompile(`^-?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}$`)
	withComma = regexp.MustCompile(`^-?[0-9]+,[0-9]{1,2}$`)
	withPoint = regexp.MustCompile(`^-?[0-9]+(?:\.[0-9]{1,2})?$`)
)

// plain turns a cell as people write it into the form of XML. What could mean two things, as 1.220 could, stays as it
// is and is refused.
func plain(f field, cell string) string {
	switch f.element() {
	case reflect.TypeFor[Importo]():
		return plainAmount(cell)
	case reflect.TypeFor[Data]():
		return string(PlainDate(cell))
	}
	if inCapitals(f.name) {
		return strings.ToUpper(cell)
	}
	return cell
}

// inCapitals tells an element of which every value is one of a list of words in capitals.
func inCapitals(name string) bool {
	switch name {
	case "tipo_operazione", "tipo_pagamento", "tipo_riscossione", "assoggettamento_bollo", "tipo_debito_siope_nc", "tipo_debito_siope_c":
		return true
	}
	return false
}

var dayForm = regexp.MustCompile(`^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})$`)

// unreadDate tells why a cell is no date, in the forms that people write; nothing when it is one.
func unreadDate(cell string) Text {
	_, err := PlainDate(cell).Time()
	switch {
	case err == nil:
		return Text{}
	case dayForm.MatchString(cell):
		return Text{IT: "questo giorno non esiste", EN: "there is no such day"}
	}
	return Text{IT: "serve una data come 12/10/2026 o 2026-10-12", EN: "a date is needed, as 12/10/2026 or 2026-10-12"}
}

func plainAmount(cell string) string {
	switch {
	case thousands.MatchString(cell), withComma.MatchString(cell):
		return strings.ReplaceAll(strings.ReplaceAll(cell, ".", ""), ",", ".")
	case withPoint.MatchString(cell):
		return cell
	}
	return "?"
}

// PlainAmount reads an amount as people write it in a cell: 1.220,50 as 1220,5 or 1220.50. 1.220 could mean two things
// and is refused.
func PlainAmount(cell string) (Importo, error) { return ParseImporto(plainAmount(cell)) }

// PlainDate reads a day as people write it in a cell, 12/10/2026 or 1/2/2026, the day before the month; anything else stays as it is.
func PlainDate(cell string) Data {
	if day, err := time.Parse("2/1/2006", cell); err == nil {
		return NewData(day)
	}
	return Data(cell)
}
