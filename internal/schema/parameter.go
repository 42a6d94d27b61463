// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/modi"
)

// parameter is a path, query or header parameter of a primitive type.
type parameter struct {
	in, name string
	required bool
	kind     string // string, integer, number, boolean
	schema   *openapi3.Schema
}

func (p parameter) where() string { return p.in + " " + p.name }

// compileParameters joins the parameters of the path with the ones of the operation, which win.
func compileParameters(shared, own openapi3.Parameters) ([]parameter, error) {
	byKey := map[string]parameter{}
	for _, ref := range slices.Concat(shared, own) {
		p := ref.Value
		if p.In == openapi3.ParameterInHeader && reservedHeader(p.Name) {
			continue
		}
		if p.In == openapi3.ParameterInCookie || p.Schema == nil || p.Schema.Value.Type == nil {
			return nil, fmt.Errorf("parameter %s: unsupported place or type", p.Name)
		}
		kinds := p.Schema.Value.Type.Slice()
		if len(kinds) != 1 || !slices.Contains([]string{"string", "integer", "number", "boolean"}, kinds[0]) {
			return nil, fmt.Errorf("parameter %s: type is not primitive", p.Name)
		}
		byKey[p.In+" "+p.Name] = parameter{
			in: p.In, name: p.Name, required: p.Required, kind: kinds[0], schema: p.Schema.Value,
		}
	}
	out := make([]parameter, 0, len(byKey))
	for _, p := range byKey {
		out = append(out, p)
	}
	return out, nil
}

// boundPathParameters wants a pattern or an enum for every text that a path carries: the template alone would let any
// segment through to what is behind it.
func (o *Operation) boundPathParameters() error {
	for _, p := range o.params {
		if p.in == openapi3.ParameterInPath && p.kind == "string" && p.schema.Pattern == "" && len(p.schema.Enum) == 0 {
			return fmt.Errorf("path parameter %s: a string without pattern or enum", p.name)
		}
	}
	return nil
}

// reservedHeader tells the headers that are not held against a schema: the ones that OpenAPI 3.0 does not describe as
// parameters, and the ModI proofs, of which a pattern says less than the verification they have passed.
func reservedHeader(name string) bool {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Accept", "Content-Type", "Authorization", "Digest", "Agid-Jwt-Signature", "Agid-Jwt-Trackingevidence":
		return true
	}
	return false
}

// values finds what the request gives for the parameter.
func (p parameter) values(path map[string]string, query url.Values, header http.Header) []string {
	switch p.in {
	case openapi3.ParameterInPath:
		return []string{path[p.name]}
	case openapi3.ParameterInQuery:
		return query[p.name]
	default:
		return header.Values(p.name)
	}
}

func (p parameter) check(values []string) []Violation {
	if len(values) == 0 {
		if p.required {
			return []Violation{{Where: p.where(), Keyword: "required"}}
		}
		return nil
	}
	if len(values) > 1 {
		return []Violation{{Where: p.where(), Keyword: "repeated"}}
	}
	value, ok := p.decode(values[0])
	if !ok {
		return []Violation{{
			Where: p.where(), Keyword: "type", Expected: p.kind,
			Expects: typeWord(p.kind), Found: modi.Text{IT: "un testo di altra forma", EN: "a text of another form"},
		}}
	}
	found := check(p.schema, value, nil, options().plain)
	for i := range found {
		found[i].Where = p.where()
	}
	return found
}

func (p parameter) decode(text string) (any, bool) {
	switch p.kind {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		return float64(n), err == nil
	case "number":
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil && n-n == 0 // neither NaN nor infinite
	case "boolean":
		return text == "true", text == "true" || text == "false"
	default:
		return text, true
	}
}
