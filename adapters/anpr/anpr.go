// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package anpr speaks to the e-services of ANPR, the national register of residents:
// C030 (from a person to an idANPR) and C020 (residence). It owns their request and
// answer formats, the numbering of operations and the meaning of their errors, the
// last by the error table of each recipe.
//
// It depends on registry and modi. It never signs, retries or opens a connection:
// every call goes through the Transport it is given, with a body marshalled once.
package anpr

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
	_ "time/tzdata" // ANPR's dates are days of Rome, also where no zone database is installed

	"github.com/snodo-pa/snodo/registry"
)

// Name is what a recipe writes as its adapter.
const Name = "anpr"

// The cases of use this adapter speaks, as recipes name them in casoUso.
const (
	c020 = "C020"
	c030 = "C030"
)

// Adapter serves the recipes whose adapter is "anpr". It is safe for concurrent use.
type Adapter struct {
	deps    registry.Deps
	recipes map[string]*registry.Recipe
	rome    *time.Location
	turns   turns
}

var _ registry.Adapter = (*Adapter)(nil)

// New builds the adapter for the recipes in d that name it. It fails when a recipe
// asks for a case of use it does not speak, or for a service that is not configured.
func New(d registry.Deps) (*Adapter, error) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, fmt.Errorf("load the time zone of Rome: %w", err)
	}
	a := &Adapter{deps: d, recipes: map[string]*registry.Recipe{}, rome: rome}
	for name, recipe := range d.Recipes {
		if recipe.Adapter == Name {
			a.recipes[name] = recipe
		}
	}
	for name, recipe := range a.recipes {
		for operation, op := range recipe.Operations {
			if err := a.speaks(op); err != nil {
				return nil, fmt.Errorf("recipe %s, operation %s: %w", name, operation, err)
			}
		}
	}
	return a, nil
}

func (a *Adapter) speaks(op registry.RecipeOperation) error {
	switch op.CasoUso {
	case c030:
		return nil
	case c020:
		if len(op.Needs) != 1 {
			return fmt.Errorf("needs must name the one C030 service that finds the idANPR")
		}
		if _, _, err := a.identifier(op); err != nil {
			return err
		}
		return nil
	default:
		return fmt.Errorf("casoUso %q is not one of C020, C030", op.CasoUso)
	}
}

// identifier finds the C030 operation that a C020 operation needs.
func (a *Adapter) identifier(op registry.RecipeOperation) (*registry.Recipe, registry.RecipeOperation, error) {
	recipe, ok := a.recipes[op.Needs[0]]
	if !ok {
		return nil, registry.RecipeOperation{}, fmt.Errorf("it needs %s, which is not configured", op.Needs[0])
	}
	for _, candidate := range recipe.Operations {
		if candidate.CasoUso == c030 {
			return recipe, candidate, nil
		}
	}
	return nil, registry.RecipeOperation{}, fmt.Errorf("it needs %s, which has no operation of C030", op.Needs[0])
}

// Services lists the recipes it serves, sorted.
func (a *Adapter) Services() []string { return slices.Sorted(maps.Keys(a.recipes)) }

// Call carries out one operation. Beside the kinds of a Transport it returns
//
//   - ErrUnsupported for an operation the recipe does not have;
//   - ErrInvalid, before any call, for a richiesta or a pratica that ANPR would refuse;
//   - ErrNotFound and ErrAmbiguous when ANPR knows none or more than one such person;
//   - ErrBadReply when the answer speaks of another person;
//   - ErrState when no operation number could be drawn.
func (a *Adapter) Call(ctx context.Context, service, operation string, in registry.Request) (registry.Response, error) {
	recipe, ok := a.recipes[service]
	if !ok {
		return registry.Response{}, unsupported(service)
	}
	op, ok := recipe.Operations[operation]
	if !ok {
		return registry.Response{}, unsupported(service)
	}
	call := inquiry{adapter: a, recipe: recipe, op: op, scope: in.Scope}
	if op.CasoUso == c030 {
		return call.identify(ctx, in.Richiesta)
	}
	return call.residence(ctx, in.Richiesta)
}

func unsupported(service string) error {
	return &registry.Fault{Kind: registry.ErrUnsupported, Service: service}
}
