// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package fileview finds rows in a CSV or JSON file that another program writes, such as a nightly export.
//
// It owns how the two forms are read, their bounds, and when a file is read again. It depends on the standard library
// alone. It never writes, and never answers from an old copy of a file that has changed or is gone.
package fileview

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
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
	ErrUnavailable = errors.New("the file of the view cannot be read now")
	// ErrSettings means that the file is not of its form, or has no such column: somebody has to mend it.
	ErrSettings = errors.New("the file of the view is not as the view says")
	// ErrTooMuch means that more rows were found than the view allows.
	ErrTooMuch = errors.New("more rows were found than the view allows")
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

// content is a file that was read: it does not change.
type content struct {
	columns []string
	rows    [][]any

	mu      sync.Mutex
	indexes map[string]map[string][]int // by searched columns, then by their values
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
		return Table{}, fmt.Errorf("%w: more than %d", ErrTooMuch, rows)
	}
	t := Table{Columns: c.columns}
	for _, i := range found {
		t.Rows = append(t.Rows, c.rows[i])
	}
	return t, nil
}

// current reads the file when it is not the one that was read; a file that changes meanwhile is not read yet.
func (s *Source) current(ctx context.Context) (*content, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: no answer in time", ErrUnavailable)
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
		return nil, fmt.Errorf("%w: it is being written", ErrUnavailable)
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
		return stamp{}, fmt.Errorf("%w: it is no file", ErrSettings)
	}
	if info.Size() > MaxSize {
		return stamp{}, fmt.Errorf("%w: it is larger than %d bytes", ErrSettings, MaxSize)
	}
	return stamp{size: info.Size(), at: info.ModTime(), info: info}, nil
}

func unreadable(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w: no right to read it", ErrSettings)
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
		return nil, fmt.Errorf("%w: unknown kind", ErrSettings)
	}
}

// find searches by an index over the columns, which the first search of a kind makes.
func (c *content) find(where map[string]string) ([]int, error) {
	if len(where) == 0 {
		all := make([]int, len(c.rows))
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	columns := slices.Sorted(maps.Keys(where))
	values := make([]string, len(columns))
	for i, name := range columns {
		values[i] = where[name]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	index, ok := c.indexes[joined(columns)]
	if !ok {
		var err error
		if index, err = c.index(columns); err != nil {
			return nil, err
		}
		c.indexes[joined(columns)] = index
	}
	return index[joined(values)], nil
}

func (c *content) index(columns []string) (map[string][]int, error) {
	at := make([]int, len(columns))
	for i, name := range columns {
		if at[i] = slices.Index(c.columns, name); at[i] < 0 {
			return nil, fmt.Errorf("%w: it has no column that where names", ErrSettings)
		}
	}
	index := make(map[string][]int, len(c.rows))
	values := make([]string, len(columns))
rows:
	for n, row := range c.rows {
		for i, column := range at {
			if row[column] == nil {
				continue rows // no value equals no text
			}
			values[i] = fmt.Sprint(row[column])
		}
		key := joined(values)
		index[key] = append(index[key], n)
	}
	return index, nil
}

// joined writes texts so that no two lists are written alike.
func joined(list []string) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%d:%s", len(s), s)
	}
	return b.String()
}
