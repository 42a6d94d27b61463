// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

var (
	categoryForm  = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,9}$`)
	attributeForm = regexp.MustCompile(`^[^/\s]+/\S+$`)
)

// callers checks who may call.
func (c enteCheck) callers(i int, x *Expose) {
	report, ask := c.e.exposes, checks{c.e.exposes}
	ids := func(list []string, key string, known func(string) bool) {
		ask.twice(list, i, "callers", key)
		for n, id := range list {
			if !known(id) {
				at := yamlfile.Path(i, "callers", key, n)
				report.Addf(at, "%s non è un UUID in minuscolo, come lo mostra PDND", "%s is not a UUID in lower case, as PDND shows it", yamlfile.Name(at))
			}
		}
	}
	ids(x.Callers.Consumers, "consumers", func(id string) bool { return registry.IsUUID(id) || x.Fiducia.names(id) })
	ids(x.Callers.Purposes, "purposes", registry.IsUUID)
	ids(x.Callers.Clients, "clients", func(id string) bool { return registry.IsUUID(id) || x.Fiducia.names(id) })
	ask.twice(x.Callers.Categories, i, "callers", "categories")
	for n, code := range x.Callers.Categories {
		if !categoryForm.MatchString(code) {
			report.Addf(yamlfile.Path(i, "callers", "categories", n), "%q non è una categoria IPA: scriverne il codice, come L6",
				"%q is not an IPA category: write its code, such as L6", code)
		}
	}
	ask.twice(x.Callers.Attributes, i, "callers", "attributes")
	for n, a := range x.Callers.Attributes {
		if !attributeForm.MatchString(a) {
			report.Addf(yamlfile.Path(i, "callers", "attributes", n), "%q non è un attributo certificato: scrivere origine/codice, come IPA/L6",
				"%q is not a certified attribute: write origin/code, such as IPA/L6", a)
		}
	}
}

// names tells whether an organisation may be known by a certificate, and so by another name than that of PDND.
func (f *Fiducia) names(organisation string) bool {
	if f == nil {
		return false
	}
	_, ok := f.Organizzazioni[organisation]
	return ok
}

// answers checks what answers an e-service: a back end at an address, or a view.
func (c enteCheck) answers(i int, x *Expose) {
	b, recipe := x.BackEnd, c.l.cfg.Exposes[x.Recipe]
	if b.View == "" && b.URL == "" && b.Socket == "" && recipe != nil && recipe.Receiver() != "" {
		return // the hub itself takes the callbacks
	}
	if b.View == "" {
		checks{c.e.exposes}.url(b.URL, true, i, "backEnd", "url")
		return
	}
	report, at := c.e.exposes, yamlfile.Path(i, "backEnd", "view")
	if b.URL != "" || b.Socket != "" || b.Rete != nil || b.Identity != "" {
		report.Addf(at, "una vista risponde da sé: togliere url, socket, rete e identity", "a view answers by itself: remove url, socket, rete and identity")
	}
	if recipe != nil {
		for _, id := range sortedKeys(recipe.Operations) {
			if o := recipe.Operations[id]; o.Bulk || o.Interaction != nil {
				report.Addf(at, "l'operazione %s è bulk o non bloccante: una vista risponde subito e per intero",
					"operation %s is bulk or non-blocking: a view answers at once and whole", id)
			}
		}
	}
	if !filepath.IsLocal(b.View) || path.Ext(b.View) != ".yaml" {
		report.Addf(at, "backEnd.view è un file .yaml nella cartella dell'ente", "backEnd.view is a .yaml file in the folder of the ente")
		return
	}
	if info, err := os.Stat(c.l.cfg.ViewPath(c.e.folder, b.View)); err != nil || !info.Mode().IsRegular() {
		report.Addf(at, "backEnd.view: il file %s non c'è", "backEnd.view: there is no file %s", path.Join(entiDir, c.e.folder, b.View))
	}
}

// ViewPath is where a view of an ente is; view is its name in exposes.yaml.
func (c *Config) ViewPath(ente, view string) string { return c.Path(path.Join(entiDir, ente, view)) }

// readsFile tells whether exposes.yaml names a file of the ente's folder.
func (e *enteFiles) readsFile(name string) bool {
	return slices.ContainsFunc(e.exposeList, func(x *Expose) bool {
		return x != nil && x.BackEnd.View != "" && path.Clean(x.BackEnd.View) == name
	})
}
