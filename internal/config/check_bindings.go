// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// titoloForm is how the owner of the hub acts for the ente (D10).
var titoloForm = regexp.MustCompile(`^(proprio|funzione trasferita|servizio art\. 28|delega PDND [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// bindings checks consumes.yaml.
func (c enteCheck) bindings() {
	report := c.e.consumes
	first := map[string]int{}
	for i, b := range c.e.consumeList {
		if earlier, again := first[b.Recipe]; again {
			report.Addf(yamlfile.Path(i, "recipe"), "la ricetta %q è collegata due volte (la prima alla riga %d)",
				"recipe %q is bound twice (first at line %d)", b.Recipe, report.Doc().Line(earlier))
			continue
		}
		first[b.Recipe] = i
		c.binding(i, b)
	}
}

func (c enteCheck) binding(i int, b *Consume) {
	report := c.e.consumes
	ask := checks{report}
	c.bindingClient(i, b)
	if !c.l.broken["consumes/"+b.Recipe] { // told where its faults are
		known(ask, c.l.cfg.Consumes, b.Recipe, modi.Text{IT: "la ricetta", EN: "recipe"}, i, "recipe")
	}
	if ask.oneOf(b.Environment, registry.Environments(), i, "environment") {
		c.bindingEnvironment(i, b)
	}
	if report.Require(b.Titolo, i, "titolo") && !titoloForm.MatchString(b.Titolo) {
		report.Addf(yamlfile.Path(i, "titolo"), "titolo è %q: scrivere proprio, funzione trasferita, servizio art. 28 oppure delega PDND seguito dall'id della delega",
			"titolo is %q: write proprio, funzione trasferita, servizio art. 28 or delega PDND followed by the id of the delegation", b.Titolo)
	}
	ask.notNegative(float64(b.QuotaDaily), i, "quotaDaily")
	if r := b.Reserve(); r < 0 || r > 100 {
		report.Addf(yamlfile.Path(i, "quotaReserve"), "quotaReserve è %d: scrivere centesimi da 0 a 100",
			"quotaReserve is %d: write hundredths from 0 to 100", r)
	}
	ask.notNegative(b.RatePerSecond, i, "ratePerSecond")
	if b.SenzaC030 != "" {
		ask.oneOf(b.SenzaC030, []string{SenzaC030Rifiuta, SenzaC030Avvisa}, i, "senza_c030")
	}
	ask.rete(b.Rete, i, "rete")
	c.replies(i, b)
	if b.Passante != nil {
		c.nativeCalls(i, b.Passante)
	}
}

// bindingEnvironment checks that all a binding names lives in its environment.
func (c enteCheck) bindingEnvironment(i int, b *Consume) {
	report := c.e.consumes
	if recipe := c.l.cfg.Consumes[b.Recipe]; recipe != nil {
		if _, ok := recipe.Environments[b.Environment]; !ok {
			report.Addf(yamlfile.Path(i, "environment"), "la ricetta %s non ha un blocco per l'ambiente %q: %s",
				"recipe %s has no block for environment %q: %s", b.Recipe, b.Environment, among(recipe.Environments))
		}
		if len(recipe.Patterns.Response) > 0 {
			c.apiClient(report, b.Environment, modi.Text{IT: "le sue risposte sono firmate", EN: "its answers are signed"}, i, "environment")
		}
	}
	if client, ok := c.l.cfg.ClientOf(c.e.ente, b); ok && client.Environment != b.Environment {
		report.Addf(yamlfile.Path(i, "client"), "il client %s è dell'ambiente %q, il collegamento di %q: non si mescolano mai",
			"client %s is of environment %q, the binding of %q: they never mix", b.Client, client.Environment, b.Environment)
	}
	switch {
	case b.Environment == registry.Locale:
		checks{report}.url(b.URL, true, i, "url")
		if strings.HasSuffix(b.URL, "/") {
			report.Addf(yamlfile.Path(i, "url"), "url finisce con /: lo seguono i percorsi delle operazioni",
				"url ends with /: the paths of the operations follow it")
		}
	case b.URL != "":
		report.Addf(yamlfile.Path(i, "url"), "url è solo per l'ambiente locale: altrove lo sa la ricetta",
			"url is only for environment locale: elsewhere the recipe knows it")
	}
}

// apiClient checks that keys can be looked up on PDND in an environment.
func (c enteCheck) apiClient(report *yamlfile.Report, environment string, because modi.Text, path ...any) {
	if _, ok := c.e.ente.APIClients[environment]; !ok {
		report.Addf(path, "%s, e le chiavi si cercano con apiClients.%s di %s, che manca",
			"%s, and the keys are looked up with apiClients.%s of %s, which is missing", because, environment, enteFile)
	}
}

// Times a back end may be given to answer.
const (
	minBackEnd = 100 * time.Millisecond
	maxBackEnd = 2 * time.Minute
)

// exposures checks exposes.yaml.
func (c enteCheck) exposures() {
	report := c.e.exposes
	first, audiences := map[string]int{}, map[string]int{}
	for i, x := range c.e.exposeList {
		if earlier, again := first[x.Recipe]; again {
			report.Addf(yamlfile.Path(i, "recipe"), "la ricetta %q è collegata due volte (la prima alla riga %d)",
				"recipe %q is bound twice (first at line %d)", x.Recipe, report.Doc().Line(earlier))
			continue
		}
		first[x.Recipe] = i
		c.exposure(i, x)
		audience := x.Environment + " " + x.Audience
		if earlier, again := audiences[audience]; again {
			report.Addf(yamlfile.Path(i, "audience"), "l'audience è anche quella dell'e-service alla riga %d: un voucher non li distinguerebbe",
				"the audience is also that of the e-service at line %d: a voucher could not tell them apart", report.Doc().Line(earlier))
		}
		audiences[audience] = i
	}
}

func (c enteCheck) exposure(i int, x *Expose) {
	report := c.e.exposes
	ask := checks{report}
	known(ask, c.e.ente.Keychains, x.Keychain, modi.Text{IT: "il portachiavi", EN: "keychain"}, i, "keychain")
	if ask.oneOf(x.Environment, registry.Environments(), i, "environment") {
		c.exposureEnvironment(i, x)
	}
	ask.uuid(x.EserviceID, i, "eserviceId")
	if len(x.DescriptorIDs) == 0 {
		report.Addf(yamlfile.Path(i, "descriptorIds"), "descriptorIds manca: indicare ogni versione dell'e-service che si può ancora chiamare",
			"descriptorIds is missing: name every version of the e-service that may still be called")
	}
	for d, id := range x.DescriptorIDs {
		ask.uuid(id, i, "descriptorIds", d)
	}
	ask.twice(x.DescriptorIDs, i, "descriptorIds")
	if report.Require(x.Audience, i, "audience") && strings.ContainsAny(x.Audience, ", \t") {
		report.Addf(yamlfile.Path(i, "audience"), "audience contiene una virgola o uno spazio: PDND unisce le audience con virgole, scrivere quella di questo e-service",
			"audience holds a comma or a space: PDND joins audiences by commas, write the one of this e-service")
	}
	c.answers(i, x)
	c.callers(i, x)
	c.callbacks(i, x)
	c.protections(i, x)
	ask.within(x.BackEnd.Deadline, minBackEnd, maxBackEnd, i, "backEnd", "deadline")
	if limit := c.l.cfg.Hub.Limits.Request; x.BackEnd.Deadline <= maxBackEnd && limit > 0 && x.BackEnd.Deadline >= limit {
		report.Addf(yamlfile.Path(i, "backEnd", "deadline"), "backEnd.deadline è %s, e limits.request di %s è %s: lo scambio finirebbe prima che il gestionale possa rispondere",
			"backEnd.deadline is %s, and limits.request of %s is %s: the whole exchange would end before the back end may answer", x.BackEnd.Deadline, HubFile, limit)
	}
	ask.rete(x.BackEnd.Rete, i, "backEnd", "rete")
	ask.notNegative(float64(x.QuotaPerConsumer), i, "quotaPerConsumer")
	ask.notNegative(float64(x.QuotaTotal), i, "quotaTotal")
	ask.contact(x.Contact, i, "contact")
	if x.Terms != "" {
		ask.url(x.Terms, false, i, "terms")
	}
	ask.url(x.PublicURL, x.Environment == registry.Locale, i, "publicURL")
	if c.l.broken["exposes/"+x.Recipe] { // told where its faults are
		return
	}
	if known(ask, c.l.cfg.Exposes, x.Recipe, modi.Text{IT: "la ricetta", EN: "recipe"}, i, "recipe") {
		c.limits(i, x)
		path := fmt.Sprintf("/modi/%s/%s/v%d", c.e.folder, x.Recipe, c.l.cfg.Exposes[x.Recipe].Major)
		if !strings.HasSuffix(x.PublicURL, path) {
			report.Addf(yamlfile.Path(i, "publicURL"), "publicURL non finisce con %s, dove lo Snodo serve l'e-service",
				"publicURL does not end with %s, where the hub serves the e-service", path)
		}
	}
}

// roomForBodies is how much the listener holds of the bodies of all the requests under way.
const roomForBodies = 256 << 20

// limits checks that no e-service takes more than its part of what the listener has for all, and that its quotas agree.
func (c enteCheck) limits(i int, x *Expose) {
	report, recipe := c.e.exposes, c.l.cfg.Exposes[x.Recipe]
	each, atOnce := recipe.Limits.Body, int64(recipe.Limits.Concurrency)
	if each > c.l.cfg.Hub.Limits.Body && (atOnce == 0 || each*atOnce > roomForBodies/2) {
		report.Addf(yamlfile.Path(i, "recipe"), "limits della ricetta %s: %d byte per richiesta e concurrency %d superano la metà dei %d byte che l'ascolto ha per tutte: al più %d alla volta",
			"limits of recipe %s: %d bytes a request and concurrency %d are more than half of the %d bytes that the listener has for all: at most %d at once",
			x.Recipe, each, atOnce, roomForBodies, max(roomForBodies/2/each, 1))
	}
	one, all := cmp.Or(x.QuotaPerConsumer, recipe.Quota.PerConsumer), cmp.Or(x.QuotaTotal, recipe.Quota.Total)
	if all > 0 && one > all {
		report.Addf(yamlfile.Path(i), "un fruitore avrebbe %d chiamate al giorno, e tutti insieme %d: correggere quotaPerConsumer o quotaTotal, o quota della ricetta %s",
			"a consumer would have %d calls a day, and all together %d: mend quotaPerConsumer or quotaTotal, or quota of recipe %s", one, all, x.Recipe)
	}
}

// exposureEnvironment checks that all a binding needs is there in its environment.
func (c enteCheck) exposureEnvironment(i int, x *Expose) {
	report := c.e.exposes
	if c.e.ente.Tenants[x.Environment] == "" {
		report.Addf(yamlfile.Path(i, "environment"), "tenants.%s di %s manca: i voucher si verificano con l'id dell'ente su PDND",
			"tenants.%s of %s is missing: vouchers are checked against the ente's id on PDND", x.Environment, enteFile)
	}
	c.apiClient(report, x.Environment, modi.Text{IT: "chi chiama firma", EN: "callers sign"}, i, "environment")
	if k, ok := c.e.ente.Keychains[x.Keychain]; ok && k.Environment != x.Environment {
		report.Addf(yamlfile.Path(i, "keychain"), "il portachiavi %s è dell'ambiente %q, il collegamento di %q: non si mescolano mai",
			"keychain %s is of environment %q, the binding of %q: they never mix", x.Keychain, k.Environment, x.Environment)
	}
}
