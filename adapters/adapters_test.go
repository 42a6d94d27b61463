// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package adapters_test

import (
	"testing"

	"github.com/snodo-pa/snodo/adapters"
	"github.com/snodo-pa/snodo/registry"
)

func TestEveryBuiltInRecipeHasItsAdapter(t *testing.T) {
	consumes, _, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	list, err := adapters.All(registry.Deps{Recipes: consumes})
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := registry.NewCatalogue(list)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range consumes {
		names = append(names, name)
		if _, err := catalogue.Adapter(name); err != nil {
			t.Error(err)
		}
	}
	if len(catalogue.Services()) != len(names) {
		t.Errorf("services are %v for recipes %v", catalogue.Services(), names)
	}
}

func TestRefusesRecipesWithoutAnAdapter(t *testing.T) {
	for name, recipes := range map[string]map[string]*registry.Recipe{
		"unknown adapter": {"inad": {Name: "inad", Adapter: "inad"}},
		"unknown case of use": {"anpr-c099": {Name: "anpr-c099", Adapter: "anpr", Operations: map[string]registry.RecipeOperation{
			"x": {CasoUso: "C099"},
		}}},
	} {
		if list, err := adapters.All(registry.Deps{Recipes: recipes}); err == nil {
			t.Errorf("%s: accepted %v", name, list)
		}
	}
}

func TestNoRecipesNoAdapters(t *testing.T) {
	list, err := adapters.All(registry.Deps{})
	if err != nil || len(list) != 0 {
		t.Errorf("All is %v, %v", list, err)
	}
}
