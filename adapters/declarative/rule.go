// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/registry/pick"
)

var (
	errAbsent    = errors.New("it is absent")
	errNotList   = errors.New("it is no list")
	errNoCase    = errors.New("no case of the recipe holds")
	errNotListed = errors.New("its word is not in the table of the recipe")
)

// misplaced is a value that cannot be used, by its place alone.
type misplaced struct {
	place string
	err   error
}

func (m *misplaced) Error() string { return m.place + ": " + m.err.Error() }
func (m *misplaced) Unwrap() error { return m.err }

// eval gives the value a line writes; ok is false when it writes none. The error is a
// *misplaced.
func (r rule) eval(src source) (v any, ok bool, err error) {
	switch {
	case r.from == nil && len(r.cases) == 0:
		return r.Value, true, nil
	case r.from == nil:
		v, ok = r.firstCase(src)
		if !ok && r.Default == nil && !r.Optional {
			return nil, false, &misplaced{r.To, errNoCase}
		}
	default:
		v, ok = src.value(*r.from)
		if s, isText := pick.Text(v); isText && slices.Contains(r.None, s) {
			ok = false
		}
	}
	switch {
	case !ok && r.Default != nil:
		return r.Default, true, nil
	case !ok && r.Optional:
		return nil, false, nil
	case !ok:
		return nil, false, &misplaced{r.From, errAbsent}
	}
	if v, err = r.shape(v, src.instant()); err != nil {
		return nil, false, &misplaced{r.From, err}
	}
	return v, true, nil
}

func (r rule) firstCase(src source) (any, bool) {
	for _, one := range r.cases {
		if all(one.when, src) {
			return one.value, true
		}
	}
	return nil, false
}

// shape filters, maps, converts and translates a value, in this order.
func (r rule) shape(v any, now time.Time) (any, error) {
	if len(r.where) > 0 || len(r.items) > 0 {
		list, ok := v.([]any)
		if !ok {
			return nil, errNotList
		}
		var err error
		if v, err = r.list(list, now); err != nil {
			return nil, err
		}
	}
	for _, name := range r.As {
		var err error
		if v, err = convert(name, v); err != nil {
			return nil, err
		}
	}
	if r.Table != nil {
		return r.translate(v)
	}
	return v, nil
}

func (r rule) list(list []any, now time.Time) ([]any, error) {
	kept := []any{}
	for i, one := range list {
		from := item{one, now}
		if !all(r.where, from) {
			continue
		}
		if len(r.items) > 0 {
			made, err := write(r.items, from)
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", i, err)
			}
			one = made
		}
		kept = append(kept, one)
	}
	return kept, nil
}

func (r rule) translate(v any) (any, error) {
	if list, ok := v.([]any); ok {
		out := make([]any, len(list))
		for i, one := range list {
			var err error
			if out[i], err = r.translate(one); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	s, ok := pick.Text(v)
	if !ok {
		return nil, errNotText
	}
	for word, becomes := range r.Table {
		if same(word, s) {
			return becomes, nil
		}
	}
	return nil, errNotListed
}

// write makes an object of lines whose places are its own.
func write(lines []rule, src source) (map[string]any, error) {
	var doc any = map[string]any{}
	for _, line := range lines {
		v, ok, err := line.eval(src)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if doc, err = line.to.Path.Set(doc, v); err != nil {
			return nil, &misplaced{line.To, err}
		}
	}
	object, ok := doc.(map[string]any)
	if !ok {
		return nil, &misplaced{"", pick.ErrClash}
	}
	return object, nil
}

// same compares two words without the spaces around them and whatever their case.
func same(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}
