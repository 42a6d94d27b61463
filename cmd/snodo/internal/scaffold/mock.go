// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"strings"

	"github.com/snodo-pa/snodo/registry"
)

// mock writes the data of the mock: one invented record for each operation.
func (s *service) mock() []byte {
	p := &page{}
	p.line(0, "# Simulazione di %s, servita da «snodo mock --registri CARTELLA». Le persone sono inventate:", oneLine(s.title))
	p.line(0, "# aggiungere a tables i casi che servono alle prove (assente, deceduto, omonimo ...).")
	p.line(0, "name: %s", s.name)
	p.line(0, "eservice:")
	p.line(1, "title: %s", quoted(oneLine(s.title)+" (finto)"))
	p.line(1, "path: %s", quoted(s.base))
	p.line(1, "audience: https://%s.locale.invalid%s", s.name, s.base)
	p.line(1, "eserviceId: %s", id(s.name+" eservice"))
	p.line(1, "descriptorId: %s", id(s.name+" descriptor"))
	p.line(1, "producerId: %s", id(s.name+" producer"))
	p.line(1, "producerName: %s", quoted(oneLine(s.title)+" (finto)"))
	p.line(1, "producerIPA: finto")
	p.line(0, "request: [%s]", strings.Join(s.request, ", "))
	p.line(0, "response: [%s]", strings.Join(s.response, ", "))
	p.line(0, "")
	p.line(0, "tables:")
	for _, op := range s.operations {
		op.writeTable(p)
	}
	p.line(0, "")
	p.line(0, "routes:")
	for _, op := range s.operations {
		op.writeRoute(p)
	}
	return p.Bytes()
}

// keys are the inputs by which a record is found: those that name somebody or
// something, else all the texts that must be sent.
func (o *operation) keys() []input {
	var keys, texts []input
	for _, in := range o.inputs {
		if _, isText := in.example.(string); !isText || !in.required || strings.HasPrefix(in.place, registry.ToHeader+"/") {
			continue
		}
		texts = append(texts, in)
		if in.code || strings.HasPrefix(in.place, registry.ToPath+"/") {
			keys = append(keys, in)
		}
	}
	if len(keys) == 0 {
		return texts
	}
	return keys
}

func (o *operation) writeTable(p *page) {
	p.line(1, "%s:", o.name)
	p.line(2, "-")
	for _, key := range o.keys() {
		p.line(3, "%s: %s", quoted(key.name), quoted(key.example))
	}
	p.line(3, "risposta: %s", quoted(o.answer))
}

// place is where the mock finds an input.
func (in input) mockPlace() string {
	root, name, _ := strings.Cut(in.place, "/")
	return root + "." + strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
}

func (o *operation) writeRoute(p *page) {
	p.line(1, "- method: %s", o.method)
	p.line(2, "path: %s", quoted(o.path))
	checks := 0
	for _, in := range o.inputs {
		if !in.required || strings.HasPrefix(in.place, registry.ToPath+"/") {
			continue
		}
		if checks == 0 {
			p.line(2, "checks:")
		}
		checks++
		items := ""
		if in.schema["type"] == "array" {
			items = ", maxItems: 1000"
		}
		p.line(3, "- {at: %s, required: true%s, reply: {status: 400, body: %s}}", quoted(in.mockPlace()), items, quoted(o.example("400", "Bad Request")))
	}
	if keys := o.keys(); len(keys) > 0 {
		p.line(2, "find:")
		p.line(3, "in: %s", o.name)
		p.line(3, "by:")
		for _, key := range keys {
			p.line(4, "%s: %s", quoted(key.name), quoted(key.mockPlace()))
		}
	} else {
		p.line(2, "find: {in: %s}", o.name)
	}
	p.line(2, "replies:")
	p.line(3, "- {when: found, status: %d, body: \"${record.risposta}\"}", max(o.status, 200))
	p.line(3, "- {when: absent, status: 404, body: %s}", quoted(o.example("404", "Not Found")))
}

// example is an error answer as the document describes it.
func (o *operation) example(status, title string) any {
	if known := o.errors[status]; known != nil {
		return known
	}
	return map[string]any{"type": "about:blank", "title": title, "status": status}
}
