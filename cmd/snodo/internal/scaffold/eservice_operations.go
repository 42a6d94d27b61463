// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

func httpMethods() []string {
	return []string{"get", "head", "post", "put", "patch", "delete", "options", "trace"}
}

func (p *publisher) operations() {
	paths := p.root.at("paths")
	names := map[string]bool{}
	for _, path := range paths.names() {
		item := p.resolve(paths.get(path))
		p.parameters(item)
		for _, method := range httpMethods() {
			if op := item.at(method); op != nil {
				p.operation(path, method, op, names)
			}
		}
	}
}

func (p *publisher) operation(path, method string, op *tree, names map[string]bool) {
	p.name(path, method, op, names)
	p.describe(op)
	p.parameters(op)
	if path == statusPath {
		op.set("security", []any{})
		op.del("parameters")
		p.answers(op, false, nil)
		return
	}
	voucher := &tree{}
	voucher.set("bearerAuth", []any{})
	op.set("security", []any{voucher})
	body := p.body(method, op)
	p.proofs(op, body)
	wanted := []string{"400", "401", "403", "409"}
	if strings.Contains(path, "{") || method == "post" {
		wanted = append(wanted, "404")
	}
	if body {
		wanted = append(wanted, "413", "415")
	}
	p.answers(op, slices.Contains(p.Response, modi.PatternIntegrityREST02), wanted)
}

// name gives an operationId to an operation without one, or with that of another.
func (p *publisher) name(path, method string, op *tree, taken map[string]bool) {
	given := op.text("operationId")
	if given == "" {
		verb := map[string]string{"get": "show", "head": "probe", "post": "submit", "put": "replace", "patch": "change", "delete": "cancel"}[method]
		given = strings.ReplaceAll(kebab(verb+" "+strings.NewReplacer("{", "", "}", "").Replace(path)), "-", "_")
	}
	for n := 2; taken[given]; n++ {
		given = fmt.Sprintf("%s_%d", strings.TrimSuffix(given, fmt.Sprintf("_%d", n-1)), n)
	}
	if given != op.text("operationId") {
		op.first("operationId", given)
		p.note("operationId di %s %s: %s", "operationId of %s %s: %s", strings.ToUpper(method), path, given)
	}
	taken[given] = true
}

// describe gives an operation the words and the group that a catalogue shows.
func (p *publisher) describe(op *tree) {
	if op.text("summary") == "" {
		op.set("summary", strings.ReplaceAll(op.text("operationId"), "_", " "))
	}
	if op.text("description") == "" {
		op.set("description", op.text("summary"))
	}
	if len(op.list("tags")) > 0 {
		return
	}
	op.set("tags", []any{p.Name})
	known := slices.ContainsFunc(p.root.list("tags"), func(one any) bool { tag, _ := one.(*tree); return tag.text("name") == p.Name })
	if !known {
		tag := &tree{}
		tag.set("name", p.Name)
		tag.set("description", p.root.at("info").text("title"))
		p.root.set("tags", append(p.root.list("tags"), tag))
	}
}

// parameters drops the headers that OpenAPI describes elsewhere and bounds what a path carries.
func (p *publisher) parameters(owner *tree) {
	if owner == nil || !owner.has("parameters") {
		return
	}
	owner.set("parameters", slices.DeleteFunc(owner.list("parameters"), func(one any) bool {
		parameter := p.resolve(one)
		in, name := parameter.text("in"), parameter.text("name")
		if in == "header" && reserved(name) {
			p.note("tolto il parametro %s, che si descrive altrove", "parameter %s removed: it is described elsewhere", name)
			return true
		}
		if schema := p.resolve(parameter.get("schema")); in == "path" && schema.text("type") == "string" && !schema.has("pattern") && !schema.has("enum") {
			schema.set("pattern", pathPattern)
			p.count["pattern"]++
		}
		return false
	}))
}

// pathPattern takes what needs no escape in a path (RFC 3986 §3.3).
const pathPattern = "^[A-Za-z0-9._~:@-]+$"

func reserved(header string) bool {
	return slices.Contains([]string{"authorization", "content-type", "accept"}, strings.ToLower(header))
}

// body tells whether a request has one, and gives PATCH a media type that says how it is applied.
func (p *publisher) body(method string, op *tree) bool {
	body := p.resolve(op.get("requestBody"))
	if body == nil {
		return false
	}
	content := body.at("content")
	if method == "patch" && content.has(mediaJSON) {
		content.rename(mediaJSON, "application/merge-patch+json")
		p.note("il corpo di PATCH è ora application/merge-patch+json (RFC 7396)", "the body of PATCH is now application/merge-patch+json (RFC 7396)")
	}
	if method == "patch" && body.get("required") != true {
		body.set("required", true)
	}
	return true
}

// proofs adds the headers of the patterns.
func (p *publisher) proofs(op *tree, body bool) {
	var wanted []string
	if body && slices.Contains(p.Request, modi.PatternIntegrityREST02) {
		wanted = append(wanted, "Agid-JWT-Signature", "Digest")
	}
	if slices.Contains(p.Request, modi.PatternAuditREST02) {
		wanted = append(wanted, "Agid-JWT-TrackingEvidence")
	}
	for _, name := range wanted {
		there := slices.ContainsFunc(op.list("parameters"), func(one any) bool {
			return strings.EqualFold(p.resolve(one).text("name"), name)
		})
		if !there {
			op.set("parameters", append(op.list("parameters"), p.ref("parameters", name)))
		}
	}
}

// answers completes those of an operation and adds the ones it lacks.
func (p *publisher) answers(op *tree, signs bool, wanted []string) {
	responses := op.make("responses")
	for _, status := range responses.names() {
		if answer := p.resolve(responses.get(status)); answer != nil && !p.answered[answer] && !strings.HasPrefix(status, "x-") {
			p.answered[answer] = true
			p.answer(status, answer, signs)
		}
	}
	for _, one := range [][2]string{
		{"400", "RichiestaNonValida"},
		{"401", "NonAutenticato"},
		{"403", "NonAutorizzato"},
		{"404", "NonTrovata"},
		{"409", "GiaUsato"},
		{"413", "CorpoTroppoGrande"},
		{"415", "FormatoNonAccettato"},
		{"429", "TroppeRichieste"},
		{"503", "NonDisponibile"},
		{"default", "Errore"},
	} {
		always := one[0] == "429" || one[0] == "503" || one[0] == "default"
		if !responses.has(one[0]) && (always || slices.Contains(wanted, one[0])) {
			responses.set(one[0], p.ref("responses", one[1]))
			p.answered[p.resolve(responses.get(one[0]))] = true
			p.count["answer"]++
		}
	}
}

func (p *publisher) answer(status string, answer *tree, signs bool) {
	if answer.text("description") == "" {
		answer.first("description", "Risposta "+status)
	}
	good := strings.HasPrefix(status, "2") || strings.HasPrefix(status, "3")
	p.headers(status, answer.make("headers"), good && signs)
	switch {
	case status == "204" || status == "205":
		answer.del("content")
	case answer.get("x-noqa") == true: // errors of another specification
	case !good && !onlyProblem(answer.at("content")):
		media := &tree{}
		media.set("schema", p.ref("schemas", "Problem"))
		content := &tree{}
		content.set(mediaProblem, media)
		answer.set("content", content)
		p.count["problem"]++
	}
}

func onlyProblem(content *tree) bool {
	return content != nil && len(content.keys) == 1 && content.has(mediaProblem)
}

func (p *publisher) headers(status string, headers *tree, signed bool) {
	for _, name := range headers.names() {
		if reserved(name) || strings.HasPrefix(strings.ToLower(name), "ratelimit-") {
			headers.del(name)
		}
	}
	wanted := []string{"Cache-Control", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
	if status == "429" || status == "503" {
		wanted = append(wanted, "Retry-After")
	}
	if signed {
		wanted = append(wanted, "Agid-JWT-Signature", "Digest")
	}
	added := false
	for _, name := range wanted {
		there := slices.ContainsFunc(headers.keys, func(s string) bool { return strings.EqualFold(s, name) })
		if !there {
			headers.set(name, p.ref("headers", name))
			added = added || strings.HasPrefix(name, "X-RateLimit")
		}
	}
	if added {
		p.count["header"]++
	}
}
