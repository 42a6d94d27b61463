// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package fileview

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

func broken(it, en string) error { return bilingual.Errorf("%w: "+it, "%w: "+en, ErrSettings) }

// parseCSV wants a first line of names and as many fields in every line.
func parseCSV(data []byte, separator rune) (*content, error) {
	if !utf8.Valid(data) {
		return nil, broken("non è testo UTF-8", "it is not UTF-8 text")
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.ReuseRecord = separator, true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, broken("non ha la riga dei nomi", "it has no line of names")
	}
	if err != nil {
		return nil, broken("non è un CSV", "it is no CSV")
	}
	c := &content{columns: slices.Clone(header), indexes: map[int]map[string][]int{}}
	for i, name := range c.columns {
		if name == "" || slices.Contains(c.columns[:i], name) {
			return nil, broken("una colonna non ha nome, o ha quello di un'altra", "a column has no name, or that of another")
		}
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			line := 0
			var at *csv.ParseError
			if errors.As(err, &at) {
				line = at.Line
			}
			return nil, bilingual.Errorf("%w: la riga %d non è CSV, o ha un altro numero di campi", "%w: line %d is not CSV, or has another number of fields", ErrSettings, line)
		}
		row := make([]any, len(record))
		for i, field := range record {
			if field != "" {
				row[i] = field
			}
		}
		c.rows = append(c.rows, row)
	}
}

// parseJSON wants one array of objects whose members are texts, numbers, booleans or null.
func parseJSON(data []byte) (*content, error) {
	if !utf8.Valid(data) {
		return nil, broken("non è testo UTF-8", "it is not UTF-8 text")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, broken("non è un elenco JSON", "it is no JSON array")
	}
	c := &content{indexes: map[int]map[string][]int{}}
	at := map[string]int{}
	for n := 1; dec.More(); n++ {
		row, err := c.object(dec, at)
		if err != nil {
			return nil, bilingual.Errorf("%w: l'elemento %d non è un oggetto JSON piatto, o ha un membro due volte", "%w: item %d is no flat JSON object, or has a member twice", ErrSettings, n)
		}
		c.rows = append(c.rows, row)
	}
	if _, err := dec.Token(); err != nil {
		return nil, broken("non è un elenco JSON", "it is no JSON array")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, broken("qualcosa segue l'elenco JSON", "something follows the JSON array")
	}
	for i, row := range c.rows { // members that only later objects have
		for len(row) < len(c.columns) {
			row = append(row, nil)
		}
		c.rows[i] = row
	}
	return c, nil
}

var errForm = errors.New("another form")

func (c *content) object(dec *json.Decoder, at map[string]int) ([]any, error) {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errForm
	}
	row := make([]any, len(c.columns))
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok || name == "" || seen[name] {
			return nil, errForm
		}
		seen[name] = true
		value, err := dec.Token()
		if _, nested := value.(json.Delim); err != nil || nested {
			return nil, errForm
		}
		column, known := at[name]
		if !known {
			column = len(c.columns)
			at[name], c.columns = column, append(c.columns, name)
		}
		for len(row) <= column {
			row = append(row, nil)
		}
		row[column] = value
	}
	_, err := dec.Token()
	return row, err
}
