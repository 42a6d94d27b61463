// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// An Offer is an exposed e-service with operations that do not block.
type Offer struct {
	Ente, Environment, Exposure string

	Recipe  *registry.Exposure
	URL     string  // of the back end, as requests to it begin
	BackEnd BackEnd // with its own deadline and guard
}

// NonBlocking tells whether a recipe has operations that need an offer.
func NonBlocking(r *registry.Exposure) bool {
	for _, o := range r.Operations {
		if o.Interaction.Offers() {
			return true
		}
	}
	return false
}

// offer is an Offer, compiled.
type offer struct {
	Offer
	paths
	engine   *Engine
	requests map[string]exchange // by operationId of the request
	states   map[string]exchange // by operationId of the state
	results  map[string]bool     // operationIds

	working, sending chan struct{} // the places of its work and of its callbacks, taken by sending
}

// exchange is one request with the operations that follow it.
type exchange struct {
	pattern        string
	request        string
	keep           time.Duration // how long it is remembered
	status, result string        // path templates, PULL only
}

// Offer puts the engine in front of a back end: what it returns is to be called in its place. It fails on operations that
// the document does not have, or that cannot be what the recipe says.
func (e *Engine) Offer(o Offer) (BackEnd, error) {
	below, err := pathsOf(o)
	if err != nil {
		return nil, err
	}
	o.URL = strings.TrimSuffix(o.URL, "/")
	c := &offer{
		Offer: o, paths: below, engine: e,
		requests: map[string]exchange{}, states: map[string]exchange{}, results: map[string]bool{},
		working: make(chan struct{}, perExposure), sending: make(chan struct{}, perExposure),
	}
	if err := fits(o.Recipe, below.document); err != nil {
		return nil, err
	}
	found := map[string]*schema.Operation{}
	for _, op := range c.document.Operations() {
		found[op.ID] = op
	}
	for _, id := range slices.Sorted(maps.Keys(o.Recipe.Operations)) {
		i := o.Recipe.Operations[id].Interaction
		if !i.Offers() {
			continue
		}
		if err := c.add(id, i, found); err != nil {
			return nil, fmt.Errorf("interaction: operations.%s: %w", id, err)
		}
	}
	e.offers[o.Ente+"/"+o.Exposure] = c
	return c, nil
}

func (c *offer) add(id string, i *registry.ExposureInteraction, found map[string]*schema.Operation) error {
	x := exchange{pattern: i.Pattern, request: id, keep: cmp.Or(i.Keep, registry.DefaultKeep)}
	if i.Pattern == registry.NonBlockingPush {
		if c.engine.cfg.Deliver == nil || c.engine.cfg.MayReply == nil {
			return errors.New("callbacks cannot be delivered: the binding names none")
		}
		c.requests[id] = x
		return nil
	}
	x.status, x.result = before(found[i.Status]), before(found[i.Result])
	c.requests[id], c.states[i.Status], c.results[i.Result] = x, x, true
	return nil
}

// before is the part of a path template before its one parameter.
func before(op *schema.Operation) string {
	return op.Template[:strings.LastIndexByte(op.Template, '/')+1]
}

// Do answers the operations of an interaction and hands every other request on.
func (c *offer) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	match, path, err := c.match(req)
	if err != nil {
		return c.BackEnd.Do(ctx, req, x) // the pipeline has matched it: the back end may know
	}
	id := path[strings.LastIndexByte(path, '/')+1:]
	if asked, ok := c.requests[match.ID]; ok {
		return c.accept(ctx, req, match, asked)
	}
	if asked, ok := c.states[match.ID]; ok {
		return c.state(ctx, req, match, asked, id)
	}
	if c.results[match.ID] {
		return c.result(ctx, req, id)
	}
	return c.BackEnd.Do(ctx, req, x)
}
