// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package xmltree reads an XML document into a tree that knows where each element stands, and writes it canonically.
//
// It owns the one reading of a document: the rules, the model and the signature all look at the same tree, so that what
// was verified is what is read. It depends on the standard library alone. It never resolves anything outside the
// document: a DOCTYPE is refused, and with it every entity but the five of XML.
package xmltree

import (
	"fmt"
	"strings"
)

// XMLNamespace is the namespace that the prefix xml is bound to.
const XMLNamespace = "http://www.w3.org/XML/1998/namespace"

// Node is an *Element, a Text, a Comment or a ProcInst.
type Node any

// Text is character data, with CDATA sections and references already resolved.
type Text string

// Comment is what stands between <!-- and -->.
type Comment string

// ProcInst is a processing instruction.
type ProcInst struct{ Target, Data string }

// Attr is an attribute that declares no namespace.
type Attr struct{ Prefix, Local, Space, Value string }

// Namespace is a declaration: of a prefix, or of the default one where Prefix is empty.
type Namespace struct{ Prefix, URI string }

// Element is one element with its place in the document. Line and Column count from 1 and are those of its <.
type Element struct {
	Prefix, Local, Space string
	Attrs                []Attr
	Declared             []Namespace
	Children             []Node
	Parent               *Element // nil for the root
	Line, Column         int
}

// Document is a whole document. Before and After are the comments and instructions around the root.
type Document struct {
	Before, After []Node
	Root          *Element
}

// Elements are the child elements in order.
func (e *Element) Elements() []*Element {
	out := make([]*Element, 0, len(e.Children))
	for _, child := range e.Children {
		if el, ok := child.(*Element); ok {
			out = append(out, el)
		}
	}
	return out
}

// Text is the character data directly below the element, comments left out and the pieces joined.
func (e *Element) Text() string {
	if len(e.Children) == 1 {
		if t, ok := e.Children[0].(Text); ok {
			return string(t)
		}
	}
	var b strings.Builder
	for _, child := range e.Children {
		if t, ok := child.(Text); ok {
			b.WriteString(string(t))
		}
	}
	return b.String()
}

// Is tells whether the element has this name.
func (e *Element) Is(space, local string) bool { return e.Space == space && e.Local == local }

// Find gives the child elements of one name.
func (e *Element) Find(space, local string) []*Element {
	var out []*Element
	for _, child := range e.Elements() {
		if child.Is(space, local) {
			out = append(out, child)
		}
	}
	return out
}

// Attr gives the value of an attribute.
func (e *Element) Attr(space, local string) (string, bool) {
	for _, a := range e.Attrs {
		if a.Space == space && a.Local == local {
			return a.Value, true
		}
	}
	return "", false
}

// Resolve gives the namespace that a prefix is bound to at the element.
func (e *Element) Resolve(prefix string) (string, bool) {
	if prefix == "xml" {
		return XMLNamespace, true
	}
	for at := e; at != nil; at = at.Parent {
		for _, ns := range at.Declared {
			if ns.Prefix == prefix {
				return ns.URI, true
			}
		}
	}
	return "", prefix == ""
}

// Walk calls f for the element and everything below it, in document order; where f says false, not below.
func (e *Element) Walk(f func(*Element) bool) {
	if !f(e) {
		return
	}
	for _, child := range e.Children {
		if el, ok := child.(*Element); ok {
			el.Walk(f)
		}
	}
}

// Name is the name as it stands in the document.
func (e *Element) Name() string { return qualified(e.Prefix, e.Local) }

func qualified(prefix, local string) string {
	if prefix == "" {
		return local
	}
	return prefix + ":" + local
}

// Path is the way from the root, such as /flusso_ordinativi/mandato[2]/causale. A number, from 1, stands where the
// parent has more than one child of the name.
func (e *Element) Path() string {
	if e.Parent == nil {
		return "/" + e.Name()
	}
	at, of := 0, 0
	for _, sibling := range e.Parent.Elements() {
		if sibling.Is(e.Space, e.Local) {
			of++
			if sibling == e {
				at = of
			}
		}
	}
	if of == 1 {
		return e.Parent.Path() + "/" + e.Name()
	}
	return fmt.Sprintf("%s/%s[%d]", e.Parent.Path(), e.Name(), at)
}
