// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/tracing"
)

func (a *app) tracingCommand() *cobra.Command {
	return a.group("tracing", a.t("PDND Tracing: quante richieste con ogni voucher, giorno per giorno", "PDND Tracing: how many requests with each voucher, day by day"),
		"  snodo tracing status --ente c_bf01 --ambiente produzione\n  snodo tracing export --ente c_bf01 --ambiente produzione --giorno 2026-11-02",
		a.tracingExportCommand(), a.tracingSubmitCommand(), a.tracingStatusCommand())
}

// tracingFlags name what a tracing command is about.
type tracingFlags struct {
	socket                  *socketFlags
	ente, environment, date string
}

func (f *tracingFlags) path() string {
	p := "/v1/tracing/" + f.ente + "/" + f.environment
	if f.date != "" {
		p += "/" + f.date
	}
	return p
}

func (a *app) tracingFlags(cmd *cobra.Command, day bool) *tracingFlags {
	f := &tracingFlags{socket: a.managed(cmd)}
	cmd.Flags().StringVar(&f.ente, "ente", "", a.t("codice IPA", "IPA code"))
	cmd.Flags().StringVar(&f.environment, "ambiente", "", "produzione | collaudo | attestazione | locale")
	if day {
		cmd.Flags().StringVar(&f.date, "giorno", "", a.t("giorno già finito, AAAA-MM-GG", "a day that is over, YYYY-MM-DD"))
		a.require(cmd, "ente", "ambiente", "giorno")
		return f
	}
	a.require(cmd, "ente", "ambiente")
	return f
}

func (a *app) tracingExportCommand() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "export",
		Short: a.t("scrive il CSV di un giorno, senza inviarlo", "write the CSV of a day, without sending it"),
		Long: a.t("Il file è quello che PDND accetta. Dove l'ente ha un altro sistema che invia (tracing.<ambiente>.invia:\n"+
			"altri) si consegna a quello, che lo unisce al proprio: PDND prende un solo file al giorno per ente.",
			"The file is as PDND takes it. Where another system of the ente sends (tracing.<environment>.invia: altri)\n"+
				"it is handed to that one, which merges it into its own: PDND takes one file a day for each ente."),
		Example: "  snodo tracing export --ente c_bf01 --ambiente produzione --giorno 2026-11-02 --file 2026-11-02-snodo.csv",
		Args:    a.noArgs,
	}
	f := a.tracingFlags(cmd, true)
	cmd.Flags().StringVar(&to, "file", "-", a.t("dove scrivere, - per lo standard output", "where to write, - for standard output"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		write := func(w io.Writer) error { return answered(hub.Stream(cmd.Context(), f.path(), nil, w)) }
		if to == "-" {
			return write(a.io.out)
		}
		file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the file that was asked for
		if err != nil {
			return err
		}
		if err := write(file); err != nil {
			_ = file.Close()
			_ = os.Remove(to)
			return err
		}
		return file.Close()
	}
	return cmd
}

func (a *app) tracingSubmitCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "submit",
		Short: a.t("invia il CSV di un giorno adesso, o lo sostituisce se è cambiato", "send the CSV of a day now, or replace it when it has changed"),
		Long: a.t("Lo Snodo invia ogni notte da sé. Questo comando serve dopo una correzione: accoda il giorno e torna\n"+
			"subito; snodo tracing status dice che cosa ne è stato.",
			"The hub sends every night by itself. This command is for after a correction: it queues the day and returns\n"+
				"at once; snodo tracing status says what became of it."),
		Example: "  snodo tracing submit --ente c_bf01 --ambiente produzione --giorno 2026-11-02",
		Args:    a.noArgs,
	}
	f := a.tracingFlags(cmd, true)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		var queued struct {
			Lavoro string `json:"lavoro"`
		}
		if err := hub.Post(cmd.Context(), f.path(), nil, &queued); err != nil {
			return answered(err)
		}
		return a.emit(queued, func(w *terminal.Writer) {
			w.Say(terminal.Good, a.t("accodato: lavoro ", "queued: job ")+queued.Lavoro)
		})
	}
	return cmd
}

func (a *app) tracingStatusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: a.t("che cosa PDND ha degli ultimi trenta giorni", "what PDND has of the last thirty days"),
		Long: a.t("Se un giorno attende una decisione, perché PDND lo ha rifiutato o lo ha inviato un altro, il comando esce con 1 e ne dice gli errori.",
			"When a day waits for a decision, as PDND has refused it or somebody else has sent it, the command exits with 1 and tells its faults."),
		Example: "  snodo tracing status --ente c_bf01 --ambiente produzione",
		Args:    a.noArgs,
	}
	f := a.tracingFlags(cmd, false)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		var found tracing.Overview
		if err := hub.Get(cmd.Context(), f.path(), nil, &found); err != nil {
			return answered(err)
		}
		if err := a.emit(found, func(w *terminal.Writer) { a.showTracing(w, found) }); err != nil {
			return err
		}
		if awaitsSomebody(found) {
			return no(nil)
		}
		return nil
	}
	return cmd
}

// awaitsSomebody tells whether of some day nothing is sent any more until a person acts.
func awaitsSomebody(o tracing.Overview) bool {
	for _, d := range o.Giorni {
		if tracing.State(d.Stato).Waits() {
			return true
		}
	}
	return false
}

func (a *app) showTracing(w *terminal.Writer, o tracing.Overview) {
	switch o.Invia {
	case "":
		w.Line(a.t("Nessuno invia: l'ente non ha ancora detto chi (tracing in ente.yaml).", "Nobody sends: the ente has not said who yet (tracing in ente.yaml)."))
	case "altri":
		w.Line(a.t("Invia un altro sistema dell'ente: lo Snodo esporta soltanto.", "Another system of the ente sends: the hub only exports."))
	}
	if len(o.Giorni) == 0 {
		return
	}
	rows := [][]string{{a.t("GIORNO", "DAY"), a.t("STATO", "STATE"), a.t("RIGHE", "LINES"), a.t("RICHIESTE", "REQUESTS"), "TRACINGID"}}
	for _, d := range o.Giorni {
		state := d.Stato
		if state == "" {
			state = a.t("non inviato", "not sent")
		}
		rows = append(rows, []string{d.Giorno, state, strconv.FormatInt(d.Righe, 10), strconv.FormatInt(d.Richieste, 10), d.TracingID})
	}
	w.Table(rows)
	for _, d := range o.Giorni {
		for _, e := range d.Errori {
			w.Line(fmt.Sprintf("%s %s %d: %s %s %s", d.Giorno, a.t("riga", "line"), e.Row, e.Severity, e.Code, e.Purpose))
		}
	}
}
