// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package xmltree

import (
	"cmp"
	"slices"
	"strings"
)

// Method says how a tree is written canonically: Canonical XML 1.0 or 1.1, or Exclusive XML Canonicalization 1.0.
type Method struct {
	Exclusive bool
	Version11 bool // of the inclusive form
	Comments  bool
	Inclusive []string // prefixes that the exclusive form treats inclusively; "" is the default namespace
}

// Canonical writes an element and what is below it, without the elements in omit. Attributes of the namespace xml that
// the inclusive forms take from the ancestors are xml:lang, xml:space and, in 1.0, any other; an xml:base among the
// ancestors gives false in 1.1, which would have to compose addresses.
func (e *Element) Canonical(m Method, omit ...*Element) ([]byte, bool) {
	w := &writer{method: m, omit: omit}
	inherited := map[string]string{}
	var extra []Attr
	if !m.Exclusive {
		var ok bool
		if extra, ok = e.inheritedAttrs(m.Version11); !ok {
			return nil, false
		}
	}
	w.element(e, inherited, extra, true)
	return []byte(w.out.String()), true
}

// Canonical writes the whole document: what stands around the root too.
func (d *Document) Canonical(m Method, omit ...*Element) []byte {
	w := &writer{method: m, omit: omit}
	for _, n := range d.Before {
		if w.node(n, nil) {
			w.out.WriteString("\n")
		}
	}
	w.element(d.Root, map[string]string{}, nil, true)
	for _, n := range d.After {
		if _, isComment := n.(Comment); !isComment || m.Comments {
			w.out.WriteString("\n")
			w.node(n, nil)
		}
	}
	return []byte(w.out.String())
}

type writer struct {
	out    strings.Builder
	method Method
	omit   []*Element
}

// node writes one node and says whether it did.
func (w *writer) node(n Node, rendered map[string]string) bool {
	switch n := n.(type) {
	case *Element:
		if slices.Contains(w.omit, n) {
			return false
		}
		w.element(n, rendered, nil, false)
	case Text:
		w.out.WriteString(escapeText.Replace(string(n)))
	case Comment:
		if !w.method.Comments {
			return false
		}
		w.out.WriteString("<!--" + string(n) + "-->")
	case ProcInst:
		w.out.WriteString("<?" + n.Target)
		if n.Data != "" {
			w.out.WriteString(" " + n.Data)
		}
		w.out.WriteString("?>")
	}
	return true
}

// element writes an element; rendered are the declarations that the output has above it, extra the attributes that it
// takes from its ancestors as the apex of what is written.
func (w *writer) element(e *Element, rendered map[string]string, extra []Attr, apex bool) {
	w.out.WriteString("<" + e.Name())
	shown := w.namespaces(e, rendered, apex)
	slices.SortFunc(shown, func(a, b Namespace) int { return cmp.Compare(a.Prefix, b.Prefix) })
	if len(shown) > 0 {
		below := make(map[string]string, len(rendered)+len(shown))
		for prefix, uri := range rendered {
			below[prefix] = uri
		}
		for _, ns := range shown {
			below[ns.Prefix] = ns.URI
			name := "xmlns"
			if ns.Prefix != "" {
				name += ":" + ns.Prefix
			}
			w.attr(name, ns.URI)
		}
		rendered = below
	}
	attrs := slices.Concat(e.Attrs, extra)
	slices.SortFunc(attrs, func(a, b Attr) int { return cmp.Or(cmp.Compare(a.Space, b.Space), cmp.Compare(a.Local, b.Local)) })
	for _, a := range attrs {
		w.attr(qualified(a.Prefix, a.Local), a.Value)
	}
	w.out.WriteString(">")
	for _, child := range e.Children {
		w.node(child, rendered)
	}
	w.out.WriteString("</" + e.Name() + ">")
}

func (w *writer) attr(name, value string) {
	w.out.WriteString(" " + name + `="`)
	w.out.WriteString(escapeAttr.Replace(value))
	w.out.WriteString(`"`)
}

// namespaces are the declarations that have to be written at an element.
func (w *writer) namespaces(e *Element, rendered map[string]string, apex bool) []Namespace {
	var candidates []Namespace
	add := func(prefix string) {
		if uri, ok := e.Resolve(prefix); ok && prefix != "xml" {
			candidates = append(candidates, Namespace{prefix, uri})
		}
	}
	switch {
	case w.method.Exclusive:
		add(e.Prefix)
		for _, a := range e.Attrs {
			if a.Prefix != "" {
				add(a.Prefix)
			}
		}
		if apex || len(e.Declared) > 0 {
			for _, prefix := range w.method.Inclusive {
				add(prefix)
			}
		}
	case apex:
		for at := e; at != nil; at = at.Parent {
			for _, ns := range at.Declared {
				add(ns.Prefix)
			}
		}
	default:
		for _, ns := range e.Declared {
			add(ns.Prefix)
		}
	}
	var shown []Namespace
	for _, ns := range candidates {
		if rendered[ns.Prefix] != ns.URI && !slices.Contains(shown, ns) {
			shown = append(shown, ns)
		}
	}
	return shown
}

// inheritedAttrs are the attributes of the namespace xml that the ancestors have and the element has not.
func (e *Element) inheritedAttrs(version11 bool) ([]Attr, bool) {
	var out []Attr
	for at := e.Parent; at != nil; at = at.Parent {
		for _, a := range at.Attrs {
			if a.Space != XMLNamespace || version11 && a.Local == "id" {
				continue
			}
			if version11 && a.Local == "base" {
				return nil, false
			}
			_, own := e.Attr(a.Space, a.Local)
			nearer := slices.ContainsFunc(out, func(b Attr) bool { return b.Local == a.Local })
			if !own && !nearer {
				out = append(out, a)
			}
		}
	}
	return out, true
}

var (
	escapeText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
	escapeAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;")
)
