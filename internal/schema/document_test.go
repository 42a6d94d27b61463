// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

const sample = `
openapi: 3.0.3
info: {title: prova, version: 1.0.0}
paths:
  /a/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: string, maxLength: 4, pattern: '^[^<]*$'}}
    get:
      operationId: leggi
      parameters:
      - {name: n, in: query, required: true, schema: {type: integer, minimum: 1}}
      - {name: f, in: query, schema: {type: number}}
      - {name: b, in: query, schema: {type: boolean}}
      - {name: X-Kind, in: header, schema: {type: string, enum: [x, y]}}
      - {name: Digest, in: header, required: true, schema: {type: string}}
      responses:
        '204': {description: vuota}
        4XX: {description: ko, content: {application/problem+json: {schema: {type: object}}}}
    delete:
      responses: {default: {description: ok}}
  /a/fisso:
    get:
      responses: {default: {description: ok, content: {application/json: {schema: {type: object, required: [x], properties: {x: {type: string, writeOnly: true}}}}}}}
  /a/{id}/b:
    parameters:
    - {name: id, in: path, required: true, schema: {type: string, pattern: '^[a-z0-9]+$'}}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [nome]
              properties:
                nome: {type: string, minLength: 1, maxLength: 3, pattern: '^[a-z]+$'}
                cf: {type: string, format: codice-fiscale}
                quando: {type: string, format: date}
                voci: {type: array, minItems: 1, maxItems: 2, items: {type: object, additionalProperties: false, properties: {n: {type: integer}}}}
                tipo: {type: string, enum: [uno, due]}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {default: {description: ok}}
`

func compiled(t *testing.T) *Document {
	t.Helper()
	d, err := Compile([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMatchesTheMostSpecificTemplate(t *testing.T) {
	d := compiled(t)
	for path, want := range map[string]string{
		"/a/7": "/a/{id}", "/a/fisso": "/a/fisso", "/a/x%3Fy": "/a/{id}", "/a/7/b": "/a/{id}/b", "/a/fisso/b": "/a/{id}/b",
	} {
		method := http.MethodGet
		if strings.HasSuffix(path, "/b") {
			method = http.MethodPost
		}
		m, err := d.Match(method, path)
		if err != nil || m.Template != want {
			t.Errorf("%s: %v, %v", path, m.Template, err)
		}
	}
	if m, _ := d.Match(http.MethodGet, "/a/x%3Fy"); m.Params["id"] != "x?y" || m.Path != "/a/x%3Fy" {
		t.Errorf("parameter %q", m.Params["id"])
	}
	if n := len(d.Operations()); n != 5 {
		t.Errorf("%d operations", n)
	}
	if m, _ := d.Match(http.MethodDelete, "/a/7"); m.ID != "DELETE /a/{id}" || m.TakesBody() {
		t.Errorf("operation without id: %q", m.ID)
	}
}

func TestRejectsPathsThatMeanSomethingElseLater(t *testing.T) {
	d := compiled(t)
	for _, path := range []string{
		"", "a/7", "/", "/a", "/a/", "/a//b", "/a/..", "/a/.", "/a/%2e%2e", "/a/..%2fb", "/a/%zz", "/a/7/", "/A/7", "/a/%5c..%5c",
		"/a/12%2Fadmin", "/a/..;", "/a/..%3B", "/a/x;y=1", "/a/%5c", "/a/%00", "/a/%0d%0a", "/a/%ff", "/a/%c2%85",
	} {
		if _, err := d.Match(http.MethodGet, path); !errors.Is(err, ErrUnknownPath) {
			t.Errorf("%q: %v", path, err)
		}
	}
	var method *MethodError
	if _, err := d.Match(http.MethodPost, "/a/7"); !errors.As(err, &method) || len(method.Allow) != 2 || method.Error() == "" {
		t.Errorf("got %v", err)
	}
}

// faultsOf lists "place keyword expected" of every violation.
func faultsOf(t *testing.T, err error) []string {
	t.Helper()
	var v *Violations
	if !errors.As(err, &v) {
		t.Fatalf("not violations: %v", err)
	}
	if v.Error() == "" {
		t.Error("violations without words")
	}
	out := make([]string, 0, len(v.Items))
	for _, item := range v.Items {
		out = append(out, item.String())
	}
	return out
}

func TestParameters(t *testing.T) {
	d := compiled(t)
	m, err := d.Match(http.MethodGet, "/a/7")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		params map[string]string
		query  string
		header http.Header
		want   []string
	}{
		"good":           {m.Params, "n=1&f=0.5&b=true", http.Header{"X-Kind": {"x"}}, nil},
		"missing":        {m.Params, "", nil, []string{"query n: required"}},
		"not integer":    {m.Params, "n=1.5", nil, []string{"query n: type integer"}},
		"too small":      {m.Params, "n=0", nil, []string{"query n: minimum"}},
		"repeated":       {m.Params, "n=1&n=2", nil, []string{"query n: repeated"}},
		"unknown":        {m.Params, "n=1&z=1", nil, []string{"query z: unknown"}},
		"not boolean":    {m.Params, "n=1&b=1", nil, []string{"query b: type boolean"}},
		"not a number":   {m.Params, "n=1&f=NaN", nil, []string{"query f: type number"}},
		"infinite":       {m.Params, "n=1&f=Inf", nil, []string{"query f: type number"}},
		"header":         {m.Params, "n=1", http.Header{"X-Kind": {"z"}}, []string{"header X-Kind: enum x|y"}},
		"path":           {map[string]string{"id": "12345"}, "n=1", nil, []string{"path id: maxLength 4"}},
		"unknown is ltr": {m.Params, "n=1&" + url.QueryEscape("a\n\u202e") + "=1", nil, []string{"query a??: unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			query, err := url.ParseQuery(tc.query)
			if err != nil {
				t.Fatal(err)
			}
			_, err = m.CheckRequest(Request{Params: tc.params, Query: query, Header: tc.header})
			if tc.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if diff := cmp.Diff(tc.want, faultsOf(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRequestBodies(t *testing.T) {
	d := compiled(t)
	m, err := d.Match(http.MethodPost, "/a/7/b")
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string][]string{
		`{"nome":"abc"}`: nil,
		`{"nome":"abc","voci":[{"n":1}],"tipo":"uno"}`: nil,
		`{}`:                                    {"/nome: required"},
		`{"nome":"a","x":1,"y":2}`:              {"/x: unknown", "/y: unknown"},
		`{"nome":7}`:                            {"/nome: type string"},
		`{"nome":""}`:                           {"/nome: minLength 1", "/nome: pattern ^[a-z]+$"},
		`{"nome":"ABCD"}`:                       {"/nome: maxLength 3", "/nome: pattern ^[a-z]+$"},
		`{"nome":"a","voci":[]}`:                {"/voci: minItems 1"},
		`{"nome":"a","voci":[{},{},{}]}`:        {"/voci: maxItems 2"},
		`{"nome":"a","voci":[{"n":1.5,"z":0}]}`: {"/voci/0/n: type integer", "/voci/0/z: unknown"},
		`{"nome":"a","tipo":"tre"}`:             {"/tipo: enum uno|due"},
		`{"nome":"a","cf":"RSSMRA85T10A562T"}`:  {"/cf: format codice-fiscale"},
		`{"nome":"a","cf":"RSSMRA85T10A562S"}`:  nil,
		`{"nome":"a","quando":"2026-13-01x"}`:   {"/quando: format date"},
		`[]`:                                    {"/: type object"},
		``:                                      {"/: required"},
	} {
		value, err := m.CheckRequest(Request{Params: m.Params, Header: jsonHeader(), Body: []byte(body)})
		if want == nil {
			if err != nil || value == nil {
				t.Errorf("%s: %v, %v", body, value, err)
			}
			continue
		}
		if diff := cmp.Diff(want, faultsOf(t, err)); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
		if strings.Contains(err.Error(), "RSSMRA") || strings.Contains(err.Error(), "ABCD") {
			t.Errorf("a value is quoted: %v", err)
		}
	}
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json; charset=utf-8"}}
}

func TestBodiesThatCannotBeRead(t *testing.T) {
	d := compiled(t)
	m, err := d.Match(http.MethodPost, "/a/7/b")
	if err != nil {
		t.Fatal(err)
	}
	var media *MediaTypeError
	for _, header := range []http.Header{
		{},
		{"Content-Type": {"text/plain"}},
		{"Content-Type": {"application/xml"}},
		{"Content-Type": {"application/json;;"}},
		{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}},
		{"Content-Type": {"application/json; charset=utf-7"}},
		{"Content-Type": {"application/json; charset=iso-8859-1"}},
		{"Content-Type": {"application/json", "text/html"}},
	} {
		_, err := m.CheckRequest(Request{Params: m.Params, Header: header, Body: []byte(`{"nome":"a"}`)})
		if !errors.As(err, &media) || media.Error() == "" {
			t.Errorf("%v: %v", header, err)
		}
	}
	var syntax *JSONError
	if _, err := m.CheckRequest(Request{Params: m.Params, Header: jsonHeader(), Body: []byte(`{"nome":"a","nome":"b"}`)}); !errors.As(err, &syntax) {
		t.Errorf("got %v", err)
	}
	get, err := d.Match(http.MethodGet, "/a/7")
	if err != nil {
		t.Fatal(err)
	}
	_, err = get.CheckRequest(Request{Params: get.Params, Query: url.Values{"n": {"1"}}, Header: jsonHeader(), Body: []byte(`{}`)})
	if diff := cmp.Diff([]string{"/: unknown"}, faultsOf(t, err)); diff != "" {
		t.Error(diff)
	}
	put, err := d.Match(http.MethodPut, "/a/7/b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put.CheckRequest(Request{Params: put.Params}); err != nil {
		t.Errorf("optional body: %v", err)
	}
}

func TestResponses(t *testing.T) {
	d := compiled(t)
	find := func(method, path string) Match {
		m, err := d.Match(method, path)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	get, post, fixed := find("GET", "/a/7"), find("POST", "/a/7/b"), find("GET", "/a/fisso")
	problemHeader := http.Header{"Content-Type": {"application/problem+json"}}
	for name, tc := range map[string]struct {
		op     Match
		status int
		header http.Header
		body   string
		ok     bool
	}{
		"empty":               {get, 204, nil, "", true},
		"body where none":     {get, 204, jsonHeader(), "{}", false},
		"class of status":     {get, 404, problemHeader, "{}", true},
		"media of another":    {get, 404, jsonHeader(), "{}", false},
		"status not listed":   {get, 500, problemHeader, "{}", false},
		"no body where one":   {post, 200, jsonHeader(), "", false},
		"not JSON":            {post, 200, jsonHeader(), "<html>", false},
		"default":             {fixed, 418, jsonHeader(), `{}`, true}, // x is writeOnly: not due in an answer
		"type of a member":    {fixed, 200, jsonHeader(), `[]`, false},
		"good with parameter": {post, 200, jsonHeader(), `{"x":1}`, true},
	} {
		if err := tc.op.CheckResponse(tc.status, tc.header, []byte(tc.body)); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusesDocumentsItCannotEnforce(t *testing.T) {
	base := "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths:\n"
	for name, text := range map[string]string{
		"not YAML":          "{",
		"version 3.1":       "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {}\n",
		"not OpenAPI":       "swagger: '2.0'\n",
		"external file":     base + "  /a: {get: {responses: {'200': {$ref: './altro.yaml#/x'}}}}\n",
		"external URL":      base + "  /a: {get: {responses: {'200': {$ref: 'http://127.0.0.1:1/x'}}}}\n",
		"body of any kind":  base + "  /a: {post: {requestBody: {content: {'*/*': {schema: {type: string}}}}, responses: {default: {description: x}}}}\n",
		"answer of text":    base + "  /a: {get: {responses: {default: {description: x, content: {text/plain: {schema: {type: object}}}}}}}\n",
		"body of no schema": base + "  /a: {post: {requestBody: {content: {application/json: {}}}, responses: {default: {description: x}}}}\n",
		"array parameter":   base + "  /a: {get: {parameters: [{name: x, in: query, schema: {type: array, items: {type: string}}}], responses: {default: {description: x}}}}\n",
		"cookie parameter":  base + "  /a: {get: {parameters: [{name: x, in: cookie, schema: {type: string}}], responses: {default: {description: x}}}}\n",
		"unbounded path":    base + "  /a/{x}: {get: {parameters: [{name: x, in: path, required: true, schema: {type: string, maxLength: 9}}], responses: {default: {description: x}}}}\n",
		"bad pattern":       base + "  /a: {get: {parameters: [{name: x, in: query, schema: {type: string, pattern: '('}}], responses: {default: {description: x}}}}\n",
	} {
		if _, err := Compile([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestToJSON(t *testing.T) {
	text, err := ToJSON([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compile(text); err != nil {
		t.Errorf("the JSON does not compile: %v", err)
	}
	if _, err := ToJSON([]byte("{")); err == nil {
		t.Error("accepted no document")
	}
}

func TestObject(t *testing.T) {
	o, err := CompileObject(map[string]any{
		"type": "object", "additionalProperties": false, "properties": map[string]any{"a": map[string]any{"type": "string"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if value, err := o.Check([]byte(`{"a":"x"}`)); err != nil || value == nil {
		t.Errorf("got %v, %v", value, err)
	}
	value, err := o.Check([]byte(`{"a":1,"b":2}`), "richiesta")
	if diff := cmp.Diff([]string{"/richiesta/a: type string", "/richiesta/b: unknown"}, faultsOf(t, err)); diff != "" {
		t.Error(diff)
	}
	if value == nil {
		t.Error("the value of a message that breaks its schema is lost")
	}
	var syntax *JSONError
	if _, err := o.Check([]byte(`x`)); !errors.As(err, &syntax) {
		t.Errorf("got %v", err)
	}
	for name, def := range map[string]map[string]any{
		"unknown type": {"type": "x"}, "reference": {"properties": map[string]any{"a": map[string]any{"$ref": "#/x"}}},
		"not JSON": {"x": func() {}}, "wrong member": {"maxLength": "a"},
	} {
		if _, err := CompileObject(def); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestBuiltInRecipesCompile(t *testing.T) {
	consumes, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, recipe := range consumes {
		for operation, op := range recipe.Operations {
			if _, err := CompileObject(op.Input); err != nil {
				t.Errorf("%s/%s: %v", name, operation, err)
			}
		}
	}
	for name, e := range exposes {
		if _, err := Compile(e.Document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(consumes) == 0 || len(exposes) == 0 {
		t.Error("no recipe was compiled")
	}
}

func TestProblems(t *testing.T) {
	violations := func(items ...Violation) error { return &Violations{Items: items} }
	unknown := Violation{Where: "/x", Keyword: KeywordUnknown}
	person := Violation{Where: "/cf", Keyword: "format", Expected: FormatCodiceFiscale}
	shape := Violation{Where: "/n", Keyword: "maxLength", Expected: "3"}
	for name, tc := range map[string]struct {
		err    error
		rule   modi.RuleID
		status int
	}{
		"syntax":           {&JSONError{Fault: Malformed, Offset: 3}, problem.RuleMalformedJSON, 400},
		"deep":             {&JSONError{Fault: TooDeep}, problem.RuleMalformedJSON, 400},
		"duplicate":        {&JSONError{Fault: Duplicate, Where: "/a"}, problem.RuleDuplicateMember, 400},
		"media type":       {&MediaTypeError{Want: []string{"application/json"}}, problem.RuleMediaType, 415},
		"unknown":          {violations(unknown), problem.RuleUnknownField, 400},
		"codice fiscale":   {violations(unknown, person), problem.RuleCodiceFiscale, 422},
		"schema above all": {violations(shape, person, unknown), problem.RuleSchema, 400},
	} {
		x := problem.Explain(Problem(tc.err))
		if x.Row.Rule != tc.rule || x.Row.Status != tc.status {
			t.Errorf("%s: %s %d", name, x.Row.Rule, x.Row.Status)
		}
	}
	if other := errors.New("x"); Problem(other) != other { //nolint:errorlint // identity is what is tested
		t.Error("another error was changed")
	}
	p, _ := problem.From(Problem(violations(unknown)), "it", "")
	if len(p.Violations) != 1 || p.Violations[0].Where != "/x" {
		t.Errorf("the field is not named: %+v", p)
	}
}
