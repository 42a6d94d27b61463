// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// ErrUnknownPath reports a path that no template of the document matches.
var ErrUnknownPath = errors.New("path not in the OpenAPI document")

// MethodError reports a known path asked with a method it does not have.
type MethodError struct{ Allow []string }

// Error lists the methods of the path.
func (e *MethodError) Error() string {
	return "method not in the OpenAPI document, allowed " + strings.Join(e.Allow, ", ")
}

// Document is a compiled OpenAPI 3.0 document. It is read-only and safe for concurrent use.
type Document struct{ routes []*route }

// Compile reads an OpenAPI document in YAML or JSON. Refused: versions other than 3.0, references outside the
// document, parameters that are not of a primitive type, texts in a path that no pattern or enum bounds. Bodies in JSON
// are held against their schema, those in XML against the bounds of CheckXML; of others the media type alone counts, and
// their schema says that they are a string.
func Compile(data []byte) (*Document, error) {
	loader := openapi3.NewLoader() // follows no external reference
	doc, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	if !doc.IsOpenAPI30() {
		return nil, errors.New("OpenAPI document: version is not 3.0")
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	d := &Document{}
	for template, item := range doc.Paths.Map() {
		r := newRoute(template)
		for method, op := range item.Operations() {
			compiled, err := compileOperation(method, template, item.Parameters, op)
			if err != nil {
				return nil, fmt.Errorf("OpenAPI document: %s %s: %w", method, template, err)
			}
			r.operations[method] = compiled
			if err := compiled.boundPathParameters(); err != nil {
				return nil, fmt.Errorf("OpenAPI document: %s %s: %w", method, template, err)
			}
		}
		d.routes = append(d.routes, r)
	}
	slices.SortFunc(d.routes, moreSpecific)
	return d, nil
}

// Operations lists what the document offers, in the order in which templates are tried.
func (d *Document) Operations() []*Operation {
	var all []*Operation
	for _, r := range d.routes {
		for _, m := range r.methods() {
			all = append(all, r.operations[m])
		}
	}
	return all
}

// Match is an operation with the values of its path parameters.
type Match struct {
	*Operation
	Params map[string]string // decoded
	// Path is the template with the parameters in place, escaped anew: the one way to write what was matched. What is
	// sent on is this and never the path as received, which the next hop may read otherwise.
	Path string
}

// Match finds the operation of an escaped path that starts with '/', below the base of the e-service. The error is
// ErrUnknownPath or a *MethodError.
func (d *Document) Match(method, escapedPath string) (Match, error) {
	segments, ok := split(escapedPath)
	if !ok {
		return Match{}, ErrUnknownPath
	}
	for _, r := range d.routes {
		params, ok := r.match(segments)
		if !ok {
			continue
		}
		op, ok := r.operations[method]
		if !ok {
			return Match{}, &MethodError{Allow: r.methods()}
		}
		return Match{Operation: op, Params: params, Path: r.path(params)}, nil
	}
	return Match{}, ErrUnknownPath
}

// Without returns the document without the paths of a template, for what the caller serves itself.
func (d *Document) Without(template string) *Document {
	gone := newRoute(template)
	return &Document{routes: slices.DeleteFunc(slices.Clone(d.routes), func(r *route) bool {
		return slices.Equal(r.segments, gone.segments)
	})}
}

// ToJSON rewrites an OpenAPI document as JSON.
func ToJSON(data []byte) ([]byte, error) {
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	return doc.MarshalJSON()
}
