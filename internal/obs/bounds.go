// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import "sync"

// Other is the label of whatever a bound does not list.
const Other = "altro"

// The most distinct values of labels that the hub's own code chooses: words of an outcome, and names of breakers, of
// which there is one for each binding.
const (
	maxWords  = 64
	maxGuards = 4096
)

// bounds keeps labels finite: a caller that could choose a label could fill the memory of the process and of whoever
// scrapes it.
type bounds struct {
	services, environments, rules, kinds, listeners, directions, classes, states set
	guards, results, outcomes, caches                                            *open
}

type set map[string]bool

func newSet(names ...string) set {
	s := set{}
	for _, n := range names {
		s[n] = true
	}
	return s
}

func (s set) of(name string) string {
	if s[name] {
		return name
	}
	return Other
}

// open takes the first values it meets, up to a number.
type open struct {
	most int
	mu   sync.Mutex
	seen set
}

func newOpen(most int) *open { return &open{most: most, seen: set{}} }

func (o *open) of(name string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen[name] {
		return name
	}
	if len(o.seen) >= o.most {
		return Other
	}
	o.seen[name] = true
	return name
}

func newBounds(b Bounds) bounds {
	return bounds{
		services: newSet(b.Services...), environments: newSet(b.Environments...), rules: newSet(b.Rules...),
		kinds: newSet("acquisizione/intento", "acquisizione/esito", "acquisizione/rifiuto",
			"erogazione/intento", "erogazione/esito", "erogazione/rifiuto", "piattaforma/intento", "piattaforma/esito",
			"tesoreria/intento", "tesoreria/esito", "tesoreria/evento", "sconosciuto"),
		listeners:  newSet("applicazioni", "esposizione", "gestione"),
		directions: newSet("acquisizione", "erogazione", "gestione"),
		classes:    newSet("1xx", "2xx", "3xx", "4xx", "5xx"),
		states:     newSet("closed", "half-open", "open"),
		results:    newOpen(maxWords), outcomes: newOpen(maxWords), caches: newOpen(maxWords), guards: newOpen(maxGuards),
	}
}

func (b *bounds) service(s string) string     { return b.services.of(s) }
func (b *bounds) environment(s string) string { return b.environments.of(s) }
func (b *bounds) rule(s string) string        { return b.rules.of(s) }
func (b *bounds) kind(s string) string        { return b.kinds.of(s) }
func (b *bounds) listener(s string) string    { return b.listeners.of(s) }
func (b *bounds) direction(s string) string   { return b.directions.of(s) }
func (b *bounds) class(s string) string       { return b.classes.of(s) }
func (b *bounds) guardState(s string) string  { return b.states.of(s) }
func (b *bounds) guard(s string) string       { return b.guards.of(s) }
func (b *bounds) result(s string) string      { return b.results.of(s) }
func (b *bounds) outcome(s string) string     { return b.outcomes.of(s) }
func (b *bounds) cache(s string) string       { return b.caches.of(s) }
