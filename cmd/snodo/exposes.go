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

func (a *app) exposesCommand() *cobra.Command {
	return a.group("exposes", a.t("chi chiama gli e-service dell'ente: elencare, sospendere, riammettere", "who calls the e-services of the ente: list, suspend, readmit"),
		"  snodo exposes callers --ente c_bf01\n  snodo exposes suspend --ente c_bf01 --fruitore 5f0c… --motivo \"volumi anomali\"",
		a.exposesCallersCommand(), a.exposesSuspendCommand(), a.exposesResumeCommand(), a.exposesViewCommand())
}

func (a *app) exposesCallersCommand() *cobra.Command {
	var ente, service string
	cmd := &cobra.Command{
		Use:   "callers",
		Short: a.t("chi attende, chi ha chiamato, chi è sospeso", "who waits, who has called, who is suspended"),
		Long: a.t("Chi attende lo dice PDND: richieste di fruizione e finalità oltre soglia, che l'ente approva o rifiuta lì.\n"+
			"Chi ha chiamato lo dice il conteggio dello Snodo, con la prima e l'ultima chiamata.",
			"Who waits is what PDND says: agreements and purposes above the threshold, which the ente approves or rejects\n"+
				"there. Who has called is the hub's own count, with the first and the last call."),
		Example: "  snodo exposes callers --ente c_bf01\n  snodo exposes callers --ente c_bf01 --servizio stato-istanza --output json",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&ente, "ente", "", a.t("codice IPA", "IPA code"))
	cmd.Flags().StringVar(&service, "servizio", "", a.t("un solo e-service", "one e-service alone"))
	a.require(cmd, "ente")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		var found httpapi.Chiamanti
		if err := hub.Get(cmd.Context(), "/v1/chiamanti", url.Values{"ente": {ente}, "servizio": {service}}, &found); err != nil {
			return answered(err)
		}
		return a.emit(found, func(w *terminal.Writer) { a.showCallers(w, found) })
	}
	return cmd
}

func (a *app) showCallers(w *terminal.Writer, found httpapi.Chiamanti) {
	day := func(t time.Time) string { return t.Format(time.RFC3339) }
	if len(found.InAttesa) > 0 {
		rows := [][]string{{a.t("ATTENDE", "WAITS FOR"), a.t("SERVIZIO", "SERVICE"), a.t("FRUITORE", "CONSUMER"), a.t("DENOMINAZIONE", "NAME"), "ID", a.t("DAL", "SINCE")}}
		for _, p := range found.InAttesa {
			rows = append(rows, []string{p.Attende, p.Servizio, p.Fruitore, p.Denominazione, p.ID, day(p.Dal)})
		}
		w.Table(rows)
	}
	for _, service := range found.AttesaIgnota {
		w.Line(a.t("Chi attende per ", "Who waits for ") + service + a.t(" non si sa: PDND non risponde.", " is not known: PDND does not answer."))
	}
	name := func(id string) string {
		if known := found.Denominazioni[id]; known != "" {
			return known + ", " + id
		}
		return id
	}
	if len(found.Fruitori) == 0 {
		w.Line(a.t("Nessuno ha ancora chiamato.", "Nobody has called yet."))
	} else {
		rows := [][]string{{
			a.t("SERVIZIO", "SERVICE"), a.t("AMBIENTE", "ENVIRONMENT"), a.t("CHIAMATE", "CALLS"), a.t("RIUSCITE", "GOOD"), a.t("RIFIUTATE", "REFUSED"),
			a.t("ULTIMA", "LAST"), a.t("FRUITORE, FINALITÀ", "CONSUMER, PURPOSE"),
		}}
		for _, c := range found.Fruitori {
			rows = append(rows, []string{
				c.Servizio, c.Ambiente, strconv.FormatInt(c.Chiamate, 10), strconv.FormatInt(c.Riuscite, 10),
				strconv.FormatInt(c.Rifiutate, 10), day(c.Ultima), name(c.Fruitore) + " " + c.Finalita,
			})
		}
		w.Table(rows)
	}
	if len(found.Sospensioni) == 0 {
		return
	}
	rows := [][]string{{a.t("SOSPESO", "SUSPENDED"), a.t("SERVIZIO", "SERVICE"), a.t("MOTIVO", "REASON"), a.t("DA", "BY"), a.t("DAL", "SINCE"), a.t("RIAMMESSO", "READMITTED")}}
	for _, s := range found.Sospensioni {
		service, until := s.Service, "-"
		if service == "" {
			service = a.t("tutti", "all")
		}
		if !s.Holds() {
			until = day(s.ResumedAt) + " " + s.ResumedBy
		}
		rows = append(rows, []string{s.Consumer, service, s.Reason, s.By, day(s.At), until})
	}
	w.Table(rows)
}

// suspensionFlags name a consumer and where.
func (a *app) suspensionFlags(cmd *cobra.Command, into *httpapi.Sospensione) *socketFlags {
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&into.Ente, "ente", "", a.t("codice IPA", "IPA code"))
	cmd.Flags().StringVar(&into.Servizio, "servizio", "", a.t("un e-service dell'ente; senza, tutti", "one e-service of the ente; all without it"))
	cmd.Flags().StringVar(&into.Fruitore, "fruitore", "", "consumerId")
	return socket
}

func (a *app) exposesSuspendCommand() *cobra.Command {
	var in httpapi.Sospensione
	cmd := &cobra.Command{
		Use:   "suspend",
		Short: a.t("non lasciare più chiamare un fruitore, da subito", "keep a consumer from calling, at once"),
		Long: a.t("Vale dalla prossima chiamata in questo processo, entro pochi secondi nelle altre repliche, e dopo ogni riavvio:\n"+
			"il fruitore riceve 403 finché non lo si riammette. Su PDND non cambia nulla.",
			"It holds from the next call in this process, within seconds in the other replicas, and after every restart: the\n"+
				"consumer gets 403 until it is readmitted. Nothing changes on PDND."),
		Example: "  snodo exposes suspend --ente c_bf01 --servizio stato-istanza --fruitore 5f0c… --motivo \"volumi anomali\"",
		Args:    a.noArgs,
	}
	socket := a.suspensionFlags(cmd, &in)
	cmd.Flags().StringVar(&in.Motivo, "motivo", "", a.t("perché, senza dati personali", "why, without personal data"))
	a.require(cmd, "ente", "fruitore", "motivo")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.decideCaller(cmd, socket, "sospensioni", in, a.t("sospeso: ", "suspended: "))
	}
	return cmd
}

func (a *app) exposesResumeCommand() *cobra.Command {
	var in httpapi.Sospensione
	cmd := &cobra.Command{
		Use:     "resume",
		Short:   a.t("riammettere un fruitore sospeso", "readmit a suspended consumer"),
		Long:    a.t("Si riammette come si è sospeso: dallo stesso e-service, o da tutti.", "One readmits as one suspended: to the same e-service, or to all."),
		Example: "  snodo exposes resume --ente c_bf01 --servizio stato-istanza --fruitore 5f0c…",
		Args:    a.noArgs,
	}
	socket := a.suspensionFlags(cmd, &in)
	a.require(cmd, "ente", "fruitore")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.decideCaller(cmd, socket, "riammissioni", in, a.t("riammesso: ", "readmitted: "))
	}
	return cmd
}

func (a *app) decideCaller(cmd *cobra.Command, socket *socketFlags, decision string, in httpapi.Sospensione, said string) error {
	hub, err := a.hub(socket)
	if err != nil {
		return err
	}
	operator, workstation := person()
	in.Da = operator + "@" + workstation
	var done httpapi.Sospeso
	if err := hub.Post(cmd.Context(), "/v1/chiamanti/"+decision, in, &done); err != nil {
		return answered(err)
	}
	return a.emit(done, func(w *terminal.Writer) {
		w.Say(terminal.Good, said+done.Fruitore)
		if done.MaiChiamato {
			w.Line(a.t("Qui non ha mai chiamato: controllare il consumerId (snodo exposes callers).", "It has never called here: check the consumerId (snodo exposes callers)."))
		}
	})
}
