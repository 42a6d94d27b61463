// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package kpi

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"time"
)

// The tables of a report.
const (
	TableServices = "servizi"  // one row for each e-service
	TableDays     = "giorni"   // one row for each e-service and day: times and volumes, which name no consumer
	TableCallers  = "fruitori" // one row for each consumer and purpose
	TableRefusals = "rifiuti"  // one row for each rule
)

// Tables lists them.
func Tables() []string { return []string{TableServices, TableDays, TableCallers, TableRefusals} }

// ErrTable means a table that there is not.
var ErrTable = errors.New("no such table of figures")

// CSV writes one table of the report as RFC 4180: a first line of names, numbers with a point, times in milliseconds. The
// error is ErrTable or w's.
func (r Report) CSV(w io.Writer, table string) error {
	var rows [][]string
	switch table {
	case TableServices:
		rows = figureRows(r.Servizi, r.Dal, r.Al)
	case TableDays:
		rows = figureRows(r.Giorni, r.Dal, r.Al)
	case TableCallers:
		rows = append(rows, []string{"ente", "ambiente", "servizio", "fruitore", "finalita", "chiamate", "riuscite", "guaste", "rifiutate", "prima", "ultima"})
		for _, c := range r.Fruitori {
			rows = append(rows, []string{
				c.Ente, c.Ambiente, c.Servizio, c.Fruitore, c.Finalita, whole(c.Chiamate), whole(c.Riuscite), whole(c.Guaste), whole(c.Rifiutate),
				c.Prima.UTC().Format(time.RFC3339), c.Ultima.UTC().Format(time.RFC3339),
			})
		}
	case TableRefusals:
		rows = append(rows, []string{"ente", "ambiente", "servizio", "regola", "chiamate"})
		for _, c := range r.Rifiuti {
			rows = append(rows, []string{c.Ente, c.Ambiente, c.Servizio, c.Regola, whole(c.Chiamate)})
		}
	default:
		return ErrTable
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return out.WriteAll(rows)
}

func figureRows(list []Figures, from, to string) [][]string {
	rows := [][]string{{
		"dal", "al", "ente", "ambiente", "servizio", "chiamate", "riuscite", "guaste", "rifiutate", "senza_voucher", "guaste_senza_voucher", "disponibilita", "successo",
		"p50_ms", "p90_ms", "p99_ms",
	}}
	for _, f := range list {
		first, last := from, to
		if f.Giorno != "" {
			first, last = f.Giorno, f.Giorno
		}
		rows = append(rows, []string{
			first, last, f.Ente, f.Ambiente, f.Servizio, whole(f.Chiamate), whole(f.Riuscite), whole(f.Guaste), whole(f.Rifiutate), whole(f.SenzaVoucher), whole(f.GuasteSenzaVoucher),
			measured(f.Disponibilita, 4), measured(f.Successo, 4), measured(f.P50, 1), measured(f.P90, 1), measured(f.P99, 1),
		})
	}
	return rows
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

// measured is "" for what was not.
func measured(v *float64, decimals int) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', decimals, 64)
}
