// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// maxDepth is how deep a token or key may nest.
const maxDepth = 16

// Member is one name and its value, still encoded.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Object is a JSON object in its written order, with unique member names.
type Object []Member

// Get returns the encoded value of a member. Names are compared exactly.
func (o Object) Get(name string) (json.RawMessage, bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// ParseObject reads exactly one JSON object in UTF-8. It refuses names that repeat at
// any level, nesting deeper than 16 and anything after the object (RFC 8725 §2.4,
// RFC 7515 §4). The values share the bytes of data.
func ParseObject(data []byte) (Object, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	if !json.Valid(data) {
		return nil, errors.New("not JSON")
	}
	w := walker{data: data}
	w.space()
	if w.data[w.pos] != '{' {
		return nil, errors.New("not a JSON object")
	}
	return w.object(1)
}

// Unquote decodes an encoded JSON string; false when the value is not a string.
func Unquote(raw json.RawMessage) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	for _, c := range raw {
		if c == '\\' {
			var s string
			err := json.Unmarshal(raw, &s)
			return s, err == nil
		}
	}
	return string(raw[1 : len(raw)-1]), true
}

// walker splits JSON that json.Valid has accepted, so it never looks past the end.
type walker struct {
	data []byte
	pos  int
}

func (w *walker) space() {
	for w.pos < len(w.data) {
		switch w.data[w.pos] {
		case ' ', '\t', '\r', '\n':
			w.pos++
		default:
			return
		}
	}
}

func (w *walker) object(depth int) (Object, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	w.pos++ // {
	w.space()
	var out Object
	var seen map[string]struct{}
	for w.data[w.pos] != '}' {
		name, _ := Unquote(w.text())
		if w.repeated(out, &seen, name) {
			return nil, errors.New("a repeated JSON member")
		}
		w.space()
		w.pos++ // :
		w.space()
		value, err := w.value(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, Member{Name: name, Value: value})
		w.separator()
	}
	w.pos++ // }
	return out, nil
}

// repeated looks a name up in a short list, and in a set once the list is long.
func (*walker) repeated(o Object, seen *map[string]struct{}, name string) bool {
	const short = 24
	if len(o) < short {
		_, ok := o.Get(name)
		return ok
	}
	if *seen == nil {
		*seen = make(map[string]struct{}, 2*short)
		for _, m := range o {
			(*seen)[m.Name] = struct{}{}
		}
	}
	_, ok := (*seen)[name]
	(*seen)[name] = struct{}{}
	return ok
}

func (w *walker) value(depth int) (json.RawMessage, error) {
	start := w.pos
	var err error
	switch w.data[w.pos] {
	case '{':
		_, err = w.object(depth + 1)
	case '[':
		err = w.array(depth + 1)
	case '"':
		w.text()
	default:
		w.scalar()
	}
	return json.RawMessage(w.data[start:w.pos]), err
}

func (w *walker) array(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	w.pos++ // [
	w.space()
	for w.data[w.pos] != ']' {
		_, err := w.value(depth)
		if err != nil {
			return err
		}
		w.separator()
	}
	w.pos++ // ]
	return nil
}

// separator passes the white space and the comma after an element.
func (w *walker) separator() {
	w.space()
	if w.data[w.pos] == ',' {
		w.pos++
		w.space()
	}
}

// text passes a string and returns it with its quotes.
func (w *walker) text() json.RawMessage {
	start := w.pos
	for w.pos++; w.data[w.pos] != '"'; w.pos++ {
		if w.data[w.pos] == '\\' {
			w.pos++
		}
	}
	w.pos++
	return json.RawMessage(w.data[start:w.pos])
}

// scalar passes a number, true, false or null.
func (w *walker) scalar() {
	for w.pos < len(w.data) {
		switch w.data[w.pos] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return
		default:
			w.pos++
		}
	}
}
