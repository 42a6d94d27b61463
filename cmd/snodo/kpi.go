// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/kpi"
)

func (a *app) kpiCommand() *cobra.Command {
	var ente, service, from, to, table string
	var asCSV bool
	cmd := &cobra.Command{
		Use:   "kpi",
		Short: a.t("gli indicatori degli e-service esposti: disponibilità, tempi, volumi, rifiuti", "the figures of exposed e-services: availability, times, volumes, refusals"),
		Long: a.t("Senza giorni, gli ultimi trenta. La disponibilità è la parte delle chiamate a cui non si è risposto con 500 o più,\n"+
			"tra quelle con un voucher valido e quelle di cui non si è potuto dire di chi fossero; le riuscite la parte a cui è arrivata la risposta della procedura; p50, p90 e p99 i tempi di\n"+
			"queste. Le tabelle: servizi, giorni (tempi e volumi da pubblicare: non nomina fruitori), fruitori, rifiuti.",
			"Without days, the last thirty. Availability is the part of the calls not answered with 500 or more, of those with a\n"+
				"valid voucher and those of which it could not be told whose they were; success the part that got the procedure's answer; p50, p90 and p99 are the times of those. The tables:\n"+
				"servizi, giorni (times and volumes to publish: it names no consumer), fruitori, rifiuti."),
		Example: "  snodo kpi --ente c_bf01\n  snodo kpi --ente c_bf01 --dal 2026-10-01 --al 2026-12-31 --tabella giorni --csv > tempi-e-volumi.csv\n  snodo kpi --output json",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&ente, "ente", "", a.t("codice IPA", "IPA code"))
	cmd.Flags().StringVar(&service, "servizio", "", a.t("un solo e-service", "one e-service alone"))
	cmd.Flags().StringVar(&from, "dal", "", a.t("primo giorno, AAAA-MM-GG", "first day, YYYY-MM-DD"))
	cmd.Flags().StringVar(&to, "al", "", a.t("ultimo giorno, AAAA-MM-GG", "last day, YYYY-MM-DD"))
	cmd.Flags().StringVar(&table, "tabella", kpi.TableServices, strings.Join(kpi.Tables(), " | "))
	cmd.Flags().BoolVar(&asCSV, "csv", false, a.t("la tabella come CSV", "the table as CSV"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !slices.Contains(kpi.Tables(), table) {
			return a.errorf("--tabella %s: scrivere %s", "--tabella %s: write %s", table, strings.Join(kpi.Tables(), ", "))
		}
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		query := url.Values{"ente": {ente}, "servizio": {service}}
		for name, day := range map[string]string{"dal": from, "al": to} {
			if day != "" {
				query.Set(name, day)
			}
		}
		if asCSV {
			return answered(hub.Stream(cmd.Context(), "/v1/indicatori/"+table, query, a.io.out))
		}
		var found kpi.Report
		if err := hub.Get(cmd.Context(), "/v1/indicatori", query, &found); err != nil {
			return answered(err)
		}
		return a.emit(found, func(w *terminal.Writer) { a.showKPI(w, found, table) })
	}
	return cmd
}

func (a *app) showKPI(w *terminal.Writer, r kpi.Report, table string) {
	w.Line(r.Dal + " - " + r.Al)
	var rows [][]string
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	switch table { // what is long comes last, where a line that is too wide is broken
	case kpi.TableCallers:
		rows = [][]string{{"ENTE", a.t("SERVIZIO", "SERVICE"), a.t("CHIAMATE", "CALLS"), a.t("RIUSCITE", "GOOD"), a.t("GUASTE", "FAULTY"), a.t("RIFIUTATE", "REFUSED"), a.t("FRUITORE, FINALITÀ", "CONSUMER, PURPOSE")}}
		for _, c := range r.Fruitori {
			rows = append(rows, []string{c.Ente, c.Servizio, whole(c.Chiamate), whole(c.Riuscite), whole(c.Guaste), whole(c.Rifiutate), c.Fruitore + " " + c.Finalita})
		}
	case kpi.TableRefusals:
		rows = [][]string{{"ENTE", a.t("SERVIZIO", "SERVICE"), a.t("CHIAMATE", "CALLS"), a.t("REGOLA", "RULE")}}
		for _, c := range r.Rifiuti {
			rows = append(rows, []string{c.Ente, c.Servizio, whole(c.Chiamate), c.Regola})
		}
	default:
		rows = a.figureRows(r, table)
	}
	if len(rows) == 1 {
		w.Line(a.t("Nessuna chiamata.", "No calls."))
		return
	}
	w.Table(rows)
}

// figureRows are those of the e-services, or of their days.
func (a *app) figureRows(r kpi.Report, table string) [][]string {
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	rows := [][]string{{
		"ENTE", a.t("SERVIZIO", "SERVICE"), a.t("CHIAMATE", "CALLS"), a.t("DISPON.", "AVAIL."), a.t("RIUSCITE", "SUCCESS"), "P50/P90/P99 ms",
		a.t("RIFIUTATE", "REFUSED"), a.t("NO VOUCHER", "NO VOUCHER"),
	}}
	list := r.Servizi
	if table == kpi.TableDays {
		list, rows[0] = r.Giorni, append([]string{a.t("GIORNO", "DAY")}, rows[0]...)
	}
	for _, f := range list {
		row := []string{
			f.Ente, f.Servizio, whole(f.Chiamate), percent(f.Disponibilita), percent(f.Successo), millis(f.P50) + "/" + millis(f.P90) + "/" + millis(f.P99),
			whole(f.Rifiutate), whole(f.SenzaVoucher),
		}
		if table == kpi.TableDays {
			row = append([]string{f.Giorno}, row...)
		}
		rows = append(rows, row)
	}
	return rows
}

func percent(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v*100, 'f', 1, 64) + "%"
}

func millis(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', 1, 64)
}
