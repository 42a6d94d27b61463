// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"net/textproto"
	"path"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// exposureCheck looks at one exposes recipe.
type exposureCheck struct {
	*yamlfile.Report
	e *Exposure
}

func (c exposureCheck) all(openapi []byte) {
	share := common{c.Report}
	share.name(c.e.Name)
	share.text(c.e.Title, "title")
	if c.e.Major < 1 {
		c.Addf(yamlfile.Path("major"), "major manca: il percorso dell'e-service finisce con /v1, /v2 ...",
			"major is missing: the path of the e-service ends in /v1, /v2 ...")
	}
	if c.Require(c.e.OpenAPI, "openapi") && c.e.OpenAPI != path.Base(c.e.OpenAPI) {
		c.Addf(yamlfile.Path("openapi"), "openapi indica un file accanto alla ricetta, senza cartelle",
			"openapi names a file beside the recipe, without folders")
	} else if len(openapi) == 0 && c.e.OpenAPI != "" {
		c.Addf(yamlfile.Path("openapi"), "il file %s è vuoto o non c'è",
			"file %s is empty or not there", c.e.OpenAPI)
	}
	c.terms()
	c.interactions()
	share.oneOf(c.e.Evidence.Keep, []string{KeepMetadata, KeepProofs, KeepMessages}, "evidence", "keep")
	if c.e.Evidence.RequireLoA {
		c.Addf(yamlfile.Path("evidence", "requireLoA"), "evidence.requireLoA è degli e-service fruiti: per chi chiama LoA è facoltativo",
			"evidence.requireLoA belongs to consumed e-services: LoA is optional for who calls")
	}
	share.oneOf(c.e.ResponsePolicy, []string{PolicyRefuse, PolicyReport}, "responsePolicy")
	share.guard(c.e.Guard)
	if c.e.Quota.PerConsumer < 0 || c.e.Quota.Total < 0 {
		c.Addf(yamlfile.Path("quota"), "una quota non è minore di 0; 0 vuol dire nessuna",
			"a quota is not below 0; 0 means none")
	}
	c.headers()
	share.lenient(c.e.Lenient)
}

// lenient wants names of leniencies, each once.
func (c common) lenient(names []string) {
	for i, name := range names {
		if _, err := modi.ParseLenient(names[:i+1]); err != nil {
			c.Addf(yamlfile.Path("lenient", i), "%q non è il nome di una tolleranza, o è scritto due volte: %s",
				"%q is not the name of a leniency, or is written twice: %s", name, leniencies())
			return
		}
	}
}

func leniencies() string {
	var names []string
	for _, l := range modi.Leniencies() {
		names = append(names, string(l.Name))
	}
	return strings.Join(names, ", ")
}

// headers keeps what is the hub's business out of the allow-list towards the back end.
func (c exposureCheck) headers() {
	for i, name := range c.e.RequestHeaders {
		at := yamlfile.Path("requestHeaders", i)
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case name == "" || strings.ContainsAny(name, " :"):
			c.Addf(at, "%q non è il nome di un header",
				"%q is not a header name", name)
		case !ForwardableHeader(name):
			c.Addf(at, "l'header %s è dello Snodo e non arriva mai al gestionale",
				"header %s belongs to the hub and never reaches the back end", canonical)
		case slices.ContainsFunc(c.e.RequestHeaders[:i], func(s string) bool { return strings.EqualFold(s, name) }):
			c.Addf(at, "l'header %s è scritto due volte",
				"header %s is written twice", canonical)
		}
	}
}
