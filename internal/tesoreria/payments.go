// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// codes are the references to payments in a causale.
type codes struct{ iuv, iur []string }

var (
	// A single payment: /RFS/ with an ISO 11649 reference, or /RFB/ with an IUV, as pagoPA's guidelines write the causale.
	rfText = regexp.MustCompile(`/RF[SB]/([A-Za-z0-9]{6,35})`)
	// In words: IUV or IUR and the code behind it.
	iuvText = regexp.MustCompile(`(?i)\bIUV[ :=.-]{0,3}([A-Za-z0-9]{10,35})`)
	iurText = regexp.MustCompile(`(?i)\bIUR[ :=.-]{0,3}([A-Za-z0-9]{6,35})`)
)

// references finds the codes in a causale.
func references(causale string) codes {
	var c codes
	for _, form := range []*regexp.Regexp{rfText, iuvText} {
		for _, m := range form.FindAllStringSubmatch(causale, -1) {
			if code := strings.ToUpper(m[1]); !slices.Contains(c.iuv, code) {
				c.iuv = append(c.iuv, code)
			}
		}
	}
	for _, m := range iurText.FindAllStringSubmatch(causale, -1) {
		c.iur = append(c.iur, strings.ToUpper(m[1]))
	}
	return c
}

// ReadPayments reads payments from CSV, as flows are read: the columns iuv and importo, and where there are any iur and data.
// The faults name row and column; then there are no payments.
func ReadPayments(data []byte) ([]Payment, opi.Faults) {
	rows, faults := opi.ReadTable(data, []string{"iuv", "importo"}, []string{"iur", "data"}, opi.Limits{})
	var out []Payment
	for _, row := range rows {
		add := func(field string, what opi.Text) {
			faults = append(faults, opi.Fault{Rule: "opi.input/type", Row: row.Number, Field: field, What: what})
		}
		p := Payment{IUV: row.Cells["iuv"], IUR: row.Cells["iur"]}
		if p.IUV == "" && p.IUR == "" {
			add("iuv", opi.Text{IT: "serve lo IUV, o lo IUR", EN: "the IUV is needed, or the IUR"})
		}
		var err error
		if p.Importo, err = opi.PlainAmount(row.Cells["importo"]); err != nil {
			add("importo", opi.Text{IT: "serve un importo in euro come 1220,50 o 1220.50", EN: "an amount in euro is needed, as 1220,50 or 1220.50"})
		}
		if day := row.Cells["data"]; day != "" {
			p.Data = string(opi.PlainDate(day))
			if _, err := time.Parse(time.DateOnly, p.Data); err != nil {
				add("data", opi.Text{IT: "serve una data come 2026-10-12 o 12/10/2026", EN: "a date is needed, as 2026-10-12 or 12/10/2026"})
			}
		}
		out = append(out, p)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return out, nil
}

// match finds the movement that a payment came in by: the one whose causale names its IUR, else its IUV.
func match(p Payment, rows []Movimento) Abbinato {
	a := Abbinato{Payment: p, Stato: "non-trovato"}
	iuv, iur := strings.ToUpper(p.IUV), strings.ToUpper(p.IUR)
	best := -1
	for i, m := range rows {
		if m.TipoMovimento != "ENTRATA" || m.TipoOperazione == "STORNATO" {
			continue
		}
		found := references(m.Causale)
		named := iur != "" && slices.Contains(found.iur, iur) || iuv != "" && slices.Contains(found.iuv, iuv)
		if !named {
			continue
		}
		if best < 0 || m.TipoDocumento == "REVERSALE" && rows[best].TipoDocumento != "REVERSALE" {
			best = i
		}
	}
	if best < 0 {
		return a
	}
	m := rows[best]
	a.Movimento = fmt.Sprintf("%s/%d", m.Giornale, m.NumeroMovimento)
	switch {
	case m.Importo != p.Importo:
		a.Stato = "importo-diverso"
	case m.TipoDocumento == "REVERSALE":
		a.Stato = "riconciliato"
		a.Ordinativo = name(opi.OrderKey{Collection: true, Year: m.Esercizio, Number: m.NumeroDocumento})
	default:
		a.Stato = "sospeso" // it came in; an order has to regularise it
	}
	return a
}
