// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package held learns from PDND which certified attributes a consumer holds, for the rules of package callers.
//
// It owns how long an answer is believed, and how long anybody waits for one. It depends on the platform's API, which it asks as the API client of the ente
// that is called. It decides nothing.
package held

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
)

const (
	// freshFor is how long the attributes of a consumer are believed without asking again.
	freshFor = 15 * time.Minute
	// staleFor is how long they are believed while PDND does not answer: attributes change rarely, and an agreement that
	// loses one that it needs is suspended by PDND itself.
	staleFor = 24 * time.Hour
	// maxKnown bounds the consumers that are remembered, and the questions that failed.
	maxKnown = 4096
	// maxLookups bounds what one question asks PDND beyond the list: the attributes of a consumer that nobody has seen
	// before. Those that were read are remembered, so that the next question goes on from there.
	maxLookups = 64
	// maxNames bounds the attributes that are remembered.
	maxNames = 1 << 16
)

// ErrUndecided means that PDND has not told the attributes of the consumer, and what it told before is too old. It is a
// "don't know" (modi.ErrUndecided).
var ErrUndecided = fmt.Errorf("%w: the certified attributes of the consumer", modi.ErrUndecided)

var (
	errSlow         = errors.New("PDND has not answered yet")
	errFailedBefore = errors.New("PDND did not answer a moment ago, or has too much to answer")
)

// Attributes learns from PDND which certified attributes consumers hold. It is safe for concurrent use.
type Attributes struct {
	platforms   map[string]*pdnd.Platform
	credentials func(ente, environment string) (pdnd.Credentials, error)
	clock       func() time.Time
	lookup      func(ctx context.Context, ente string, who tenant) ([]string, error)

	mu     sync.Mutex
	known  map[tenant]answer
	names  map[tenant]string // of an attribute, by environment and id: they do not change
	asking map[question]*flight
	failed map[question]time.Time
	desks  map[desk]*places
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
	a := &Attributes{
		platforms: platforms, credentials: credentials, clock: clock, known: map[tenant]answer{}, names: map[tenant]string{},
		asking: map[question]*flight{}, failed: map[question]time.Time{}, desks: map[desk]*places{},
	}
	a.lookup = a.ask
	return a
}

// Of returns the certified attributes that a consumer holds, as "origin/code". Callers that come together ask once, and
// none waits longer than a moment for PDND: then what was known up to a day ago is told, or ErrUndecided, at once.
func (a *Attributes) Of(ctx context.Context, ente, environment, consumer string) ([]string, error) {
	q := question{ente, tenant{environment, consumer}}
	known, f := a.begin(ctx, q)
	if f == nil {
		return known.told(errFailedBefore)
	}
	var why error
	select {
	case <-f.done:
		if f.err == nil {
			return f.attributes, nil
		}
		why = f.err
	case <-f.late:
		why = errSlow
	case <-ctx.Done():
		why = ctx.Err()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.within(q.who, staleFor).told(why)
}

// told is the answer, or why there is none.
func (n answer) told(why error) ([]string, error) {
	if n.at.IsZero() {
		return nil, fmt.Errorf("%w: %w", ErrUndecided, why)
	}
	return n.attributes, nil
}

// within is what is known of a consumer that is not older than limit.

func (a *Attributes) within(who tenant, limit time.Duration) answer {
	if known, ok := a.known[who]; ok && a.clock().Sub(known.at) < limit {
		return known
	}
	return answer{}
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
	left := maxLookups
	for _, h := range list {
		if h.RevokedAt != nil {
			continue
		}
		name, err := a.name(ctx, client, tenant{who.environment, h.ID}, &left)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// name is the origin and code of an attribute; left is how many may still be asked for.
func (a *Attributes) name(ctx context.Context, client *api.Client, id tenant, left *int) (string, error) {
	a.mu.Lock()
	name, ok := a.names[id]
	a.mu.Unlock()
	if ok {
		return name, nil
	}
	if *left--; *left < 0 {
		return "", fmt.Errorf("more than %d attributes that were never read", maxLookups)
	}
	attribute, err := client.Attribute(ctx, id.id)
	if err != nil {
		return "", err
	}
	name = attribute.Origin + "/" + attribute.Code
	a.mu.Lock()
	defer a.mu.Unlock()
	roomFor(a.names, maxNames)
	a.names[id] = name
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
