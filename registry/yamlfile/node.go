// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package yamlfile

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/snodo-pa/snodo/modi"
)

// kind is the type of a value as it is written.
type kind uint8

const (
	null kind = iota
	text      // a string, quoted or not
	number
	boolean
	mapping
	sequence
)

// text is the kind in the words of a fault.
func (k kind) text() modi.Text {
	return [...]modi.Text{
		null:     {IT: "nulla", EN: "nothing"},
		text:     {IT: "un testo", EN: "a string"},
		number:   {IT: "un numero", EN: "a number"},
		boolean:  {IT: "true o false", EN: "true or false"},
		mapping:  {IT: "un gruppo di chiavi", EN: "a group of keys"},
		sequence: {IT: "un elenco", EN: "a list"},
	}[k]
}

// node is a value of a document. Scalars keep the text of the file.
type node struct {
	kind    kind
	line    int
	text    string
	entries []entry
	items   []*node
}

// entry is a key and its value; line is the key's.
type entry struct {
	key   string
	line  int
	value *node
}

// child follows one step of a path; nil when there is no such child.
func (n *node) child(step any) *node {
	switch s := step.(type) {
	case string:
		for _, e := range n.entries {
			if e.key == s {
				return e.value
			}
		}
	case int:
		if s >= 0 && s < len(n.items) {
			return n.items[s]
		}
	}
	return nil
}

// reader turns the parser's tree into ours and collects what plain YAML excludes.
type reader struct {
	file   string
	lines  int // of the file; the parser may count beyond it
	faults Faults
}

// maxDepth is far above what any recipe needs.
const maxDepth = 64

func parse(file string, data []byte) (*node, Faults) {
	r := reader{file: file, lines: 1 + bytes.Count(data, []byte("\n"))}
	if len(data) > MaxSize {
		r.fault(0, "il file supera i %d byte",
			"the file is larger than %d bytes", MaxSize)
		return nil, r.faults
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors begin every file with it
	if at := notText(data); at >= 0 {
		r.fault(1+bytes.Count(data[:at], []byte("\n")), "il file non è testo UTF-8: salvarlo con questa codifica",
			"the file is not UTF-8 text: save it in this encoding")
		return nil, r.faults
	}
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil, r.faults
	}
	root := &node{line: 1}
	for i, doc := range tree.Docs {
		if i > 0 {
			r.fault(r.line(doc.Start), "un secondo documento nello stesso file non si legge: toglierlo o dargli un file proprio",
				"a second document in one file is not read: remove it or give it its own file")
			break
		}
		if doc.Body != nil {
			root = r.node(doc.Body, 0)
		}
	}
	return root, r.faults
}

// notText is the position of the first byte that is no part of a text, -1 when all are.
func notText(data []byte) int {
	for at := 0; at < len(data); {
		c, size := utf8.DecodeRune(data[at:])
		if c == utf8.RuneError && size == 1 || c == 0 {
			return at
		}
		at += size
	}
	return -1
}

func (r *reader) fault(line int, it, en string, args ...any) {
	r.faults = append(r.faults, NewFault(r.file, line, it, en, args...))
}

func (r *reader) syntax(err error) {
	var located yaml.Error
	if errors.As(err, &located) {
		r.fault(r.line(located.GetToken()), "YAML non valido: %s",
			"not valid YAML: %s", located.GetMessage())
		return
	}
	r.fault(0, "YAML non valido",
		"not valid YAML")
}

// line is the line of a token, 0 when it is not known.
func (r *reader) line(t *token.Token) int {
	if t == nil || t.Position == nil {
		return 0
	}
	return min(max(0, t.Position.Line), r.lines)
}

func (r *reader) lineOf(n ast.Node) int {
	if n == nil {
		return 0
	}
	return r.line(n.GetToken())
}

func (r *reader) node(n ast.Node, depth int) *node {
	out := &node{line: r.lineOf(n)}
	if depth > maxDepth {
		r.fault(out.line, "i valori sono annidati per più di %d livelli",
			"values are nested more than %d levels deep", maxDepth)
		return out
	}
	switch v := n.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		out.kind, out.text = text, v.Value
	case *ast.LiteralNode:
		out.kind, out.text = text, v.Value.Value
	case *ast.IntegerNode:
		out.kind, out.text = number, v.Token.Value
	case *ast.FloatNode:
		out.kind, out.text = number, v.Token.Value
	case *ast.BoolNode:
		out.kind, out.text = boolean, v.Token.Value
	case *ast.MappingNode:
		r.mapping(out, v.Values, depth)
	case *ast.MappingValueNode:
		r.mapping(out, []*ast.MappingValueNode{v}, depth)
	case *ast.SequenceNode:
		out.kind = sequence
		for _, item := range v.Values {
			out.items = append(out.items, r.node(item, depth+1))
		}
	default:
		r.fault(out.line, "qui non si legge %s: scrivere il valore in YAML semplice",
			"%s is not read here: write the value out in plain YAML", plainName(n))
	}
	return out
}

func (r *reader) mapping(out *node, values []*ast.MappingValueNode, depth int) {
	out.kind = mapping
	seen := make(map[string]int, len(values))
	for i, v := range values {
		line := r.lineOf(v.Key)
		if i == 0 {
			out.line = line
		}
		key, ok := r.key(v.Key)
		if !ok {
			continue
		}
		if first, twice := seen[key]; twice {
			r.fault(line, "la chiave %q è scritta due volte (la prima alla riga %d)",
				"key %q is written twice (first at line %d)", key, first)
			continue
		}
		seen[key] = line
		out.entries = append(out.entries, entry{key: key, line: line, value: r.value(v, line, depth)})
	}
}

// value reads the value of a key; an absent one stands at the key's line.
func (r *reader) value(v *ast.MappingValueNode, line, depth int) *node {
	if v.Value == nil {
		return &node{line: line}
	}
	n := r.node(v.Value, depth+1)
	if n.kind == null || n.kind == mapping || n.kind == sequence || n.line == 0 {
		n.line = line
	}
	return n
}

func (r *reader) key(k ast.MapKeyNode) (string, bool) {
	switch v := k.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.IntegerNode:
		return v.Token.Value, true
	case *ast.BoolNode:
		return v.Token.Value, true
	default:
		r.fault(r.lineOf(k), "%s non può essere una chiave",
			"%s cannot be a key", plainName(k))
		return "", false
	}
}

func plainName(n ast.Node) modi.Text {
	switch n.Type() {
	case ast.AnchorType:
		return modi.Text{IT: "un'ancora (&)", EN: "an anchor (&)"}
	case ast.AliasType:
		return modi.Text{IT: "un alias (*)", EN: "an alias (*)"}
	case ast.TagType:
		return modi.Text{IT: "un'etichetta (!)", EN: "a tag (!)"}
	case ast.MergeKeyType:
		return modi.Text{IT: "una chiave di unione (<<)", EN: "a merge key (<<)"}
	case ast.NullType:
		return null.text()
	default:
		return modi.Text{IT: "questo costrutto YAML", EN: "this YAML construct"}
	}
}
