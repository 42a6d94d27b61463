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
	"github.com/snodo-pa/snodo/registry"
)

// All builds the adapters that the recipes in d ask for. It fails when a recipe names
// an adapter that does not exist or that cannot serve it.
func All(d registry.Deps) ([]registry.Adapter, error) {
	known := []string{anpr.Name}
	asked := map[string]bool{}
	for name, recipe := range d.Recipes {
		if !slices.Contains(known, recipe.Adapter) {
			return nil, fmt.Errorf("recipe %s: adapter %q is not one of %s", name, recipe.Adapter, strings.Join(known, ", "))
		}
		asked[recipe.Adapter] = true
	}
	var list []registry.Adapter
	if asked[anpr.Name] {
		a, err := anpr.New(d)
		if err != nil {
			return nil, fmt.Errorf("adapter %s: %w", anpr.Name, err)
		}
		list = append(list, a)
	}
	return list, nil
}
