// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"encoding/json"
	"strings"
)

// maxDepth is how deep a token or key may nest.
const maxDepth = 16

// Member is one name and its value, still encoded as JSON.
type Member struct{ Name, Value string }

// Object is a JSON object in its written order, with unique member names.
type Object []Member

// Get returns the encoded value of a member. Names are compared exactly.
func (o Object) Get(name string) (string, bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	return "", false
}

// Text decodes the value of a member that is a string; there tells whether it is there at
// all.
func (o Object) Text(name string) (s string, ok, there bool) {
	for _, m := range o {
		if m.Name == name {
			s, ok = Unquote(m.Value)
			return s, ok, true
		}
	}
	return "", false, false
}

// ParseObject reads exactly one JSON object in UTF-8, in one pass. It refuses names that
// repeat at any level, halves of surrogate pairs, nesting deeper than 16 and anything
// after the object (RFC 8725 §2.4, RFC 7515 §4, RFC 7493 §2.1). Names and values are
// cut from text and keep it alive.
func ParseObject(text string) (Object, error) {
	s := scanner{text: text}
	s.space()
	if !s.at('{') {
		if json.Valid([]byte(text)) {
			return nil, errNotObject
		}
		return nil, errNotJSON
	}
	out := make(Object, 0, min(12, 1+len(text)/24))
	err := s.object(1, &out)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ParseArray reads exactly one JSON array as ParseObject reads an object, and returns its
// elements, still encoded.
func ParseArray(text string) ([]string, error) {
	s := scanner{text: text}
	s.space()
	if !s.at('[') {
		return nil, errNotArray
	}
	var out []string
	err := s.array(1, &out)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Unquote decodes an encoded JSON string; false when the value is not a string. Where it
// has no escapes the result is cut from raw.
func Unquote(raw string) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], true
	}
	var s string
	err := json.Unmarshal([]byte(raw), &s)
	return s, err == nil
}
