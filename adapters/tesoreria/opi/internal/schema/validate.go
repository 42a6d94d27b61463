// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"strings"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

// Code names a rule that is broken.
type Code string

// The rules.
const (
	CodeUnexpected       Code = "unexpected-element"
	CodeMissing          Code = "missing-element"
	CodeText             Code = "text-not-allowed"
	CodeUnknownAttribute Code = "unexpected-attribute"
	CodeMissingAttribute Code = "missing-attribute"
	CodeType             Code = "type"
	CodeLength           Code = "length"
	CodeMinLength        Code = "min-length"
	CodeMaxLength        Code = "max-length"
	CodePattern          Code = "pattern"
	CodeEnumeration      Code = "enumeration"
	CodeTotalDigits      Code = "total-digits"
	CodeFractionDigits   Code = "fraction-digits"
	CodeMin              Code = "min"
	CodeMax              Code = "max"
	CodeUnique           Code = "unique"
	CodeInstance         Code = "xsi"
)

// Fault is one place where a document breaks a rule.
type Fault struct {
	Code Code
	At   *xmltree.Element
	Name string // of the element or attribute that is missing or too many; of the attribute whose value is wrong
	Want string // what would be right: names, a length, a bound, a pattern, a type
}

// instance is the namespace of attributes that speak about the schema.
const instance = "http://www.w3.org/2001/XMLSchema-instance"

// maxFaults is how many faults are told of one document; who mends these asks again.
const maxFaults = 1000

// Options change what is asked of a document.
type Options struct {
	// Optional is an element, of any namespace, that may be missing wherever it is asked for: the signature of a
	// document that is still to be signed.
	Optional string
}

// Roots tells whether the rules declare an element for a document.
func (s *Set) Roots(space, local string) bool { return s.elements[name{space, local}] != nil }

// Validate holds a document against the rules and gives every fault, in document order of the elements.
func (s *Set) Validate(root *xmltree.Element, o Options) []Fault {
	v := &validator{set: s, options: o, ids: map[string]bool{}}
	declared, ok := s.elements[nameOf(root)]
	if !ok {
		v.add(CodeUnexpected, root, root.Name(), "")
		return v.faults
	}
	v.element(root, declared)
	return v.faults
}

type validator struct {
	set     *Set
	options Options
	ids     map[string]bool // values of type ID, which are there once in a document
	faults  []Fault
}

func nameOf(e *xmltree.Element) name { return name{e.Space, e.Local} }

func (v *validator) add(code Code, at *xmltree.Element, name, want string) {
	if len(v.faults) < maxFaults {
		v.faults = append(v.faults, Fault{code, at, name, want})
	}
}

func (v *validator) element(e *xmltree.Element, declared *element) {
	if declared.simple != nil {
		v.attributes(e, nil)
		for _, child := range e.Elements() {
			v.add(CodeUnexpected, child, child.Name(), "")
		}
		text := e.Text()
		if text == "" && declared.fallback != nil {
			text = *declared.fallback
		}
		v.value(e, "", text, declared.simple)
		return
	}
	c := declared.complex
	v.attributes(e, c.attrs)
	switch {
	case c.text != nil:
		for _, child := range e.Elements() {
			v.add(CodeUnexpected, child, child.Name(), "")
		}
		v.value(e, "", e.Text(), c.text)
		return
	case !c.mixed && strings.TrimFunc(e.Text(), blank) != "":
		v.add(CodeText, e, "", "")
	}
	v.content(e, c)
	for _, u := range declared.uniques {
		v.unique(e, c, u)
	}
}

func (v *validator) value(e *xmltree.Element, attr, text string, t *simpleType) {
	val, found := t.check(text)
	for _, b := range found {
		v.add(b.code, e, attr, b.want)
	}
	if val.kind == typeID && len(found) == 0 {
		if v.ids[val.text] {
			v.add(CodeUnique, e, attr, attr)
		}
		v.ids[val.text] = true
	}
}

func (v *validator) attributes(e *xmltree.Element, declared []attribute) {
	for _, a := range e.Attrs {
		if a.Space == instance {
			if a.Local != "schemaLocation" && a.Local != "noNamespaceSchemaLocation" {
				v.add(CodeInstance, e, a.Local, "")
			}
			continue
		}
		known := false
		for _, d := range declared {
			if a.Space == "" && a.Local == d.name {
				known = true
				v.value(e, d.name, a.Value, d.typ)
			}
		}
		if !known {
			v.add(CodeUnknownAttribute, e, a.Local, "")
		}
	}
	for _, d := range declared {
		if _, there := e.Attr("", d.name); d.required && !there {
			v.add(CodeMissingAttribute, e, d.name, "")
		}
	}
}

// content holds the children against the content model, and then each child against its own declaration, also where
// the order is wrong: whoever mends a document wants all of it.
func (v *validator) content(e *xmltree.Element, c *complexType) {
	m := &matcher{kids: e.Elements(), optional: v.options.Optional}
	if c.content == nil {
		if len(m.kids) > 0 {
			v.add(CodeUnexpected, m.kids[0], m.kids[0].Name(), "")
		}
		return
	}
	if ok := m.match(c.content); !ok || m.at < len(m.kids) {
		if m.at < len(m.kids) {
			v.add(CodeUnexpected, m.kids[m.at], m.kids[m.at].Name(), m.wanted())
		} else {
			v.add(CodeMissing, e, m.wanted(), m.wanted())
		}
	}
	for _, child := range m.kids {
		n := nameOf(child)
		if declared, ok := c.children[n]; ok {
			v.element(child, declared)
			continue
		}
		for _, w := range wildcards(c.content) {
			if w.begins(n) {
				v.foreign(child, w.process)
				break
			}
		}
	}
}

// foreign validates an element that stands for a wildcard.
func (v *validator) foreign(e *xmltree.Element, p process) {
	declared, ok := v.set.elements[nameOf(e)]
	switch {
	case p == skip:
	case ok:
		v.element(e, declared)
	case p == strict:
		v.add(CodeUnexpected, e, e.Name(), "")
	default:
		for _, child := range e.Elements() {
			v.foreign(child, lax)
		}
	}
}

func wildcards(p *particle) []*particle {
	if p.kind == wildcard {
		return []*particle{p}
	}
	var out []*particle
	for _, item := range p.items {
		out = append(out, wildcards(item)...)
	}
	return out
}

// unique compares the children that a rule selects. One that lacks a field, or whose value is not of its type, does
// not count.
func (v *validator) unique(e *xmltree.Element, c *complexType, u unique) {
	selected, ok := c.children[name{e.Space, u.selector}]
	if !ok || selected.complex == nil {
		return
	}
	seen := map[string]bool{}
	for _, child := range e.Find(e.Space, u.selector) {
		var key strings.Builder
		complete := true
		for _, field := range u.fields {
			declared, known := selected.complex.children[name{e.Space, field}]
			values := child.Find(e.Space, field)
			if !known || declared.simple == nil || len(values) != 1 {
				complete = false
				break
			}
			val, wrong := declared.simple.check(values[0].Text())
			complete = complete && len(wrong) == 0
			key.WriteString(val.key() + "\x00")
		}
		if !complete {
			continue
		}
		if seen[key.String()] {
			v.add(CodeUnique, child, u.selector, strings.Join(u.fields, ", "))
		}
		seen[key.String()] = true
	}
}
