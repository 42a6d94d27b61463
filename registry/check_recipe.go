// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"net/http"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// recipeCheck looks at one consumes recipe.
type recipeCheck struct {
	*yamlfile.Report
	r *Recipe
}

func (c recipeCheck) all() {
	share := common{c.Report}
	share.name(c.r.Name)
	share.text(c.r.Title, "title")
	c.Require(c.r.Registry, "registry")
	c.Require(c.r.Adapter, "adapter")
	both := []modi.Pattern{modi.PatternIntegrityREST02, modi.PatternAuditREST02}
	share.patterns(c.r.Patterns.Request, append(slices.Clone(both), modi.PatternDPoP), "patterns", "request")
	share.patterns(c.r.Patterns.Response, both[:1], "patterns", "response")
	share.oneOf(c.r.Evidence.Keep, []string{KeepMetadata, KeepProofs, KeepMessages}, "evidence", "keep")
	if c.r.Evidence.RequireLoA && !slices.Contains(c.r.Patterns.Request, modi.PatternAuditREST02) {
		c.Addf(yamlfile.Path("evidence", "requireLoA"), "evidence.requireLoA richiede %s tra i pattern della richiesta",
			"evidence.requireLoA needs %s among the request patterns", modi.PatternAuditREST02)
	}
	share.guard(c.r.Guard)
	share.lenient(c.r.Lenient)
	c.times()
	c.environments()
	c.operations()
	c.errors()
	c.quota()
	for i, step := range c.r.Onboarding {
		share.text(step, "onboarding", i)
	}
}

func (c recipeCheck) times() {
	if d := c.r.Produce.BackDate; d < 0 || d > maxBackDate {
		c.Addf(yamlfile.Path("produce", "backDate"), "produce.backDate è fuori da 0s-%s",
			"produce.backDate lies outside 0s-%s", maxBackDate)
	}
	if d := c.r.Produce.Lifetime; d < 0 || d > maxLifetime {
		c.Addf(yamlfile.Path("produce", "lifetime"), "produce.lifetime è fuori da 0s-%s",
			"produce.lifetime lies outside 0s-%s", maxLifetime)
	}
}

func (c recipeCheck) environments() {
	if len(c.r.Environments) == 0 {
		c.Addf(yamlfile.Path("environments"), "environments manca: una ricetta ha un blocco per ogni ambiente in cui vive il suo e-service",
			"environments is missing: a recipe has a block for each environment its e-service lives in")
	}
	share := common{c.Report}
	for name, env := range c.r.Environments {
		at := yamlfile.Path("environments", name)
		share.oneOf(name, Environments(), at...)
		if c.Require(env.URL, append(at, "url")...) {
			share.baseURL(env.URL, name, append(at, "url")...)
		}
		c.audience(env.Audience, at)
		for key, id := range map[string]string{"eserviceId": env.EserviceID, "producerId": env.ProducerID} {
			if id != "" && !IsUUID(id) {
				c.Addf(append(at, key), "%s.%s non è un UUID in minuscolo",
					"%s.%s is not a UUID in lower case", yamlfile.Name(at), key)
			}
		}
	}
}

// audience wants one in every block. What is not known is written as such: then no token
// can be made for the e-service.
func (c recipeCheck) audience(s string, at []any) {
	signed := c.r.Patterns.Signed()
	switch {
	case s == "" && len(signed) > 0:
		c.Addf(append(at, "audience"), "%s.audience manca: non si ricava mai dall'URL; la mostra il voucher dell'e-service",
			"%s.audience is missing: it is never derived from the URL; the voucher of the e-service shows it", yamlfile.Name(at))
	case s == "":
		c.Addf(append(at, "audience"), "%s.audience manca: non si ricava mai dall'URL; se nessuno l'ha pubblicata scrivere %s",
			"%s.audience is missing: it is never derived from the URL; if nobody has published it write %s", yamlfile.Name(at), AudienceInVoucher)
	case s == AudienceInVoucher && len(signed) > 0:
		c.Addf(append(at, "audience"), "%s.audience è %q, ma %s si firma per un'audience: quella che il voucher dell'e-service mostra",
			"%s.audience is %q, but %s is signed for an audience: the one that the voucher of the e-service shows",
			yamlfile.Name(at), s, signed[0])
	}
}

func (c recipeCheck) operations() {
	// A declarative recipe without operations serves native calls alone.
	if len(c.r.Operations) == 0 && c.r.Adapter != Declarative {
		c.Addf(yamlfile.Path("operations"), "operations manca: una ricetta ne ha almeno una",
			"operations is missing: a recipe has at least one")
	}
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	share := common{c.Report}
	for name, op := range c.r.Operations {
		at := yamlfile.Path("operations", name)
		if !IsName(name) {
			c.Addf(at, "il nome di operazione %q non ha la forma id-anpr",
				"operation name %q is not of the form id-anpr", name)
		}
		share.text(op.Title, append(at, "title")...)
		if c.Require(op.Method, append(at, "method")...) {
			share.oneOf(op.Method, methods, append(at, "method")...)
		}
		c.pathForm(op.Path, append(at, "path"))
		if op.Input["type"] != "object" {
			c.Addf(append(at, "input"), "%s.input non è un JSON Schema di tipo object",
				"%s.input is not a JSON Schema of type object", yamlfile.Name(at))
		}
		if len(op.Fields) == 0 {
			c.Addf(append(at, "fields"), "%s.fields manca: indicare i campi che si possono dare a un procedimento",
				"%s.fields is missing: name the fields a procedimento may be given", yamlfile.Name(at))
		}
		c.unique(op.Fields, append(at, "fields"))
		c.unique(op.Needs, append(at, "needs"))
		if i := slices.Index(op.Needs, c.r.Name); i >= 0 {
			c.Addf(append(at, "needs", i), "un'operazione non indica il proprio servizio",
				"an operation needs no mention of its own service")
		}
		mappingCheck{recipeCheck: c, op: op, at: at}.all()
	}
}

// pathForm checks a path below the base address. A query is written by lines of request.
func (c recipeCheck) pathForm(path string, at []any) {
	rest := placeholder.ReplaceAllString(path, "")
	switch {
	case !strings.HasPrefix(path, "/"):
		c.Addf(at, "%s non comincia con /",
			"%s does not begin with /", yamlfile.Name(at))
	case strings.ContainsAny(rest, "?#{} ") || strings.Contains(path, "{}"):
		c.Addf(at, "%s ha una query, un frammento, uno spazio o una graffa spaiata: la query si scrive con to: query/x",
			"%s has a query, fragment, space or lone brace: a query is written with to: query/x", yamlfile.Name(at))
	}
}

// statuses checks that HTTP statuses lie where they can be met.
func (c recipeCheck) statuses(list []int, low, high int, at []any) {
	for i, status := range list {
		if status < low || status > high {
			path := append(slices.Clone(at), i)
			c.Addf(path, "%s è %d: qui si incontrano solo gli stati %d-%d",
				"%s is %d: only statuses %d-%d are met here", yamlfile.Name(path), status, low, high)
		}
	}
}

func (c recipeCheck) unique(list []string, at []any) {
	for i, s := range list {
		path := append(slices.Clone(at), i)
		if s == "" {
			c.Addf(path, "%s è vuoto",
				"%s is empty", yamlfile.Name(path))
		} else if slices.Contains(list[:i], s) {
			c.Addf(path, "%q è scritto due volte",
				"%q is written twice", s)
		}
	}
}

func (c recipeCheck) errors() {
	for i, e := range c.r.Errors {
		at := yamlfile.Path("errors", i)
		if len(e.Codes)+len(e.Status) == 0 && e.Type == "" && e.Text == "" {
			c.Addf(at, "%s: scrivere codes, status, type o text", "%s: write codes, status, type or text", yamlfile.Name(at))
		}
		if e.Empty && (len(e.Codes) > 0 || e.Type != "" || e.Text != "") {
			c.Addf(append(at, "empty"), "una risposta senza corpo non ha codes, type né text: la riga non vale mai",
				"an answer without a body has no codes, type or text: the row never holds")
		}
		c.statuses(e.Status, 300, 599, append(at, "status"))
		c.unique(e.Codes, append(at, "codes"))
		c.kind(e.Kind, append(at, "kind"))
		if e.Kind != KindIgnore {
			common{c.Report}.text(e.Say, append(at, "say")...)
		}
	}
	c.shape()
}
