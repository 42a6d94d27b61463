// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const described = `
openapi: 3.0.3
info: {title: x, version: 1.0.0}
paths:
  /a/{id}:
    post:
      operationId: a
      parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: q, in: query, schema: {type: string, format: date}}
      requestBody:
        content: {application/json: {schema: {allOf: [{$ref: '#/components/schemas/X'}, {type: object, properties: {c: {type: boolean}}}]}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/X'}}}}}
        '204': {description: none}
        4XX: {description: ko, content: {application/problem+json: {schema: {type: object}}}}
components:
  schemas:
    X:
      type: object
      required: [b]
      properties:
        b: {type: number, nullable: true}
        self: {$ref: '#/components/schemas/X'}
        any: {oneOf: [{type: string}, {type: integer}]}
        one: {allOf: [{type: string, format: date-time}]}
`

func TestDescribesPlacesOfMessages(t *testing.T) {
	d, err := Compile([]byte(described))
	if err != nil {
		t.Fatal(err)
	}
	o := d.Operations()[0]
	want := []Parameter{{In: "path", Name: "id", Kind: Kind{Type: "integer"}, Required: true}, {In: "query", Name: "q", Kind: Kind{Type: "string", Format: "date"}}}
	if diff := cmp.Diff(want, o.Parameters()); diff != "" {
		t.Error(diff)
	}
	body := func(path ...string) (Kind, bool) { return o.BodyMember(path...) }
	answer := func(path ...string) (Kind, bool) { return o.AnswerMember(200, path...) }
	for name, tc := range map[string]struct {
		of    func(...string) (Kind, bool)
		path  []string
		want  Kind
		found bool
	}{
		"of a composition":     {body, []string{"c"}, Kind{Type: "boolean"}, true},
		"of its other part":    {body, []string{"b"}, Kind{Type: "number", Nullable: true}, true},
		"of itself, deep":      {body, []string{"self", "self", "self", "one"}, Kind{Type: "string", Format: "date-time"}, true},
		"of several types":     {body, []string{"any"}, Kind{}, true},
		"of nobody":            {body, []string{"self", "d"}, Kind{}, false},
		"an answer":            {answer, nil, Kind{Type: "array"}, true},
		"an item of an answer": {answer, []string{Items, "b"}, Kind{Type: "number", Nullable: true}, true},
		"no item":              {answer, []string{"b"}, Kind{}, false},
	} {
		got, found := tc.of(tc.path...)
		if found != tc.found || got != tc.want {
			t.Errorf("%s: %+v, %v", name, got, found)
		}
	}
	if diff := cmp.Diff([]string{"any", "b", "c", "one", "self"}, o.BodyMembers()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"any", "b", "one", "self"}, o.AnswerMembers(200, Items)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"b"}, o.AnswerRequires(200, Items)); diff != "" {
		t.Error(diff)
	}
	for status, want := range map[int]string{200: "application/json", 404: "application/problem+json", 204: "", 500: "none"} {
		media, ok := o.AnswerMedia(status)
		if ok != (want != "none") || ok && media != want {
			t.Errorf("%d: %q, %v", status, media, ok)
		}
	}
	if _, ok := o.AnswerMember(500); ok || o.AnswerMembers(500) != nil || o.AnswerRequires(204) != nil {
		t.Error("an answer of nobody")
	}
}
