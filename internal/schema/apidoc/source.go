// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apidoc

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/registry"
)

// Facts are what each ente puts into the document of an e-service.
type Facts struct {
	Ente      string // denominazione
	PublicURL string // where the hub serves it
	Contact   Contact
	// Terms is where the terms of use are, over https; "" is where the document says, unless that is the place of an example,
	// and then the page of the e-service.
	Terms string
}

// Contact is who answers for the e-service.
type Contact struct{ Name, Email, URL string }

// Source is the document of one recipe, ready to be filled in. It is read-only and safe for concurrent use.
type Source struct {
	document, page string          // with marks in the place of the facts
	terms          string          // where the document says that the terms of use are
	paths          map[string]bool // templates of its operations
}

// Marks of the facts: plain words in YAML and HTML, which a document may not hold.
const (
	mark        = "x0snodo0"
	markURL     = mark + "url"
	markEnte    = mark + "ente"
	markContact = mark + "contact"
	markTerms   = mark + "terms"
)

// New reads the document of a recipe. It fails on what is no OpenAPI document in YAML or JSON.
func New(recipe *registry.Exposure) (*Source, error) {
	var root yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(recipe.Document, &root, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	left := maxValues
	root = mapping(named(root, &left))
	if left < 0 {
		return nil, errors.New("OpenAPI document: it is too large")
	}
	if strings.Contains(string(recipe.Document), mark) {
		return nil, errors.New("OpenAPI document: it holds the word " + mark + ", which is the hub's")
	}
	s := &Source{paths: map[string]bool{}, terms: text(get(mapping(get(root, "info")), "termsOfService"))}
	for _, path := range mapping(get(root, "paths")) {
		s.paths[text(path.Key)] = true
	}
	published, err := yaml.MarshalWithOptions(withMarks(root), yaml.Indent(2), yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return nil, fmt.Errorf("write OpenAPI document: %w", err)
	}
	s.document = string(published)
	if s.page, err = writePage(recipe, root); err != nil {
		return nil, fmt.Errorf("page of the OpenAPI document: %w", err)
	}
	return s, nil
}

// Has tells whether the e-service itself has operations at a path.
func (s *Source) Has(path string) bool { return s.paths[path] }

// maxValues bounds how many values a document holds, aliases counted each time they are used.
const maxValues = 200_000

// named writes every key as a text, as JSON has it: YAML reads the statuses of answers as numbers.
func named(v any, left *int) any {
	if *left--; *left < 0 {
		return nil
	}
	switch v := v.(type) {
	case yaml.MapSlice:
		out := make(yaml.MapSlice, 0, len(v))
		for _, item := range v {
			out = append(out, yaml.MapItem{Key: text(item.Key), Value: named(item.Value, left)})
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, one := range v {
			out = append(out, named(one, left))
		}
		return out
	default:
		return v
	}
}

// withMarks is the document with marks for the one server, the contact and the terms of use.
func withMarks(root yaml.MapSlice) yaml.MapSlice {
	var out yaml.MapSlice
	placed := false
	servers := yaml.MapItem{Key: "servers", Value: []any{yaml.MapSlice{{Key: "url", Value: markURL}, {Key: "description", Value: markEnte}}}}
	for _, item := range root {
		switch item.Key {
		case "servers":
			continue
		case "info":
			info, _ := item.Value.(yaml.MapSlice)
			item.Value = set(set(info, "contact", markContact), "termsOfService", markTerms)
		case "paths":
			out, placed = append(out, servers), true
		}
		out = append(out, item)
	}
	if !placed {
		out = append(out, servers)
	}
	return out
}

// Document is the OpenAPI document of an ente, in YAML.
func (s *Source) Document(f Facts) []byte {
	members := []string{quote("name") + ": " + quote(f.name())}
	for _, m := range [][2]string{{"email", f.Contact.Email}, {"url", f.Contact.URL}} {
		if m[1] != "" {
			members = append(members, quote(m[0])+": "+quote(m[1]))
		}
	}
	return []byte(strings.NewReplacer(
		markURL, quote(f.PublicURL), markEnte, quote(f.Ente), markContact, "{"+strings.Join(members, ", ")+"}",
		markTerms, quote(cmp.Or(s.termsOf(f), strings.TrimRight(f.PublicURL, "/")+"/documentation")),
	).Replace(s.document))
}

// exampleTerms is where those of the documents that are not yet anybody's are said to be.
const exampleTerms = "https://ente.example/"

// termsOf is where the terms of use of an ente are; "" when nobody has said it.
func (s *Source) termsOf(f Facts) string {
	for _, terms := range []string{f.Terms, s.terms} {
		if strings.HasPrefix(terms, "https://") && !strings.HasPrefix(terms, exampleTerms) {
			return terms
		}
	}
	return ""
}

// Page is the same for a person, in HTML.
func (s *Source) Page(f Facts) []byte {
	contact := html.EscapeString(f.name())
	if f.Contact.Email != "" {
		contact += ` <a href="mailto:` + html.EscapeString(f.Contact.Email) + `">` + html.EscapeString(f.Contact.Email) + "</a>"
	}
	if strings.HasPrefix(f.Contact.URL, "https://") {
		contact += ` <a href="` + html.EscapeString(f.Contact.URL) + `">` + html.EscapeString(f.Contact.URL) + "</a>"
	}
	terms := s.termsOf(f)
	if terms != "" {
		terms = "<dt>Condizioni d'uso</dt><dd><a href=\"" + html.EscapeString(terms) + `">` + html.EscapeString(terms) + "</a></dd>"
	}
	return []byte(strings.NewReplacer(
		markURL, html.EscapeString(f.PublicURL), markEnte, html.EscapeString(f.Ente), markContact, contact, markTerms, terms,
	).Replace(s.page))
}

func (f Facts) name() string {
	if f.Contact.Name != "" {
		return f.Contact.Name
	}
	return f.Ente
}

// quote writes a text as JSON has it, which YAML reads too.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

// Tag names a content (RFC 9110 §8.8.3).
func Tag(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
}

// get is a member of a mapping that keeps its order.
func get(m yaml.MapSlice, key string) any {
	for _, item := range m {
		if fmt.Sprint(item.Key) == key {
			return item.Value
		}
	}
	return nil
}

// set is the mapping with a member, in its place when it was there.
func set(m yaml.MapSlice, key string, value any) yaml.MapSlice {
	out := make(yaml.MapSlice, 0, len(m)+1)
	found := false
	for _, item := range m {
		if item.Key == key {
			item.Value, found = value, true
		}
		out = append(out, item)
	}
	if !found {
		out = append(out, yaml.MapItem{Key: key, Value: value})
	}
	return out
}

func mapping(v any) yaml.MapSlice {
	m, _ := v.(yaml.MapSlice)
	return m
}

func text(v any) string {
	if v == nil {
		return ""
	}
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}
