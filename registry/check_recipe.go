// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"maps"
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
	share.patterns(c.r.Patterns.Request, both, "patterns", "request")
	share.patterns(c.r.Patterns.Response, both[:1], "patterns", "response")
	share.oneOf(c.r.Evidence.Keep, []string{KeepMetadata, KeepProofs, KeepMessages}, "evidence", "keep")
	if c.r.Evidence.RequireLoA && !slices.Contains(c.r.Patterns.Request, modi.PatternAuditREST02) {
		c.Addf(yamlfile.Path("evidence", "requireLoA"), "evidence.requireLoA needs %s among the request patterns", modi.PatternAuditREST02)
	}
	share.guard(c.r.Guard)
	c.times()
	c.environments()
	c.operations()
	c.errors()
	for i, step := range c.r.Onboarding {
		share.text(step, "onboarding", i)
	}
}

func (c recipeCheck) times() {
	if d := c.r.Produce.BackDate; d < 0 || d > maxBackDate {
		c.Addf(yamlfile.Path("produce", "backDate"), "produce.backDate lies outside 0s-%s", maxBackDate)
	}
	if d := c.r.Produce.Lifetime; d < 0 || d > maxLifetime {
		c.Addf(yamlfile.Path("produce", "lifetime"), "produce.lifetime lies outside 0s-%s", maxLifetime)
	}
}

func (c recipeCheck) environments() {
	if len(c.r.Environments) == 0 {
		c.Addf(yamlfile.Path("environments"), "environments is missing: a recipe has a block for each environment its e-service lives in")
	}
	share := common{c.Report}
	for name, env := range c.r.Environments {
		at := yamlfile.Path("environments", name)
		share.oneOf(name, Environments(), at...)
		if c.Require(env.URL, append(at, "url")...) {
			share.baseURL(env.URL, name, append(at, "url")...)
		}
		if env.Audience == "" {
			c.Addf(append(at, "audience"), "%s.audience is missing: it is never derived from the URL; the voucher of the e-service shows it", yamlfile.Name(at))
		}
		for key, id := range map[string]string{"eserviceId": env.EserviceID, "producerId": env.ProducerID} {
			if id != "" && !IsUUID(id) {
				c.Addf(append(at, key), "%s.%s is not a UUID in lower case", yamlfile.Name(at), key)
			}
		}
	}
}

func (c recipeCheck) operations() {
	if len(c.r.Operations) == 0 {
		c.Addf(yamlfile.Path("operations"), "operations is missing: a recipe has at least one")
	}
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	share := common{c.Report}
	for name, op := range c.r.Operations {
		at := yamlfile.Path("operations", name)
		if !IsName(name) {
			c.Addf(at, "operation name %q is not of the form id-anpr", name)
		}
		share.text(op.Title, append(at, "title")...)
		if c.Require(op.Method, append(at, "method")...) {
			share.oneOf(op.Method, methods, append(at, "method")...)
		}
		if !strings.HasPrefix(op.Path, "/") {
			c.Addf(append(at, "path"), "%s.path does not begin with /", yamlfile.Name(at))
		}
		if op.Input["type"] != "object" {
			c.Addf(append(at, "input"), "%s.input is not a JSON Schema of type object", yamlfile.Name(at))
		}
		if len(op.Fields) == 0 {
			c.Addf(append(at, "fields"), "%s.fields is missing: name the fields a procedimento may be given", yamlfile.Name(at))
		}
		c.unique(op.Fields, append(at, "fields"))
		c.unique(op.Needs, append(at, "needs"))
		if i := slices.Index(op.Needs, c.r.Name); i >= 0 {
			c.Addf(append(at, "needs", i), "an operation needs no mention of its own service")
		}
	}
}

func (c recipeCheck) unique(list []string, at []any) {
	for i, s := range list {
		path := append(slices.Clone(at), i)
		if s == "" {
			c.Addf(path, "%s is empty", yamlfile.Name(path))
		} else if slices.Contains(list[:i], s) {
			c.Addf(path, "%q is written twice", s)
		}
	}
}

func (c recipeCheck) errors() {
	kinds := errorKinds()
	names := slices.Sorted(maps.Keys(kinds))
	for i, e := range c.r.Errors {
		at := yamlfile.Path("errors", i)
		if len(e.Codes) == 0 {
			c.Addf(append(at, "codes"), "%s.codes is missing", yamlfile.Name(at))
		}
		c.unique(e.Codes, append(at, "codes"))
		if !kinds[string(e.Kind)] {
			c.Addf(append(at, "kind"), "%s.kind is %q: write one of %s", yamlfile.Name(at), e.Kind, strings.Join(names, ", "))
		}
		if e.Kind != KindIgnore {
			common{c.Report}.text(e.Say, append(at, "say")...)
		}
	}
}

func errorKinds() map[string]bool {
	kinds := map[string]bool{}
	for _, k := range []ErrorKind{
		KindNotFound, KindAmbiguous, KindInvalid, KindDenied, KindThrottled,
		KindUnavailable, KindNotReady, KindRenumber, KindWarn, KindIgnore,
	} {
		kinds[string(k)] = true
	}
	return kinds
}
