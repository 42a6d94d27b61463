// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/config/proposte"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// The grounds on which a procedimento asks other administrations (DPR 445/2000).
const (
	BaseArt43         = "art43"          // acquisizione d'ufficio
	BaseArt71Campione = "art71-campione" // check by sample
	BaseArt71Dubbio   = "art71-dubbio"   // check of a well-founded doubt
)

// What a procedimento may do with an operation.
const (
	ModoAccertamento = "accertamento" // have the data
	ModoVerifica     = "verifica"     // have what was declared compared with them, and no more
)

// maxConservazione is a century in days: longer is a mistake of typing.
const maxConservazione = 36525

// procedimento checks one file of procedimenti/.
func (c enteCheck) procedimento(name string, p *Procedimento, report *yamlfile.Report) {
	ask := checks{report}
	switch {
	case !report.Require(p.Nome, "nome"):
	case !registry.IsName(p.Nome):
		report.Addf(yamlfile.Path("nome"), "nome %q non ha la forma iscrizione-asilo: lettere minuscole, cifre e trattini singoli",
			"nome %q is not of the form iscrizione-asilo: small letters, digits and single hyphens", p.Nome)
	case p.Nome != name:
		report.Addf(yamlfile.Path("nome"), "nome è %q ma il file è %s.yaml: devono essere uguali",
			"nome is %q but the file is %s.yaml: they must be the same", p.Nome, name)
	}
	report.Require(p.Titolo, "titolo")
	report.Require(p.Norma, "norma")
	ask.oneOf(p.BaseGiuridica, []string{BaseArt43, BaseArt71Campione, BaseArt71Dubbio}, "baseGiuridica")
	if known(ask, c.e.ente.Uffici, p.Ufficio, same("ufficio"), "ufficio") {
		report.Require(p.Responsabile, "responsabile")
	}
	if len(p.Applicazioni) == 0 {
		report.Addf(yamlfile.Path("applicazioni"), "applicazioni manca: indicare le applicazioni che lavorano su questo procedimento",
			"applicazioni is missing: name the applications that work on this procedimento")
	}
	for i, a := range p.Applicazioni {
		known(ask, c.e.ente.Applicazioni, a, same("applicazione"), "applicazioni", i)
	}
	ask.twice(p.Applicazioni, "applicazioni")
	if p.ConservazioneGiorni < 1 || p.ConservazioneGiorni > maxConservazione {
		report.Addf(yamlfile.Path("conservazioneGiorni"), "conservazioneGiorni è %d: scrivere per quanti giorni si conservano i dettagli di un'acquisizione",
			"conservazioneGiorni is %d: write the days for which the details of an acquisition are kept", p.ConservazioneGiorni)
	}
	c.pratica(p.PraticaFormato, report)
	if len(p.Operazioni) == 0 {
		report.Addf(yamlfile.Path("operazioni"), "operazioni manca: indicare che cosa questo procedimento può chiedere",
			"operazioni is missing: name what this procedimento may ask")
	}
	for i := range p.Operazioni {
		c.operazione(i, p, report)
	}
	c.purposes(p, report)
	if _, found := proposte.Find(p.Proposta); p.Proposta != "" && !found {
		report.Addf(yamlfile.Path("proposta"), "proposta %q non è tra quelle di «snodo config proposte»",
			"proposta %q is not one of those of “snodo config proposte”", p.Proposta)
	}
}

// pratica wants the expression anchored, so that reading it tells what it admits.
func (c enteCheck) pratica(format string, report *yamlfile.Report) {
	if format == "" {
		return
	}
	if _, err := regexp.Compile(format); err != nil {
		report.Addf(yamlfile.Path("praticaFormato"), "praticaFormato non è un'espressione regolare",
			"praticaFormato is not a regular expression")
	} else if !strings.HasPrefix(format, "^") || !strings.HasSuffix(format, "$") {
		report.Addf(yamlfile.Path("praticaFormato"), "praticaFormato non comincia con ^ e non finisce con $: descrive l'intero numero",
			"praticaFormato does not begin with ^ and end with $: it describes the whole number")
	}
}

func (c enteCheck) operazione(i int, p *Procedimento, report *yamlfile.Report) {
	ask := checks{report}
	o := p.Operazioni[i]
	if !known(ask, c.e.ente.Consumes, o.Servizio, modi.Text{IT: "il servizio di " + consumesFile, EN: "servizio of " + consumesFile}, "operazioni", i, "servizio") {
		return
	}
	if o.Passante || len(o.Chiamate) > 0 {
		c.passante(i, p, report)
		return
	}
	equal := func(other Autorizzazione) bool {
		return !other.Passante && other.Servizio == o.Servizio && other.Operazione == o.Operazione
	}
	if first := slices.IndexFunc(p.Operazioni, equal); first < i {
		report.Addf(yamlfile.Path("operazioni", i), "%s di %s è ammessa due volte (la prima alla riga %d)",
			"%s of %s is allowed twice (first at line %d)", o.Operazione, o.Servizio, report.Doc().Line("operazioni", first))
	}
	recipe := c.l.cfg.Consumes[o.Servizio]
	if recipe == nil { // reported where the binding is
		return
	}
	if !known(ask, recipe.Operations, o.Operazione, same("operazione"), "operazioni", i, "operazione") {
		return
	}
	op := recipe.Operations[o.Operazione]
	ask.oneOf(cmp.Or(o.Modo, ModoAccertamento), []string{ModoAccertamento, ModoVerifica}, "operazioni", i, "modo")
	if len(o.Campi) == 0 {
		report.Addf(yamlfile.Path("operazioni", i, "campi"), "campi manca: indicare i campi che servono al procedimento, tra %s",
			"campi is missing: name the fields the procedimento needs, of %s", strings.Join(op.Fields, ", "))
	}
	for f, field := range o.Campi {
		ask.oneOf(field, op.Fields, "operazioni", i, "campi", f)
	}
	ask.twice(o.Campi, "operazioni", i, "campi")
	for _, need := range op.Needs {
		c.need(i, o.Servizio, need, report)
	}
}

// need checks that a service which an operation calls on its way is bound, in the same
// environment.
func (c enteCheck) need(i int, service, need string, report *yamlfile.Report) {
	at := yamlfile.Path("operazioni", i, "servizio")
	binding, bound := c.e.ente.Consumes[need]
	switch {
	case !bound && c.e.ente.Consumes[service].WithoutC030():
	case !bound:
		report.Addf(at, "%s chiama a sua volta %s, che %s non collega",
			"%s calls %s on its way, which %s does not bind", service, need, consumesFile)
	case !slices.Contains(registry.Environments(), c.e.ente.Consumes[service].Environment): // reported there
	case !slices.Contains(registry.Environments(), binding.Environment): // reported there
	case binding.Environment != c.e.ente.Consumes[service].Environment:
		report.Addf(at, "%s chiama a sua volta %s, che è collegato nell'ambiente %q: gli ambienti non si mescolano mai",
			"%s calls %s on its way, which is bound in environment %q: environments never mix", service, need, binding.Environment)
	}
}

// purposes wants one purposeId for each service that can be called, and no other.
func (c enteCheck) purposes(p *Procedimento, report *yamlfile.Report) {
	needed, allowed := c.services(p, false), c.services(p, true)
	for _, service := range needed {
		if p.Purposes[service] == "" {
			report.Addf(yamlfile.Path("purposes", service), "purposes.%s manca: ogni servizio chiamato ha un purposeId su PDND",
				"purposes.%s is missing: every service that is called has a purposeId on PDND", service)
		}
	}
	owner := map[string]string{}
	for _, service := range sortedKeys(p.Purposes) {
		at := yamlfile.Path("purposes", service)
		id := p.Purposes[service]
		if !slices.Contains(allowed, service) {
			report.Addf(at, "purposes.%s non serve: nessuna operazione di questo procedimento chiama quel servizio",
				"purposes.%s is not used: no operation of this procedimento calls that service", service)
			continue
		}
		if id == "" {
			continue // reported as missing
		}
		checks{report}.uuid(id, at...)
		if other, taken := owner[id]; taken {
			report.Addf(at, "purposes.%s è anche la finalità di %s: su PDND una finalità è di un solo e-service",
				"purposes.%s is also the purpose of %s: on PDND a purpose belongs to one e-service", service, other)
		}
		owner[id] = service
	}
}

// services are those the operations of a procedimento call, directly or on the way; of
// the latter those that may be missing count only when spare is set.
func (c enteCheck) services(p *Procedimento, spare bool) []string {
	var list []string
	for _, o := range p.Operazioni {
		list = append(list, o.Servizio)
		recipe := c.l.cfg.Consumes[o.Servizio]
		if recipe != nil && (spare || !c.e.ente.Consumes[o.Servizio].WithoutC030()) {
			list = append(list, recipe.Operations[o.Operazione].Needs...)
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}
