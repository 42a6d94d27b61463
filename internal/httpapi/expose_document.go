// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema/apidoc"
	"github.com/snodo-pa/snodo/registry"
)

// What everybody may read of an exposed e-service, beside it.
const (
	documentName = "openapi.yaml"
	pageName     = "documentation"
	mediaYAML    = "application/yaml" // RFC 9512
	mediaHTML    = "text/html; charset=utf-8"
)

// publicCache lets anybody keep a public document for a while: an ente that changes its address waits no longer.
const publicCache = "public, max-age=300"

// publication is one document of one ente.
type publication struct {
	facts   apidoc.Facts
	ente    string
	recipe  *registry.Exposure
	name    string // documentName or pageName
	sources func() (*apidoc.Source, error)
}

// publications finds what is public by its path. The documents of a recipe are read when first asked for, once for all the
// enti that share it.
func publications(c *config.Config) map[string]publication {
	all := map[string]publication{}
	sources := map[string]func() (*apidoc.Source, error){}
	for codice, ente := range c.Enti {
		for _, binding := range ente.Exposes {
			recipe := c.Exposes[binding.Recipe]
			if recipe == nil {
				continue
			}
			if sources[recipe.Name] == nil {
				sources[recipe.Name] = sync.OnceValues(func() (*apidoc.Source, error) { return apidoc.New(recipe) })
			}
			p := publication{ente: codice, recipe: recipe, sources: sources[recipe.Name], facts: apidoc.Facts{
				Ente: ente.Denominazione, PublicURL: binding.PublicURL, Contact: apidoc.Contact(binding.Contact), Terms: binding.Terms,
			}}
			for _, p.name = range []string{documentName, pageName} {
				all[fmt.Sprintf("/modi/%s/%s/v%d/%s", codice, recipe.Name, recipe.Major, p.name)] = p
			}
		}
	}
	return all
}

// published answers for the public documents, without a token and before the pipeline: nothing of them is about a person, and
// nothing of the procedure is asked. An e-service that has an operation at that path keeps it.
func (a *API) published(c *gin.Context) {
	p, found := a.public[c.Request.URL.EscapedPath()]
	if !found {
		return
	}
	source, err := p.sources()
	if err != nil {
		a.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "documento non pubblicabile",
			slog.String("servizio", p.recipe.Name), slog.String("errore", err.Error()))
		a.fail(c, problem.New(problem.RuleUnknownPath))
		return
	}
	if source.Has("/" + p.name) {
		return
	}
	r := requestOf(c)
	r.ente, r.service, r.operation = p.ente, p.recipe.Name, p.name
	r.template = fmt.Sprintf("/modi/{codiceIPA}/%s/v%d/%s", p.recipe.Name, p.recipe.Major, p.name)
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		a.fail(c, &problem.Error{Rule: problem.RuleMethod, Allow: []string{http.MethodGet, http.MethodHead}})
		return
	}
	defer c.Abort()
	content, media := source.Document(p.facts), mediaYAML
	if p.name == pageName {
		content, media = source.Page(p.facts), mediaHTML
	}
	tag := apidoc.Tag(content)
	h := c.Writer.Header()
	h.Set("Cache-Control", publicCache)
	h.Set("ETag", tag)
	h.Set("Content-Language", "it")
	h.Set("Content-Security-Policy", apidoc.Policy())
	h.Set("Referrer-Policy", "no-referrer")
	if known(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Data(http.StatusOK, media, content)
}

// known tells whether a client has the content already (RFC 9110 §13.1.2, weak comparison).
func known(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}
