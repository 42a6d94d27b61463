// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package message reads and writes one HTTP/1.1 message as text, for use by hand: a
// request or a reply saved in a file, signed, looked at, verified.
//
// It is no HTTP server: it keeps fields in their order and as they are written, joins
// and decodes nothing, and tells in notes what it had to tolerate. It depends on the
// standard library alone and does no I/O.
package message

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
)

// The bounds of a message, in bytes but for MaxFields.
const (
	MaxLine   = 64 << 10 // one line of the head: a field may hold a chain of certificates
	MaxHead   = 256 << 10
	MaxFields = 256
	MaxBody   = 32 << 20
)

// Field is one header line.
type Field struct {
	Name  string // as written
	Value string // without the white space around it
	raw   string // the line as it was read; empty for a field that was added
}

// Message is one request or one reply. A reply has a Status and no Method.
type Message struct {
	Method, Target string // request line
	Status         int    // status line
	Reason         string
	Proto          string // such as HTTP/1.1
	Fields         []Field
	Body           []byte
	Notes          []Note // what was tolerated, in the order of the text

	eol string // line ending of the head
}

// IsRequest tells a request from a reply.
func (m *Message) IsRequest() bool { return m.Status == 0 }

// Header returns the fields in the form of net/http: canonical names, values in order.
func (m *Message) Header() http.Header {
	h := make(http.Header, len(m.Fields))
	for _, f := range m.Fields {
		h.Add(f.Name, f.Value)
	}
	return h
}

// Get returns the first value of a field; false when there is none.
func (m *Message) Get(name string) (string, bool) {
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

// Set puts one value in place of every field of that name: where the first of them was,
// or at the end. It fails on a name or value that would change the shape of the message.
func (m *Message) Set(name, value string) error {
	if !token(name) {
		return fmt.Errorf("field name %.64q is not a token", name)
	}
	if i := badByte(value); i >= 0 || strings.Trim(value, " \t") != value {
		return fmt.Errorf("value of %s has characters that a field cannot have", name)
	}
	kept := make([]Field, 0, len(m.Fields)+1)
	done := false
	for _, f := range m.Fields {
		if !strings.EqualFold(f.Name, name) {
			kept = append(kept, f)
			continue
		}
		if !done {
			kept = append(kept, Field{Name: name, Value: value})
			done = true
		}
	}
	if !done {
		kept = append(kept, Field{Name: name, Value: value})
	}
	m.Fields = kept
	return nil
}

// Del takes every field of a name out.
func (m *Message) Del(name string) {
	kept := make([]Field, 0, len(m.Fields))
	for _, f := range m.Fields {
		if !strings.EqualFold(f.Name, name) {
			kept = append(kept, f)
		}
	}
	m.Fields = kept
}

// URL returns the absolute URL of a request: its target when that is absolute, else
// scheme, Host and target. It is empty for a reply, and where Host is needed and is
// missing or stands more than once.
func (m *Message) URL(scheme string) string {
	switch {
	case !m.IsRequest():
		return ""
	case !strings.HasPrefix(m.Target, "/"):
		return m.Target
	}
	hosts := m.Header().Values("Host")
	if len(hosts) != 1 || hosts[0] == "" {
		return ""
	}
	return scheme + "://" + hosts[0] + m.Target
}

// Bytes writes the message: lines that were read as they were, the others as
// "Name: value", with the line ending of the message.
func (m *Message) Bytes() []byte {
	eol := m.eol
	if eol == "" {
		eol = crlf
	}
	var b bytes.Buffer
	b.WriteString(m.startLine() + eol)
	for _, f := range m.Fields {
		line := f.raw
		if line == "" {
			line = f.Name + ": " + f.Value
		}
		b.WriteString(line + eol)
	}
	b.WriteString(eol)
	b.Write(m.Body)
	return b.Bytes()
}

func (m *Message) startLine() string {
	if m.IsRequest() {
		return m.Method + " " + m.Target + " " + m.Proto
	}
	line := fmt.Sprintf("%s %03d", m.Proto, m.Status)
	if m.Reason != "" {
		line += " " + m.Reason
	}
	return line
}
