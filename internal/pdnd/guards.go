// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"sync"

	"github.com/snodo-pa/snodo/registry"
)

// guards are the guards before one part of PDND, one for each network it is reached
// over: a proxy that is down, of one ente, says nothing to the others. Networks come from
// the configuration, so there are few. It is safe for concurrent use.
type guards struct {
	name     string // of the guard of the platform's own network
	settings registry.GuardSettings
	observer Observer

	mu   sync.Mutex
	made map[string]*registry.Guard
}

func newGuards(name string, o Options) *guards {
	g := &guards{name: name + "/" + o.Profile.Name, settings: o.Guard, observer: o.Observer, made: make(map[string]*registry.Guard)}
	g.of("")
	return g
}

// of returns the guard of a network, "" for the platform's own.
func (g *guards) of(network string) *registry.Guard {
	g.mu.Lock()
	defer g.mu.Unlock()
	if guard, ok := g.made[network]; ok {
		return guard
	}
	name := g.name
	if network != "" {
		name += "/" + network
	}
	guard := registry.NewGuard(name, g.settings, g.observer.Guard)
	g.made[network] = guard
	if g.observer.Guard != nil {
		g.observer.Guard(name, "", guard.State())
	}
	return guard
}

// states adds the state of every guard, by name.
func (g *guards) states(to map[string]string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, guard := range g.made {
		to[guard.Name()] = guard.State()
	}
}
