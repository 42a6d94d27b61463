// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package anpr speaks to the e-services of ANPR, the national register of residents:
// those that give data (accertamento), those that compare declared data with the record
// (verifica), the one that turns a person into an idANPR, and the massive ones. Which
// e-service does what is in the recipes; the package owns their common request and
// answer formats, the numbering of operations, the tables of codes and errors, and
// whose answer is whose.
//
// It depends on registry and modi. It never signs, retries or opens a connection:
// every call goes through the Transport it is given, with a body marshalled once.
package anpr

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // ANPR's dates are days of Rome, also where no zone database is installed

	"github.com/snodo-pa/snodo/registry"
)

// Name is what a recipe writes as its adapter.
const Name = "anpr"

// Adapter serves the recipes whose adapter is "anpr". It is safe for concurrent use.
type Adapter struct {
	deps    registry.Deps
	recipes map[string]*registry.Recipe
	rome    *time.Location
	errors  []registry.RecipeError
	tables  tables
	readers map[string]reader
	memory  *memory
	turns   turns
}

var _ registry.Adapter = (*Adapter)(nil)

// New builds the adapter for the recipes in d that name it. It fails when a recipe
// asks for something it does not speak, or for a service that is not configured.
func New(d registry.Deps) (*Adapter, error) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, fmt.Errorf("load the time zone of Rome: %w", err)
	}
	a := &Adapter{deps: d, recipes: map[string]*registry.Recipe{}, rome: rome, readers: fieldReaders()}
	if a.errors, err = Errors(); err != nil {
		return nil, err
	}
	if a.tables, err = readTables(); err != nil {
		return nil, err
	}
	if a.memory, err = newMemory(d.Clock); err != nil {
		return nil, err
	}
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

// modesOf are what each case of use of ANPR can do.
func modesOf(casoUso string) []string {
	switch casoUso {
	case "C030":
		return []string{registry.ModeIdentify, registry.ModeMassive, registry.ModeMassiveResult, registry.ModeMassiveDrop}
	case "C019", "C020":
		return []string{registry.ModeTell, registry.ModeMassive, registry.ModeMassiveResult, registry.ModeMassiveDrop}
	case "C001", "C002", "C015", "C016", "C017", "C018", "C021", "C022", "C023", "C024", "C025", "C026", "C029":
		return []string{registry.ModeTell}
	case "C003", "C004", "C005", "C006", "C007", "C008", "C009", "C010", "C011", "C012", "C013", "C014", "C031":
		return []string{registry.ModeCompare}
	default:
		return nil
	}
}

// speaks refuses an operation that cannot be carried out as it is described.
func (a *Adapter) speaks(op registry.RecipeOperation) error {
	mode := cmp.Or(op.Mode, registry.ModeTell)
	if op.Remember != 0 && (mode != registry.ModeIdentify || op.Remember > longestMemory) {
		return fmt.Errorf("remember is for mode %s, at most %s", registry.ModeIdentify, longestMemory)
	}
	if !slices.Contains(modesOf(op.CasoUso), mode) {
		return fmt.Errorf("casoUso %q has no mode %s", op.CasoUso, mode)
	}
	switch mode {
	case registry.ModeIdentify:
		return onlyFields(op, fieldIDANPR)
	case registry.ModeTell:
		for _, field := range op.Fields {
			if _, known := a.readers[field]; !known {
				return fmt.Errorf("field %q is none that ANPR gives", field)
			}
		}
		return a.needsIdentifier(op)
	case registry.ModeCompare:
		if slices.Equal(op.Verifica, []string{fieldIdentificativi}) && len(op.Needs) == 0 {
			return onlyFields(op, comparisonFields()...) // the idANPR is what is declared
		}
		if err := a.needsIdentifier(op); err != nil {
			return err
		}
		return onlyFields(op, comparisonFields()...)
	case registry.ModeMassive, registry.ModeMassiveResult, registry.ModeMassiveDrop:
		if _, known := rowFields(op.CasoUso); !known {
			return fmt.Errorf("casoUso %q is of no massive service", op.CasoUso)
		}
		if op.Mode != registry.ModeMassive && !strings.Contains(op.Path, pathID) {
			return fmt.Errorf("the path has no %s", pathID)
		}
		return nil
	default:
		return fmt.Errorf("mode %q is not one of %s", op.Mode, strings.Join(registry.OperationModes(), ", "))
	}
}

func onlyFields(op registry.RecipeOperation, known ...string) error {
	for _, field := range op.Fields {
		if !slices.Contains(known, field) {
			return fmt.Errorf("field %q is not one of %s", field, strings.Join(known, ", "))
		}
	}
	return nil
}

func (a *Adapter) needsIdentifier(op registry.RecipeOperation) error {
	if len(op.Needs) != 1 {
		return fmt.Errorf("needs must name the one C030 service that finds the idANPR")
	}
	_, _, err := a.identifier(op)
	return err
}

// identifier finds the operation that turns a codice fiscale into an idANPR.
func (a *Adapter) identifier(op registry.RecipeOperation) (*registry.Recipe, registry.RecipeOperation, error) {
	recipe, ok := a.recipes[op.Needs[0]]
	if !ok {
		return nil, registry.RecipeOperation{}, fmt.Errorf("it needs %s, which is not configured", op.Needs[0])
	}
	for _, candidate := range recipe.Operations {
		if candidate.Mode == registry.ModeIdentify {
			return recipe, candidate, nil
		}
	}
	return nil, registry.RecipeOperation{}, fmt.Errorf("it needs %s, which has no operation of mode %s", op.Needs[0], registry.ModeIdentify)
}

// Services lists the recipes it serves, sorted.
func (a *Adapter) Services() []string { return slices.Sorted(maps.Keys(a.recipes)) }

// Call carries out one operation. Beside the kinds of a Transport it returns
//
//   - ErrUnsupported for an operation the recipe does not have;
//   - ErrInvalid, before any call, for a richiesta or a pratica that ANPR would refuse;
//   - ErrNotFound and ErrAmbiguous when ANPR knows none or more than one such person;
//   - ErrNotReady when a massive request is still worked on;
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
	q := inquiry{adapter: a, recipe: recipe, op: op, scope: in.Scope}
	switch op.Mode {
	case registry.ModeIdentify:
		return q.identify(ctx, in.Richiesta)
	case registry.ModeCompare:
		return q.compare(ctx, in.Richiesta)
	case registry.ModeMassive:
		return q.submit(ctx, in.Richiesta)
	case registry.ModeMassiveResult:
		return q.collect(ctx, in.Richiesta)
	case registry.ModeMassiveDrop:
		return q.drop(ctx, in.Richiesta)
	default:
		return q.tell(ctx, in.Richiesta)
	}
}

func unsupported(service string) error {
	return &registry.Fault{Kind: registry.ErrUnsupported, Service: service}
}
