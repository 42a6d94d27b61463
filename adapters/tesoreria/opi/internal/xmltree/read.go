// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package xmltree

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits bound what a document may cost to read. A field that is zero has its default.
type Limits struct {
	Bytes    int // of the document, 16 MiB
	Elements int // 1 000 000
	Depth    int // of elements within elements, 64
	Attrs    int // of one element, declarations included, 64
}

func (l Limits) orDefault() Limits {
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&l.Bytes, 16<<20)
	set(&l.Elements, 1_000_000)
	set(&l.Depth, 64)
	set(&l.Attrs, 64)
	return l
}

// Reason is why a document cannot be read.
type Reason string

// The reasons.
const (
	TooLarge   Reason = "too-large"
	NotXML     Reason = "not-well-formed"
	HasDoctype Reason = "doctype"
	Encoding   Reason = "encoding"
)

// Error is a document that cannot be read.
type Error struct {
	Reason       Reason
	Line, Column int
	Detail       Words // it quotes names of the document, never its text
}

// Error says what and where.
func (e *Error) Error() string {
	return fmt.Sprintf("xml: %s at line %d, column %d: %s", e.Reason, e.Line, e.Column, e.Detail.EN)
}

// Parse reads a document. The error is an *Error.
//
// What XML 1.0 and Namespaces in XML call an error is one here too, also where encoding/xml is lenient: end tags that
// do not match, attributes that are there twice, prefixes that are bound to nothing, a second root.
func Parse(data []byte, limits Limits) (*Document, error) {
	limits = limits.orDefault()
	if len(data) > limits.Bytes {
		return nil, &Error{TooLarge, 1, 1, say("%d byte, al massimo %d", "%d bytes, at most %d", len(data), limits.Bytes)}
	}
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(bytes.NewReader(text))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decode has seen to it
	p := &parser{text: text, dec: dec, limits: limits, names: map[string]string{}, doc: &Document{}}
	return p.parse()
}

type parser struct {
	text         []byte
	dec          *xml.Decoder
	limits       Limits
	names        map[string]string // one copy of each name
	doc          *Document
	open         *Element
	depth, count int
	line, column int // where the token at hand begins
}

func (p *parser) parse() (*Document, error) {
	for {
		start := p.dec.InputOffset()
		p.line, p.column = p.dec.InputPos()
		token, err := p.dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			p.line, p.column = p.dec.InputPos()
			return nil, p.because(reasonOf(err))
		}
		if err := p.take(token, p.text[start:p.dec.InputOffset()], start == 0); err != nil {
			return nil, err
		}
	}
	switch {
	case p.doc.Root == nil:
		return nil, p.malformed("non c'è alcun elemento", "there is no element")
	case p.open != nil:
		return nil, p.malformed("l'elemento %s non è chiuso", "element %s is not closed", p.open.Name())
	}
	return p.doc, nil
}

func (p *parser) malformed(it, en string, args ...any) error { return p.because(say(it, en, args...)) }

func (p *parser) because(why Words) error { return &Error{NotXML, p.line, p.column, why} }

func (p *parser) take(token xml.Token, raw []byte, first bool) error {
	switch t := token.(type) {
	case xml.StartElement:
		return p.start(t, raw)
	case xml.EndElement:
		return p.end(t)
	case xml.CharData:
		return p.chars(t, raw)
	case xml.Comment:
		if bytes.Contains(t, []byte("--")) || bytes.HasSuffix(t, []byte("-")) {
			return p.malformed("-- dentro un commento", "-- inside a comment")
		}
		p.add(Comment(lines.Replace(string(t))))
	case xml.ProcInst:
		if strings.EqualFold(t.Target, "xml") {
			if !first || t.Target != "xml" {
				return p.malformed("la dichiarazione XML non è all'inizio", "an XML declaration that is not at the beginning")
			}
			return p.declaration(string(t.Inst))
		}
		if strings.Contains(t.Target, ":") {
			return p.malformed("due punti nel nome di un'istruzione", "a colon in the name of an instruction")
		}
		p.add(ProcInst{t.Target, lines.Replace(string(t.Inst))})
	case xml.Directive:
		return &Error{HasDoctype, p.line, p.column, Words{"una dichiarazione DOCTYPE", "a document type declaration"}}
	}
	return nil
}

// lines ends lines as XML does (§2.11); in text encoding/xml has done so.
var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (p *parser) chars(t xml.CharData, raw []byte) error {
	if p.open == nil {
		if len(bytes.Trim(raw, " \t\r\n")) > 0 {
			return p.malformed("testo fuori dall'elemento radice", "text outside the root element")
		}
		return nil
	}
	if last := len(p.open.Children) - 1; last >= 0 {
		if before, ok := p.open.Children[last].(Text); ok {
			p.open.Children[last] = before + Text(t)
			return nil
		}
	}
	p.add(Text(t))
	return nil
}

func (p *parser) add(n Node) {
	switch {
	case p.open != nil:
		p.open.Children = append(p.open.Children, n)
	case p.doc.Root == nil:
		p.doc.Before = append(p.doc.Before, n)
	default:
		p.doc.After = append(p.doc.After, n)
	}
}

func (p *parser) start(t xml.StartElement, raw []byte) error {
	p.count++
	p.depth++
	switch {
	case p.open == nil && p.doc.Root != nil:
		return p.malformed("un secondo elemento radice %s", "a second root element %s", p.name(t.Name))
	case p.count > p.limits.Elements:
		return &Error{TooLarge, p.line, p.column, say("più di %d elementi", "more than %d elements", p.limits.Elements)}
	case p.depth > p.limits.Depth:
		return &Error{TooLarge, p.line, p.column, say("elementi annidati per più di %d livelli", "elements nested more than %d deep", p.limits.Depth)}
	case len(t.Attr) > p.limits.Attrs:
		return &Error{TooLarge, p.line, p.column, say("un elemento con più di %d attributi", "an element with more than %d attributes", p.limits.Attrs)}
	}
	attrs, err := attributes(t, raw)
	if err != nil {
		return p.because(reasonOf(err))
	}
	e := &Element{Prefix: p.intern(t.Name.Space), Local: p.intern(t.Name.Local), Parent: p.open, Line: p.line, Column: p.column}
	if err := p.resolve(e, attrs); err != nil {
		return err
	}
	p.add(e)
	if p.doc.Root == nil {
		p.doc.Root = e
		p.doc.Before = p.doc.Before[:len(p.doc.Before)-1]
	}
	p.open = e
	return nil
}

func (p *parser) end(t xml.EndElement) error {
	if p.open == nil || p.open.Prefix != t.Name.Space || p.open.Local != t.Name.Local {
		return p.malformed("il tag di chiusura %s non corrisponde a un elemento aperto", "end tag %s closes nothing that is open", p.name(t.Name))
	}
	p.depth--
	p.open = p.open.Parent
	return nil
}

func (p *parser) name(n xml.Name) string { return qualified(n.Space, n.Local) }

func (p *parser) intern(s string) string {
	if known, ok := p.names[s]; ok {
		return known
	}
	p.names[s] = s
	return s
}
