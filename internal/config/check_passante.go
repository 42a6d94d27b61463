// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// Passante tunes the native calls of a service (/v1/fruizioni) for programs that cannot be changed.
type Passante struct {
	Intestazioni []string `yaml:"intestazioni"` // further request headers that reach the registry
	Compat       string   `yaml:"compat"`       // govway: the headers and parameters that GovWay reads are read too
	Percorso     string   `yaml:"percorso"`     // with compat: old path at which the service answers too
	Procedimento string   `yaml:"procedimento"` // with compat: of calls that name none
	PraticaDa    string   `yaml:"praticaDa"`    // with compat: header in which the program writes the pratica
}

// CompatGovWay reads native calls as GovWay does.
const CompatGovWay = "govway"

// NativeMethods are those of native calls.
func NativeMethods() []string {
	return []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
}

// Chiamata is one native call that a procedimento allows.
type Chiamata struct {
	Method string
	Path   []string // segments as they are sent; one written {name} is any
}

// callForm is "GET /a/{b}": segments of unreserved characters (RFC 3986, 2.3), as they are sent.
var callForm = regexp.MustCompile(`^([A-Z]+) ((?:/(?:\{[A-Za-z][A-Za-z0-9]*\}|[A-Za-z0-9._~-]+))+|/)$`)

// ParseChiamata reads "GET /path/{x}".
func ParseChiamata(s string) (Chiamata, error) {
	parts := callForm.FindStringSubmatch(s)
	if parts == nil || !slices.Contains(NativeMethods(), parts[1]) {
		return Chiamata{}, fmt.Errorf("%q is not of the form GET /path/{x}", s)
	}
	return Chiamata{Method: parts[1], Path: strings.Split(parts[2], "/")[1:]}, nil
}

// Matches tells whether a request is the call; segments are those of its escaped path.
func (c Chiamata) Matches(method string, segments []string) bool {
	return c.Method == method && slices.EqualFunc(c.Path, segments, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

// passante checks an item of operazioni for native calls.
func (c enteCheck) passante(i int, p *Procedimento, report *yamlfile.Report) {
	o := p.Operazioni[i]
	if !o.Passante {
		report.Addf(yamlfile.Path("operazioni", i, "chiamate"), "chiamate è solo per passante: true",
			"chiamate is only for passante: true")
		return
	}
	if o.Operazione != "" || o.Modo != "" || len(o.Campi) > 0 {
		report.Addf(yamlfile.Path("operazioni", i), "con passante: true la risposta arriva intera: operazione, modo e campi non si scrivono",
			"with passante: true the answer comes whole: operazione, modo and campi are not written")
	}
	same := func(other Autorizzazione) bool { return other.Passante && other.Servizio == o.Servizio }
	if first := slices.IndexFunc(p.Operazioni, same); first < i {
		report.Addf(yamlfile.Path("operazioni", i), "%s è passante due volte (la prima alla riga %d)",
			"%s is passante twice (first at line %d)", o.Servizio, report.Doc().Line("operazioni", first))
	}
	for n, call := range o.Chiamate {
		if _, err := ParseChiamata(call); err != nil {
			report.Addf(yamlfile.Path("operazioni", i, "chiamate", n), "chiamata %q: scriverla come GET /percorso/{x}, con un metodo tra %s",
				"chiamata %q: write it as GET /path/{x}, with a method of %s", call, strings.Join(NativeMethods(), ", "))
		}
	}
	checks{report}.twice(o.Chiamate, "operazioni", i, "chiamate")
}

// oldPathForm is a path of unreserved characters without final slash.
var oldPathForm = regexp.MustCompile(`^(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*){2,}$`)

// headerForm is a field name (RFC 9110, 5.1) without the characters nobody uses in one.
var headerForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)

// contextHeader tells the headers that say why a call is made: they end at the hub.
func contextHeader(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "snodo-") || strings.HasPrefix(name, "govway-")
}

// nativeCalls checks passante of a binding.
func (c enteCheck) nativeCalls(i int, n *Passante) {
	report := c.e.consumes
	ask := checks{report}
	for h, name := range n.Intestazioni {
		if !headerForm.MatchString(name) || !registry.ForwardableHeader(name) || contextHeader(name) {
			report.Addf(yamlfile.Path(i, "passante", "intestazioni", h), "l'intestazione %q non si può inoltrare: è dello Snodo o del trasporto",
				"header %q cannot be handed on: it belongs to the hub or to the transport", name)
		}
	}
	ask.twice(n.Intestazioni, i, "passante", "intestazioni")
	if n.Compat == "" {
		for key, value := range map[string]string{"percorso": n.Percorso, "procedimento": n.Procedimento, "praticaDa": n.PraticaDa} {
			if value != "" {
				report.Addf(yamlfile.Path(i, "passante", key), "passante.%s è solo per compat: govway",
					"passante.%s is only for compat: govway", key)
			}
		}
		return
	}
	ask.oneOf(n.Compat, []string{CompatGovWay}, i, "passante", "compat")
	if n.Procedimento != "" {
		known(ask, c.e.ente.Procedimenti, n.Procedimento, modi.Text{IT: "il procedimento", EN: "procedimento"}, i, "passante", "procedimento")
	}
	if n.PraticaDa != "" && (!headerForm.MatchString(n.PraticaDa) || !registry.ForwardableHeader(n.PraticaDa) || contextHeader(n.PraticaDa)) {
		report.Addf(yamlfile.Path(i, "passante", "praticaDa"), "praticaDa è %q: scrivere un'intestazione del programma",
			"praticaDa is %q: write a header of the program", n.PraticaDa)
	}
	c.oldPath(i, n.Percorso)
}

// oldPath refuses a path that is the hub's own, or within another one of the ente.
func (c enteCheck) oldPath(i int, path string) {
	report := c.e.consumes
	at := yamlfile.Path(i, "passante", "percorso")
	switch {
	case path == "":
		return
	case !oldPathForm.MatchString(path) || strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/problems/"):
		report.Addf(at, "passante.percorso è %q: scrivere il percorso del vecchio sistema, come /govway/rest/out/Comune/Registro/Servizio/v1",
			"passante.percorso is %q: write the path of the former system, like /govway/rest/out/Comune/Registro/Servizio/v1", path)
		return
	}
	for j, other := range c.e.consumeList[:i] {
		if other == nil || other.Passante == nil || other.Passante.Percorso == "" {
			continue
		}
		if within(path, other.Passante.Percorso) || within(other.Passante.Percorso, path) {
			report.Addf(at, "passante.percorso è dentro quello alla riga %d, o lo contiene",
				"passante.percorso lies within that of line %d, or holds it", report.Doc().Line(j, "passante", "percorso"))
		}
	}
}

func within(path, base string) bool { return path == base || strings.HasPrefix(path, base+"/") }
