// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package adapters lists every adapter of the hub. It owns the list and nothing else:
// each adapter lives in a package of its own, passes adaptertest.Run and depends only
// on registry, modi and its own subpackages.
package adapters

import (
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/adapters/anpr"
	"github.com/snodo-pa/snodo/adapters/declarative"
	"github.com/snodo-pa/snodo/registry"
)

// maker builds the adapter of one name.
type maker struct {
	name string
	make func(registry.Deps) (registry.Adapter, error)
}

func makers() []maker {
	return []maker{
		{anpr.Name, func(d registry.Deps) (registry.Adapter, error) { return anpr.New(d) }},
		{declarative.Name, func(d registry.Deps) (registry.Adapter, error) { return declarative.New(d) }},
	}
}

// All builds the adapters that the recipes in d ask for. It fails when a recipe names
// an adapter that does not exist or that cannot serve it.
func All(d registry.Deps) ([]registry.Adapter, error) {
	asked := map[string]bool{}
	for name, recipe := range d.Recipes {
		if !slices.ContainsFunc(makers(), func(m maker) bool { return m.name == recipe.Adapter }) {
			return nil, fmt.Errorf("recipe %s: adapter %q is not one of %s", name, recipe.Adapter, strings.Join(Names(), ", "))
		}
		asked[recipe.Adapter] = true
	}
	var list []registry.Adapter
	for _, m := range makers() {
		if !asked[m.name] {
			continue
		}
		a, err := m.make(d)
		if err != nil {
			return nil, fmt.Errorf("adapter %s: %w", m.name, err)
		}
		list = append(list, a)
	}
	return list, nil
}

// Names lists the adapters a recipe may name.
func Names() []string {
	var names []string
	for _, m := range makers() {
		names = append(names, m.name)
	}
	return names
}
