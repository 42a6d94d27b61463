// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// How the hub's owner acts for the ente (D10).
const (
	TitoloProprio    = "proprio"
	TitoloFunzione   = "funzione trasferita"
	TitoloServizio28 = "servizio art. 28"
	titoloDelega     = "delega PDND "
)

// Delegation is the id of the delegation that a binding rests on, "" for any other titolo.
func (c *Consume) Delegation() string {
	id, found := strings.CutPrefix(c.Titolo, titoloDelega)
	if !found {
		return ""
	}
	return id
}

// OwnerOf tells whose client a binding uses, which is the ente's own or, written
// <codiceIPA>/<name>, another's of the hub, and the name it has there. The owner is nil when
// there is no such ente.
func (c *Config) OwnerOf(ente *Ente, b *Consume) (owner *Ente, name string) {
	code, name, other := strings.Cut(b.Client, "/")
	if !other {
		return ente, b.Client
	}
	return c.Enti[code], name
}

// ClientOf finds the client of a binding.
func (c *Config) ClientOf(ente *Ente, b *Consume) (Client, bool) {
	owner, name := c.OwnerOf(ente, b)
	if owner == nil {
		return Client{}, false
	}
	client, ok := owner.Clients[name]
	return client, ok
}

// ConsumerOf tells which ente is the consumer for PDND, known before the call (D10): the
// ente itself, as delegator too; with a function transferred to another, that other, whose
// client it is. The tenant id is "" when the consumer names none for the environment.
func (c *Config) ConsumerOf(ente *Ente, b *Consume) (consumer *Ente, tenant string) {
	consumer = ente
	if owner, _ := c.OwnerOf(ente, b); b.Titolo == TitoloFunzione && owner != nil {
		consumer = owner
	}
	return consumer, consumer.Tenants[b.Environment]
}

// bindingClient checks the client of a binding against its titolo.
func (c enteCheck) bindingClient(i int, b *Consume) {
	report := c.e.consumes
	ask := checks{report}
	owner, name := c.l.cfg.OwnerOf(c.e.ente, b)
	foreign := owner != c.e.ente
	switch {
	case owner == nil:
		code, _, _ := strings.Cut(b.Client, "/")
		known(ask, c.l.cfg.Enti, code, modi.Text{IT: "l'ente", EN: "ente"}, i, "client")
		return
	case !known(ask, owner.Clients, name, modi.Text{IT: "il client", EN: "client"}, i, "client"):
		return
	case strings.Contains(b.Client, "/") && !foreign:
		report.Addf(yamlfile.Path(i, "client"), "client è dell'ente stesso: scrivere solo %s", "client is the ente's own: write %s alone", name)
	case foreign && b.Titolo != TitoloFunzione && b.Delegation() == "":
		report.Addf(yamlfile.Path(i, "client"), "il client è di un altro ente: lo ammettono solo i titoli funzione trasferita e delega PDND",
			"the client is another ente's: only the titoli funzione trasferita and delega PDND allow it")
	}
	consumer, tenant := c.l.cfg.ConsumerOf(c.e.ente, b)
	if tenant == "" && titoloForm.MatchString(b.Titolo) && (foreign || b.Delegation() != "") {
		report.Addf(yamlfile.Path(i, "titolo"), "con questo titolo il fruitore è %s, e tenants.%s del suo %s manca: i voucher si confrontano con quell'id",
			"with this titolo the consumer is %s, and tenants.%s of its %s is missing: vouchers are compared with that id",
			consumer.CodiceIPA, b.Environment, enteFile)
	}
	recipe := c.l.cfg.Consumes[b.Recipe]
	switch wants := recipe != nil && recipe.Patterns.DPoP(); {
	case owner.Clients[name].DPoPKey != "":
	case b.DPoP:
		report.Addf(yamlfile.Path(i, "dpop"), "dpop vuole clients.%s.dpopKey di %s, che manca",
			"dpop needs clients.%s.dpopKey of %s, which is missing", name, owner.CodiceIPA)
	case wants:
		report.Addf(yamlfile.Path(i, "recipe"), "la ricetta %s vuole voucher legati a una chiave (%s): serve clients.%s.dpopKey di %s, che manca",
			"recipe %s wants vouchers bound to a key (%s): it needs clients.%s.dpopKey of %s, which is missing", b.Recipe, modi.PatternDPoP, name, owner.CodiceIPA)
	}
}
