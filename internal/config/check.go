// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// check runs every check that needs more than the shape of one value.
func (l *loader) check() {
	if report := l.reports[HubFile]; report != nil {
		hubCheck{Report: report, hub: l.cfg.Hub, l: l}.all()
	}
	for _, e := range l.enti {
		c := enteCheck{Report: e.main, l: l, e: e}
		c.all()
		if e.consumes != nil {
			c.bindings()
		}
		if e.exposes != nil {
			c.exposures()
		}
		for _, name := range sortedKeys(e.procedimenti) {
			c.procedimento(name, e.ente.Procedimenti[name], e.procedimenti[name])
		}
	}
	l.checkProfiles()
	l.checkIdentifiers()
	l.checkAudiences()
	l.checkKeyFiles()
}

// maxLoA is the length of the level of assurance in the tracking evidence.
const maxLoA = 20

var (
	codiceIPAForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,29}$`)
	kidForm       = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	hostForm      = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
)

// checks are the questions asked of single values.
type checks struct{ *yamlfile.Report }

func (c checks) oneOf(value string, allowed []string, path ...any) bool {
	switch {
	case slices.Contains(allowed, value):
		return true
	case value == "":
		c.Addf(path, "%s manca: scrivere uno tra %s",
			"%s is missing: write one of %s", yamlfile.Name(path), strings.Join(allowed, ", "))
	default:
		c.Addf(path, "%s è %q: scrivere uno tra %s",
			"%s is %q: write one of %s", yamlfile.Name(path), value, strings.Join(allowed, ", "))
	}
	return false
}

func (c checks) uuid(value string, path ...any) {
	if c.Require(value, path...) && !registry.IsUUID(value) {
		c.Addf(path, "%s non è un UUID in minuscolo, come lo mostra PDND",
			"%s is not a UUID in lower case, as PDND shows it", yamlfile.Name(path))
	}
}

func (c checks) kid(value string, path ...any) {
	if value != "" && !kidForm.MatchString(value) {
		c.Addf(path, "%s non è un kid di 43 caratteri: ometterlo per usare l'impronta della chiave stessa",
			"%s is not a kid of 43 characters: leave it out to use the key's own thumbprint", yamlfile.Name(path))
	}
}

func (c checks) notNegative(value float64, path ...any) {
	if value < 0 {
		c.Addf(path, "%s è minore di 0: scrivere 0 per nessun limite",
			"%s is below 0: write 0 for no limit", yamlfile.Name(path))
	}
}

func (c checks) within(value, low, high time.Duration, path ...any) {
	if value < low || value > high {
		c.Addf(path, "%s è %s: scrivere una durata da %s a %s",
			"%s is %s: write a duration from %s to %s", yamlfile.Name(path), value, low, high)
	}
}

// url checks an absolute URL; plain http is for the own machine and for back ends.
func (c checks) url(value string, plain bool, path ...any) {
	if !c.Require(value, path...) {
		return
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "" || (u.Scheme != "http" && u.Scheme != "https"):
		c.Addf(path, "%s non è un URL assoluto",
			"%s is not an absolute URL", yamlfile.Name(path))
	case u.Scheme == "http" && !plain:
		c.Addf(path, "%s non comincia con https://",
			"%s does not begin with https://", yamlfile.Name(path))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		c.Addf(path, "%s ha un utente, una query o un frammento: scrivere solo schema, host e percorso",
			"%s has a user, query or fragment: write only scheme, host and path", yamlfile.Name(path))
	}
}

func (c checks) prefixes(list []string, path ...any) {
	for i, s := range list {
		if _, err := netip.ParsePrefix(s); err != nil {
			at := append(slices.Clone(path), i)
			c.Addf(at, "%s non è una rete come 10.0.0.0/8",
				"%s is not a network such as 10.0.0.0/8", yamlfile.Name(at))
		}
	}
}

func (c checks) loa(value string, path ...any) {
	if len(value) > maxLoA {
		c.Addf(path, "%s supera i %d caratteri che i registri ammettono",
			"%s is longer than the %d characters registries admit", yamlfile.Name(path), maxLoA)
	}
}

// known reports a name that is not a key of m.
func known[V any](c checks, m map[string]V, name string, what modi.Text, path ...any) bool {
	if !c.Require(name, path...) {
		return false
	}
	if _, ok := m[name]; ok {
		return true
	}
	c.Addf(path, "%s %q non risulta: %s", "%s %q is not known: %s", what, name, among(m))
	return false
}

// among lists the names one could have meant.
func among[V any](m map[string]V) modi.Text {
	if len(m) == 0 {
		return modi.Text{IT: "non ce n'è", EN: "there is none"}
	}
	all := strings.Join(sortedKeys(m), ", ")
	return modi.Text{IT: "ci sono " + all, EN: "there are " + all}
}

// same is a word that the two languages of the product share.
func same(word string) modi.Text { return modi.Text{IT: word, EN: word} }

// twice reports the repetitions in a list.
func (c checks) twice(list []string, path ...any) {
	for i, s := range list {
		if slices.Contains(list[:i], s) {
			c.Addf(append(slices.Clone(path), i), "%q è scritto due volte",
				"%q is written twice", s)
		}
	}
}

// rete checks a network block; its files are checked with the others.
func (c checks) rete(r *Rete, path ...any) {
	if r == nil {
		return
	}
	at := func(key string) []any { return append(slices.Clone(path), key) }
	if r.Proxy != "" {
		c.url(r.Proxy, true, at("proxy")...)
	}
	if r.IPUscita != "" {
		if _, err := netip.ParseAddr(r.IPUscita); err != nil {
			c.Addf(at("ip_uscita"), "%s non è un indirizzo IP",
				"%s is not an IP address", yamlfile.Name(at("ip_uscita")))
		}
	}
}

// where writes the place of an earlier value, for faults that involve two places.
func where(r *yamlfile.Report, path []any) string {
	return fmt.Sprintf("%s:%d", r.Doc().File(), r.Doc().Line(path...))
}
