// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/internal/problem"
)

// Operation is one method of one path template.
type Operation struct {
	ID       string // operationId, or "METHOD template" when the document has none
	Method   string
	Template string // path template, for logs and metrics
	Accept   string // every media type of its answers, as the header lists them; JSON and problem documents always

	params       []parameter
	body         map[string]*openapi3.Schema // by media type; nil = takes no body
	bodyRequired bool
	binary       bool                // one of body is neither JSON nor XML
	responses    map[string]response // by status, "2XX" class or "default"
}

type response struct{ body map[string]*openapi3.Schema }

func compileOperation(method, template string, shared openapi3.Parameters, op *openapi3.Operation) (*Operation, error) {
	o := &Operation{ID: op.OperationID, Method: method, Template: template, responses: map[string]response{}}
	if o.ID == "" {
		o.ID = method + " " + template
	}
	var err error
	if o.params, err = compileParameters(shared, op.Parameters); err != nil {
		return nil, err
	}
	if op.RequestBody != nil {
		o.bodyRequired = op.RequestBody.Value.Required
		if o.body, err = compileContent(op.RequestBody.Value.Content); err != nil {
			return nil, fmt.Errorf("request body: %w", err)
		}
		o.binary = slices.ContainsFunc(slices.Collect(maps.Keys(o.body)), isBinary)
	}
	for status, ref := range op.Responses.Map() {
		content, err := compileContent(ref.Value.Content)
		if err != nil {
			return nil, fmt.Errorf("response %s: %w", status, err)
		}
		o.responses[strings.ToUpper(status)] = response{body: content}
	}
	o.Accept = o.accept()
	return o, nil
}

func (o *Operation) accept() string {
	list := []string{"application/json", problem.MediaType}
	var more []string
	for _, r := range o.responses {
		for media := range r.body {
			if !slices.Contains(list, media) && !slices.Contains(more, media) {
				more = append(more, media)
			}
		}
	}
	slices.Sort(more)
	return strings.Join(append(list, more...), ", ")
}

func compileContent(content openapi3.Content) (map[string]*openapi3.Schema, error) {
	if len(content) == 0 {
		return nil, nil //nolint:nilnil // no content is a value of its own: the message has no body
	}
	out := make(map[string]*openapi3.Schema, len(content))
	for name, media := range content {
		base, _, err := mime.ParseMediaType(name)
		if err != nil || strings.Contains(base, "*") {
			return nil, fmt.Errorf("media type %q is not that of one format", name)
		}
		if media.Schema == nil || media.Schema.Value == nil {
			return nil, errors.New("content without schema")
		}
		if isBinary(base) && !media.Schema.Value.Type.Is(openapi3.TypeString) {
			return nil, fmt.Errorf("media type %q is neither JSON nor XML: its schema is a string, of format binary", name)
		}
		out[base] = media.Schema.Value
	}
	return out, nil
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// isBinary tells what is opaque to the document: it has no structure to be held against.
func isBinary(media string) bool { return !isJSON(media) && !isXML(media) }

// TakesBody tells whether a request of the operation may have a body.
func (o *Operation) TakesBody() bool { return o.body != nil }

// response picks the answer of a status: exact, class, default.
func (o *Operation) response(status int) (response, bool) {
	for _, key := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX", "DEFAULT"} {
		if r, ok := o.responses[key]; ok {
			return r, true
		}
	}
	return response{}, false
}
