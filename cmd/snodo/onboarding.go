// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/registry"
)

// onboarding is the result of config onboarding: what to do for one service, and the
// values to copy.
type onboarding struct {
	Service string            `json:"servizio"`
	Title   string            `json:"titolo"`
	Owner   string            `json:"registro"`
	Steps   []string          `json:"passi"`
	Needs   []string          `json:"servono,omitempty"` // services that its operations call on their way
	Places  []onboardingPlace `json:"ambienti"`
	Ente    *onboardingEnte   `json:"ente,omitempty"`
}

// onboardingPlace is the e-service in one environment.
type onboardingPlace struct {
	Environment string `json:"ambiente"`
	EserviceID  string `json:"eserviceId,omitempty"`
	URL         string `json:"url"`
	Audience    string `json:"audience"`
}

// onboardingEnte is what the configuration of an ente already says.
type onboardingEnte struct {
	CodiceIPA    string                   `json:"codiceIPA"`
	Environment  string                   `json:"ambiente,omitempty"`
	ClientID     string                   `json:"client,omitempty"`
	Key          string                   `json:"chiave,omitempty"`
	KID          string                   `json:"kid,omitempty"` // "" while there is no key
	Procedimenti []onboardingProcedimento `json:"procedimenti"`
}

// onboardingProcedimento is a procedimento that may ask the service.
type onboardingProcedimento struct {
	Name      string `json:"nome"`
	Norma     string `json:"norma"`
	PurposeID string `json:"purposeId,omitempty"` // "" while there is none
}

func (a *app) onboardingCommand() *cobra.Command {
	var dir, ente string
	cmd := &cobra.Command{
		Use:   "onboarding " + a.t("SERVIZIO", "SERVICE"),
		Short: a.t("elenca i passi da fare su PDND e presso l'erogatore per fruire di un servizio", "list the steps to take on PDND and with the producer to consume a service"),
		Long: a.t("I passi e i valori da copiare vengono dalla ricetta del servizio. Con --ente si aggiungono quelli che la\n"+
			"cartella di configurazione contiene già, anche se è incompleta: client, kid, finalità.\n\n"+
			"Esce con 1 se il servizio o l'ente non ci sono.",
			"The steps and the values to copy come from the recipe of the service. With --ente come those that the\n"+
				"configuration folder already holds, even when it is incomplete: client, kid, purposes.\n\n"+
				"Exits with 1 when there is no such service or ente."),
		Example: "  snodo config onboarding anpr-c020\n  snodo config onboarding anpr-c020 --ente c_bf01 --config /etc/snodo",
		Args:    a.exactArgs(a.t("SERVIZIO", "SERVICE")),
		RunE:    func(_ *cobra.Command, args []string) error { return a.onboarding(args[0], dir, ente) },
	}
	a.configFlag(cmd, &dir)
	cmd.Flags().StringVar(&ente, "ente", "", a.t("codice IPA: aggiunge i valori della sua configurazione", "IPA code: adds the values of its configuration"))
	return cmd
}

func (a *app) onboarding(service, dir, codiceIPA string) error {
	recipes, _, err := registry.Builtin()
	if err != nil {
		return err
	}
	var draft *config.Config
	if codiceIPA != "" {
		if draft, err = config.LoadDraft(dir); err != nil {
			return err
		}
		recipes = draft.Consumes
	}
	recipe, known := recipes[service]
	if !known {
		return no(a.errorf("servizio sconosciuto %q: ci sono %s", "unknown service %q: there are %s",
			service, strings.Join(slices.Sorted(maps.Keys(recipes)), ", ")))
	}
	result := a.stepsOf(recipe)
	if codiceIPA != "" {
		ente, known := draft.Enti[codiceIPA]
		if !known {
			return no(a.errorf("ente sconosciuto %q: ci sono %s", "unknown ente %q: there are %s",
				codiceIPA, strings.Join(slices.Sorted(maps.Keys(draft.Enti)), ", ")))
		}
		result.Ente = enteSteps(draft, codiceIPA, ente, recipe)
	}
	return a.emit(result, func(w *terminal.Writer) { a.showOnboarding(w, result) })
}

func (a *app) stepsOf(recipe *registry.Recipe) *onboarding {
	o := &onboarding{Service: recipe.Name, Title: a.t(recipe.Title.IT, recipe.Title.EN), Owner: recipe.Registry}
	for _, step := range recipe.Onboarding {
		o.Steps = append(o.Steps, a.t(step.IT, step.EN))
	}
	for _, operation := range recipe.Operations {
		o.Needs = append(o.Needs, operation.Needs...)
	}
	slices.Sort(o.Needs)
	o.Needs = slices.Compact(o.Needs)
	for _, name := range registry.Environments() {
		if e, there := recipe.Environments[name]; there && name != registry.Locale {
			o.Places = append(o.Places, onboardingPlace{Environment: name, EserviceID: e.EserviceID, URL: e.URL, Audience: e.Audience})
		}
	}
	return o
}

// enteSteps collects what a folder says already. A key that cannot be opened has no kid:
// whether it should is asked by config check.
func enteSteps(draft *config.Config, codiceIPA string, ente *config.Ente, recipe *registry.Recipe) *onboardingEnte {
	e := &onboardingEnte{CodiceIPA: codiceIPA, Procedimenti: []onboardingProcedimento{}}
	if binding := ente.Consumes[recipe.Name]; binding != nil {
		client := ente.Clients[binding.Client]
		e.Environment, e.ClientID, e.Key, e.KID = binding.Environment, client.ID, client.Key, client.KID
		if e.KID == "" && client.Key != "" {
			e.KID, _ = keys.KID(draft, client.Key) // "" for a key that cannot be opened
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ente.Procedimenti)) {
		p := ente.Procedimenti[name]
		asks := slices.ContainsFunc(p.Operazioni, func(o config.Autorizzazione) bool {
			asked := draft.Consumes[o.Servizio]
			return o.Servizio == recipe.Name || asked != nil && slices.Contains(asked.Operations[o.Operazione].Needs, recipe.Name)
		})
		if asks {
			e.Procedimenti = append(e.Procedimenti, onboardingProcedimento{Name: name, Norma: p.Norma, PurposeID: p.Purposes[recipe.Name]})
		}
	}
	return e
}

func (a *app) showOnboarding(w *terminal.Writer, o *onboarding) {
	w.Title(o.Service + ": " + o.Title)
	w.Para(o.Owner)
	w.Blank()
	for i, step := range o.Steps {
		w.Para(fmt.Sprintf("%d. %s", i+1, step))
	}
	if len(o.Needs) > 0 {
		w.Blank()
		w.Para(a.t("Serve anche: ", "Also needed: ") + strings.Join(o.Needs, ", ") + " (snodo config onboarding " + o.Needs[0] + ")")
	}
	for _, p := range o.Places {
		w.Blank()
		w.Table([][]string{
			{a.t("AMBIENTE", "ENVIRONMENT"), p.Environment},
			{"e-service", cmp.Or(p.EserviceID, a.t("si legge nel catalogo PDND", "to be read in PDND's catalogue"))},
			{"audience", p.Audience},
			{"URL", p.URL},
		})
	}
	if o.Ente == nil {
		return
	}
	todo := a.t("da fare", "to be done")
	w.Blank()
	w.Table([][]string{
		{"ENTE", o.Ente.CodiceIPA},
		{a.t("ambiente", "environment"), cmp.Or(o.Ente.Environment, todo+" (consumes.yaml)")},
		{"client", cmp.Or(o.Ente.ClientID, todo+" (ente.yaml)")},
		{a.t("chiave", "key"), cmp.Or(o.Ente.Key, todo+" (snodo keys generate client)")},
		{"kid", cmp.Or(o.Ente.KID, todo+" (snodo keys generate client)")},
	})
	w.Blank()
	rows := [][]string{{"PROCEDIMENTO", a.t("FINALITÀ", "PURPOSE"), a.t("NORMA", "NORM")}}
	for _, p := range o.Ente.Procedimenti {
		rows = append(rows, []string{p.Name, cmp.Or(p.PurposeID, todo), p.Norma})
	}
	w.Table(rows)
}
