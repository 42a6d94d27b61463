// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package segnatura

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// Names of the two vocabularies.
const (
	namespace    = "http://www.agid.gov.it/protocollo/"
	signatures   = "http://www.w3.org/2000/09/xmldsig#"
	instances    = "http://www.w3.org/2001/XMLSchema-instance"
	rootName     = "SegnaturaInformatica"
	maxNodes     = 20_000
	maxDepth     = 40
	maxSegnatura = 1 << 20
)

// errForm means that a text is no XML that is read here: it never says what it holds.
var errForm = errors.New("not one XML document of a reasonable size, without DTD")

// node is an element.
type node struct {
	space, name string
	attributes  map[string]string // those of the vocabulary
	strange     []string          // attributes of no vocabulary, which the structure does not have
	text        string
	children    []*node
}

// readTree reads a document. DTDs, and with them entities, are refused.
func readTree(data []byte) (*node, error) {
	if len(data) > maxSegnatura {
		return nil, errForm
	}
	d := xml.NewDecoder(bytes.NewReader(data)) //nolint:gosec // only tokens are read, of a bounded text, and DTDs are refused
	var open []*node
	var root *node
	for count := 0; ; count++ {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || count > maxNodes || len(open) > maxDepth {
			return nil, errForm
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, errForm
		case xml.StartElement:
			n := newNode(t)
			if len(open) == 0 && root != nil {
				return nil, errForm
			}
			if len(open) == 0 {
				root = n
			} else {
				parent := open[len(open)-1]
				parent.children = append(parent.children, n)
			}
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(t)
			}
		}
	}
	if root == nil || len(open) > 0 {
		return nil, errForm
	}
	return root, nil
}

func newNode(t xml.StartElement) *node {
	n := &node{space: t.Name.Space, name: t.Name.Local, attributes: map[string]string{}}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == namespace:
			n.attributes[a.Name.Local] = a.Value
		case a.Name.Space == "xmlns", a.Name.Local == "xmlns" && a.Name.Space == "", a.Name.Space == instances:
		default:
			n.strange = append(n.strange, a.Name.Local)
		}
	}
	return n
}

// at follows names to the first element there; nil when there is none.
func (n *node) at(names ...string) *node {
	for _, name := range names {
		if n == nil {
			return nil
		}
		i := slices.IndexFunc(n.children, func(c *node) bool { return c.name == name })
		if i < 0 {
			return nil
		}
		n = n.children[i]
	}
	return n
}

func (n *node) value() string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(n.text)
}
