// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"os"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// checkProfiles reads the profile of every environment that a binding or a client
// names, and of every file that snodo.yaml names.
func (l *loader) checkProfiles() {
	used := map[string]bool{}
	for _, e := range l.enti {
		for _, b := range e.ente.Consumes {
			used[b.Environment] = true
		}
		for _, x := range e.ente.Exposes {
			used[x.Environment] = true
		}
	}
	for _, file := range sortedKeys(l.cfg.Hub.Environments) {
		used[file] = true
	}
	builtin := BuiltinEnvironments()
	for _, name := range registry.Environments() {
		if !used[name] {
			continue
		}
		if file, replaced := l.cfg.Hub.Environments[name]; replaced && file != "" {
			l.profile(name, file)
		} else if profile, ok := builtin[name]; ok {
			l.cfg.Environments[name] = profile
		} else if report := l.reports[HubFile]; report != nil && !replaced {
			report.Addf(yamlfile.Path("environments", name), "environments.%s manca: un collegamento è di quell'ambiente e solo un file può descriverlo",
				"environments.%s is missing: a binding is of that environment and only a file can describe it", name)
		}
	}
}

// profile reads a file that replaces a whole environment.
func (l *loader) profile(name, file string) {
	var p Environment
	report, ok := l.read(file, &p, false)
	if !ok {
		if info, err := os.Stat(l.cfg.Path(file)); err != nil || !info.Mode().IsRegular() {
			l.reports[HubFile].Addf(yamlfile.Path("environments", name), "environments.%s: il file %s non c'è",
				"environments.%s: there is no file %s", name, file)
		}
		return
	}
	ask := checks{report}
	plain := name == registry.Locale
	if report.Require(p.Name, "name") && p.Name != name {
		report.Addf(yamlfile.Path("name"), "name è %q ma %s indica il file per l'ambiente %q",
			"name is %q but %s names the file for environment %q", p.Name, HubFile, name)
	}
	report.Require(p.Issuer, "issuer")
	ask.url(p.TokenURL, plain, "tokenURL")
	ask.url(p.JWKSURL, plain, "jwksURL")
	ask.url(p.APIBase, plain, "apiBase")
	if strings.HasSuffix(p.APIBase, "/") || strings.HasSuffix(p.APIBase, "/v2") || strings.HasSuffix(p.APIBase, "/v3") {
		report.Addf(yamlfile.Path("apiBase"), "apiBase finisce prima di /v2 e /v3, senza barra finale",
			"apiBase ends before /v2 and /v3, without a final slash")
	}
	report.Require(p.APIAudience, "apiAudience")
	if p.TracingURL != "" {
		ask.url(p.TracingURL, plain, "tracingURL")
	}
	if p.APIJWKSURL != "" {
		ask.url(p.APIJWKSURL, plain, "apiJwksURL")
	}
	if report.Require(p.AssertionAudience, "assertionAudience") && strings.Contains(p.AssertionAudience, "://") {
		report.Addf(yamlfile.Path("assertionAudience"), "assertionAudience non ha schema: per esempio auth.interop.pagopa.it/client-assertion",
			"assertionAudience has no scheme: auth.interop.pagopa.it/client-assertion, for example")
	}
	l.cfg.Environments[name] = p
}

// checkIdentifiers refuses a PDND id or kid that stands in two places: it would make two
// enti, or two roles, answer for each other. A kid that is left out is the thumbprint of
// its key, and compared when the keys are opened.
func (l *loader) checkIdentifiers() {
	seen := identifiers{}
	for _, e := range l.enti {
		ente := e.ente
		for _, environment := range sortedKeys(ente.Tenants) {
			seen.add(e.main, "tenant "+environment+" "+ente.Tenants[environment], modi.Text{IT: "l'id del tenant", EN: "the tenant id"}, "tenants", environment)
		}
		for _, name := range sortedKeys(ente.Clients) {
			client := ente.Clients[name]
			seen.add(e.main, "client "+client.ID, modi.Text{IT: "l'id del client", EN: "the client id"}, "clients", name, "id")
			seen.add(e.main, "kid "+client.KID, modi.Text{IT: "il kid", EN: "the kid"}, "clients", name, "kid")
			if client.ModIKID != client.KID { // one key for both uses is a choice, not a mistake
				seen.add(e.main, "kid "+client.ModIKID, modi.Text{IT: "il kid", EN: "the kid"}, "clients", name, "modiKid")
			}
		}
		for _, environment := range sortedKeys(ente.APIClients) {
			client := ente.APIClients[environment]
			seen.add(e.main, "client "+client.ID, modi.Text{IT: "l'id del client", EN: "the client id"}, "apiClients", environment, "id")
			seen.add(e.main, "kid "+client.KID, modi.Text{IT: "il kid", EN: "the kid"}, "apiClients", environment, "kid")
		}
		for _, name := range sortedKeys(ente.Keychains) {
			keychain := ente.Keychains[name]
			seen.add(e.main, "keychain "+keychain.ID, modi.Text{IT: "l'id del portachiavi", EN: "the keychain id"}, "keychains", name, "id")
			seen.add(e.main, "kid "+keychain.KID, modi.Text{IT: "il kid", EN: "the kid"}, "keychains", name, "kid")
		}
		for i, x := range e.exposeList {
			if x != nil && e.ente.Exposes[x.Recipe] == x {
				seen.add(e.exposes, "eservice "+x.Environment+" "+x.EserviceID, modi.Text{IT: "l'id dell'e-service", EN: "the e-service id"}, i, "eserviceId")
			}
		}
	}
}

// checkAudiences refuses an audience of two enti: the vouchers for one would be good at the other.
func (l *loader) checkAudiences() {
	type place struct {
		e  *enteFiles
		at string
	}
	first := map[string]place{}
	for _, e := range l.enti {
		for i, x := range e.exposeList {
			if x == nil || x.Audience == "" {
				continue
			}
			key, at := x.Environment+" "+x.Audience, yamlfile.Path(i, "audience")
			other, taken := first[key]
			switch {
			case !taken:
				first[key] = place{e, where(e.exposes, at)}
			case other.e != e: // within an ente it is told with its bindings
				e.exposes.Addf(at, "l'audience è anche quella di %s: un voucher non li distinguerebbe", "the audience is also that of %s: a voucher could not tell them apart", other.at)
			}
		}
	}
}

// identifiers remembers where an id was first written.
type identifiers map[string]string

func (s identifiers) add(r *yamlfile.Report, id string, what modi.Text, path ...any) {
	if strings.HasSuffix(id, " ") { // missing, and reported as such
		return
	}
	if first, taken := s[id]; taken {
		r.Addf(path, "%s è scritto anche in %s: è di un solo ente e di un solo uso",
			"%s is also written at %s: it belongs to one ente and one use", what, first)
		return
	}
	s[id] = where(r, path)
}
