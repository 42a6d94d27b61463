// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxDepth is where a schema that holds itself is cut.
const maxDepth = 6

// simple writes a schema without references, with what callers are checked for.
func simple(s *openapi3.Schema, depth int) map[string]any {
	out := map[string]any{}
	if types := s.Type.Slice(); len(types) > 0 {
		out["type"] = types[0]
	}
	if depth > maxDepth {
		return out
	}
	if s.Format != "" && s.Format != "password" {
		out["format"] = s.Format
	}
	if s.Pattern != "" {
		if _, err := regexp.Compile(s.Pattern); err == nil {
			out["pattern"] = s.Pattern
		}
	}
	if len(s.Enum) > 0 {
		out["enum"] = s.Enum
	}
	if s.MinLength > 0 {
		out["minLength"] = s.MinLength
	}
	for name, bound := range map[string]*uint64{"maxLength": s.MaxLength, "maxItems": s.MaxItems} {
		if bound != nil {
			out[name] = *bound
		}
	}
	if s.MinItems > 0 {
		out["minItems"] = s.MinItems
	}
	if s.Items != nil && s.Items.Value != nil {
		out["items"] = simple(s.Items.Value, depth+1)
	}
	if len(s.Properties) > 0 {
		properties := map[string]any{}
		for name, p := range s.Properties {
			if p.Value != nil {
				properties[name] = simple(p.Value, depth+1)
			}
		}
		out["properties"] = properties
	}
	if len(s.Required) > 0 {
		out["required"] = s.Required
	}
	return out
}

// Invented values for examples the document does not give.
const (
	someCode = "BNCMRC85C12D612V"
	someDay  = "2026-10-12"
)

// exampleOf is a value of a schema: the document's own example, else an invented one.
func exampleOf(name string, s *openapi3.Schema, given any, depth int) any {
	for _, v := range []any{given, s.Example, s.Default} {
		if v != nil {
			return v
		}
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	switch {
	case depth > maxDepth:
		return nil
	case s.Type.Is(openapi3.TypeArray):
		if s.Items == nil || s.Items.Value == nil {
			return []any{}
		}
		return []any{exampleOf(name, s.Items.Value, nil, depth+1)}
	case s.Type.Is(openapi3.TypeInteger), s.Type.Is(openapi3.TypeNumber):
		if s.Min != nil {
			return *s.Min
		}
		return 1
	case s.Type.Is(openapi3.TypeBoolean):
		return true
	case s.Type.Is(openapi3.TypeString):
		return text(name, s)
	default:
		object := map[string]any{}
		for _, member := range slices.Sorted(maps.Keys(s.Properties)) {
			if p := s.Properties[member].Value; p != nil {
				object[member] = exampleOf(member, p, nil, depth+1)
			}
		}
		return object
	}
}

// text is an invented one that fits.
func text(name string, s *openapi3.Schema) string { return fitting(telling(name, s), s) }

// telling is an invented text that tells people what it stands for.
func telling(name string, s *openapi3.Schema) string {
	switch {
	case isCode(name):
		return someCode
	case s.Format == "date":
		return someDay
	case s.Format == "date-time":
		return someDay + "T08:00:00Z"
	case s.Format == "uuid":
		return id(name)
	case s.Format == "email":
		return "nome.cognome@pec.example"
	case s.Format == "uri":
		return "https://registro.example/" + name
	}
	short := cmp.Or(kebab(name), "testo")
	if s.MaxLength != nil && uint64(len(short)) > *s.MaxLength {
		short = short[:*s.MaxLength]
	}
	if missing := int(min(s.MinLength, 64)) - len(short); missing > 0 {
		short += strings.Repeat("x", missing)
	}
	return short
}
