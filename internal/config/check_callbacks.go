// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"slices"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// callbacks checks where the answers of NONBLOCK_PUSH_REST may go.
func (c enteCheck) callbacks(i int, x *Expose) {
	report, ask := c.e.exposes, checks{c.e.exposes}
	ente := c.e.ente
	for n, callback := range x.Callbacks {
		ask.uuid(callback.Consumer, i, "callbacks", n, "consumer")
		known(ask, ente.Consumes, callback.Service, modi.Text{IT: "il servizio fruito", EN: "consumed service"}, i, "callbacks", n, "service")
		if b := ente.Consumes[callback.Service]; b != nil && b.Environment != x.Environment {
			report.Addf(yamlfile.Path(i, "callbacks", n, "service"), "il servizio %q è dell'ambiente %q, l'e-service di %q: non si mescolano mai",
				"service %q is of environment %q, the e-service of %q: they never mix", callback.Service, b.Environment, x.Environment)
		}
		known(ask, ente.Applicazioni, callback.Applicazione, modi.Text{IT: "l'applicazione", EN: "application"}, i, "callbacks", n, "applicazione")
		if known(ask, ente.Operatori, callback.Operatore, modi.Text{IT: "l'operatore", EN: "operatore"}, i, "callbacks", n, "operatore") &&
			ente.Operatori[callback.Operatore].Tipo != "automatismo" {
			report.Addf(yamlfile.Path(i, "callbacks", n, "operatore"), "l'operatore %q non è un automatismo: nessuna persona fa le richiamate",
				"operatore %q is no automatismo: no person makes the callbacks", callback.Operatore)
		}
		if !known(ask, ente.Procedimenti, callback.Procedimento, modi.Text{IT: "il procedimento", EN: "procedimento"}, i, "callbacks", n, "procedimento") {
			continue
		}
		covers := slices.ContainsFunc(ente.Procedimenti[callback.Procedimento].Operazioni, func(a Autorizzazione) bool {
			return a.Servizio == callback.Service && a.Passante
		})
		if !covers || !slices.Contains(ente.Procedimenti[callback.Procedimento].Applicazioni, callback.Applicazione) {
			report.Addf(yamlfile.Path(i, "callbacks", n, "procedimento"), "il procedimento %q non copre le richiamate: elencare %s con passante, e l'applicazione %s",
				"procedimento %q does not cover the callbacks: list %s with passante, and application %s", callback.Procedimento, callback.Service, callback.Applicazione)
		}
	}
	recipe := c.l.cfg.Exposes[x.Recipe]
	if recipe == nil {
		return
	}
	pushes := offersPush(recipe)
	if !pushes && len(x.Callbacks) > 0 {
		report.Addf(yamlfile.Path(i, "callbacks"), "la ricetta %s non offre %s: togliere callbacks", "recipe %s does not offer %s: take callbacks out", x.Recipe, registry.NonBlockingPush)
	}
}

func offersPush(recipe *registry.Exposure) bool {
	for _, o := range recipe.Operations {
		if o.Interaction.Offers() && o.Interaction.Pattern == registry.NonBlockingPush {
			return true
		}
	}
	return false
}

// CallbackHint is an e-service that offers NONBLOCK_PUSH_REST, and as yet to nobody: who may ask for it is known once its
// consumers are.
type CallbackHint struct{ Ente, Exposure string }

// CallbackHints tells where a consumer that asks to be called back is refused whoever it is.
func (c *Config) CallbackHints() []CallbackHint {
	var all []CallbackHint
	for _, ente := range sortedKeys(c.Enti) {
		for _, name := range sortedKeys(c.Enti[ente].Exposes) {
			x := c.Enti[ente].Exposes[name]
			if recipe := c.Exposes[x.Recipe]; recipe != nil && len(x.Callbacks) == 0 && offersPush(recipe) {
				all = append(all, CallbackHint{Ente: ente, Exposure: name})
			}
		}
	}
	return all
}

// Text is the hint in both languages.
func (h CallbackHint) Text() modi.Text {
	return modi.Text{
		IT: h.Ente + ", " + h.Exposure + ": nessun fruitore può farsi richiamare (" + string(registry.NonBlockingPush) + ") finché callbacks non dice dove; chi lo chiede riceve 403",
		EN: h.Ente + ", " + h.Exposure + ": no consumer can be called back (" + string(registry.NonBlockingPush) + ") until callbacks says where; who asks for it gets 403",
	}
}

// replies checks that what a binding asks and is answered later has where to be answered.
func (c enteCheck) replies(i int, b *Consume) {
	recipe := c.l.cfg.Consumes[b.Recipe]
	if recipe == nil {
		return
	}
	report, told := c.e.consumes, map[string]bool{}
	for _, name := range sortedKeys(recipe.Operations) {
		asked := recipe.Operations[name].Interaction
		if asked == nil || told[asked.Callback] {
			continue
		}
		told[asked.Callback] = true
		exposed, receiver := c.e.ente.Exposes[asked.Callback], c.l.cfg.Exposes[asked.Callback]
		switch {
		case exposed == nil:
			report.Addf(yamlfile.Path(i, "recipe"), "l'operazione %s ha risposta più tardi, all'e-service %s: elencarlo in %s",
				"operation %s is answered later, at e-service %s: list it in %s", name, asked.Callback, exposesFile)
		case exposed.Environment != b.Environment:
			report.Addf(yamlfile.Path(i, "environment"), "l'e-service %s, che riceve le risposte, è dell'ambiente %q, il collegamento di %q: non si mescolano mai",
				"e-service %s, which receives the answers, is of environment %q, the binding of %q: they never mix", asked.Callback, exposed.Environment, b.Environment)
		case receiver != nil && receiver.Receiver() == "":
			report.Addf(yamlfile.Path(i, "recipe"), "l'operazione %s ha risposta più tardi, e la ricetta %s non riceve risposte: scrivervi interaction con receives",
				"operation %s is answered later, and recipe %s receives no answers: write an interaction with receives there", name, asked.Callback)
		}
	}
}
