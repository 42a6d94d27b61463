// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/uuid"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// The environments of PDND, and the one of tests on the own machine (D11).
const (
	Produzione   = "produzione"
	Collaudo     = "collaudo"
	Attestazione = "attestazione"
	Locale       = "locale"
)

// What is kept of an exchange beside its leaf in the evidence log (D9).
const (
	KeepMetadata = "metadata"
	KeepProofs   = "proofs"
	KeepMessages = "messages"
)

// What becomes of a back end's answer that breaks the OpenAPI document.
const (
	PolicyRefuse = "refuse"
	PolicyReport = "report"
)

// Production times of tokens (D15), and the longest a recipe may ask for.
const (
	DefaultBackDate = 5 * time.Second
	DefaultLifetime = 300 * time.Second
	maxBackDate     = 60 * time.Second
	maxLifetime     = time.Hour
)

func (t RecipeTimes) withDefaults() RecipeTimes {
	return RecipeTimes{BackDate: cmp.Or(t.BackDate, DefaultBackDate), Lifetime: cmp.Or(t.Lifetime, DefaultLifetime)}
}

// Environments lists the four environments.
func Environments() []string { return []string{Produzione, Collaudo, Attestazione, Locale} }

// IsUUID tells whether s is a UUID in the form PDND writes ids: lower case, hyphens.
func IsUUID(s string) bool { return uuid.Valid(s) && s == strings.ToLower(s) }

// IsName tells whether s can name a recipe, and so stand in a URL and a file name.
func IsName(s string) bool { return nameForm.MatchString(s) }

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// common are the checks that both kinds of recipe share.
type common struct{ *yamlfile.Report }

func (c common) name(s string) {
	if c.Require(s, "name") && !IsName(s) {
		c.Addf(yamlfile.Path("name"), "name %q non ha la forma anpr-c020: lettere minuscole, cifre e trattini singoli",
			"name %q is not of the form anpr-c020: small letters, digits and single hyphens", s)
	}
}

func (c common) text(t modi.Text, path ...any) {
	c.Require(t.IT, append(slices.Clone(path), "it")...)
	c.Require(t.EN, append(slices.Clone(path), "en")...)
}

func (c common) oneOf(value string, allowed []string, path ...any) {
	if value != "" && !slices.Contains(allowed, value) {
		c.Addf(path, "%s è %q: scrivere uno tra %s",
			"%s is %q: write one of %s", yamlfile.Name(path), value, strings.Join(allowed, ", "))
	}
}

func (c common) patterns(got []modi.Pattern, allowed []modi.Pattern, path ...any) {
	for i, p := range got {
		at := append(slices.Clone(path), i)
		switch {
		case !slices.Contains(allowed, p):
			c.Addf(at, "il pattern %q non si parla qui: scrivere uno tra %v",
				"pattern %q is not spoken here: write one of %v", p, allowed)
		case slices.Contains(got[:i], p):
			c.Addf(at, "il pattern %s è scritto due volte",
				"pattern %s is written twice", p)
		}
	}
}

func (c common) guard(g GuardSettings) {
	at := func(key string) []any { return yamlfile.Path("guard", key) }
	if g.Ratio < 0 || g.Ratio > 1 {
		c.Addf(at("ratio"), "guard.ratio è una quota di chiamate: tra 0 e 1",
			"guard.ratio is a share of calls: between 0 and 1")
	}
	for key, d := range map[string]time.Duration{"window": g.Window, "openFor": g.OpenFor, "deadline": g.Deadline} {
		if d < 0 || d > time.Hour {
			c.Addf(at(key), "guard.%s è fuori da 0s-1h",
				"guard.%s lies outside 0s-1h", key)
		}
	}
	if g.Window != 0 && g.Window < time.Second {
		c.Addf(at("window"), "guard.window dura meno di 1s",
			"guard.window is shorter than 1s")
	}
	if g.Attempts < 0 || g.Attempts > 5 {
		c.Addf(at("attempts"), "guard.attempts è fuori da 1-5",
			"guard.attempts lies outside 1-5")
	}
}

// baseURL checks an absolute URL below which paths are appended.
func (c common) baseURL(raw, environment string, path ...any) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		c.Addf(path, "%s non è un URL assoluto",
			"%s is not an absolute URL", yamlfile.Name(path))
	case u.Scheme != "https" && (u.Scheme != "http" || environment != Locale):
		c.Addf(path, "%s non comincia con https://",
			"%s does not begin with https://", yamlfile.Name(path))
	case u.User != nil || strings.ContainsAny(raw, "?#") || strings.HasSuffix(raw, "/"):
		c.Addf(path, "%s ha un utente, una query, un frammento o una barra finale: scrivere solo schema, host e percorso",
			"%s has a user, query, fragment or final slash: write only scheme, host and path", yamlfile.Name(path))
	}
}
