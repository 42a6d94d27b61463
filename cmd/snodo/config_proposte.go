// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/config/proposte"
)

// proposteCommand shows which operations and fields an office usually needs, as a piece of a procedimento.
func (a *app) proposteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "proposte [" + a.t("nome", "name") + "]",
		Short: a.t("mostra le operazioni e i campi proposti per ufficio e finalità", "show the operations and fields proposed by office and purpose"),
		Long: a.t("Le proposte sono di questo progetto, da confermare a cura del DPO: non vengono da alcuna circolare e non autorizzano\n"+
			"nulla. Con un nome scrive il pezzo di procedimento da copiare; con «proposta: nome» nel procedimento, config check\n"+
			"dice che cosa va oltre.",
			"The proposals are this project's own, to be confirmed by the DPO: they come from no circular and authorise\n"+
				"nothing. With a name it writes the piece of procedimento to copy; with “proposta: name” in the procedimento,\n"+
				"config check tells what goes beyond."),
		Example: "  snodo config proposte\n  snodo config proposte scuola-iscrizione",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.proposte(strings.Join(args, "")) },
	}
}

func (a *app) proposte(name string) error {
	table := proposte.All()
	if name == "" {
		return a.emit(table, func(w *terminal.Writer) {
			for _, p := range table.Proposte {
				w.Line(fmt.Sprintf("%-24s %s: %s", p.Nome, a.t(p.Ufficio.IT, p.Ufficio.EN), a.t(p.Finalita.IT, p.Finalita.EN)))
			}
			w.Line("(" + a.t(table.Stato.IT, table.Stato.EN) + ")")
		})
	}
	row, found := proposte.Find(name)
	if !found {
		return a.errorf("proposta %q sconosciuta: snodo config proposte le elenca", "unknown proposta %q: snodo config proposte lists them", name)
	}
	return a.emit(row, func(w *terminal.Writer) {
		w.Line("# " + a.t(table.Stato.IT, table.Stato.EN))
		w.Line("# " + a.t(row.Ufficio.IT, row.Ufficio.EN) + ": " + a.t(row.Finalita.IT, row.Finalita.EN))
		w.Line("baseGiuridica: " + row.Base)
		w.Line("proposta: " + row.Nome)
		w.Line("operazioni:")
		for _, o := range row.Operazioni {
			w.Line("  - servizio: " + o.Servizio)
			w.Line("    operazione: " + o.Operazione)
			if o.Modo != "" {
				w.Line("    modo: " + o.Modo)
			}
			w.Line("    campi: [" + strings.Join(o.Campi, ", ") + "]")
		}
	})
}
