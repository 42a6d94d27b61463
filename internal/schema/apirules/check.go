// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apirules

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/modi"
)

// maxDocument bounds a document, in bytes.
const maxDocument = 8 << 20

// maxReason bounds what is told of a structure that is wrong, in characters.
const maxReason = 300

// Check finds the places of an OpenAPI document, in YAML or JSON, that break a rule, sorted by severity and place. Whatever
// the document is, there is an answer: what cannot be read is a finding too.
func Check(document []byte) []Finding {
	c := &check{rules: map[modi.RuleID]Rule{}, seen: map[string]bool{}}
	for _, r := range Rules() {
		c.rules[r.ID] = r
	}
	c.all(document)
	slices.SortStableFunc(c.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Rule, b.Rule))
	})
	return c.found
}

// Errors keeps the findings that forbid a publication.
func Errors(all []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return f.Severity != Error })
}

// check is one run over one document.
type check struct {
	rules map[modi.RuleID]Rule
	root  object
	found []Finding
	seen  map[string]bool // rule and place: shared components are met more than once
}

func (c *check) add(id modi.RuleID, at string, names ...string) {
	at = pointer(at, names...)
	if c.seen[string(id)+" "+at] {
		return
	}
	c.seen[string(id)+" "+at] = true
	r := c.rules[id]
	c.found = append(c.found, Finding{Rule: id, Severity: r.Severity, Place: at, Text: r.Text, Source: r.Source})
}

// because adds a finding on the whole document with what the reader of it says, which is in English.
func (c *check) because(id modi.RuleID, err error) {
	c.add(id, "")
	reason, _, _ := strings.Cut(err.Error(), "\n")
	if runes := []rune(reason); len(runes) > maxReason {
		reason = string(runes[:maxReason]) + "..."
	}
	last := &c.found[len(c.found)-1]
	last.Text = modi.Text{IT: last.Text.IT + ": " + reason, EN: last.Text.EN + ": " + reason}
}

func (c *check) all(document []byte) {
	var v any
	if len(document) > maxDocument {
		c.add(TooLarge, "")
		return
	}
	if err := yaml.Unmarshal(document, &v); err != nil || asObject(v) == nil {
		c.add(Unreadable, "")
		return
	}
	if size(v, 0, maxValues) > maxValues {
		c.add(TooLarge, "")
		return
	}
	c.root = asObject(v)
	version := text(c.root["openapi"])
	if !strings.HasPrefix(version, "3.") {
		c.add(OldVersion, "")
		return
	}
	c.info()
	c.servers(c.root["servers"], "/servers")
	c.paths()
	c.securitySchemes()
	c.schemas()
	if strings.HasPrefix(version, "3.0") {
		c.structure(document)
	}
}

// structure asks kin-openapi whether the document is whole, then whether its examples are.
func (c *check) structure(document []byte) {
	doc, err := openapi3.NewLoader().LoadFromData(document) // follows no external reference
	if err != nil {
		c.because(Invalid, err)
		return
	}
	ctx := context.Background()
	lenient := []openapi3.ValidationOption{openapi3.DisableSchemaPatternValidation()}
	if err := doc.Validate(ctx, append(lenient, openapi3.DisableExamplesValidation())...); err != nil {
		c.because(Invalid, err)
	} else if err := doc.Validate(ctx, lenient...); err != nil {
		c.because(BadExample, err)
	}
}

var semantic = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

func (c *check) info() {
	info := asObject(c.root["info"])
	for name, id := range map[string]modi.RuleID{
		"x-summary": SummaryMissing, "contact": ContactMissing, "termsOfService": TermsMissing, "x-api-id": APIIDMissing,
	} {
		if empty(info[name]) {
			c.add(id, "/info")
		}
	}
	if !semantic.MatchString(text(info["version"])) {
		c.add(VersionNotSemantic, "/info")
	}
	if len(list(c.root["servers"])) == 0 {
		c.add(ServersMissing, "")
	}
}

// empty tells a value that is absent or says nothing.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case object:
		return len(v) == 0
	default:
		return false
	}
}

func (c *check) servers(v any, at string) {
	for i, one := range list(v) {
		server, place := asObject(one), pointer(at, strconv.Itoa(i))
		if empty(server["description"]) {
			c.add(ServerNotDescribed, place)
		}
		if server["x-sandbox"] != true && !strings.HasPrefix(text(server["url"]), "https://") {
			c.add(ServerNotHTTPS, place)
		}
	}
}

// ErrRefused is wrapped by what Refuse returns.
var ErrRefused = errors.New("the document breaks the rules on what an URL may hold")

// Refuse returns the first finding for which an e-service is not served at all: what identifies a person, or lets one in,
// would be in URLs and so in the logs of every machine on the way. The error wraps [ErrRefused].
func Refuse(document []byte) (Finding, error) {
	for _, f := range Check(document) {
		if f.Rule == FiscalCodeInURL || f.Rule == CredentialInURL {
			return f, ErrRefused
		}
	}
	return Finding{}, nil
}
