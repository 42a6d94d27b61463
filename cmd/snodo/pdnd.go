// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/pdnd/plan"
)

func (a *app) pdndCommand() *cobra.Command {
	return a.group("pdnd", a.t("confronta la configurazione con PDND e compie ciò che manca", "compare the configuration with PDND and do what is missing"),
		"  snodo pdnd sync --ente c_bf01\n  snodo pdnd apply --ente c_bf01", a.pdndSyncCommand(), a.pdndApplyCommand())
}

func (a *app) pdndSyncCommand() *cobra.Command {
	var enti []string
	cmd := &cobra.Command{
		Use:   "sync",
		Short: a.t("mostra che cosa manca su PDND, senza cambiare nulla", "show what is missing on PDND, changing nothing"),
		Long: a.t("Confronta enti/ e recipes/ con PDND e stampa il piano: i titoli possibili per ogni e-service, i passi che\n"+
			"snodo pdnd apply compirebbe, quelli che restano a una persona con i valori da copiare. Lo Snodo deve essere in\n"+
			"esecuzione: le sue prove dicono che cosa ha fatto su PDND, e il resto non viene mai modificato.\n\n"+
			"Esce con 0 se non manca nulla, con 1 se manca qualcosa, con 2 se non si è potuto sapere.",
			"Compares enti/ and recipes/ with PDND and prints the plan: the titles possible for each e-service, the steps that\n"+
				"snodo pdnd apply would take, those left to a person with the values to copy. The hub must be running: its\n"+
				"evidence says what it did on PDND, and nothing else is ever changed.\n\n"+
				"Exits with 0 when nothing is missing, 1 when something is, 2 when it could not be known."),
		Example: "  snodo pdnd sync --ente c_bf01\n  snodo pdnd sync --output json",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	a.entiFlag(cmd, &enti)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		found, err := a.withPlanner(socket, false, func(p *plan.Planner) (*plan.Plan, error) { return p.Sync(cmd.Context(), enti...) })
		if err != nil {
			return answered(err)
		}
		if err := a.emit(a.planView(found), func(w *terminal.Writer) { a.showPlan(w, found) }); err != nil {
			return err
		}
		if found.Pending()+found.Open() > 0 {
			return no(nil)
		}
		return nil
	}
	return cmd
}

func (a *app) pdndApplyCommand() *cobra.Command {
	var enti []string
	cmd := &cobra.Command{
		Use:   "apply",
		Short: a.t("compie su PDND i passi del piano", "take the steps of the plan on PDND"),
		Long: a.t("Compie ciò che le API di PDND permettono, un passo per volta, ognuno nelle prove dell'ente prima e dopo.\n"+
			"Se si interrompe, ripetere il comando: rilegge PDND e prosegue. Una finalità viene creata solo da un file di\n"+
			"analisi del rischio approvato (enti/<codiceIPA>/pdnd/purposes). Serve enti/<codiceIPA>/pdnd-admin.yaml.\n\n"+
			"Esce con 0 se ha fatto tutto ciò che poteva, con 1 se PDND ha rifiutato, con 2 se non si sa.",
			"Does what the API of PDND permits, one step at a time, each in the evidence of the ente before and after.\n"+
				"When it is interrupted, run it again: it reads PDND anew and goes on. A purpose is created only from an approved\n"+
				"risk-analysis file (enti/<codiceIPA>/pdnd/purposes). enti/<codiceIPA>/pdnd-admin.yaml is needed.\n\n"+
				"Exits with 0 when it did all it could, 1 when PDND refused, 2 when it is not known."),
		Example: "  snodo pdnd apply --ente c_bf01",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	a.entiFlag(cmd, &enti)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.pdndApply(cmd.Context(), socket, enti) }
	return cmd
}

func (a *app) pdndApply(ctx context.Context, socket *socketFlags, enti []string) error {
	left, err := a.withPlanner(socket, true, func(p *plan.Planner) (*plan.Plan, error) {
		return p.Apply(ctx, func(st plan.Step) { a.hint("fatto: %s di %s", "done: %s of %s", st.Action, st.Target) }, enti...)
	})
	if left != nil {
		err = errors.Join(err, a.emit(a.planView(left), func(w *terminal.Writer) { a.showPlan(w, left) }))
	}
	if errors.Is(err, api.ErrRefused) {
		return no(err)
	}
	return answered(err)
}

func (a *app) entiFlag(cmd *cobra.Command, enti *[]string) {
	cmd.Flags().StringSliceVar(enti, "ente", nil, a.t("codice IPA (ripetibile); se manca: tutti", "IPA code (repeatable); when absent: all"))
}

// withPlanner lends a planner. Only one that writes opens the admin clients.
func (a *app) withPlanner(socket *socketFlags, writes bool, do func(*plan.Planner) (*plan.Plan, error)) (*plan.Plan, error) {
	d, err := a.openDeclarant(socket)
	if err != nil {
		return nil, err
	}
	operator, workstation := person()
	o := plan.Options{
		Config: d.config, Keys: d.ring, Journal: hubJournal{d.hub}, Clock: a.clock, Operator: operator, Workstation: workstation,
		Reader: func(ente, environment string) (plan.Reader, error) { return d.reader(ente, environment) },
	}
	if writes {
		o.Reader = func(ente, environment string) (plan.Reader, error) { return d.admin(ente, environment) }
		o.Writer = func(ente, environment string) (plan.Writer, error) { return d.admin(ente, environment) }
	}
	p, err := plan.New(o)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	result, err := do(p)
	return result, errors.Join(err, d.Close())
}

// planJSON is a plan as --output json writes it.
type planJSON struct {
	At   string     `json:"istante"`
	Enti []planEnte `json:"enti"`
}

type planEnte struct {
	Ente        string      `json:"ente"`
	Environment string      `json:"ambiente"`
	Titles      []planTitle `json:"titoli"`
	Steps       []planStep  `json:"passi"`
}

type planTitle struct {
	Service    string       `json:"servizio"`
	EserviceID string       `json:"eserviceId,omitempty"`
	Chosen     string       `json:"scelto"`
	Options    []planOption `json:"possibili"`
}

type planOption struct {
	Titolo   string `json:"titolo"`
	Possible bool   `json:"possibile"`
	Why      string `json:"perche"`
}

type planStep struct {
	Action string       `json:"azione"`
	Target string       `json:"oggetto"`
	Status string       `json:"stato"`
	Why    string       `json:"perche,omitempty"`
	Values []plan.Value `json:"valori,omitempty"`
}

func (a *app) planView(p *plan.Plan) planJSON {
	view := planJSON{At: p.At.UTC().Format("2006-01-02T15:04:05Z07:00"), Enti: []planEnte{}}
	for _, e := range p.Enti {
		one := planEnte{Ente: e.Ente, Environment: e.Environment, Titles: []planTitle{}, Steps: []planStep{}}
		for _, t := range e.Titles {
			title := planTitle{Service: t.Recipe, EserviceID: t.Eservice, Chosen: t.Chosen, Options: []planOption{}}
			for _, o := range t.Options {
				title.Options = append(title.Options, planOption{o.Titolo, o.Possible, a.t(o.Why.IT, o.Why.EN)})
			}
			one.Titles = append(one.Titles, title)
		}
		for i := range e.Steps {
			st := &e.Steps[i]
			one.Steps = append(one.Steps, planStep{st.Action, st.Target, string(st.Status), a.t(st.Why.IT, st.Why.EN), st.Values})
		}
		view.Enti = append(view.Enti, one)
	}
	return view
}

func (a *app) showPlan(w *terminal.Writer, p *plan.Plan) {
	for _, e := range p.Enti {
		w.Title(e.Ente + " (" + e.Environment + ")")
		a.showTitles(w, e.Titles)
		rows := [][]string{{a.t("STATO", "STATUS"), a.t("AZIONE", "ACTION"), a.t("OGGETTO", "TARGET")}}
		for i := range e.Steps {
			rows = append(rows, []string{a.statusWord(e.Steps[i].Status), e.Steps[i].Action, e.Steps[i].Target})
		}
		w.Table(rows)
		for i := range e.Steps {
			a.showOpen(w, &e.Steps[i])
		}
		w.Blank()
	}
	w.Para(fmt.Sprintf(a.t("da fare con snodo pdnd apply: %d; da fare a mano: %d", "to do with snodo pdnd apply: %d; to do by hand: %d"), p.Pending(), p.Open()))
}

func (a *app) showTitles(w *terminal.Writer, titles []plan.Title) {
	if len(titles) == 0 {
		return
	}
	rows := [][]string{{a.t("SERVIZIO", "SERVICE"), a.t("TITOLO", "TITLE"), a.t("POSSIBILE", "POSSIBLE"), a.t("PERCHÉ", "WHY")}}
	for _, t := range titles {
		if len(t.Options) == 0 {
			rows = append(rows, []string{t.Recipe, t.Chosen, "?", a.t("la ricetta non dice l'id dell'e-service", "the recipe does not say the id of the e-service")})
		}
		for _, o := range t.Options {
			possible := "no"
			if o.Possible {
				possible = a.t("sì", "yes")
			}
			rows = append(rows, []string{t.Recipe, o.Titolo, possible, a.t(o.Why.IT, o.Why.EN)})
		}
	}
	w.Table(rows)
	w.Blank()
}

func (a *app) statusWord(s plan.Status) string {
	words := map[plan.Status]string{plan.Done: "done", plan.Todo: "to do", plan.Later: "later", plan.Manual: "by hand", plan.Held: "held"}
	return a.t(string(s), words[s])
}

// showOpen writes what only a person can do, with the values to copy.
func (a *app) showOpen(w *terminal.Writer, st *plan.Step) {
	if st.Status != plan.Manual && st.Status != plan.Held {
		return
	}
	w.Blank()
	w.Say(terminal.Note, st.Target+", "+st.Action+": "+a.t(st.Why.IT, st.Why.EN))
	lines := make([]string, 0, len(st.Values))
	for _, v := range st.Values {
		lines = append(lines, v.Name+": "+v.Text)
	}
	w.Code(lines...)
}
