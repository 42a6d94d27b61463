// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apidoc

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// maxRows bounds a table: schemas that hold themselves have no end.
const maxRows = 500

// fields lists the members of a schema, those inside them after a dot; a list has [] behind its name. left is how many more the
// table takes.
func (r reader) fields(prefix string, schema yaml.MapSlice, depth int, left *int) []row {
	if depth > maxDepth {
		return nil
	}
	var all []row
	if text(get(schema, "type")) == "array" {
		return r.fields(prefix+"[].", r.resolve(get(schema, "items")), depth+1, left)
	}
	for _, part := range list(get(schema, "allOf")) {
		all = append(all, r.fields(prefix, r.resolve(part), depth+1, left)...)
	}
	required := list(get(schema, "required"))
	for _, one := range mapping(get(schema, "properties")) {
		if *left--; *left < 0 {
			return all
		}
		name, inner := text(one.Key), r.resolve(one.Value)
		all = append(all, row{
			Name: prefix + name, Type: kind(inner), Text: text(get(inner, "description")),
			Required: slices.ContainsFunc(required, func(v any) bool { return text(v) == name }),
		})
		switch text(get(inner, "type")) {
		case "array":
			all = append(all, r.fields(prefix+name+"[].", r.resolve(get(inner, "items")), depth+1, left)...)
		default:
			all = append(all, r.fields(prefix+name+".", inner, depth+1, left)...)
		}
	}
	return all
}

// kind says in words what a value is.
func kind(schema yaml.MapSlice) string {
	words := map[string]string{
		"string": "testo", "integer": "intero", "number": "numero", "boolean": "vero o falso", "array": "lista", "object": "oggetto",
	}
	out := words[text(get(schema, "type"))]
	if out == "" {
		out = "valore"
	}
	if format := text(get(schema, "format")); format != "" {
		out += " " + format
	}
	if values := list(get(schema, "enum")); len(values) > 0 {
		shown := make([]string, 0, len(values))
		for _, v := range values {
			shown = append(shown, text(v))
		}
		return out + ": " + strings.Join(shown, ", ")
	}
	for _, bound := range [][2]string{{"minLength", "almeno %v caratteri"}, {"maxLength", "al più %v caratteri"}, {"minimum", "da %v"}, {"maximum", "fino a %v"}, {"maxItems", "al più %v"}} {
		if v := get(schema, bound[0]); v != nil {
			out += ", " + fmt.Sprintf(bound[1], v)
		}
	}
	return out
}

func place(in string) string {
	switch in {
	case "path":
		return "nel percorso"
	case "query":
		return "nella query"
	default:
		return "intestazione"
	}
}

func statusWord(status string) string {
	if status == "default" {
		return "altri"
	}
	return status
}

func names(m yaml.MapSlice) []string {
	all := make([]string, 0, len(m))
	for _, item := range m {
		all = append(all, text(item.Key))
	}
	return all
}

var notAnchor = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

func anchor(id string) string { return strings.Trim(notAnchor.ReplaceAllString(id, "-"), "-") }
