// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// member is one member of a JSON object: a text as it is written, or one that is only
// known when the token is sealed.
type member struct {
	name    string
	written string // the name as it is encoded, when that is not the plain way
	text    string
	late    func() (any, error)
}

// object is a JSON object in its written order. It can hold what no decoder gives:
// repeated members and texts that are not JSON.
type object struct{ members []member }

// set replaces the first member of that name where it stands, or adds it.
func (o *object) set(name string, value any) error {
	text, err := encode(value)
	if err != nil {
		return fmt.Errorf("member %s: %w", name, err)
	}
	o.setText(name, text)
	return nil
}

func (o *object) setText(name, text string) { o.put(member{name: name, text: text}) }

func (o *object) setLate(name string, late func() (any, error)) {
	o.put(member{name: name, late: late})
}

func (o *object) put(m member) {
	if i := o.index(m.name); i >= 0 {
		o.members[i] = m
		return
	}
	o.members = append(o.members, m)
}

// add appends a member, also when there is one of that name.
func (o *object) add(name, text string) {
	o.members = append(o.members, member{name: name, text: text})
}

// remove takes the members of that name out; false when there was none.
func (o *object) remove(name string) bool {
	before := len(o.members)
	o.members = slices.DeleteFunc(o.members, func(m member) bool { return m.name == name })
	return len(o.members) < before
}

func (o *object) index(name string) int {
	return slices.IndexFunc(o.members, func(m member) bool { return m.name == name })
}

// write encodes the object without spaces, computing what was left for last.
func (o *object) write() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := encode(m.name)
		if err != nil {
			return nil, err
		}
		if m.written != "" {
			name = m.written
		}
		text := m.text
		if m.late != nil {
			var value any
			value, err = m.late()
			if err != nil {
				return nil, fmt.Errorf("member %s: %w", m.name, err)
			}
			text, err = encode(value)
			if err != nil {
				return nil, fmt.Errorf("member %s: %w", m.name, err)
			}
		}
		b.WriteString(name + ":" + text)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode writes a JSON value as senders do: nothing escaped that need not be.
func encode(value any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	if err != nil {
		return "", fmt.Errorf("encode: %w", err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}
