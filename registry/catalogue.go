// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"fmt"
	"sort"
)

// Catalogue finds the adapter of a service. It is read-only and safe for concurrent use.
type Catalogue struct {
	adapters map[string]Adapter
}

// NewCatalogue lists the adapters by service. A service claimed twice is an error.
func NewCatalogue(adapters []Adapter) (*Catalogue, error) {
	c := &Catalogue{adapters: map[string]Adapter{}}
	for _, a := range adapters {
		for _, s := range a.Services() {
			if _, taken := c.adapters[s]; taken {
				return nil, fmt.Errorf("service %q is claimed by two adapters", s)
			}
			c.adapters[s] = a
		}
	}
	return c, nil
}

// Adapter returns the adapter that serves the service, or an error wrapping
// ErrUnsupported.
func (c *Catalogue) Adapter(service string) (Adapter, error) {
	a, ok := c.adapters[service]
	if !ok {
		return nil, fmt.Errorf("service %q: %w", service, ErrUnsupported)
	}
	return a, nil
}

// Services lists the services, sorted.
func (c *Catalogue) Services() []string {
	names := make([]string, 0, len(c.adapters))
	for s := range c.adapters {
		names = append(names, s)
	}
	sort.Strings(names)
	return names
}
