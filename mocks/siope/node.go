// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"sort"
	"strings"
)

// node is an element, with what it holds in the order in which it was sent.
type node struct {
	prefix, name string
	space        string // of the name
	attributes   []xml.Attr
	text         string // all of it, untrimmed
	kids         []*node
	items        []item
}

// item is a child or a piece of text.
type item struct {
	kid  *node
	text string
}

var errXML = errors.New("XML non ben formato")

// parse reads a document. DTDs are refused, as at every edge that reads XML of others.
func parse(data []byte) (*node, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	top := &node{}
	open := []*node{top}
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errXML
		}
		last := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			n := &node{prefix: t.Name.Space, name: t.Name.Local, attributes: t.Copy().Attr}
			open = append(open, n)
			n.space = namespace(open, n.prefix)
			last.kids = append(last.kids, n)
			last.items = append(last.items, item{kid: n})
		case xml.EndElement:
			if len(open) == 1 || last.prefix != t.Name.Space || last.name != t.Name.Local {
				return nil, errXML
			}
			open = open[:len(open)-1]
		case xml.CharData:
			last.text += string(t)
			last.items = append(last.items, item{text: string(t)})
		case xml.Directive:
			return nil, errXML
		}
	}
	if len(open) != 1 || len(top.kids) != 1 || strings.TrimSpace(top.text) != "" {
		return nil, errXML
	}
	return top.kids[0], nil
}

// namespace finds what a prefix stands for inside the open elements.
func namespace(open []*node, prefix string) string {
	for i := len(open) - 1; i >= 0; i-- {
		for _, a := range open[i].attributes {
			if prefix != "" && a.Name.Space == "xmlns" && a.Name.Local == prefix || prefix == "" && a.Name.Space == "" && a.Name.Local == "xmlns" {
				return a.Value
			}
		}
	}
	return ""
}

// of finds the first child of a name.
func (n *node) of(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// all lists the children of a name.
func (n *node) all(name string) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.name == name {
			out = append(out, k)
		}
	}
	return out
}

// value is the text at the end of a way; empty when there is none.
func (n *node) value(way ...string) string {
	for _, step := range way {
		if n = n.of(step); n == nil {
			return ""
		}
	}
	return strings.TrimSpace(n.text)
}

// attribute is the value of an attribute without prefix.
func (n *node) attribute(name string) (string, bool) {
	for _, a := range n.attributes {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value, true
		}
	}
	return "", false
}

// canonical writes an element as exclusive canonical XML (RFC 3741) does where it has at most one namespace, declared at
// its top: that of its prefix. One child may be left out.
func canonical(n, without *node) []byte {
	var out bytes.Buffer
	qualified := func(n *node) string {
		if n.prefix != "" {
			return n.prefix + ":" + n.name
		}
		return n.name
	}
	var write func(n *node, top bool)
	write = func(n *node, top bool) {
		out.WriteString("<" + qualified(n))
		if top && n.prefix != "" {
			out.WriteString(` xmlns:` + n.prefix + `="` + n.space + `"`)
		} else if top && n.space != "" {
			out.WriteString(` xmlns="` + n.space + `"`)
		}
		attributes := append(n.attributes[:0:0], n.attributes...)
		sort.Slice(attributes, func(i, j int) bool { return attributes[i].Name.Local < attributes[j].Name.Local })
		for _, a := range attributes {
			if a.Name.Space == "" && a.Name.Local != "xmlns" {
				out.WriteString(" " + a.Name.Local + `="` + escapeAttribute(a.Value) + `"`)
			}
		}
		out.WriteString(">")
		for _, i := range n.items {
			switch {
			case i.kid == nil:
				out.WriteString(escape(i.text))
			case i.kid != without:
				write(i.kid, false)
			}
		}
		out.WriteString("</" + qualified(n) + ">")
	}
	write(n, true)
	return out.Bytes()
}

func escapeAttribute(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;").Replace(text)
}

// escape writes text in canonical form.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;").Replace(text)
}
