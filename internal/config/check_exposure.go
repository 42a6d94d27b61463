// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"maps"
	"path/filepath"
	"slices"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// How a back end is told who calls.
const (
	IdentityHeaders = "headers"
	IdentityJWT     = "jwt"
	IdentityBoth    = "both"
)

// The policies of Fiducia.Revoca.
const (
	RevocaObbligatoria  = "obbligatoria"
	RevocaSeDisponibile = "se disponibile"
	RevocaNo            = "no"
)

// protections checks how a back end is reached and told who calls, and whom the certificates of callers may name.
func (c enteCheck) protections(i int, x *Expose) {
	report, b := c.e.exposes, x.BackEnd
	ask := checks{report}
	if b.Socket != "" {
		if !filepath.IsAbs(b.Socket) {
			report.Addf(yamlfile.Path(i, "backEnd", "socket"), "backEnd.socket non è un percorso assoluto",
				"backEnd.socket is not an absolute path")
		}
		if b.Rete != nil && (b.Rete.Proxy != "" || b.Rete.IPUscita != "") {
			report.Addf(yamlfile.Path(i, "backEnd", "rete"), "backEnd.socket non passa dalla rete: togliere proxy e ip_uscita",
				"backEnd.socket does not cross the network: take proxy and ip_uscita out")
		}
	}
	if b.Identity != "" {
		ask.oneOf(b.Identity, []string{IdentityHeaders, IdentityJWT, IdentityBoth}, i, "backEnd", "identity")
		if (b.Identity == IdentityJWT || b.Identity == IdentityBoth) && c.e.ente.Seal.Identity == "" {
			report.Addf(yamlfile.Path(i, "backEnd", "identity"), "seal.identity di %s manca: è la chiave che firma chi chiama (snodo keys generate --role identity)",
				"seal.identity of %s is missing: it is the key that signs who calls (snodo keys generate --role identity)", enteFile)
		}
	}
	c.fiducia(i, x)
}

// fiducia checks the trust store of an exposure, and that there is one where an operation takes certificates.
func (c enteCheck) fiducia(i int, x *Expose) {
	report, f := c.e.exposes, x.Fiducia
	ask := checks{report}
	if f == nil {
		if recipe := c.l.cfg.Exposes[x.Recipe]; recipe != nil && takesCertificates(recipe) {
			report.Addf(yamlfile.Path(i), "fiducia manca: la ricetta %s prende chi chiama da un certificato",
				"fiducia is missing: recipe %s takes who calls from a certificate", x.Recipe)
		}
		return
	}
	if len(f.CA)+len(f.Pins) == 0 {
		report.Addf(yamlfile.Path(i, "fiducia"), "fiducia non ha né ca né pins: nessun certificato sarebbe buono",
			"fiducia has neither ca nor pins: no certificate would be good")
	}
	if f.Revoca != "" {
		ask.oneOf(f.Revoca, []string{RevocaObbligatoria, RevocaSeDisponibile, RevocaNo}, i, "fiducia", "revoca")
	}
	if len(f.Organizzazioni) == 0 {
		report.Addf(yamlfile.Path(i, "fiducia"), "fiducia.organizzazioni manca: elencare il codice fiscale di chi può chiamare",
			"fiducia.organizzazioni is missing: list the codice fiscale of who may call")
	}
	for _, code := range sortedKeys(f.Organizzazioni) {
		if codicefiscale.ValidOrganisation(code) != nil {
			report.Addf(yamlfile.Path(i, "fiducia", "organizzazioni", code), "il codice fiscale non è formato dalle undici cifre di un ente",
				"the codice fiscale is not the eleven digits of an ente")
		}
		if consumer := f.Organizzazioni[code]; consumer != "" {
			ask.uuid(consumer, i, "fiducia", "organizzazioni", code)
		}
	}
}

// takesCertificates tells whether an operation of an exposure knows its callers by certificate.
func takesCertificates(e *registry.Exposure) bool {
	for _, id := range append(slices.Sorted(maps.Keys(e.Operations)), "") {
		if t, err := e.Terms(id); err == nil && t.ByCertificate() {
			return true
		}
	}
	return false
}

// fiducia checks that the files of a trust store are there.
func (f fileCheck) fiducia(r *yamlfile.Report, t *Fiducia, path ...any) {
	if t == nil {
		return
	}
	for _, list := range []struct {
		name  string
		files []string
	}{{"ca", t.CA}, {"intermedie", t.Intermedie}} {
		f.public(r, list.files, append(slices.Clone(path), list.name)...)
	}
	for i, pin := range t.Pins {
		if !kidForm.MatchString(pin) {
			f.present(r, pin, append(slices.Clone(path), "pins", i)...)
		}
	}
}
