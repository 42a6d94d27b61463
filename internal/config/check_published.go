// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"errors"
	"net/mail"
	"path"
	"slices"

	"github.com/snodo-pa/snodo/internal/schema/apirules"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// contact checks what anybody reads in the published document.
func (c checks) contact(x Contact, at ...any) {
	in := func(key string) []any { return append(slices.Clone(at), key) }
	if x.Email != "" {
		if a, err := mail.ParseAddress(x.Email); err != nil || a.Address != x.Email {
			c.Addf(in("email"), "%s non è un indirizzo di posta", "%s is no mail address", yamlfile.Name(in("email")))
		}
	}
	if x.URL != "" {
		c.url(x.URL, false, in("url")...)
	}
}

// checkDocuments refuses own exposes recipes whose document puts in URLs what identifies a person or lets one in: no URL of
// the hub holds either.
func (l *loader) checkDocuments(dir string, own map[string]*registry.Exposure) {
	for _, name := range sortedKeys(own) {
		finding, err := apirules.Refuse(own[name].Document)
		if errors.Is(err, apirules.ErrRefused) {
			l.faultf(path.Join(dir, "exposes", own[name].OpenAPI), "%s: %s (%s)", "%s: %s (%s)", finding.Place, finding.Text, string(finding.Rule))
		}
	}
}

// DocumentHint is a rule that the document of an own exposes recipe breaks: it is served all the same.
type DocumentHint struct {
	Recipe  string
	Finding apirules.Finding
}

// DocumentHints tells what the catalogue or consumers would have otherwise in the documents of the enti's own e-services.
func (c *Config) DocumentHints() []DocumentHint {
	_, builtin, err := registry.Builtin()
	if err != nil {
		return nil // Load has told it
	}
	var all []DocumentHint
	for _, name := range sortedKeys(c.Exposes) {
		recipe := c.Exposes[name]
		if known := builtin[name]; known != nil && string(known.Document) == string(recipe.Document) {
			continue
		}
		for _, f := range apirules.Check(recipe.Document) {
			all = append(all, DocumentHint{Recipe: name, Finding: f})
		}
	}
	return all
}

// Text is the hint in both languages: how heavy it is, where, what, by which rule.
func (h DocumentHint) Text() modi.Text {
	f := h.Finding
	weight := modi.Text{IT: "avviso", EN: "warning"}
	if f.Severity == apirules.Error {
		weight = modi.Text{IT: "errore", EN: "error"}
	}
	tail := " (" + string(f.Rule) + ", " + f.Source + ")"
	return modi.Text{IT: h.Recipe + ", " + weight.IT + " " + f.Place + ": " + f.Text.IT + tail, EN: h.Recipe + ", " + weight.EN + " " + f.Place + ": " + f.Text.EN + tail}
}
