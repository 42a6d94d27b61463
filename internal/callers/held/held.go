// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package held learns from PDND which certified attributes a consumer holds, for the rules of package callers.
//
// It owns how long an answer is believed. It depends on the platform's API, which it asks as the API client of the ente
// that is called. It decides nothing.
package held

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
)

const (
	// freshFor is how long the attributes of a consumer are believed without asking again.
	freshFor = 15 * time.Minute
	// staleFor is how long they are believed while PDND does not answer: attributes change rarely, and an agreement that
	// loses one that it needs is suspended by PDND itself.
	staleFor = 24 * time.Hour
	// maxKnown bounds the consumers that are remembered.
	maxKnown = 4096
)

// Attributes learns from PDND which certified attributes consumers hold. It is safe for concurrent use.
type Attributes struct {
	platforms   map[string]*pdnd.Platform
	credentials func(ente, environment string) (pdnd.Credentials, error)
	clock       func() time.Time

	asking sync.Mutex // held by the one that asks PDND: callers that come together ask once

	mu    sync.Mutex
	known map[tenant]answer
	names map[tenant]string // of an attribute, by environment and id: they do not change
}

type tenant struct{ environment, id string }

type answer struct {
	attributes []string
	at         time.Time
}

// New returns a reader that has asked nothing. credentials are those of the API client of an ente.
func New(
	platforms map[string]*pdnd.Platform, credentials func(ente, environment string) (pdnd.Credentials, error), clock func() time.Time,
) *Attributes {
	return &Attributes{platforms: platforms, credentials: credentials, clock: clock, known: map[tenant]answer{}, names: map[tenant]string{}}
}

// Of returns the certified attributes that a consumer holds, as "origin/code". An error is a "don't know".
func (a *Attributes) Of(ctx context.Context, ente, environment, consumer string) ([]string, error) {
	who := tenant{environment, consumer}
	if known, fresh := a.look(who, freshFor); fresh {
		return known, nil
	}
	a.asking.Lock()
	defer a.asking.Unlock()
	if known, fresh := a.look(who, freshFor); fresh { // somebody else has asked meanwhile
		return known, nil
	}
	list, err := a.ask(ctx, ente, who)
	if err != nil {
		if known, there := a.look(who, staleFor); there {
			return known, nil
		}
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= maxKnown {
		clear(a.known)
	}
	a.known[who] = answer{attributes: list, at: a.clock()}
	return list, nil
}

func (a *Attributes) look(who tenant, within time.Duration) ([]string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.known[who]
	return known.attributes, ok && a.clock().Sub(known.at) < within
}

func (a *Attributes) ask(ctx context.Context, ente string, who tenant) ([]string, error) {
	client, err := a.client(ente, who.environment)
	if err != nil {
		return nil, err
	}
	list, err := client.TenantAttributes(ctx, who.id)
	if errors.Is(err, api.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, h := range list {
		if h.RevokedAt != nil {
			continue
		}
		name, err := a.name(ctx, client, tenant{who.environment, h.ID})
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func (a *Attributes) name(ctx context.Context, client *api.Client, id tenant) (string, error) {
	a.mu.Lock()
	name, ok := a.names[id]
	a.mu.Unlock()
	if ok {
		return name, nil
	}
	attribute, err := client.Attribute(ctx, id.id)
	if err != nil {
		return "", err
	}
	name = attribute.Origin + "/" + attribute.Code
	a.mu.Lock()
	a.names[id] = name
	a.mu.Unlock()
	return name, nil
}

func (a *Attributes) client(ente, environment string) (*api.Client, error) {
	platform := a.platforms[environment]
	if platform == nil {
		return nil, errors.New("no platform of this environment")
	}
	credentials, err := a.credentials(ente, environment)
	if err != nil {
		return nil, err
	}
	return api.New(platform, credentials), nil
}
