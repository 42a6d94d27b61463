// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package xmltree

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

const xmlnsNamespace = "http://www.w3.org/2000/xmlns/"

// resolve gives the element and its attributes their namespaces.
func (p *parser) resolve(e *Element, attrs []xml.Attr) error {
	for _, a := range attrs {
		prefix, isDeclaration := declared(a)
		if !isDeclaration {
			continue
		}
		if why := badDeclaration(prefix, a.Value); why != (Words{}) {
			return p.because(why)
		}
		for _, ns := range e.Declared {
			if ns.Prefix == prefix {
				return p.malformed("il prefisso %q è dichiarato due volte", "prefix %q is declared twice", prefix)
			}
		}
		e.Declared = append(e.Declared, Namespace{p.intern(prefix), p.intern(a.Value)})
	}
	var err error
	if e.Space, err = p.space(e, e.Prefix, e.Local); err != nil {
		return err
	}
	for _, a := range attrs {
		if _, isDeclaration := declared(a); isDeclaration {
			continue
		}
		attr := Attr{Prefix: p.intern(a.Name.Space), Local: p.intern(a.Name.Local), Value: a.Value}
		if attr.Prefix != "" {
			if attr.Space, err = p.space(e, attr.Prefix, attr.Local); err != nil {
				return err
			}
		} else if strings.Contains(attr.Local, ":") {
			return p.malformed("l'attributo %q non è un nome", "attribute %q is no name", attr.Local)
		}
		if _, twice := e.Attr(attr.Space, attr.Local); twice {
			return p.malformed("l'attributo %s c'è due volte", "attribute %s is there twice", qualified(attr.Prefix, attr.Local))
		}
		e.Attrs = append(e.Attrs, attr)
	}
	return nil
}

func declared(a xml.Attr) (prefix string, isDeclaration bool) {
	if a.Name.Space == "xmlns" {
		return a.Name.Local, true
	}
	return "", a.Name.Space == "" && a.Name.Local == "xmlns"
}

// badDeclaration says what Namespaces in XML 1.0 has against a declaration.
func badDeclaration(prefix, uri string) Words {
	switch {
	case strings.Contains(prefix, ":"):
		return Words{"un prefisso con i due punti", "a prefix with a colon"}
	case prefix == "xmlns" || uri == xmlnsNamespace:
		return Words{"il prefisso xmlns è dichiarato", "the prefix xmlns is declared"}
	case (prefix == "xml") != (uri == XMLNamespace):
		return Words{
			"il prefisso xml è legato a un altro namespace, o un altro prefisso al suo",
			"the prefix xml is bound to another namespace, or another prefix to its own",
		}
	case prefix != "" && uri == "":
		return say("il prefisso %s non è legato a nulla", "prefix %s is bound to nothing", prefix)
	}
	return Words{}
}

func (p *parser) space(e *Element, prefix, local string) (string, error) {
	if strings.Contains(local, ":") || prefix == "xmlns" {
		return "", p.malformed("%q non è un nome", "%q is no name", qualified(prefix, local))
	}
	uri, ok := e.Resolve(prefix)
	if !ok {
		return "", p.malformed("il prefisso %s non è dichiarato", "prefix %s is bound to nothing", prefix)
	}
	return uri, nil
}

// attributes are those of a start tag, normalised as XML asks (§3.3.3): white space that is written as such is a
// space, which encoding/xml leaves as it is. raw is the tag.
func attributes(t xml.StartElement, raw []byte) ([]xml.Attr, error) {
	if bytes.IndexByte(raw, '"') < 0 && bytes.IndexByte(raw, '\'') < 0 {
		return t.Attr, nil
	}
	if err := separated(raw); err != nil {
		return nil, err
	}
	flat, changed := spaces(raw)
	if !changed {
		return t.Attr, nil
	}
	token, err := xml.NewDecoder(bytes.NewReader(flat)).RawToken()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, reasonOf(err)
	}
	again, ok := token.(xml.StartElement)
	if !ok {
		return nil, Words{"un tag illeggibile", "a tag that cannot be read"}
	}
	return again.Attr, nil
}

// spaces replaces white space within the quotes of a tag.
func spaces(raw []byte) (flat []byte, changed bool) {
	var quote byte
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case quote == 0:
			if c == '"' || c == '\'' {
				quote = c
			}
		case c == quote:
			quote = 0
		case c == '\r' && i+1 < len(raw) && raw[i+1] == '\n':
			changed = true
			continue
		case c == '\t' || c == '\n' || c == '\r':
			c, changed = ' ', true
		}
		flat = append(flat, c)
	}
	return flat, changed
}

// separated refuses attributes with nothing between them, which encoding/xml lets pass.
func separated(raw []byte) error {
	var quote byte
	for i, c := range raw {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
			if i+1 < len(raw) && !strings.ContainsRune(" \t\r\n/>", rune(raw[i+1])) {
				return Words{"due attributi senza spazio in mezzo", "two attributes with no space between them"}
			}
		}
	}
	return nil
}
