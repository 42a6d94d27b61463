// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/registry"
)

// operation is one operation of the document.
type operation struct {
	name, title, method, path string
	inputs                    []input
	list                      bool // the answer is a list
	fields                    []field
	status                    int
	answer                    any            // an example
	errors                    map[string]any // examples, by status
}

// input is a value a caller gives.
type input struct {
	name, place string // place is path/x, query/x, header/X or body/x
	required    bool
	code        bool // a codice fiscale
	schema      map[string]any
	example     any
}

// field is a field of dati.
type field struct {
	name, from string
	required   bool
	code       bool
}

func newOperation(method, path string, op *openapi3.Operation) *operation {
	name := kebab(op.OperationID)
	if name == "" {
		name = kebab(strings.ToLower(method) + " " + strings.NewReplacer("{", "", "}", "").Replace(path))
	}
	return &operation{
		name: name, title: cmp.Or(op.Summary, name), method: method, path: plainPath(path), errors: map[string]any{},
	}
}

var (
	notWord  = regexp.MustCompile(`[^a-z0-9]+`)
	brace    = regexp.MustCompile(`\{([^}]*)\}`)
	notIdent = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// kebab writes a name as recipes do: postVerifica_CF is post-verifica-cf.
func kebab(s string) string {
	var b strings.Builder
	for i, c := range s {
		if i > 0 && unicode.IsUpper(c) && !unicode.IsUpper(rune(s[i-1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	out := strings.Trim(notWord.ReplaceAllString(b.String(), "-"), "-")
	if out != "" && out[0] <= '9' {
		out = "op-" + out
	}
	return out
}

// camel writes a name as fields are: codice_fiscale is codiceFiscale.
func camel(s string) string {
	parts := notIdent.Split(s, -1)
	for i, part := range parts {
		if i > 0 && part != "" {
			parts[i] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return cmp.Or(strings.Join(parts, ""), "valore")
}

// plainPath writes the names in braces as fields are.
func plainPath(path string) string {
	return brace.ReplaceAllStringFunc(path, func(m string) string { return "{" + camel(m[1:len(m)-1]) + "}" })
}

func (o *operation) parameter(p *openapi3.Parameter) {
	if p.Schema == nil || p.Schema.Value == nil || p.In == openapi3.ParameterInCookie {
		return
	}
	place := p.In + "/" + p.Name
	if p.In == openapi3.ParameterInPath {
		place = registry.ToPath + "/" + camel(p.Name)
	}
	example := p.Example
	o.input(camel(p.Name), place, p.Required, p.Description, p.Schema.Value, example)
}

func (o *operation) input(name, place string, required bool, description string, schema *openapi3.Schema, example any) {
	one := input{
		name: name, place: place, required: required, schema: simple(schema, 0),
		example: exampleOf(name, schema, example, 0), code: isCode(name) && schema.Type.Is(openapi3.TypeString),
	}
	one.schema["description"] = cmp.Or(strings.TrimSpace(description), strings.TrimSpace(schema.Description), name)
	if one.code {
		one.schema["format"] = "codice-fiscale"
		delete(one.schema, "pattern") // the hub checks it better than most contracts
	}
	o.inputs = append(o.inputs, one)
}

// body makes an input of every property of the request's body.
func (o *operation) body(op *openapi3.Operation) {
	if op.RequestBody == nil || op.RequestBody.Value == nil || o.method == "GET" || o.method == "DELETE" {
		return
	}
	schema, example := content(op.RequestBody.Value.Content)
	if schema == nil {
		return
	}
	whole, _ := example.(map[string]any) // what is no object has no examples
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name].Value
		if property != nil {
			o.input(camel(name), registry.ToBody+"/"+escape(name), slices.Contains(schema.Required, name), "", property, whole[name])
		}
	}
}

// good reads the good answer.
func (o *operation) good(status string, schema *openapi3.Schema, example any) {
	o.status, _ = strconv.Atoi(status) // 2XX is 0, which is answered as 200
	o.status = cmp.Or(o.status, 200)
	if schema == nil {
		return
	}
	o.answer = exampleOf("", schema, example, 0)
	if schema.Type.Is(openapi3.TypeArray) {
		o.list = true
		o.fields = []field{{name: "elenco", from: registry.FromBody, required: true}}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name].Value
		o.fields = append(o.fields, field{
			name: camel(name), from: registry.FromBody + "/" + escape(name), required: slices.Contains(schema.Required, name),
			code: isCode(name) && property != nil && property.Type.Is(openapi3.TypeString),
		})
	}
}

func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// isCode tells a codice fiscale by its name.
func isCode(name string) bool {
	return slices.Contains([]string{"codicefiscale", "cf", "codfiscale", "codfisc", "fiscalcode", "taxcode"}, strings.ToLower(camel(name)))
}

// errorShape is where error answers say what is wrong.
type errorShape struct{ code, kind, text, id string }

// learn looks for the usual names among the properties of an error answer.
func (e *errorShape) learn(schema *openapi3.Schema) {
	pick := func(into *string, names ...string) {
		for name := range schema.Properties {
			if *into == "" && slices.Contains(names, strings.ToLower(name)) {
				*into = escape(name)
			}
		}
	}
	pick(&e.code, "code", "codice", "codiceerrore", "errorcode", "error")
	pick(&e.kind, "type", "tipo")
	pick(&e.text, "detail", "message", "messaggio", "descrizione", "description")
	pick(&e.id, "govway_id", "instance", "correlationid", "requestid", "idoperazione")
}
