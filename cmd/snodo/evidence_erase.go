// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/httpapi"
)

func (a *app) evidenceEraseCommand() *cobra.Command {
	var ente, subjectFile string
	cmd := &cobra.Command{
		Use:   "erase",
		Short: a.t("cancella i dati riservati che riguardano una persona", "erase the side records about a person"),
		Long: a.t("Distrugge, per un ente, i dati riservati di ogni scambio che riguarda la persona: non si torna\n"+
			"indietro. Le voci pubbliche, che non nominano nessuno, restano, e il registro si verifica ancora. Il\n"+
			"codice fiscale si legge dal file (- per lo standard input), così non resta tra gli argomenti del processo.",
			"Destroys, for one ente, the side records of every exchange about the person: there is no way back.\n"+
				"The public entries, which name nobody, stay, and the log still verifies. The codice fiscale is read\n"+
				"from the file (- for standard input), so that it does not stay among the arguments of the process."),
		Example: "  snodo evidence erase --ente c_bf01 --soggetto-file -",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	f := cmd.Flags()
	f.StringVar(&ente, "ente", "", a.t("codice IPA", "IPA code"))
	f.StringVar(&subjectFile, "soggetto-file", "", a.t("file con il codice fiscale, - per lo standard input", "file with the codice fiscale, - for standard input"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		subject, err := a.subject(subjectFile)
		if err != nil {
			return err
		}
		if ente == "" || subject == "" {
			return a.errorf("servono --ente e un codice fiscale in --soggetto-file", "--ente and a codice fiscale in --soggetto-file are needed")
		}
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		var erased httpapi.Cancellazione
		err = hub.Post(cmd.Context(), "/v1/prove/cancellazione", map[string]string{"ente": ente, "codiceFiscale": subject}, &erased)
		if err != nil {
			return answered(err)
		}
		return a.emit(erased, func(w *terminal.Writer) {
			w.Say(terminal.Good, fmt.Sprintf(a.t("dati riservati cancellati: %d", "side records erased: %d"), erased.Cancellate))
		})
	}
	return cmd
}
