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
		Long: a.t("Senza giorni, gli ultimi trenta. La disponibilità è la parte delle chiamate con un voucher valido a cui non si è\n"+
			"risposto con 500 o più; il successo la parte a cui è arrivata la risposta della procedura; p50, p90 e p99 i tempi di\n"+
			"queste. Le tabelle: servizi, giorni (tempi e volumi da pubblicare: non nomina fruitori), fruitori, rifiuti.",
			"Without days, the last thirty. Availability is the part of the calls with a valid voucher that were not answered with\n"+
				"500 or more; success the part that got the procedure's answer; p50, p90 and p99 are the times of those. The tables:\n"+
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
	switch table {
	case kpi.TableCallers:
		rows = [][]string{{a.t("ENTE", "ENTE"), a.t("SERVIZIO", "SERVICE"), a.t("FRUITORE", "CONSUMER"), a.t("FINALITÀ", "PURPOSE"), a.t("CHIAMATE", "CALLS"), a.t("RIUSCITE", "GOOD"), a.t("GUASTE", "FAULTY"), a.t("RIFIUTATE", "REFUSED")}}
		for _, c := range r.Fruitori {
			rows = append(rows, []string{c.Ente, c.Servizio, c.Fruitore, c.Finalita, whole(c.Chiamate), whole(c.Riuscite), whole(c.Guaste), whole(c.Rifiutate)})
		}
	case kpi.TableRefusals:
		rows = [][]string{{a.t("ENTE", "ENTE"), a.t("SERVIZIO", "SERVICE"), a.t("REGOLA", "RULE"), a.t("CHIAMATE", "CALLS")}}
		for _, c := range r.Rifiuti {
			rows = append(rows, []string{c.Ente, c.Servizio, c.Regola, whole(c.Chiamate)})
		}
	default:
		list := r.Servizi
		if table == kpi.TableDays {
			list = r.Giorni
		}
		rows = [][]string{{
			a.t("GIORNO", "DAY"), a.t("ENTE", "ENTE"), a.t("SERVIZIO", "SERVICE"), a.t("CHIAMATE", "CALLS"), a.t("DISPONIBILITÀ", "AVAILABILITY"),
			a.t("SUCCESSO", "SUCCESS"), "P50 ms", "P90 ms", "P99 ms", a.t("RIFIUTATE", "REFUSED"), a.t("SENZA VOUCHER", "NO VOUCHER"),
		}}
		for _, f := range list {
			day := f.Giorno
			if day == "" {
				day = "-"
			}
			rows = append(rows, []string{
				day, f.Ente, f.Servizio, whole(f.Chiamate), percent(f.Disponibilita), percent(f.Successo), millis(f.P50), millis(f.P90), millis(f.P99),
				whole(f.Rifiutate), whole(f.SenzaVoucher),
			})
		}
	}
	if len(rows) == 1 {
		w.Line(a.t("Nessuna chiamata.", "No calls."))
		return
	}
	w.Table(rows)
}

func percent(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v*100, 'f', 2, 64) + "%"
}

func millis(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', 1, 64)
}
