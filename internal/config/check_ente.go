// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// enteCheck looks at the folder of one ente. The embedded report is that of ente.yaml.
type enteCheck struct {
	*yamlfile.Report
	l *loader
	e *enteFiles
}

func (c enteCheck) all() {
	ente := c.e.ente
	ask := checks{c.Report}
	switch {
	case !c.Require(ente.CodiceIPA, "codiceIPA"):
	case !codiceIPAForm.MatchString(ente.CodiceIPA):
		c.Addf(yamlfile.Path("codiceIPA"), "codiceIPA non è un codice dell'indice IPA: lettere, cifre, _ e -",
			"codiceIPA is not a code of the IPA index: letters, digits, _ and -")
	case ente.CodiceIPA != c.e.folder:
		c.Addf(yamlfile.Path("codiceIPA"), "codiceIPA è %q ma la cartella si chiama %q: devono essere uguali",
			"codiceIPA is %q but the folder is named %q: they must be the same", ente.CodiceIPA, c.e.folder)
	}
	c.Require(ente.Denominazione, "denominazione")
	if c.Require(ente.CodiceFiscale, "codiceFiscale") && codicefiscale.ValidOrganisation(ente.CodiceFiscale) != nil {
		c.Addf(yamlfile.Path("codiceFiscale"), "codiceFiscale non è formato dalle undici cifre di un ente",
			"codiceFiscale is not the eleven digits of an ente")
	}
	for _, environment := range sortedKeys(ente.Tenants) {
		ask.oneOf(environment, registry.Environments(), "tenants", environment)
		ask.uuid(ente.Tenants[environment], "tenants", environment)
	}
	c.clients()
	c.keychains()
	c.Require(ente.Seal.Provenance, "seal", "provenance")
	c.Require(ente.Seal.Checkpoint, "seal", "checkpoint")
	for _, name := range sortedKeys(ente.Uffici) {
		c.Require(ente.Uffici[name].Denominazione, "uffici", name, "denominazione")
	}
	for _, id := range sortedKeys(ente.Operatori) {
		c.operatore(id, ente.Operatori[id])
	}
	c.applicazioni()
	c.tracing()
	c.tesoreria()
	ask.rete(ente.Rete, "rete")
}

func (c enteCheck) clients() {
	for _, name := range sortedKeys(c.e.ente.Clients) {
		client := c.e.ente.Clients[name]
		c.client(client, "clients", name)
		if client.ModIKID != "" && client.ModIKey == "" {
			c.Addf(yamlfile.Path("clients", name, "modiKid"), "clients.%s.modiKid indica il kid di modiKey, che manca",
				"clients.%s.modiKid names the kid of modiKey, which is missing", name)
		}
		checks{c.Report}.kid(client.ModIKID, "clients", name, "modiKid")
	}
	for _, environment := range sortedKeys(c.e.ente.APIClients) {
		client := c.e.ente.APIClients[environment]
		c.client(client, "apiClients", environment)
		if client.Environment != environment {
			c.Addf(yamlfile.Path("apiClients", environment, "environment"),
				"apiClients.%s è dell'ambiente %q: i client API si elencano sotto il loro ambiente",
				"apiClients.%s is of environment %q: API clients are listed by their environment", environment, client.Environment)
		}
		if client.ModIKey != "" || client.ModIKID != "" {
			c.Addf(yamlfile.Path("apiClients", environment), "apiClients.%s firma solo assertion: non ha modiKey",
				"apiClients.%s signs assertions only: it has no modiKey", environment)
		}
	}
}

func (c enteCheck) client(client Client, path ...any) {
	ask := checks{c.Report}
	at := func(key string) []any { return append(yamlfile.Path(path...), key) }
	ask.oneOf(client.Environment, registry.Environments(), at("environment")...)
	ask.uuid(client.ID, at("id")...)
	c.Require(client.Key, at("key")...)
	ask.kid(client.KID, at("kid")...)
}

func (c enteCheck) keychains() {
	ask := checks{c.Report}
	for _, name := range sortedKeys(c.e.ente.Keychains) {
		k := c.e.ente.Keychains[name]
		ask.oneOf(k.Environment, registry.Environments(), "keychains", name, "environment")
		ask.uuid(k.ID, "keychains", name, "id")
		c.Require(k.Key, "keychains", name, "key")
		ask.kid(k.KID, "keychains", name, "kid")
	}
}

func (c enteCheck) operatore(id string, o Operatore) {
	ask := checks{c.Report}
	at := func(key string) []any { return yamlfile.Path("operatori", id, key) }
	if ask.oneOf(o.Tipo, []string{string(registry.Persona), string(registry.Automatismo)}, at("tipo")...) &&
		o.Tipo == string(registry.Automatismo) {
		c.Require(o.Responsabile, at("responsabile")...)
		c.Require(o.Atto, at("atto")...)
	}
	c.Require(o.Nome, at("nome")...)
	c.Require(o.LoA, at("loa")...)
	ask.loa(o.LoA, at("loa")...)
	if len(o.Uffici) == 0 {
		c.Addf(at("uffici"), "operatori.%s.uffici manca: un operatore lavora per almeno un ufficio",
			"operatori.%s.uffici is missing: an operator works for at least one ufficio", id)
	}
	ask.twice(o.Uffici, at("uffici")...)
	ask.twice(o.Postazioni, at("postazioni")...)
	for i, u := range o.Uffici {
		known(ask, c.e.ente.Uffici, u, same("ufficio"), "operatori", id, "uffici", i)
	}
}

func (c enteCheck) applicazioni() {
	ask := checks{c.Report}
	for _, name := range sortedKeys(c.e.ente.Applicazioni) {
		a := c.e.ente.Applicazioni[name]
		at := func(key string) []any { return yamlfile.Path("applicazioni", name, key) }
		if !registry.IsName(name) {
			c.Addf(yamlfile.Path("applicazioni", name), "il nome di applicazione %q non ha la forma gestionale-tributi",
				"application name %q is not of the form gestionale-tributi", name)
		}
		c.Require(a.Denominazione, at("denominazione")...)
		if ask.oneOf(a.Operatori, []string{OperatoriElenco, OperatoriDichiarati}, at("operatori")...) &&
			a.Operatori == OperatoriDichiarati {
			c.Require(a.LoAMax, at("loaMax")...)
		}
		ask.loa(a.LoAMax, at("loaMax")...)
	}
}
