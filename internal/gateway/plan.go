// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"fmt"
	"regexp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/schema"
)

// plan is what the configuration fixes about acquisitions, compiled at start. It is read-only.
type plan struct {
	inputs  map[string]*schema.Object // service "/" operation -> schema of richiesta
	pratica map[string]*regexp.Regexp // ente "/" procedimento -> form of the pratica, absent = any
	replyTo map[string]string         // ente "/" service "/" operation -> where its answer, which comes later, is to go
}

func compilePlan(c *config.Config) (plan, error) {
	p := plan{inputs: map[string]*schema.Object{}, pratica: map[string]*regexp.Regexp{}}
	for service, recipe := range c.Consumes {
		for name, op := range recipe.Operations {
			if op.Input == nil {
				continue
			}
			compiled, err := schema.CompileObject(op.Input)
			if err != nil {
				return plan{}, fmt.Errorf("recipe %s, operation %s, input: %w", service, name, err)
			}
			p.inputs[service+"/"+name] = compiled
		}
	}
	for codice, ente := range c.Enti {
		for name, procedimento := range ente.Procedimenti {
			if procedimento.PraticaFormato == "" {
				continue
			}
			form, err := regexp.Compile(`^(?:` + procedimento.PraticaFormato + `)$`)
			if err != nil {
				return plan{}, fmt.Errorf("ente %s, procedimento %s, praticaFormato: %w", codice, name, err)
			}
			p.pratica[codice+"/"+name] = form
		}
	}
	var err error
	p.replyTo, err = compileReplies(c)
	return p, err
}
