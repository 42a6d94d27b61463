// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/registry"
)

// quoted writes a value in JSON, which is YAML too.
func quoted(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "null"
	}
	return strings.TrimSpace(b.String())
}

// recipe writes the recipe.
func (s *service) recipe() []byte {
	p := &page{}
	p.line(0, "# yaml-language-server: $schema=%s", registry.SchemaURL)
	p.line(0, "# %s. Le righe segnate «%s» dicono ciò che un documento OpenAPI non sa.", oneLine(s.title), Review)
	p.line(0, "name: %s", s.name)
	p.line(0, "title: {it: %s, en: %s}", quoted(oneLine(s.title)), quoted(oneLine(s.title)))
	p.line(0, "registry: %s   # %s: chi risponde", quoted(oneLine(s.title)), Review)
	p.line(0, "adapter: declarative")
	p.line(0, "")
	p.line(0, "# Beside the voucher; %s: the producer's documentation says which.", Review)
	p.line(0, "patterns: {request: [%s], response: [%s]}", strings.Join(s.request, ", "), strings.Join(s.response, ", "))
	p.line(0, "")
	p.line(0, "environments:")
	p.line(1, "# %s: l'URL di servers può essere sbagliato, audience la mostra il voucher (in-voucher se si chiede solo quello).", Review)
	p.line(1, "# produzione: {url: %s, audience: \"\", eserviceId: \"\"}", quoted(s.server))
	p.line(1, "locale:   # la simulazione di mocks/%s.yaml", s.name)
	p.line(2, "url: https://%s.locale.invalid%s", s.name, s.base)
	p.line(2, "audience: https://%s.locale.invalid%s", s.name, s.base)
	p.line(2, "eserviceId: %s", id(s.name+" eservice"))
	p.line(2, "producerId: %s", id(s.name+" producer"))
	p.line(0, "")
	for _, one := range s.left {
		p.line(0, "# %s non è qui: non risponde con JSON da cui prendere dati.", one)
	}
	p.line(0, "operations:")
	for _, op := range s.operations {
		op.write(p)
	}
	s.writeErrors(p)
	p.line(0, "")
	p.line(0, "guard: {deadline: 15s, attempts: 2}")
	p.line(0, "evidence: {keep: proofs}")
	p.line(0, "")
	p.line(0, "onboarding:   # %s", Review)
	p.line(1, "- {it: \"PDND, catalogo: richiedere la fruizione dell'e-service\", en: \"PDND, catalogue: ask for the agreement to the e-service\"}")
	p.line(1, "- {it: \"PDND, finalità: crearne una e copiare il purposeId nel procedimento\", en: \"PDND, purposes: create one and copy its purposeId into the procedimento\"}")
	return p.Bytes()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (o *operation) write(p *page) {
	p.line(1, "%s:", o.name)
	p.line(2, "title: {it: %s, en: %s}", quoted(oneLine(o.title)), quoted(oneLine(o.title)))
	p.line(2, "method: %s", o.method)
	p.line(2, "path: %s", quoted(o.path))
	p.line(2, "idempotent: %v   # %s: se una seconda volta è innocua", o.method == "GET", Review)
	names := make([]string, len(o.fields))
	for i, f := range o.fields {
		names[i] = f.name
	}
	p.line(2, "fields: %s", quoted(names))
	if o.list {
		p.line(2, "answer: list")
	}
	o.writeInput(p)
	if len(o.inputs) > 0 {
		p.line(2, "request:")
	}
	for _, in := range o.inputs {
		p.line(3, "- {to: %s, from: %s%s%s}", quoted(in.place), quoted("richiesta/"+in.name), conversion(in.code), optional(in.required))
	}
	p.line(2, "response:")
	for _, f := range o.fields {
		p.line(3, "- {to: %s, from: %s%s}", quoted(f.name), quoted(f.from), optional(f.required))
	}
	for _, f := range o.fields {
		if !f.code {
			continue
		}
		p.line(2, "subjects: [%s]", quoted(f.from))
		if i := slices.IndexFunc(o.inputs, func(in input) bool { return in.code }); i >= 0 {
			p.line(2, "same: [{at: %s, is: %s}]", quoted(f.from), quoted("richiesta/"+o.inputs[i].name))
		}
		break
	}
}

func conversion(code bool) string {
	if code {
		return ", as: [codice-fiscale]"
	}
	return ""
}

func optional(required bool) string {
	if required {
		return ""
	}
	return ", optional: true"
}

func (o *operation) writeInput(p *page) {
	p.line(2, "input:")
	p.line(3, "type: object")
	p.line(3, "additionalProperties: false")
	var required []string
	for _, in := range o.inputs {
		if in.required {
			required = append(required, in.name)
		}
	}
	if len(required) > 0 {
		p.line(3, "required: %s", quoted(required))
	}
	if len(o.inputs) == 0 {
		return
	}
	p.line(3, "properties:")
	for _, in := range o.inputs {
		p.line(4, "%s: %s", quoted(in.name), quoted(in.schema))
	}
}

// meaning is what a status usually means.
func meaning(status string) (kind, it, en string) {
	switch status {
	case "404":
		return "not-found", "il registro non ha il dato richiesto", "the registry does not have what was asked for"
	case "401":
		return "signature", "il registro ha rifiutato il voucher: controllare su PDND finalità e client", "the registry refused the voucher: check purpose and client on PDND"
	case "403":
		return "denied", "il registro non autorizza la richiesta: controllare su PDND richiesta di fruizione e finalità", "the registry does not authorise the request: check agreement and purpose on PDND"
	case "409":
		return "ambiguous", "più dati corrispondono alla richiesta: aggiungerne", "more than one record matches: add data"
	case "429":
		return "throttled", "superato il limite di richieste: riprovare più tardi", "the request limit is exceeded: try again later"
	default:
		if strings.HasPrefix(status, "5") {
			return "unavailable", "il registro non funziona in questo momento: riprovare più tardi", "the registry is out of order right now: try again later"
		}
		return "invalid", "il registro non accetta i dati inviati: controllarli", "the registry does not accept the data sent: check them"
	}
}

// writeErrors writes one row for each status the document knows. A 404 only says that a
// record is absent in the registry's own words: the example's.
func (s *service) writeErrors(p *page) {
	examples := map[string]any{}
	for _, op := range s.operations {
		maps.Copy(examples, op.errors)
	}
	if len(examples) == 0 {
		return
	}
	p.line(0, "")
	p.line(0, "errorShape: {%s}", strings.Join(s.shape.pairs(), ", "))
	p.line(0, "")
	p.line(0, "# %s: che cosa vuol dire ogni errore e che cosa deve fare chi ha chiesto.", Review)
	p.line(0, "errors:")
	for _, status := range slices.Sorted(maps.Keys(examples)) {
		kind, it, en := meaning(status)
		words := ""
		if status == "404" {
			words = s.shape.words(examples[status])
		}
		p.line(1, "- {status: [%s]%s, kind: %s, say: {it: %s, en: %s}}", status, words, kind, quoted(it), quoted(en))
	}
}

func (e errorShape) pairs() []string {
	var pairs []string
	for _, one := range [][2]string{{"code", e.code}, {"type", e.kind}, {"text", e.text}, {"id", e.id}} {
		if one[1] != "" {
			pairs = append(pairs, one[0]+": "+quoted(one[1]))
		}
	}
	return pairs
}

// words are the members of a row that recognise an error like the example.
func (e errorShape) words(example any) string {
	object, _ := example.(map[string]any) // what is no object has no words
	for _, one := range [][2]string{{e.code, ", codes: [%s]"}, {e.kind, ", type: %s"}, {e.text, ", text: %s"}} {
		word, isText := object[one[0]].(string)
		if one[0] != "" && isText && word != "" && word != "about:blank" {
			return fmt.Sprintf(one[1], quoted(word))
		}
	}
	return ""
}
