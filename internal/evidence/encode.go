// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// The JSON of a leaf and of a side record, written member by member: byte for byte what encoding/json makes of them, but
// without reflection: every exchange writes two leaves, and a side record or two.

// An object is a JSON object that is being written. Members whose value is empty are left out, but for those of must and
// mustNumber.
type object struct {
	to  []byte
	err error // of the first member that could not be encoded
}

func (o *object) open() { o.to = append(o.to, '{') }

func (o *object) close() { o.to = append(o.to, '}') }

// member begins one. Names need no escaping.
func (o *object) member(name string) {
	if last := o.to[len(o.to)-1]; last != '{' {
		o.to = append(o.to, ',')
	}
	o.to = append(o.to, '"')
	o.to = append(o.to, name...)
	o.to = append(o.to, '"', ':')
}

func (o *object) text(name, value string) {
	if value != "" {
		o.must(name, value)
	}
}

// must writes a text also where it is empty.
func (o *object) must(name, value string) {
	o.member(name)
	o.quote(value)
}

func (o *object) number(name string, value int) {
	if value != 0 {
		o.mustNumber(name, int64(value))
	}
}

// mustNumber writes a number also where it is zero.
func (o *object) mustNumber(name string, value int64) {
	o.member(name)
	o.to = strconv.AppendInt(o.to, value, 10)
}

func (o *object) texts(name string, values []string) {
	list(o, name, values, func(v *string) { o.quote(*v) })
}

func (o *object) bytes(name string, value []byte) {
	if len(value) > 0 {
		o.member(name)
		o.to = append(o.to, '"')
		o.to = base64.StdEncoding.AppendEncode(o.to, value)
		o.to = append(o.to, '"')
	}
}

// raw is for a value that is JSON already.
func (o *object) raw(name string, value json.RawMessage) {
	if len(value) == 0 {
		return
	}
	o.member(name)
	b := bytes.NewBuffer(o.to)
	if err := json.Compact(b, value); err != nil {
		o.err = cmp.Or(o.err, err)
	}
	o.to = b.Bytes()
}

// any is for what is seldom there.
func (o *object) any(name string, value any) {
	o.member(name)
	o.encode(value)
}

// encode leaves a value to encoding/json.
func (o *object) encode(value any) {
	to, err := appendLine(o.to, value)
	if err != nil {
		o.err = cmp.Or(o.err, err)
		return
	}
	o.to = to
}

// list writes an array of what write writes of each value.
func list[T any](o *object, name string, values []T, write func(v *T)) {
	if len(values) == 0 {
		return
	}
	o.member(name)
	o.to = append(o.to, '[')
	for i := range values {
		if i > 0 {
			o.to = append(o.to, ',')
		}
		write(&values[i])
	}
	o.to = append(o.to, ']')
}

// quote writes a string. What has to be escaped is left to encoding/json.
func (o *object) quote(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			o.encode(s)
			return
		}
	}
	o.to = append(o.to, '"')
	o.to = append(o.to, s...)
	o.to = append(o.to, '"')
}

// appendTo writes the leaf.
func (l *leafJSON) appendTo(to []byte) ([]byte, error) {
	o := object{to: to}
	o.open()
	o.mustNumber("v", int64(l.Version))
	o.must("ente", l.Ente)
	o.must("environment", l.Environment)
	o.must("kind", string(l.Kind))
	o.must("exchange", l.Exchange)
	o.must("instant", l.Instant)
	o.text("service", l.Service)
	o.text("operation", l.Operation)
	o.text("eserviceId", l.Eservice)
	o.text("descriptorId", l.Descriptor)
	o.text("purposeId", l.Purpose)
	o.text("clientId", l.Client)
	o.texts("vouchers", l.Vouchers)
	o.number("status", l.Status)
	o.texts("rules", l.Rules)
	if l.Closes != nil {
		o.mustNumber("closes", *l.Closes)
	}
	o.bytes("commitment", l.Commitment)
	o.close()
	return o.to, o.err
}

// appendTo writes the side record.
func (s *Side) appendTo(to []byte) ([]byte, error) {
	o := object{to: to}
	o.open()
	o.text("application", s.Application)
	if s.Operator != (Operator{}) {
		o.member("operator")
		s.Operator.write(&o)
	}
	o.text("pratica", s.Pratica)
	o.text("procedimento", s.Procedimento)
	o.text("ufficio", s.Ufficio)
	o.text("baseGiuridica", s.BaseGiuridica)
	o.text("norma", s.Norma)
	o.text("titolo", s.Titolo)
	o.text("method", s.Method)
	o.text("uri", s.URI)
	o.text("peer", s.Peer)
	if !s.RetainUntil.IsZero() {
		o.any("retainUntil", s.RetainUntil)
	}
	if len(s.Calls) > 0 {
		o.any("calls", s.Calls)
	}
	list(&o, "proofs", s.Proofs, func(p *Proof) { p.write(&o) })
	list(&o, "digests", s.Digests, func(d *Digest) { d.write(&o) })
	if len(s.Messages) > 0 {
		o.any("messages", s.Messages)
	}
	if s.Act != nil {
		o.any("act", s.Act)
	}
	o.close()
	return o.to, o.err
}

func (p *Operator) write(o *object) {
	o.open()
	o.must("type", p.Type)
	o.must("userID", p.UserID)
	o.must("userLocation", p.Workstation)
	o.must("loa", p.LoA)
	o.text("assurance", p.Assurance)
	o.text("responsible", p.Responsible)
	o.text("atto", p.Atto)
	o.close()
}

func (p *Proof) write(o *object) {
	o.open()
	o.must("token", string(p.Token))
	o.must("direction", string(p.Direction))
	o.number("call", p.Call)
	o.text("kid", p.Kid)
	o.raw("payload", p.Payload)
	o.text("compact", p.Compact)
	o.close()
}

func (d *Digest) write(o *object) {
	o.open()
	o.must("name", d.Name)
	o.must("algorithm", d.Algorithm)
	o.must("value", d.Value)
	o.close()
}
