// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

const (
	statusPath   = "/status"
	mediaProblem = "application/problem+json"
	mediaJSON    = "application/json"
)

// publisher turns a document into the one that is published.
type publisher struct {
	Eservice
	root, common *tree
	refs         map[string]string // references of the common part, as they are in this document
	answered     map[*tree]bool    // answers that are done: several operations may share one
	notes        []modi.Text
	count        map[string]int // what was bounded, by kind
}

func (p *publisher) note(it, en string, args ...any) {
	text := modi.Text{IT: fmt.Sprintf(it, args...), EN: fmt.Sprintf(en, args...)}
	if !slices.Contains(p.notes, text) {
		p.notes = append(p.notes, text)
	}
}

func (p *publisher) publish() {
	p.info()
	p.servers()
	p.security()
	if !p.root.at("paths").has(statusPath) {
		p.root.make("paths").first(statusPath, p.adopt(p.common.at("paths", statusPath)))
		p.note("aggiunto /status", "/status added")
	}
	p.operations()
	p.schemas()
}

// changes are the notes, with what was counted.
func (p *publisher) changes() []modi.Text {
	for _, one := range []struct{ kind, it, en string }{
		{"format", "%d numeri senza format: scritto int32, int64 o double", "%d numbers without format: int32, int64 or double written"},
		{"string", "%d testi senza limite: scritto maxLength " + fmt.Sprint(maxText), "%d texts without a bound: maxLength " + fmt.Sprint(maxText) + " written"},
		{"list", "%d liste senza limite: scritto maxItems " + fmt.Sprint(maxList), "%d lists without a bound: maxItems " + fmt.Sprint(maxList) + " written"},
		{"header", "%d risposte senza X-RateLimit-*: aggiunte le intestazioni", "%d answers without X-RateLimit-*: headers added"},
		{"answer", "%d risposte di errore mancanti: aggiunte", "%d error answers were missing: added"},
		{"problem", "%d risposte di errore in altra forma: ora sono application/problem+json", "%d error answers of another form: now application/problem+json"},
		{"pattern", "%d parametri del percorso senza pattern: scritto " + pathPattern, "%d path parameters without pattern: " + pathPattern + " written"},
	} {
		if n := p.count[one.kind]; n > 0 {
			p.note(one.it, one.en, n)
		}
	}
	return p.notes
}

var semantic = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

func (p *publisher) info() {
	info := p.root.make("info")
	fill := func(key string, value any) {
		if v, isText := info.get(key).(string); !info.has(key) || isText && strings.TrimSpace(v) == "" {
			info.set(key, value)
			p.note("info.%s aggiunto", "info.%s added", key)
		}
	}
	fill("title", p.Name)
	fill("description", info.text("title"))
	fill("x-summary", summary(info))
	fill("x-api-id", id(p.Name+" api"))
	fill("termsOfService", "https://ente.example/condizioni")
	if contact := info.at("contact"); contact == nil || len(contact.keys) == 0 {
		contact := &tree{}
		contact.set("name", "Ufficio che risponde dell'e-service")
		contact.set("email", "interoperabilita@ente.example")
		info.set("contact", contact)
		p.note("info.contact aggiunto: ogni ente scrive il proprio in exposes.yaml", "info.contact added: every ente writes its own in exposes.yaml")
	}
	if version := fmt.Sprint(info.get("version")); !semantic.MatchString(version) {
		info.set("version", wholeVersion(version))
		p.note("info.version è ora %s", "info.version is now %s", info.text("version"))
	}
}

// summary is the first sentence of what the document says of itself.
func summary(info *tree) string {
	first, _, _ := strings.Cut(oneLine(info.text("description")), ". ")
	if runes := []rune(first); len(runes) > 120 {
		first = strings.TrimSpace(string(runes[:117])) + "..."
	}
	return first
}

var digitsOnly = regexp.MustCompile(`[0-9]+`)

// wholeVersion makes 1.0.0 of v1, 1.0 and the like.
func wholeVersion(s string) string {
	parts := digitsOnly.FindAllString(s, 3)
	for len(parts) < 3 {
		if len(parts) == 0 {
			parts = append(parts, "1")
		}
		parts = append(parts, "0")
	}
	return strings.Join(parts, ".")
}

// servers names one example: each ente publishes its own address.
func (p *publisher) servers() {
	server := &tree{}
	server.set("url", fmt.Sprintf("https://ente.example/modi/codice-ipa/%s/v%s", p.Name, p.major()))
	server.set("description", "Esempio; ogni ente pubblica il proprio indirizzo")
	if want := []any{server}; !same(any(want), p.root.get("servers")) {
		p.root.set("servers", want)
		p.note("servers è ora l'indirizzo dello Snodo", "servers is now the address of the hub")
	}
	each(p.root.at("paths"), func(t *tree) { t.del("servers") })
}

// security leaves one way in: the voucher of PDND.
func (p *publisher) security() {
	schemes := p.common.at("components", "securitySchemes")
	if components := p.root.make("components"); !same(schemes, components.get("securitySchemes")) {
		components.set("securitySchemes", copied(schemes))
		p.note("security è il voucher PDND", "security is the PDND voucher")
	}
	p.root.del("security")
}

// adopt copies a value of the common part with all it refers to, under names that are free in this document.
func (p *publisher) adopt(v any) any {
	c := copied(v)
	each(c, func(t *tree) {
		if ref := t.text("$ref"); ref != "" {
			t.set("$ref", p.use(ref))
		}
	})
	return c
}

// use brings a component of the common part into the document and returns the reference to it.
func (p *publisher) use(ref string) string {
	if known, done := p.refs[ref]; done {
		return known
	}
	parts := strings.Split(ref, "/") // #, components, kind, name
	kind, name := parts[2], parts[3]
	own := p.root.make("components", kind)
	p.refs[ref] = ref
	value := p.adopt(p.common.at("components", kind, name))
	switch there := own.get(name); {
	case there == nil:
		own.set(name, value)
	case same(there, value), kind == "schemas" && isProblem(own.at(name)):
	default:
		name += "Modi"
		own.set(name, value)
	}
	p.refs[ref] = "#/components/" + kind + "/" + name
	return p.refs[ref]
}

// isProblem tells a schema that already is one of RFC 9457.
func isProblem(schema *tree) bool {
	properties := schema.at("properties")
	return properties.has("title") && properties.has("status") && properties.has("detail")
}

// ref makes a reference to a component of the common part.
func (p *publisher) ref(kind, name string) *tree {
	t := &tree{}
	t.set("$ref", p.use("#/components/"+kind+"/"+name))
	return t
}

// resolve follows references inside the document.
func (p *publisher) resolve(v any) *tree {
	t, _ := v.(*tree)
	for range 32 {
		ref := t.text("$ref")
		if ref == "" {
			return t
		}
		rest, local := strings.CutPrefix(ref, "#/")
		if !local {
			return nil
		}
		names := strings.Split(rest, "/")
		for i := range names {
			names[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(names[i])
		}
		t = p.root.at(names...)
	}
	return nil
}
