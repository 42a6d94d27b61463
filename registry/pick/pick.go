// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package pick finds and places values in JSON documents by paths such as
// digitalAddress/0/usageInfo. It owns the syntax of those paths and nothing of what the
// values mean; it depends on the standard library and never quotes a value in an error.
package pick

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Every is the step that stands for all the items of a list.
const Every = "*"

// maxIndex bounds the positions a path may place a value at, so that no path makes a
// list of millions.
const maxIndex = 1000

// Path are the steps to a value: names of members, positions in lists from 0, and
// [Every]. The empty path is the document itself.
type Path []string

// Parse reads a path whose steps are parted by slashes, with none at its ends. A slash
// inside a name is written ~1 and a tilde ~0, as in JSON Pointer (RFC 6901).
func Parse(s string) (Path, error) {
	if s == "" {
		return nil, nil
	}
	steps := strings.Split(s, "/")
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for i, step := range steps {
		if step == "" {
			return nil, fmt.Errorf("path %q has an empty step", s)
		}
		steps[i] = unescape.Replace(step)
	}
	return steps, nil
}

// Wild tells whether the path goes through all the items of a list.
func (p Path) Wild() bool {
	for _, step := range p {
		if step == Every {
			return true
		}
	}
	return false
}

// Get returns the value at the path; null counts as absent.
func (p Path) Get(doc any) (any, bool) {
	for _, step := range p {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			doc = v[i]
		default:
			return nil, false
		}
	}
	return doc, doc != nil
}

// All returns the values at every place the path stands for, in their order.
func (p Path) All(doc any) []any {
	for i, step := range p {
		if step != Every {
			continue
		}
		list, ok := p[:i].Get(doc)
		items, isList := list.([]any)
		if !ok || !isList {
			return nil
		}
		var found []any
		for _, item := range items {
			found = append(found, p[i+1:].All(item)...)
		}
		return found
	}
	if v, ok := p.Get(doc); ok {
		return []any{v}
	}
	return nil
}

// ErrClash means that a path leads through a value that is there already and holds no
// others, or leaves a gap in a list.
var ErrClash = errors.New("two paths cannot both be written")

// Set returns doc with value at the path. Objects and lists on the way are made; a list
// grows by one at a time. doc, which may be nil, is changed.
func (p Path) Set(doc, value any) (any, error) {
	if len(p) == 0 {
		if doc != nil {
			return nil, ErrClash
		}
		return value, nil
	}
	if i, err := strconv.Atoi(p[0]); err == nil && i >= 0 {
		return p.setItem(doc, i, value)
	}
	object, ok := doc.(map[string]any)
	if doc == nil {
		object, ok = map[string]any{}, true
	}
	if !ok {
		return nil, ErrClash
	}
	child, err := p[1:].Set(object[p[0]], value)
	if err != nil {
		return nil, err
	}
	object[p[0]] = child
	return object, nil
}

func (p Path) setItem(doc any, i int, value any) (any, error) {
	list, ok := doc.([]any)
	if doc != nil && !ok || i > len(list) || i > maxIndex {
		return nil, ErrClash
	}
	if i == len(list) {
		list = append(list, nil)
	}
	child, err := p[1:].Set(list[i], value)
	if err != nil {
		return nil, err
	}
	list[i] = child
	return list, nil
}

// Decode reads one JSON document and nothing behind it. Numbers keep their text, as
// json.Number.
func Decode(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, errors.New("not a JSON document")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON document")
	}
	return doc, nil
}

// Text is a text, number or truth value as JSON writes it, without quotes; ok is false
// for everything else.
func Text(v any) (s string, ok bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		return strconv.FormatBool(x), true
	case int64:
		return strconv.FormatInt(x, 10), true
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), true
	default:
		return "", false
	}
}
