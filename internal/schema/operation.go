// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"errors"
	"fmt"
	"mime"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation is one method of one path template.
type Operation struct {
	ID       string // operationId, or "METHOD template" when the document has none
	Method   string
	Template string // path template, for logs and metrics

	params       []parameter
	body         map[string]*openapi3.Schema // by media type; nil = takes no body
	bodyRequired bool
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
	}
	for status, ref := range op.Responses.Map() {
		content, err := compileContent(ref.Value.Content)
		if err != nil {
			return nil, fmt.Errorf("response %s: %w", status, err)
		}
		o.responses[strings.ToUpper(status)] = response{body: content}
	}
	return o, nil
}

func compileContent(content openapi3.Content) (map[string]*openapi3.Schema, error) {
	if len(content) == 0 {
		return nil, nil //nolint:nilnil // no content is a value of its own: the message has no body
	}
	out := make(map[string]*openapi3.Schema, len(content))
	for name, media := range content {
		base, _, err := mime.ParseMediaType(name)
		if err != nil || !isJSON(base) {
			return nil, fmt.Errorf("media type %q is not JSON", name)
		}
		if media.Schema == nil || media.Schema.Value == nil {
			return nil, errors.New("content without schema")
		}
		out[base] = media.Schema.Value
	}
	return out, nil
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

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
