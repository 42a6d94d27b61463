// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package scaffold turns the OpenAPI document of an e-service into the skeleton of a
// consumes recipe and, as data, a mock that answers it. Both work as they are written;
// what no document says (what an error means, which fields a procedimento needs, where
// the e-service lives) is left to a person, marked DA RIVEDERE.
//
// It depends on kin-openapi to read the document and on registry and mocks/scripted to
// prove what it has written. It opens no file.
package scaffold

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/mocks/scripted"
	"github.com/snodo-pa/snodo/registry"
)

// Files are what was written for one e-service.
type Files struct {
	Recipe, Mock []byte
	Operations   []string
}

// Review marks the lines a person has to look at.
const Review = "DA RIVEDERE"

// Write makes the files of an e-service called name from its OpenAPI 3.0 document, in
// YAML or JSON. References outside the document are not followed.
func Write(name string, document []byte) (Files, error) {
	if !registry.IsName(name) {
		return Files{}, bilingual.Errorf("il nome %q non ha la forma registro-prova: lettere minuscole, cifre e trattini singoli",
			"name %q is not of the form registro-prova: small letters, digits and single hyphens", name)
	}
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return Files{}, bilingual.Errorf("non è un documento OpenAPI 3 che si possa leggere, in YAML o JSON: %w",
			"this is no OpenAPI 3 document that can be read, in YAML or JSON: %w", err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.") {
		return Files{}, bilingual.Errorf("non è un documento OpenAPI 3: manca «openapi: 3.0.3»; un documento Swagger 2.0 va prima convertito",
			"this is no OpenAPI 3 document: “openapi: 3.0.3” is missing; a Swagger 2.0 document has to be converted first")
	}
	s := newService(name, doc)
	if len(s.operations) == 0 {
		return Files{}, bilingual.Errorf("il documento OpenAPI non descrive operazioni", "the OpenAPI document describes no operation")
	}
	files := Files{Recipe: s.recipe(), Mock: s.mock()}
	for _, op := range s.operations {
		files.Operations = append(files.Operations, op.name)
	}
	if _, err := registry.DecodeRecipe(name+".yaml", files.Recipe); err != nil {
		return files, bilingual.Errorf("la ricetta scritta va corretta a mano: %w", "the recipe written has to be corrected by hand: %w", err)
	}
	if _, err := scripted.Parse(files.Mock); err != nil {
		return files, bilingual.Errorf("la simulazione scritta va corretta a mano: %w", "the mock written has to be corrected by hand: %w", err)
	}
	return files, nil
}

// service is the document in the words of a recipe.
type service struct {
	name, title string
	base        string // path of the first server, for the mock
	server      string // as the document has it
	request     []string
	response    []string
	shape       errorShape
	operations  []*operation
	left        []string // operations that give nothing that could be acquired
}

func newService(name string, doc *openapi3.T) *service {
	s := &service{name: name, title: name, base: "/rest/" + name + "/v1"}
	if doc.Info != nil && doc.Info.Title != "" {
		s.title = doc.Info.Title
	}
	if len(doc.Servers) > 0 {
		s.server = doc.Servers[0].URL
		if u, err := url.Parse(s.server); err == nil && strings.Trim(u.Path, "/") != "" {
			s.base = "/" + strings.Trim(u.Path, "/")
		}
	}
	taken := map[string]bool{}
	for _, path := range doc.Paths.InMatchingOrder() {
		item := doc.Paths.Value(path)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			op := item.GetOperation(method)
			if op == nil || path == "/status" {
				continue
			}
			s.add(method, path, append(slices.Clone(item.Parameters), op.Parameters...), op, taken)
		}
	}
	slices.SortFunc(s.operations, func(a, b *operation) int { return strings.Compare(a.name, b.name) })
	return s
}

func (s *service) add(method, path string, parameters openapi3.Parameters, op *openapi3.Operation, taken map[string]bool) {
	o := newOperation(method, path, op)
	for n := 2; taken[o.name]; n++ {
		o.name = fmt.Sprintf("%s-%d", kebab(strings.TrimSuffix(o.name, fmt.Sprintf("-%d", n-1))), n)
	}
	taken[o.name] = true
	for _, p := range parameters {
		if p.Value != nil && !s.pattern(p.Value) {
			o.parameter(p.Value)
		}
	}
	o.body(op)
	s.answers(o, op)
	if len(o.fields) == 0 {
		s.left = append(s.left, method+" "+path)
		return
	}
	s.operations = append(s.operations, o)
}

// pattern notes the ModI pattern a header parameter belongs to, and tells whether it does.
func (s *service) pattern(p *openapi3.Parameter) bool {
	if p.In != openapi3.ParameterInHeader {
		return false
	}
	switch strings.ToLower(p.Name) {
	case "agid-jwt-signature":
		s.request = once(s.request, "INTEGRITY_REST_02")
	case "agid-jwt-trackingevidence":
		s.request = once(s.request, "AUDIT_REST_02")
	default:
		return !registry.ForwardableHeader(p.Name)
	}
	return true
}

func once(list []string, word string) []string {
	if slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}

// answers reads the good answer and the errors of an operation.
func (s *service) answers(o *operation, op *openapi3.Operation) {
	for _, status := range statuses(op) {
		ref := op.Responses.Value(status)
		if ref == nil || ref.Value == nil {
			continue
		}
		schema, example := content(ref.Value.Content)
		switch {
		case strings.HasPrefix(status, "2") && o.status == 0:
			for header := range ref.Value.Headers {
				if strings.EqualFold(header, "Agid-JWT-Signature") {
					s.response = once(s.response, "INTEGRITY_REST_02")
				}
			}
			o.good(status, schema, example)
		case strings.HasPrefix(status, "4"), strings.HasPrefix(status, "5"):
			if len(status) == 3 && schema != nil {
				s.shape.learn(schema)
				o.errors[status] = exampleOf("", schema, example, 0)
			}
		}
	}
}

func statuses(op *openapi3.Operation) []string {
	var all []string
	for status := range op.Responses.Map() {
		all = append(all, status)
	}
	slices.Sort(all)
	return all
}

// content is the schema and the example of the JSON form of a body.
func content(c openapi3.Content) (*openapi3.Schema, any) {
	for _, mediaType := range []string{"application/json", "application/problem+json"} {
		if m := c.Get(mediaType); m != nil && m.Schema != nil && m.Schema.Value != nil {
			return whole(m.Schema.Value), exampleOfMedia(m)
		}
	}
	return nil, nil
}

// whole is a schema with the members of those it is made of (allOf).
func whole(s *openapi3.Schema) *openapi3.Schema {
	if len(s.AllOf) == 0 {
		return s
	}
	joined := *s
	joined.Properties, joined.Required = maps.Clone(s.Properties), slices.Clone(s.Required)
	if joined.Properties == nil {
		joined.Properties = openapi3.Schemas{}
	}
	for _, part := range s.AllOf {
		if part.Value != nil {
			maps.Copy(joined.Properties, part.Value.Properties)
			joined.Required = append(joined.Required, part.Value.Required...)
		}
	}
	return &joined
}

func exampleOfMedia(m *openapi3.MediaType) any {
	if m.Example != nil {
		return m.Example
	}
	var names []string
	for name := range m.Examples {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if m.Examples[name].Value != nil {
			return m.Examples[name].Value.Value
		}
	}
	return nil
}

// id is a UUID that is always the same for a name.
func id(name string) string {
	sum := sha256.Sum256([]byte(name))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}

// page is a text that is written line by line.
type page struct{ bytes.Buffer }

func (p *page) line(indent int, format string, args ...any) {
	fmt.Fprintf(p, strings.Repeat("  ", indent)+format+"\n", args...)
}
