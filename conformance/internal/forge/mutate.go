// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/snodo-pa/snodo/conformance/cases"
)

// mutation is one named change. Those of a message get no token.
type mutation struct {
	doc   string
	apply func(d *draft, t *token, s step) error
	whole bool // of the message, not of one token
}

// Mutations are the names that a step may have, with what each does.
func Mutations() map[string]string {
	out := map[string]string{}
	for name, m := range mutations() {
		out[name] = m.doc
	}
	return out
}

func mutations() map[string]mutation {
	all := messageMutations()
	for _, more := range []map[string]mutation{wireMutations(), headerMutations(), claimMutations(), tokenMutations(), compactMutations()} {
		maps.Copy(all, more)
	}
	return all
}

// apply runs one step; place is the token that it changes when it names none.
func (d *draft) apply(place string, raw cases.Step) error {
	m, ok := mutations()[raw.Do]
	if !ok {
		return errors.New("no such mutation")
	}
	s := step{Step: raw, world: d.world}
	if m.whole {
		return m.apply(d, nil, s)
	}
	if raw.Token != "" {
		place = raw.Token
	}
	t, err := d.token(place)
	if err != nil {
		return err
	}
	if t.fetch != nil {
		if err := t.forgeable(raw.Do); err != nil {
			return err
		}
	}
	return m.apply(d, t, s)
}

// step reads the parameters of a cases.Step.
type step struct {
	cases.Step
	world *World
}

// text is the value as a text, with names expanded.
func (s step) text() (string, error) {
	text, ok := s.Value.(string)
	if !ok {
		return "", fmt.Errorf("value is %T, not a text", s.Value)
	}
	return s.world.Expand(text)
}

// number is the value as a whole number.
func (s step) number() (int, error) {
	switch n := s.Value.(type) {
	case int:
		return n, nil
	case int64:
		return int(n), nil
	case uint64:
		return int(n), nil //nolint:gosec // the tables hold small numbers
	default:
		return 0, fmt.Errorf("value is %T, not a whole number", s.Value)
	}
}

// texts is the value as a list of texts.
func (s step) texts() ([]string, error) {
	list, ok := s.Value.([]any)
	if !ok {
		return nil, fmt.Errorf("value is %T, not a list", s.Value)
	}
	out := make([]string, len(list))
	for i, item := range list {
		text, err := step{Step: cases.Step{Value: item}, world: s.world}.text()
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		out[i] = text
	}
	return out, nil
}

// key is the key that the value names.
func (s step) key() (*Key, error) {
	name, err := s.text()
	if err != nil {
		return nil, err
	}
	return s.world.Key(name)
}

// named wants the step to have a name.
func (s step) named() (string, error) {
	if s.Name == "" {
		return "", errors.New("the step has no name")
	}
	return s.world.Expand(s.Name)
}

// value is the value with the names in its texts expanded, also inside lists and
// objects.
func (s step) value() (any, error) { return expandAll(s.world, s.Value) }

func expandAll(w *World, value any) (any, error) {
	switch v := value.(type) {
	case string:
		return w.Expand(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			var err error
			out[i], err = expandAll(w, item)
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			var err error
			out[name], err = expandAll(w, v[name])
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		return value, nil
	}
}
