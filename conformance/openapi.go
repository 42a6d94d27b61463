// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/modi"
)

// openAPI is a document under test.
type openAPI struct {
	*Suite
	root map[string]any
	at   Exchange // a witness that names the file
}

// runOpenAPI holds the description of an e-service against the checks of the suite, and
// against the Italian rules where they are given.
func (s *Suite) runOpenAPI(context.Context) error {
	data, err := os.ReadFile(s.config.OpenAPI)
	if err != nil {
		return misuse("openapi: %s", "openapi: %s", fileReason(err))
	}
	o := &openAPI{Suite: s, at: Exchange{At: s.config.Clock().UTC(), Request: Wire{Start: "OpenAPI " + s.config.OpenAPI, Fields: []Field{}}}}
	if err := yaml.Unmarshal(data, &o.root); err != nil || o.root == nil {
		return misuse("openapi %s: non è un documento YAML o JSON", "openapi %s: not a YAML or JSON document", s.config.OpenAPI)
	}
	o.document()
	for _, op := range o.operations() {
		o.operation(op)
	}
	o.uniqueIDs()
	o.closed()
	if err := o.italian(data); err != nil {
		return err
	}
	s.conclude(func(c Case) bool { return area(c) == "suite.openapi" })
	return nil
}

// see writes one observation about the document down, and where it was made.
func (o *openAPI) see(id string, ok bool, where string) {
	o.watch.place("suite.openapi/"+id, ok, Text{IT: where, EN: where}, o.at)
}

// say is see with a place that is told in words.
func (o *openAPI) say(id string, ok bool, it, en string) {
	o.watch.place("suite.openapi/"+id, ok, Text{IT: it, EN: en}, o.at)
}

// object follows a member that is an object, through a reference within the document.
func (o *openAPI) object(value any) map[string]any {
	m, _ := value.(map[string]any)
	ref, isRef := m["$ref"].(string)
	for depth := 0; isRef && depth < 8; depth++ {
		m = o.pointer(ref)
		ref, isRef = m["$ref"].(string)
	}
	return m
}

// pointer finds what a local reference names; nil when it is not there.
func (o *openAPI) pointer(ref string) map[string]any {
	rest, local := strings.CutPrefix(ref, "#/")
	if !local {
		return nil
	}
	at := o.root
	for name := range strings.SplitSeq(rest, "/") {
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		at, _ = at[name].(map[string]any)
	}
	return at
}

// document checks what is said once.
func (o *openAPI) document() {
	version := fmt.Sprint(o.root["openapi"])
	o.see("version#3", strings.HasPrefix(version, "3."), "openapi: "+version)
	info := o.object(o.root["info"])
	var missing []string
	for _, name := range []string{"title", "version", "description", "contact"} {
		if info[name] == nil {
			missing = append(missing, "info."+name)
		}
	}
	lacks := strings.Join(missing, ", ")
	o.say("info#complete", len(missing) == 0, "senza "+lacks, "without "+lacks)
	servers, _ := o.root["servers"].([]any)
	if len(servers) == 0 {
		o.say("server#https", false, "servers manca o è vuoto", "servers is absent or empty")
	}
	for i, one := range servers {
		address := fmt.Sprint(o.object(one)["url"])
		o.see("server#https", strings.HasPrefix(address, "https://") && majorVersion.MatchString(address), fmt.Sprintf("servers[%d].url %s", i, addressOnly(address)))
	}
	status := o.object(o.object(o.object(o.root["paths"])["/status"])["get"])
	open, declared := status["security"].([]any)
	if status == nil {
		o.say("status#path", false, "GET /status non c'è", "GET /status is not there")
	} else {
		o.say("status#path", declared && len(open) == 0 || o.root["security"] == nil && !declared, "GET /status, che chiede autenticazione (security)", "GET /status, which wants authentication (security)")
	}
}

// majorVersion is the version of an API in its address.
var majorVersion = regexp.MustCompile(`/v[0-9]+(/|$)`)

// described is one operation of a document.
type described struct {
	path, method string
	shared, own  map[string]any // the path item and the operation
}

func (d described) name() string { return strings.ToUpper(d.method) + " " + d.path }

// operations lists the operations in the order of their paths.
func (o *openAPI) operations() []described {
	var out []described
	paths := o.object(o.root["paths"])
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := o.object(paths[path])
		for _, method := range []string{"get", "put", "post", "delete", "patch", "head", "options"} {
			if own := o.object(item[method]); own != nil {
				out = append(out, described{path, method, item, own})
			}
		}
	}
	return out
}

// fiscal finds names of fields that hold a codice fiscale.
var fiscal = regexp.MustCompile(`(?i)codice_?-?fiscale|fiscal_?code|^cf$|tax_?code`)

func (o *openAPI) operation(d described) {
	if d.path == "/status" {
		return
	}
	responses := o.object(d.own["responses"])
	problems := true
	for _, code := range slices.Sorted(maps.Keys(responses)) {
		content := o.object(o.object(responses[code])["content"])
		if (strings.HasPrefix(code, "4") || strings.HasPrefix(code, "5") || code == "default") && len(content) > 0 && content["application/problem+json"] == nil {
			problems = false
			o.say("problem#errors", false, d.name()+", risposta "+code, d.name()+", response "+code)
		}
	}
	if problems {
		o.see("problem#errors", true, "")
	}
	tooMany := o.object(responses["429"])
	lacks := "Retry-After"
	if tooMany == nil {
		lacks = "429"
	}
	o.say("throttling#declared", o.object(tooMany["headers"])["Retry-After"] != nil, d.name()+", senza "+lacks, d.name()+", without "+lacks)
	security, own := d.own["security"].([]any)
	if !own {
		security, _ = o.root["security"].([]any)
	}
	o.see("security#declared", len(security) > 0, d.name())
	headers := map[string]bool{}
	for _, list := range []any{d.shared["parameters"], d.own["parameters"]} {
		items, _ := list.([]any)
		for _, item := range items {
			o.parameter(d, o.object(item), headers)
		}
	}
	o.see("personal-data#address", !fiscal.MatchString(d.path), d.name())
	o.patterns(d, headers)
}

func (o *openAPI) parameter(d described, p map[string]any, headers map[string]bool) {
	name, in := fmt.Sprint(p["name"]), fmt.Sprint(p["in"])
	if in == "header" {
		headers[http.CanonicalHeaderKey(name)] = true
		return
	}
	o.see("personal-data#address", !fiscal.MatchString(name), d.name()+", "+name)
}

// patterns wants the headers of the patterns that the service demands to be declared.
func (o *openAPI) patterns(d described, headers map[string]bool) {
	demands := func(patterns ...modi.Pattern) bool {
		return slices.ContainsFunc(patterns, func(p modi.Pattern) bool { return slices.Contains(o.config.Patterns, p) })
	}
	if demands(modi.PatternIntegrityREST01, modi.PatternIntegrityREST02) && d.own["requestBody"] != nil {
		o.see("integrity#declared", headers["Agid-Jwt-Signature"] && headers["Digest"], d.name())
	}
	if demands(modi.PatternAuditREST01, modi.PatternAuditREST02) {
		o.see("audit#declared", headers["Agid-Jwt-Trackingevidence"], d.name())
	}
}

func (o *openAPI) uniqueIDs() {
	seen := map[string]bool{}
	for _, d := range o.operations() {
		id, _ := d.own["operationId"].(string)
		if id == "" {
			o.say("operation-id#unique", false, d.name()+", senza operationId", d.name()+", without operationId")
			continue
		}
		o.say("operation-id#unique", !seen[id], d.name()+", con l'operationId "+id+" di un'altra", d.name()+", with the operationId "+id+" of another")
		seen[id] = true
	}
}

// closed wants received objects to say what else they admit, and texts to have a limit.
func (o *openAPI) closed() {
	for _, d := range o.operations() {
		body := o.object(d.own["requestBody"])
		seen := map[string]bool{}
		for _, media := range o.object(body["content"]) {
			o.schema(d.name(), o.object(media)["schema"], seen)
		}
	}
}

// schema looks at a schema and at those in it; at is the operation and the place in its
// body. seen are the references of the operation that were followed: schemas may hold
// themselves.
func (o *openAPI) schema(at string, value any, seen map[string]bool) {
	written, _ := value.(map[string]any)
	if ref, isRef := written["$ref"].(string); isRef {
		if seen[ref] {
			return
		}
		seen[ref] = true
	}
	s := o.object(value)
	switch s["type"] {
	case "object":
		_, said := s["additionalProperties"]
		o.say("closed#bodies", said, at+", senza additionalProperties", at+", without additionalProperties")
		properties := o.object(s["properties"])
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			o.schema(at+" → "+name, properties[name], seen)
		}
	case "array":
		o.schema(at+" → []", s["items"], seen)
	case "string":
		_, enumerated := s["enum"]
		_, formatted := s["format"]
		_, bounded := s["maxLength"]
		o.say("closed#bodies", enumerated || formatted || bounded, at+", senza maxLength", at+", without maxLength")
	}
}

// italian holds the document against the rules that were given.
func (o *openAPI) italian(data []byte) error {
	if o.config.APIRules == nil {
		return nil
	}
	found, err := o.config.APIRules(data)
	if err != nil {
		return fmt.Errorf("rules for OpenAPI documents: %w", err)
	}
	broken := 0
	for _, f := range found {
		if f.Severity == "advisory" {
			o.report.Notes = append(o.report.Notes, Text{IT: f.Rule + " " + f.Where + ": " + f.Message.IT, EN: f.Rule + " " + f.Where + ": " + f.Message.EN})
			continue
		}
		broken++
		where := f.Rule + " " + f.Where + ": "
		o.say("italian-rules#ruleset", false, where+f.Message.IT, where+f.Message.EN)
	}
	if broken == 0 {
		o.see("italian-rules#ruleset", true, "")
	}
	return nil
}
