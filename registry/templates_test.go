// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/registry"
)

// TestBuiltinExposuresCanBeCopied: their files are the ones that are loaded.
func TestBuiltinExposuresCanBeCopied(t *testing.T) {
	_, exposes := builtin(t)
	for name, want := range exposes {
		recipe, document, err := registry.BuiltinExposure(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := registry.DecodeExposure(name+".yaml", recipe, document)
		if err != nil || got.Major != want.Major || string(got.Document) != string(want.Document) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"nessuna", "../exposes/stato-istanza", ""} {
		if _, _, err := registry.BuiltinExposure(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestAnagrafeIsNeverConfirmed: its source is ANPR, whoever else holds a copy (CAD art. 62).
func TestAnagrafeIsNeverConfirmed(t *testing.T) {
	_, document, err := registry.BuiltinExposure("conferma-autocertificazioni")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Enum       []string
				Properties map[string]any
			}
		}
	}
	if err := yaml.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	facts := doc.Components.Schemas["Fatto"].Enum
	if len(facts) == 0 {
		t.Fatal("no facts")
	}
	for _, fact := range facts {
		for _, word := range []string{"resid", "famiglia", "nascita", "citta", "vita", "morte", "decess", "matrimon", "stato_civile", "vedov", "coniug", "anagraf", "dimora", "aire"} {
			if strings.Contains(fact, word) {
				t.Errorf("%s is a fact of the anagrafe", fact)
			}
		}
	}
	if n := len(doc.Components.Schemas["Conferma"].Properties); n != 2 {
		t.Errorf("an answer of %d members tells more than yes or no and the date", n)
	}
}
