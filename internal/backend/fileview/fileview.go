// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package fileview finds rows in a CSV or JSON file that another program writes, such as a nightly export.
//
// It owns how the two forms are read, their bounds, and when a file is read again. It depends on bilingual
// for the words of its errors. It never writes, and never answers from an old copy of a file that has changed or is gone.
package fileview

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// Kind is a form of file.
type Kind string

// The kinds.
const (
	CSV  Kind = "csv"  // RFC 4180 in UTF-8, the first line names the columns; an empty field is no value
	JSON Kind = "json" // one array of flat objects, in UTF-8
)

// The errors of a search. None holds a value of the file.
var (
	// ErrUnavailable means that the file is not there, or is being written: the question may be asked again.
	ErrUnavailable = bilingual.New("il file della vista ora non si può leggere", "the file of the view cannot be read now")
	// ErrSettings means that the file is not of its form, or has no such column: somebody has to mend it.
	ErrSettings = bilingual.New("il file della vista non è come dice la vista", "the file of the view is not as the view says")
	// ErrTooMuch means that more rows were found than the view allows.
	ErrTooMuch = bilingual.New("ci sono più righe di quante la vista ne ammetta", "more rows were found than the view allows")
)

// MaxSize is the size in bytes above which a file is refused.
const MaxSize = 64 << 20

// Settings say which file.
type Settings struct {
	Kind      Kind
	Path      string
	Separator rune // of CSV; 0 is a comma
}

// Table is what a search found: as many values in each row as there are columns. Values are nil or texts; those of JSON
// may also be numbers (json.Number) and booleans.
type Table struct {
	Columns []string
	Rows    [][]any
}

// Source is a file. It is safe for concurrent use.
type Source struct {
	s Settings

	mu      sync.Mutex
	read    stamp
	content *content
}

// stamp tells one state of a file from another.
type stamp struct {
	size int64
	at   time.Time
	info os.FileInfo
}

func (s stamp) same(o stamp) bool {
	return s.info != nil && o.info != nil && s.size == o.size && s.at.Equal(o.at) && os.SameFile(s.info, o.info)
}

// maxIndexes is how many columns of a file have an index: each holds every row.
const maxIndexes = 4

// content is a file that was read: it does not change.
type content struct {
	columns []string
	rows    [][]any

	mu      sync.Mutex
	indexes map[int]map[string][]int // rows by their value in a column
}

// Open returns a file that is read when it is first asked.
func Open(s Settings) *Source {
	if s.Separator == 0 {
		s.Separator = ','
	}
	return &Source{s: s}
}

// Find returns the rows whose columns have the texts of where, in the order of the file: at most so many, one more is
// ErrTooMuch and nothing is returned. A file that has changed is read again first. The error wraps ErrUnavailable,
// ErrSettings or ErrTooMuch.
func (s *Source) Find(ctx context.Context, where map[string]string, rows int) (Table, error) {
	c, err := s.current(ctx)
	if err != nil {
		return Table{}, err
	}
	found, err := c.find(where)
	if err != nil {
		return Table{}, err
	}
	if len(found) > rows {
		return Table{}, bilingual.Errorf("%w: più di %d", "%w: more than %d", ErrTooMuch, rows)
	}
	t := Table{Columns: c.columns}
	for _, i := range found {
		t.Rows = append(t.Rows, c.rows[i])
	}
	return t, nil
}

// Columns are the names of the columns, of a file that is read where it is not yet. The error wraps ErrUnavailable or
// ErrSettings.
func (s *Source) Columns(ctx context.Context) ([]string, error) {
	c, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(c.columns), nil
}

// current reads the file when it is not the one that was read; a file that changes meanwhile is not read yet.
func (s *Source) current(ctx context.Context) (*content, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return nil, bilingual.Errorf("%w: nessuna risposta in tempo", "%w: no answer in time", ErrUnavailable)
	}
	now, err := s.look()
	if err != nil {
		return nil, err
	}
	if s.content != nil && s.read.same(now) {
		return s.content, nil
	}
	s.content = nil
	data, err := os.ReadFile(s.s.Path)
	if err != nil {
		return nil, unreadable(err)
	}
	after, err := s.look()
	if err != nil {
		return nil, err
	}
	if !now.same(after) || int64(len(data)) != now.size {
		return nil, bilingual.Errorf("%w: qualcuno lo sta scrivendo", "%w: it is being written", ErrUnavailable)
	}
	c, err := parse(s.s, data)
	if err != nil {
		return nil, err
	}
	s.content, s.read = c, now
	return c, nil
}

func (s *Source) look() (stamp, error) {
	info, err := os.Stat(s.s.Path)
	if err != nil {
		return stamp{}, unreadable(err)
	}
	if !info.Mode().IsRegular() {
		return stamp{}, broken("non è un file", "it is no file")
	}
	if info.Size() > MaxSize {
		return stamp{}, bilingual.Errorf("%w: supera %d byte", "%w: it is larger than %d bytes", ErrSettings, MaxSize)
	}
	return stamp{size: info.Size(), at: info.ModTime(), info: info}, nil
}

func unreadable(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return broken("manca il diritto di leggerlo", "no right to read it")
	}
	if errors.Is(err, os.ErrNotExist) {
		return bilingual.Errorf("%w: non c'è", "%w: it is not there", ErrUnavailable)
	}
	return ErrUnavailable
}

func parse(s Settings, data []byte) (*content, error) {
	data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	switch s.Kind {
	case CSV:
		return parseCSV(data, s.Separator)
	case JSON:
		return parseJSON(data)
	default:
		return nil, broken("tipo sconosciuto", "unknown kind")
	}
}

// find searches among the rows that have the rarest of the values, as far as indexes tell. The columns that are asked for
// first have one: which are asked for together is the callers' choice, and costs no memory.
func (c *content) find(where map[string]string) ([]int, error) {
	at := make(map[int]string, len(where))
	for name, value := range where {
		column := slices.Index(c.columns, name)
		if column < 0 {
			return nil, broken("non ha una colonna che where nomina", "it has no column that where names")
		}
		at[column] = value
	}
	among, narrowed := c.narrowed(at)
	var found []int
	if !narrowed {
		for i := range c.rows {
			if c.has(i, at) {
				found = append(found, i)
			}
		}
		return found, nil
	}
	for _, i := range among {
		if c.has(i, at) {
			found = append(found, i)
		}
	}
	return found, nil
}

// narrowed gives the fewest rows that an index finds; false when no column has one.
func (c *content) narrowed(at map[int]string) (fewest []int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for column, value := range at {
		index := c.indexes[column]
		if index == nil && len(c.indexes) < maxIndexes {
			index = c.index(column)
			c.indexes[column] = index
		}
		if rows := index[value]; index != nil && (!ok || len(rows) < len(fewest)) {
			fewest, ok = rows, true
		}
	}
	return fewest, ok
}

func (c *content) index(column int) map[string][]int {
	index := make(map[string][]int, len(c.rows))
	for n, row := range c.rows {
		if row[column] != nil { // no value equals no text
			key := fmt.Sprint(row[column])
			index[key] = append(index[key], n)
		}
	}
	return index
}

// has tells whether a row has all the values.
func (c *content) has(row int, at map[int]string) bool {
	for column, value := range at {
		if v := c.rows[row][column]; v == nil || fmt.Sprint(v) != value {
			return false
		}
	}
	return true
}
