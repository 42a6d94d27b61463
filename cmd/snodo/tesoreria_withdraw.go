// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

func (a *app) tesoreriaWithdraw() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "withdraw " + a.t("ESERCIZIO FLUSSO", "YEAR FLOW"),
		Aliases: []string{"ritira"},
		Short:   a.t("ritira un flusso non ancora inviato", "take back a flow that was not sent yet"),
		Long: a.t("Un flusso preparato, in firma o firmato, finché non parte. Il suo identificativo resta usato; i numeri dei suoi\n"+
			"ordinativi tornano liberi e si possono emettere in un altro flusso.\n\nEsce con 1 se il flusso non c'è o è già partito.",
			"A flow that is prepared, being signed or signed, until it leaves. Its identifier stays used; the numbers of its\n"+
				"orders are free again and may be issued in another flow.\n\nExits with 1 when there is no such flow or it has left."),
		Example: "  snodo tesoreria withdraw 2026 2026-0000001-20261012-093000 --ente c_bf01 --operatore mat-00230",
		Args:    a.exactArgs(a.t("ESERCIZIO", "YEAR"), a.t("FLUSSO", "FLOW")),
	}
	f := a.treasuryFlags(cmd, true)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		var got tesoreria.Flow
		if err := hub.Send(cmd.Context(), flowPath(args)+"/ritiro", f.query(), management.Content{Header: f.header()}, &got); err != nil {
			return a.treasuryNo(f, err)
		}
		return a.emit(got, func(w *terminal.Writer) { a.showFlow(w, got) })
	}
	return cmd
}

// flowPath is where the API has the flow that two arguments name.
func flowPath(args []string) string {
	return "/v1/tesoreria/flussi/" + url.PathEscape(args[0]) + "/" + url.PathEscape(args[1])
}

// treasuryNo says the hub's "no" in the words of the command line.
func (a *app) treasuryNo(f *treasuryFlags, err error) error {
	var refused *management.RefusedError
	if errors.As(err, &refused) && refused.Rule == string(problem.RuleTreasuryOperator) {
		return no(a.errorf("--operatore %s: non è tra gli operatori di %s in ente.yaml; chi prepara, scarica o carica un flusso deve esserci [%s]",
			"--operatore %s: not one of the operatori of %s in ente.yaml; who prepares, downloads or uploads a flow has to be [%s]",
			f.operator, f.ente, refused.Rule))
	}
	return answered(err)
}

// allFaults tells every fault of a flow that was refused for them, once: a problem document lists the first ones alone.
func (a *app) allFaults(ctx context.Context, hub *management.Client, f *treasuryFlags, query url.Values, sent management.Content, why error) error {
	var refused *management.RefusedError
	if !errors.As(why, &refused) || refused.Rule != string(problem.RuleTreasuryFlow) {
		return a.treasuryNo(f, why)
	}
	var found struct {
		Errori []tesoreria.Fault `json:"errori"`
	}
	if err := hub.Send(ctx, "/v1/tesoreria/controlli", query, sent, &found); err != nil || len(found.Errori) == 0 {
		return answered(why)
	}
	for _, fault := range found.Errori {
		where := fault.Percorso
		switch {
		case fault.Riga > 0:
			where = fmt.Sprintf("%s %d, %s", a.t("riga", "row"), fault.Riga, fault.Campo)
		case fault.Linea > 0:
			where = fmt.Sprintf("%s %d, %s", a.t("linea", "line"), fault.Linea, fault.Percorso)
		}
		fmt.Fprintf(a.io.err, "%s: %s [%s]\n", where, a.t(fault.IT, fault.EN), fault.Regola)
	}
	return no(a.errorf("il flusso ha %d errori: nulla è stato tenuto né inviato [%s]", "the flow has %d faults: nothing was kept or sent [%s]", len(found.Errori), refused.Rule))
}

// checkStatus tells what does not go together among the options of status.
func (a *app) checkStatus(year int, flow, order, state string) error {
	kind, number, _ := strings.Cut(order, "/")
	switch {
	case order != "" && (kind != "mandato" && kind != "reversale" || number == "" || strings.Trim(number, "0123456789") != ""):
		return a.errorf("--ordinativo %q: serve mandato/N o reversale/N", "--ordinativo %q: mandato/N or reversale/N is needed", order)
	case order != "" && flow != "":
		return a.errorf("--flusso e --ordinativo: uno dei due", "--flusso and --ordinativo: one of the two")
	case (order != "" || flow != "") && year == 0:
		return a.errorf("manca --esercizio: un flusso e un ordinativo sono di un esercizio", "--esercizio is missing: a flow and an order belong to a year")
	case state != "" && !slices.Contains(tesoreria.FlowStates(), tesoreria.State(state)):
		var known []string
		for _, s := range tesoreria.FlowStates() {
			known = append(known, string(s))
		}
		list := strings.Join(known, ", ")
		return a.errorf("--stato %q: gli stati di un flusso sono %s", "--stato %q: the states of a flow are %s", state, list)
	}
	return nil
}
