// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/vigilanza"
)

func (a *app) quotaCommand() *cobra.Command {
	var ente string
	cmd := &cobra.Command{
		Use:   "quota",
		Short: a.t("le quote di oggi: dichiarate, usate, residue", "the quotas of today: declared, used, left"),
		Long: a.t("Una riga per ogni finalità che gli enti chiamano e per ogni e-service che espongono, con un limite o\n"+
			"con chiamate oggi; --output json le dà tutte. Il limite è il minore tra quello configurato e quello\n"+
			"dichiarato su PDND; la riserva resta alle persone quando gli automatismi si fermano. Con un limite\n"+
			"raggiunto il comando esce con 1.",
			"One line for each purpose that the enti call for and each e-service that they expose, with a limit or\n"+
				"with calls today; --output json gives all. The limit is the lesser of the one configured and the one\n"+
				"declared on PDND; the reserve is left to persons when batches stop. With a limit that is reached the\n"+
				"command exits with 1."),
		Example: "  snodo quota\n  snodo quota --ente c_bf01 --output json",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&ente, "ente", "", a.t("codice IPA", "IPA code"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		var found struct {
			Quote []vigilanza.Quota `json:"quote"`
		}
		if err := hub.Get(cmd.Context(), "/v1/quote", url.Values{"ente": {ente}}, &found); err != nil {
			return answered(err)
		}
		if err := a.emit(found, func(w *terminal.Writer) { a.showQuotas(w, found.Quote) }); err != nil {
			return err
		}
		for _, q := range found.Quote {
			if q.Livello == vigilanza.Oltre {
				return no(nil)
			}
		}
		return nil
	}
	return cmd
}

func (a *app) showQuotas(w *terminal.Writer, list []vigilanza.Quota) {
	rows := [][]string{{
		a.t("ENTE", "ENTE"), a.t("SERVIZIO", "SERVICE"), a.t("AMBIENTE", "ENVIRONMENT"), a.t("FINALITÀ O FRUITORE", "PURPOSE OR CONSUMER"),
		a.t("USATE", "USED"), a.t("LIMITE", "LIMIT"), a.t("RESIDUE", "LEFT"), a.t("RISERVA", "RESERVE"), a.t("REGISTRO", "REGISTRY"), a.t("LIVELLO", "LEVEL"),
	}}
	silent := 0
	for _, q := range list {
		if q.Limite == 0 && q.Usate == 0 && q.Livello == vigilanza.Regolare {
			silent++
			continue
		}
		of, limit, left := q.Finalita, "-", "-"
		if of == "" {
			of = q.Fruitore
		}
		if q.Limite > 0 {
			limit, left = strconv.FormatInt(q.Limite, 10), strconv.FormatInt(q.Residue, 10)
		}
		registry := ""
		if q.Registro != nil {
			registry = fmt.Sprintf("%d/%d", q.Registro.Residue, q.Registro.Limite)
		}
		if q.Fermo {
			registry = strings.TrimSpace(registry + " " + a.t("fermo", "stopped"))
		}
		rows = append(rows, []string{
			q.Ente, q.Servizio, q.Ambiente, of, strconv.FormatInt(q.Usate, 10), limit, left, strconv.FormatInt(q.Riserva, 10), registry, string(q.Livello),
		})
	}
	if len(rows) > 1 {
		w.Table(rows)
	}
	if silent > 0 {
		w.Line(fmt.Sprintf(a.t("Senza limite e senza chiamate oggi: %d.", "Without limit and without calls today: %d."), silent))
	}
}

func (a *app) vigilanzaCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vigilanza",
		Short: a.t("distanza dagli indicatori di uso anomalo che il Ministero osserva", "distance from the indicators of anomalous use that the Ministry watches"),
		Long: a.t("Per ogni e-service chiamato: il volume di oggi rispetto alla media dell'ente negli ultimi trenta giorni,\n"+
			"e le chiamate tra le 18 e le 8. Il Ministero dice quali indicatori osserva e non le soglie: queste sono\n"+
			"prudenti e dello Snodo (il triplo della media, almeno dieci chiamate). Si avvisa da due terzi della\n"+
			"soglia. Se un indicatore non è regolare il comando esce con 1.",
			"For each e-service that is called: the volume of today against the ente's own mean of thirty days, and the\n"+
				"calls between 18 and 8. The Ministry says which indicators it watches and not the thresholds: these are\n"+
				"prudent ones of the hub's own (three times the mean, at least ten calls). It warns from two thirds of the\n"+
				"threshold. When an indicator is not regular the command exits with 1."),
		Example: "  snodo vigilanza\n  snodo vigilanza --output json",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		var found struct {
			Indicatori []vigilanza.Indicator `json:"indicatori"`
		}
		if err := hub.Get(cmd.Context(), "/v1/vigilanza", nil, &found); err != nil {
			return answered(err)
		}
		if err := a.emit(found, func(w *terminal.Writer) { a.showVigilance(w, found.Indicatori) }); err != nil {
			return err
		}
		for _, i := range found.Indicatori {
			if i.Livello != vigilanza.Regolare {
				return no(nil)
			}
		}
		return nil
	}
	return cmd
}

func (a *app) showVigilance(w *terminal.Writer, list []vigilanza.Indicator) {
	if len(list) == 0 {
		w.Line(a.t("Nessuna chiamata negli ultimi trenta giorni.", "No calls in the last thirty days."))
		return
	}
	rows := [][]string{{
		a.t("INDICATORE", "INDICATOR"), a.t("SERVIZIO", "SERVICE"), a.t("AMBIENTE", "ENVIRONMENT"), a.t("ENTI", "ENTI"), a.t("OGGI", "TODAY"),
		a.t("MEDIA", "MEAN"), a.t("GIORNI", "DAYS"), a.t("SOGLIA", "THRESHOLD"), a.t("DISTANZA", "DISTANCE"), a.t("LIVELLO", "LEVEL"),
	}}
	for _, i := range list {
		rows = append(rows, []string{
			i.Indicatore, i.Servizio, i.Ambiente, strings.Join(i.Enti, ","), strconv.FormatInt(i.Chiamate, 10),
			strconv.FormatFloat(i.Media, 'f', 1, 64), strconv.Itoa(i.Giorni), strconv.FormatInt(i.Soglia, 10),
			strconv.FormatInt(i.Distanza, 10), string(i.Livello),
		})
	}
	w.Table(rows)
}
