// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/httpapi"
)

// eraseOptions are the flags of evidence erase.
type eraseOptions struct {
	ente, subjectFile string
	yes               bool
}

func (a *app) evidenceEraseCommand() *cobra.Command {
	var o eraseOptions
	cmd := &cobra.Command{
		Use:   "erase",
		Short: a.t("cancella i dati riservati che riguardano una persona", "erase the side records about a person"),
		Long: a.t("Distrugge, per un ente, i dati riservati di ogni scambio che riguarda la persona: non si torna\n"+
			"indietro. Dice prima quanti sono e chiede conferma. Le voci pubbliche, che non nominano nessuno,\n"+
			"restano, e il registro si verifica ancora. Il codice fiscale si legge dal file (- per lo standard\n"+
			"input), così non resta tra gli argomenti del processo. Senza terminale serve --yes.",
			"Destroys, for one ente, the side records of every exchange about the person: there is no way back.\n"+
				"It says first how many there are and asks. The public entries, which name nobody, stay, and the log\n"+
				"still verifies. The codice fiscale is read from the file (- for standard input), so that it does not\n"+
				"stay among the arguments of the process. Without a terminal --yes is needed."),
		Example: "  snodo evidence erase --ente c_bf01 --soggetto-file persona.txt\n  snodo evidence erase --ente c_bf01 --soggetto-file - --yes < persona.txt",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	f := cmd.Flags()
	f.StringVar(&o.ente, "ente", "", a.t("codice IPA", "IPA code"))
	f.StringVar(&o.subjectFile, "soggetto-file", "", a.t("file con il codice fiscale, - per lo standard input", "file with the codice fiscale, - for standard input"))
	f.BoolVar(&o.yes, "yes", false, a.t("cancellare senza chiedere", "erase without asking"))
	a.require(cmd, "ente", "soggetto-file")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.evidenceErase(cmd.Context(), socket, o) }
	return cmd
}

func (a *app) evidenceErase(ctx context.Context, socket *socketFlags, o eraseOptions) error {
	subject, err := a.subject(o.subjectFile)
	if err != nil {
		return err
	}
	if subject == "" {
		return a.errorf("%s non contiene un codice fiscale", "%s holds no codice fiscale", o.subjectFile)
	}
	hub, err := a.hub(socket)
	if err != nil {
		return err
	}
	count, err := countSides(ctx, hub, o.ente, subject)
	if err != nil {
		return answered(err)
	}
	if count > 0 && !o.yes {
		if err := a.confirmErasure(count, o.ente); err != nil {
			return err
		}
	}
	var erased httpapi.Cancellazione
	err = hub.Post(ctx, "/v1/prove/cancellazione", map[string]string{"ente": o.ente, "codiceFiscale": subject}, &erased)
	if err != nil {
		return answered(err)
	}
	return a.emit(erased, func(w *terminal.Writer) {
		w.Say(terminal.Good, fmt.Sprintf(a.t("dati riservati cancellati: %d", "side records erased: %d"), erased.Cancellate))
	})
}

// countSides tells how many side records of an ente name a person and can still be
// destroyed.
func countSides(ctx context.Context, hub *management.Client, ente, subject string) (int, error) {
	list, err := allEvidence(ctx, hub, evidenceQuery{Ente: ente, Soggetto: subject}, 0, evidence.MaxPage)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, p := range list.Prove {
		if p.StatoRiservati != httpapi.RiservatiCancellati {
			n++
		}
	}
	return n, nil
}

// confirmErasure asks the person at the terminal. Without one nobody can be asked: that
// is wrong use, and so undecided; a person who does not agree is a no.
func (a *app) confirmErasure(count int, ente string) error {
	if !a.io.person {
		return a.errorf("dati riservati da cancellare: %d; senza un terminale a cui chiedere conferma serve --yes",
			"side records to erase: %d; without a terminal to ask at, --yes is needed", count)
	}
	fmt.Fprintf(a.io.err, a.t("Dati riservati di %s da cancellare per sempre: %d. Scrivere «sì» per procedere: ",
		"Side records of %s to erase for ever: %d. Type “yes” to go on: "), ente, count)
	answer, err := a.readLine()
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "sì", "si", "yes":
		return nil
	}
	return no(a.errorf("nulla è stato cancellato", "nothing was erased"))
}
