// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// readSettings reads a YAML text into a setting or into the whole configuration. Where
// something is wrong nothing is read, and every fault is told with its line: from names
// the file, the flag or the variable.
func readSettings(from, text string, into reflect.Value, m *Misuse) {
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		m.unreadable(from, err)
		return
	}
	before := len(m.Faults)
	l := lookout{from: from, misuse: m}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			l.look(doc.Body, into, "")
		}
	}
	if len(m.Faults) > before {
		return
	}
	if err := yaml.UnmarshalWithOptions([]byte(text), into.Addr().Interface(), yaml.Strict()); err != nil {
		m.unreadable(from, err)
	}
}

// unreadable tells a text that is no YAML, or none that the configuration can take.
func (m *Misuse) unreadable(from string, err error) {
	line, why := 0, err.Error()
	var said yaml.Error
	if errors.As(err, &said) {
		why = said.GetMessage()
		if t := said.GetToken(); t != nil && t.Position != nil {
			line = t.Position.Line
		}
	}
	m.add("%s, riga %d: non si legge come YAML (%s)", "%s, line %d: cannot be read as YAML (%s)", from, line, why)
}

// lookout finds everything that is wrong in a text before it is read: the reader itself
// stops at the first fault.
type lookout struct {
	from   string
	misuse *Misuse
}

// look holds a node against the setting that it is for.
func (l *lookout) look(node ast.Node, v reflect.Value, path string) {
	switch node := node.(type) {
	case *ast.NullNode:
		return
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode: // settings have no use for them, and the reader stumbles over some
		l.misuse.add("%s, riga %d: %s: àncore, alias e tag YAML non sono ammessi", "%s, line %d: %s: anchors, aliases and tags of YAML are not allowed",
			l.from, node.GetToken().Position.Line, path)
		return
	case *ast.MappingNode:
		if v.Kind() == reflect.Struct {
			l.members(node.Values, v, path)
			return
		}
	case *ast.MappingValueNode:
		if v.Kind() == reflect.Struct {
			l.members([]*ast.MappingValueNode{node}, v, path)
			return
		}
	case *ast.SequenceNode:
		if v.Kind() == reflect.Slice {
			for i, item := range node.Values {
				l.look(item, reflect.New(v.Type().Elem()).Elem(), fmt.Sprintf("%s[%d]", path, i))
			}
			return
		}
	}
	if err := yaml.NodeToValue(node, reflect.New(v.Type()).Interface()); err != nil {
		where := Text{IT: orDefault(path, "il documento"), EN: orDefault(path, "the document")}
		l.misuse.add("%s, riga %d: %s: serve %s", "%s, line %d: %s: needs %s", l.from, node.GetToken().Position.Line, where, form(v))
	}
}

// members looks at each member of an object.
func (l *lookout) members(list []*ast.MappingValueNode, v reflect.Value, path string) {
	known := tags(v.Type())
	for _, member := range list {
		name := strings.Trim(member.Key.GetToken().Value, `"'`)
		i := slices.Index(known, name)
		if i < 0 || name == "" {
			l.strange(member, name, path, known)
			continue
		}
		l.look(member.Value, v.Field(i), strings.TrimPrefix(path+"."+name, "."))
	}
}

func (l *lookout) strange(member *ast.MappingValueNode, name, path string, known []string) {
	known = slices.DeleteFunc(slices.Clone(known), func(k string) bool { return k == "" })
	line := member.Key.GetToken().Position.Line
	l.misuse.add("%s, riga %d: %s è sconosciuto; valori ammessi %s", "%s, line %d: %s is unknown; allowed are %s",
		l.from, line, strings.TrimPrefix(path+"."+name, "."), strings.Join(known, ", "))
}

// tags are the names of the members of a setting, in the order of its fields; empty for
// one that a file cannot give.
func tags(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		if tag := t.Field(i).Tag.Get("yaml"); tag != "-" {
			names[i] = tag
		}
	}
	return names
}

// form says what a setting wants.
func form(v reflect.Value) Text {
	if _, ok := v.Interface().(time.Duration); ok {
		return Text{IT: "una durata come 5s o 500ms", EN: "a duration like 5s or 500ms"}
	}
	switch v.Kind() {
	case reflect.Bool:
		return Text{IT: "true o false", EN: "true or false"}
	case reflect.Int:
		return Text{IT: "un numero intero", EN: "an integer"}
	case reflect.Slice:
		return Text{IT: "un elenco", EN: "a list"}
	case reflect.Struct, reflect.Map:
		return Text{IT: "un oggetto con i suoi campi", EN: "an object with its members"}
	default:
		return Text{IT: "un testo", EN: "a text"}
	}
}

// UnmarshalYAML reads an operation: an object, or "METHOD PATH" for one without a body.
func (o *Operation) UnmarshalYAML(read func(any) error) error {
	var short string
	if read(&short) == nil {
		method, path, found := strings.Cut(short, " ")
		if !found {
			return fmt.Errorf("operation %q: METHOD PATH is needed", short)
		}
		*o = Operation{Method: method, Path: strings.TrimSpace(path)}
		return nil
	}
	type plain Operation
	return read((*plain)(o))
}
