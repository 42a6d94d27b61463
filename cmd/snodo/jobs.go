// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/httpapi"
)

func (a *app) jobsCommand() *cobra.Command {
	return a.group("jobs", a.t("lavori che lo Snodo fa da solo: quelli fermi, da ripetere o abbandonare",
		"what the hub does by itself: dead letters, to retry or discard"),
		"  snodo jobs list\n  snodo jobs retry 019f2b6c-…",
		a.jobsListCommand(), a.jobsRetryCommand(), a.jobsDiscardCommand())
}

func (a *app) jobsListCommand() *cobra.Command {
	var kind, ente string
	cmd := &cobra.Command{
		Use:   "list",
		Short: a.t("elenca i lavori fermi e conta gli altri", "list the dead letters and count the other jobs"),
		Long: a.t("Un lavoro è fermo quando ha esaurito i tentativi o ripeterlo non servirebbe: aspetta una persona.\n"+
			"Con lavori fermi il comando esce con 1.",
			"A job is a dead letter when its attempts are used up or another one would not help: it waits for a\n"+
				"person. With dead letters the command exits with 1."),
		Example: "  snodo jobs list --tipo tracing.day\n  snodo jobs list --output json",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&kind, "tipo", "", a.t("solo i lavori fermi di questo tipo", "only dead letters of this kind"))
	cmd.Flags().StringVar(&ente, "ente", "", a.t("codice IPA", "IPA code"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		var found httpapi.Lavori
		err = hub.Get(cmd.Context(), "/v1/lavori", url.Values{"tipo": {kind}, "ente": {ente}}, &found)
		if err != nil {
			return answered(err)
		}
		if err := a.emit(found, func(w *terminal.Writer) { a.showJobs(w, found) }); err != nil {
			return err
		}
		if len(found.Fermi) > 0 {
			return no(nil)
		}
		return nil
	}
	return cmd
}

func (a *app) showJobs(w *terminal.Writer, found httpapi.Lavori) {
	counts := [][]string{{a.t("TIPO", "KIND"), a.t("PRONTI", "DUE"), a.t("IN ATTESA", "WAITING"), a.t("IN CORSO", "RUNNING"), a.t("FERMI", "DEAD")}}
	for _, t := range found.Tipi {
		counts = append(counts, []string{t.Tipo, strconv.Itoa(t.Pronti), strconv.Itoa(t.InAttesa), strconv.Itoa(t.InCorso), strconv.Itoa(t.Fermi)})
	}
	if len(counts) > 1 {
		w.Table(counts)
	}
	if len(found.Fermi) == 0 {
		w.Line(a.t("Nessun lavoro fermo.", "No dead letters."))
		return
	}
	rows := [][]string{{"ID", a.t("TIPO", "KIND"), a.t("ENTE", "ENTE"), a.t("AMBIENTE", "ENVIRONMENT"), a.t("CODICE", "CODE"), a.t("TENTATIVI", "ATTEMPTS"), a.t("FERMO DA", "DEAD SINCE")}}
	for _, l := range found.Fermi {
		since := ""
		if l.Concluso != nil {
			since = l.Concluso.Format(time.RFC3339)
		}
		rows = append(rows, []string{l.ID, l.Tipo, l.Ente, l.Ambiente, l.Codice, strconv.Itoa(l.Tentativi), since})
	}
	w.Table(rows)
}

func (a *app) jobsRetryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "retry ID",
		Short:   a.t("rimette in coda un lavoro fermo, con tutti i suoi tentativi", "put a dead letter back, with all its attempts ahead"),
		Example: "  snodo jobs retry 019f2b6c-…",
		Args:    a.exactArgs("ID"),
	}
	socket := a.managed(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.decideJob(cmd, socket, args[0], "ripetizione", nil)
	}
	return cmd
}

func (a *app) jobsDiscardCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "discard ID",
		Short: a.t("abbandona un lavoro fermo, con un motivo che resta", "give a dead letter up, for a reason that is kept"),
		Long: a.t("Ciò che il lavoro conteneva si cancella; restano che cosa era, il codice dell'errore e il motivo.",
			"What the job held is erased; what it was, the code of its failure and the reason stay."),
		Example: "  snodo jobs discard 019f2b6c-… --motivo \"inviato a mano il 3 novembre\"",
		Args:    a.exactArgs("ID"),
	}
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&reason, "motivo", "", a.t("perché, senza dati personali", "why, without personal data"))
	a.require(cmd, "motivo")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.decideJob(cmd, socket, args[0], "abbandono", map[string]string{"motivo": reason})
	}
	return cmd
}

// decideJob tells the hub what becomes of a dead letter and shows the job as it is then.
func (a *app) decideJob(cmd *cobra.Command, socket *socketFlags, id, decision string, body any) error {
	hub, err := a.hub(socket)
	if err != nil {
		return err
	}
	var now httpapi.Lavoro
	err = hub.Post(cmd.Context(), "/v1/lavori/"+url.PathEscape(id)+"/"+decision, body, &now)
	if err != nil {
		return answered(err)
	}
	return a.emit(now, func(w *terminal.Writer) { w.Line(now.ID + " " + now.Tipo + " " + now.Stato) })
}
