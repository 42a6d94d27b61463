// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Policy is what a flow is held against beyond itself. The zero value asks only what the flow shows by itself.
type Policy struct {
	// Ente is what the header has to say: every field that is not empty, but for the identifier and the time.
	Ente Testata
	// OpenYears are the years in which orders may be issued; nil for any.
	OpenYears []int
	// Issued tells whether an order was issued already, and in which flow; nil for not known. A new order must not have been,
	// one that is varied or cancelled must.
	Issued func(OrderKey) (flow string, issued bool)
	// Waits tells whether an issued order still waits for what becomes of a flow, and of which: it may not be varied or
	// cancelled until then. Nil for never.
	Waits func(OrderKey) (flow string, waits bool)
}

// OrderKey names an order of an ente.
type OrderKey struct {
	Collection bool // a reversale
	Year       int
	Number     int64
}

// Check holds a flow against the rules opi.flow/…: what its structure cannot say. It gives every fault with its path, up
// to a thousand.
func (p Policy) Check(f *Flusso) Faults {
	c := &checker{policy: p, flow: f, collections: map[int64]map[int64]bool{}}
	for _, o := range f.Ordinativi {
		if o.Reversale != nil {
			c.collections[o.Reversale.Numero] = o.Reversale.progressives()
		}
	}
	c.header()
	mandati, reversali := 0, 0
	for _, o := range f.Ordinativi {
		switch {
		case o.Mandato != nil:
			mandati++
			c.mandato(o.Mandato, fmt.Sprintf("/flusso_ordinativi/mandato[%d]", mandati))
		case o.Reversale != nil:
			reversali++
			c.reversale(o.Reversale, fmt.Sprintf("/flusso_ordinativi/reversale[%d]", reversali))
		}
	}
	return c.faults
}

// The codes of SIOPE+ that a rule stands for are named in its text.

type checker struct {
	policy      Policy
	flow        *Flusso
	collections map[int64]map[int64]bool // the collections of each reversale of the flow
	faults      Faults
}

func (c *checker) add(rule, path string, what Text) {
	if len(c.faults) == maxFaults {
		return
	}
	c.faults = append(c.faults, Fault{Rule: "opi.flow/" + rule, Path: path, Field: fieldOf(path), What: what})
}

func (c *checker) header() {
	const at = "/flusso_ordinativi/testata_flusso/"
	has, want := c.flow.Testata, c.policy.Ente
	for _, f := range []struct{ name, has, want string }{
		{"codice_ABI_BT", has.CodiceABI, want.CodiceABI},
		{"codice_ente", has.CodiceEnte, want.CodiceEnte},
		{"descrizione_ente", has.DescrizioneEnte, want.DescrizioneEnte},
		{"codice_istat_ente", has.CodiceISTATEnte, want.CodiceISTATEnte},
		{"codice_fiscale_ente", has.CodiceFiscaleEnte, want.CodiceFiscaleEnte},
		{"codice_tramite_ente", has.CodiceTramiteEnte, want.CodiceTramiteEnte},
		{"codice_tramite_BT", has.CodiceTramiteBT, want.CodiceTramiteBT},
		{"codice_ente_BT", has.CodiceEnteBT, want.CodiceEnteBT},
		{"riferimento_ente", has.RiferimentoEnte, want.RiferimentoEnte},
	} {
		if f.want != "" && f.has != f.want {
			c.add("ente", at+f.name, textf("non è quello dell'ente, che è %q", "not the ente's, which is %q", f.want))
		}
	}
	year := c.flow.Esercizio
	if c.policy.OpenYears != nil && !slices.Contains(c.policy.OpenYears, year) {
		c.add("closed-year", "/flusso_ordinativi/esercizio",
			textf("l'esercizio %d non è aperto; aperti: %s", "year %d is not open; open: %s", year, years(c.policy.OpenYears)))
	}
}

func years(all []int) string {
	out := make([]string, 0, len(all))
	for _, y := range all {
		out = append(out, strconv.Itoa(y))
	}
	return strings.Join(out, ", ")
}

// order is what mandati and reversali have in common.
type order struct {
	path, name, line  string // of the order, and of its payments or collections
	code              string // the element of their SIOPE codes
	key               OrderKey
	operation         string
	date              Data
	amount            Importo
	budget            []Bilancio
	lines, classified Importo
	classes           int
	replaces          bool
}

func (c *checker) order(o order) {
	if o.lines != o.amount {
		c.add("total", o.path+"/importo_"+o.name, textf(
			"%s, ma la somma di %s è %s (codice 106 di SIOPE+)", "%s, but %s adds up to %s (code 106 of SIOPE+)",
			o.amount, "importo_"+strings.TrimPrefix(o.line, "informazioni_"), o.lines))
	}
	switch {
	case o.classes == 0:
		c.add("siope-code", o.path+"/"+o.line+"/classificazione/"+o.code, Text{
			IT: "manca la classificazione SIOPE (codice 109 di SIOPE+)", EN: "the SIOPE classification is missing (code 109 of SIOPE+)",
		})
	case o.classes > 0 && o.classified != o.amount:
		c.add("total", o.path+"/importo_"+o.name, textf(
			"%s, ma la somma delle classificazioni è %s (codice 106 di SIOPE+)", "%s, but the classifications add up to %s (code 106 of SIOPE+)",
			o.amount, o.classified))
	}
	c.budget(o)
	if day, err := o.date.Time(); err == nil && day.Year() != o.key.Year {
		c.add("date", o.path+"/data_"+o.name, textf("la data non è nell'esercizio %d", "the date is not in year %d", o.key.Year))
	}
	if o.operation == "SOSTITUZIONE" && !o.replaces {
		missing := fmt.Sprintf("numero_%s_da_sostituire", o.name)
		c.add("replacement", o.path+"/"+o.line+"/sostituzione_"+o.name+"/"+missing,
			textf("tipo_operazione SOSTITUZIONE senza %s", "tipo_operazione SOSTITUZIONE without %s", missing))
	}
	c.issued(o)
}

func (c *checker) budget(o order) {
	var sum Importo
	for i, b := range o.budget {
		sum = sum.Plus(b.Importo)
		if b.Gestione == "RESIDUO" && b.AnnoResiduo == 0 {
			c.add("payment-data", fmt.Sprintf("%s/bilancio[%d]/anno_residuo", o.path, i+1), Text{
				IT: "gestione RESIDUO senza anno_residuo", EN: "gestione RESIDUO without anno_residuo",
			})
		}
	}
	if len(o.budget) > 0 && sum != o.amount {
		c.add("total", o.path+"/importo_"+o.name,
			textf("%s, ma la somma delle voci di bilancio è %s", "%s, but the items of the budget add up to %s", o.amount, sum))
	}
}

func (c *checker) issued(o order) {
	if c.policy.Issued == nil {
		return
	}
	at := o.path + "/numero_" + o.name
	flow, issued := c.policy.Issued(o.key)
	switch o.operation {
	case "VARIAZIONE", "ANNULLO":
		if !issued {
			c.add("not-issued", at, textf("%s %d del %d non risulta emesso", "%s %d of %d was not issued", o.name, o.key.Number, o.key.Year))
		} else {
			c.waits(o, at)
		}
	default:
		if issued {
			c.add("already-issued", at, textf("%s %d del %d è già stato emesso, nel flusso %s", "%s %d of %d was issued already, in the flow %s",
				o.name, o.key.Number, o.key.Year, flow))
		}
	}
}

// waits refuses to vary an order of which another flow has still to say what it is.
func (c *checker) waits(o order, at string) {
	if c.policy.Waits == nil {
		return
	}
	if flow, waits := c.policy.Waits(o.key); waits {
		c.add("unsettled", at, textf("%s %d del %d attende l'esito del flusso %s: si varia o si annulla dopo", "%s %d of %d waits for what becomes of the flow %s: vary or cancel it afterwards",
			o.name, o.key.Number, o.key.Year, flow))
	}
}
