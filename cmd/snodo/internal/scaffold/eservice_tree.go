// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// tree is a mapping of a document that keeps the order of its author.
type tree struct {
	keys   []string
	values map[string]any // *tree, []any or a scalar
}

// maxTree bounds how many values a document holds, aliases counted each time they are used.
const maxTree = 200_000

var errTree = bilingual.New("non è una mappa YAML o JSON di dimensione ragionevole", "not one YAML or JSON mapping of a reasonable size")

// readTree reads a document in YAML or JSON.
func readTree(document []byte) (*tree, error) {
	var v any
	if err := yaml.UnmarshalWithOptions(document, &v, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("%w: %s", errTree, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	left := maxTree
	t, _ := ordered(v, &left).(*tree)
	if t == nil || left < 0 {
		return nil, errTree
	}
	return t, nil
}

func ordered(v any, left *int) any {
	if *left--; *left < 0 {
		return nil
	}
	switch v := v.(type) {
	case yaml.MapSlice:
		t := &tree{}
		for _, item := range v {
			t.set(fmt.Sprint(item.Key), ordered(item.Value, left))
		}
		return t
	case []any:
		all := make([]any, 0, len(v))
		for _, one := range v {
			all = append(all, ordered(one, left))
		}
		return all
	default:
		return v
	}
}

// yaml writes the document.
func (t *tree) yaml() ([]byte, error) {
	return yaml.MarshalWithOptions(unordered(t), yaml.Indent(2), yaml.UseLiteralStyleIfMultiline(true))
}

func unordered(v any) any {
	switch v := v.(type) {
	case *tree:
		out := make(yaml.MapSlice, 0, len(v.keys))
		for _, key := range v.keys {
			out = append(out, yaml.MapItem{Key: key, Value: unordered(v.values[key])})
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, one := range v {
			out = append(out, unordered(one))
		}
		return out
	default:
		return v
	}
}

// set writes a member, at the end when it is new.
func (t *tree) set(key string, value any) {
	if t.values == nil {
		t.values = map[string]any{}
	}
	if _, there := t.values[key]; !there {
		t.keys = append(t.keys, key)
	}
	t.values[key] = value
}

// first writes a new member before all others.
func (t *tree) first(key string, value any) {
	t.del(key)
	t.set(key, value)
	t.keys = append([]string{key}, t.keys[:len(t.keys)-1]...)
}

func (t *tree) del(key string) {
	delete(t.values, key)
	t.keys = slices.DeleteFunc(t.keys, func(k string) bool { return k == key })
}

// rename gives a member another name in the same place.
func (t *tree) rename(from, to string) {
	value := t.values[from]
	if i := slices.Index(t.keys, from); i >= 0 {
		t.keys[i] = to
		delete(t.values, from)
		t.values[to] = value
	}
}

func (t *tree) get(key string) any {
	if t == nil {
		return nil
	}
	return t.values[key]
}

func (t *tree) has(key string) bool { return t.get(key) != nil }

// at follows names to a mapping; nil when one is missing.
func (t *tree) at(names ...string) *tree {
	for _, name := range names {
		t, _ = t.get(name).(*tree)
	}
	return t
}

// make follows names to a mapping and makes what is missing.
func (t *tree) make(names ...string) *tree {
	for _, name := range names {
		inner, is := t.values[name].(*tree)
		if !is {
			inner = &tree{}
			t.set(name, inner)
		}
		t = inner
	}
	return t
}

func (t *tree) text(key string) string {
	s, _ := t.get(key).(string)
	return s
}

func (t *tree) list(key string) []any {
	l, _ := t.get(key).([]any)
	return l
}

// names are the keys, in a copy that can be walked while members change.
func (t *tree) names() []string {
	if t == nil {
		return nil
	}
	return slices.Clone(t.keys)
}

// copied is a value that shares nothing with the first one.
func copied(v any) any {
	switch v := v.(type) {
	case *tree:
		t := &tree{}
		for _, key := range v.keys {
			t.set(key, copied(v.values[key]))
		}
		return t
	case []any:
		out := make([]any, 0, len(v))
		for _, one := range v {
			out = append(out, copied(one))
		}
		return out
	default:
		return v
	}
}

// same tells whether two values say the same, in any order.
func same(a, b any) bool {
	x, isTree := a.(*tree)
	y, both := b.(*tree)
	if !isTree || !both {
		return reflect.DeepEqual(unordered(a), unordered(b))
	}
	if len(x.keys) != len(y.keys) {
		return false
	}
	for _, key := range x.keys {
		if other, there := y.values[key]; !there || !same(x.values[key], other) {
			return false
		}
	}
	return true
}

// each hands every mapping below v to see, those that are added meanwhile left out.
func each(v any, see func(t *tree)) {
	switch v := v.(type) {
	case *tree:
		see(v)
		for _, key := range v.names() {
			each(v.values[key], see)
		}
	case []any:
		for _, one := range v {
			each(one, see)
		}
	}
}
