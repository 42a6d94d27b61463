// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/config/proposte"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// Hint is a remark on a sound configuration, for who answers for a procedimento: nothing is refused for it.
type Hint struct {
	Ente, Procedimento string
	Text               modi.Text
}

// Hints tell where a procedimento asks more than it may need (GDPR art. 5 c. 1 c): beyond the row of package proposte that
// it names, data where the registry would compare them itself, and whole answers.
func (c *Config) Hints() []Hint {
	var all []Hint
	for _, codice := range sortedKeys(c.Enti) {
		ente := c.Enti[codice]
		for _, name := range sortedKeys(ente.Procedimenti) {
			p := ente.Procedimenti[name]
			for _, text := range slices.Concat(p.beyondProposal(), c.ownComparison(p), p.wholeAnswers()) {
				all = append(all, Hint{Ente: codice, Procedimento: name, Text: text})
			}
		}
	}
	return all
}

// beyondProposal compares a procedimento with the row that it names.
func (p *Procedimento) beyondProposal() []modi.Text {
	row, found := proposte.Find(p.Proposta)
	if !found {
		return nil
	}
	var asked []proposte.Operazione
	for _, o := range p.Operazioni {
		if !o.Passante {
			asked = append(asked, proposte.Operazione{Servizio: o.Servizio, Operazione: o.Operazione, Modo: o.Modo, Campi: o.Campi})
		}
	}
	var texts []modi.Text
	status := proposte.All().Stato
	for _, more := range row.Beyond(asked) {
		what := more.Servizio + "/" + more.Operazione
		if len(more.Campi) > 0 {
			what += " [" + strings.Join(more.Campi, ", ") + "]"
		}
		texts = append(texts, modi.Text{
			IT: fmt.Sprintf("%s va oltre la proposta %s (%s)", what, row.Nome, status.IT),
			EN: fmt.Sprintf("%s goes beyond proposta %s (%s)", what, row.Nome, status.EN),
		})
	}
	return texts
}

// ownComparison finds, in a check of declarations, data of a registry that compares them itself.
func (c *Config) ownComparison(p *Procedimento) []modi.Text {
	if p.BaseGiuridica == BaseArt43 {
		return nil
	}
	var texts []modi.Text
	for _, o := range p.Operazioni {
		recipe := c.Consumes[o.Servizio]
		if o.Passante || o.Modo == ModoVerifica || recipe == nil || !readsData(recipe.Operations[o.Operazione]) {
			continue
		}
		better := modi.Text{IT: "scrivere modo: verifica", EN: "write modo: verifica"}
		if service := c.comparing(recipe.Registry, o.Campi); service != "" {
			better = modi.Text{
				IT: "il registro confronta da sé con " + service + ": preferirlo, oppure scrivere modo: verifica",
				EN: "the registry compares them itself with " + service + ": prefer it, or write modo: verifica",
			}
		}
		texts = append(texts, modi.Text{
			IT: fmt.Sprintf("%s/%s dà i dati, e per un controllo (art. 71) basta il confronto: %s", o.Servizio, o.Operazione, better.IT),
			EN: fmt.Sprintf("%s/%s gives the data, where a check (art. 71) needs a comparison: %s", o.Servizio, o.Operazione, better.EN),
		})
	}
	return texts
}

func readsData(op registry.RecipeOperation) bool {
	return op.Mode == "" || op.Mode == registry.ModeTell
}

// comparing finds the service with which a registry compares one of some fields.
func (c *Config) comparing(name string, fields []string) string {
	for _, service := range sortedKeys(c.Consumes) {
		if c.Consumes[service].Registry != name {
			continue
		}
		for _, op := range c.Consumes[service].Operations {
			for _, field := range op.Verifica {
				if op.Mode == registry.ModeCompare && slices.Contains(fields, field) {
					return service
				}
			}
		}
	}
	return ""
}

// wholeAnswers finds native calls: no field of their answers is held back.
func (p *Procedimento) wholeAnswers() []modi.Text {
	var texts []modi.Text
	for _, o := range p.Operazioni {
		if !o.Passante {
			continue
		}
		more := modi.Text{}
		if len(o.Chiamate) == 0 {
			more = modi.Text{IT: "; senza chiamate vale per l'intero servizio", EN: "; without chiamate it holds for the whole service"}
		}
		texts = append(texts, modi.Text{
			IT: fmt.Sprintf("%s è passante: le risposte arrivano intere, senza la scelta dei campi%s", o.Servizio, more.IT),
			EN: fmt.Sprintf("%s is passante: answers come whole, no fields are chosen%s", o.Servizio, more.EN),
		})
	}
	return texts
}
