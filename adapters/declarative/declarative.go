// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package declarative carries out the operations that recipes describe as data: which
// value of the question goes where in a request, which value of an answer becomes which
// field of dati, what the registry's errors mean, how pages and slow results are asked
// for. A registry that is plain REST over JSON needs no adapter of its own.
//
// It owns the meaning of those lines and depends on registry and modi. It never signs,
// retries or opens a connection: every call goes through the Transport it is given. No
// error of it holds a value, only the place where one was looked for.
package declarative

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	_ "time/tzdata" // today is a day in Italy, also where no zone database is installed

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/pick"
)

// Name is what a recipe writes as its adapter.
const Name = registry.Declarative

// Adapter serves the recipes whose adapter is "declarative". It is safe for concurrent
// use.
type Adapter struct {
	deps     registry.Deps
	italy    *time.Location
	services map[string]map[string]*operation
}

var _ registry.Receiver = (*Adapter)(nil)

// New compiles the recipes in d that name the adapter. It fails on one that the check of
// recipes would have refused.
func New(d registry.Deps) (*Adapter, error) {
	italy, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, fmt.Errorf("load the time zone of Italy: %w", err)
	}
	a := &Adapter{deps: d, italy: italy, services: map[string]map[string]*operation{}}
	for service, recipe := range d.Recipes {
		if recipe.Adapter != Name {
			continue
		}
		a.services[service] = map[string]*operation{}
		for name, described := range recipe.Operations {
			op, err := compile(recipe, described)
			if err != nil {
				return nil, fmt.Errorf("recipe %s, operation %s: %w", service, name, err)
			}
			a.services[service][name] = op
		}
	}
	return a, nil
}

// Services lists the recipes it serves, sorted.
func (a *Adapter) Services() []string { return slices.Sorted(maps.Keys(a.services)) }

// Call carries out one operation. Beside the kinds of a Transport and those of the
// recipe's tables it returns
//
//   - ErrUnsupported for an operation the recipe does not have;
//   - ErrInvalid, before any call, for a richiesta from which no request can be made;
//   - ErrBadReply for an answer that lacks what the recipe says it holds, or that is
//     about somebody else;
//   - ErrNotReady, with the time after which to ask again, for a result that is not
//     there when the recipe's patience or the caller's ends;
//   - ErrState when no operation number could be drawn.
func (a *Adapter) Call(ctx context.Context, service, name string, in registry.Request) (registry.Response, error) {
	r, err := a.open(service, name, in)
	if err != nil {
		return registry.Response{}, err
	}
	return r.answer(ctx)
}

// open prepares an operation for a question.
func (a *Adapter) open(service, name string, in registry.Request) (*run, error) {
	op, ok := a.services[service][name]
	if !ok {
		return nil, &registry.Fault{Kind: registry.ErrUnsupported, Service: service}
	}
	richiesta, err := pick.Decode(in.Richiesta)
	if _, object := richiesta.(map[string]any); err != nil || !object {
		return nil, op.invalid(errors.New("richiesta is not a JSON object"))
	}
	return &run{
		adapter: a, operation: op, scope: in.Scope,
		question: question{scope: in.Scope, richiesta: richiesta, now: a.deps.Clock().In(a.italy)},
	}, nil
}
