// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package proposte

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry"
)

func TestTableIsSoundAndKnowsItsRecipes(t *testing.T) {
	table, err := parse(source)
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Proposte) < 8 || !strings.Contains(table.Stato.IT, "DPO") || !strings.Contains(table.Stato.EN, "DPO") {
		t.Errorf("%d rows, marked %+v", len(table.Proposte), table.Stato)
	}
	recipes, _, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range table.Proposte {
		if !registry.IsName(p.Nome) || seen[p.Nome] || p.Ufficio.IT == "" || p.Ufficio.EN == "" || p.Finalita.IT == "" ||
			p.Finalita.EN == "" || !slices.Contains([]string{"art43", "art71-campione", "art71-dubbio"}, p.Base) || len(p.Operazioni) == 0 {
			t.Errorf("row %+v", p)
		}
		seen[p.Nome] = true
		for _, o := range p.Operazioni {
			recipe := recipes[o.Servizio]
			if recipe == nil {
				t.Errorf("%s: no recipe %s", p.Nome, o.Servizio)
				continue
			}
			op, known := recipe.Operations[o.Operazione]
			if !known || len(o.Campi) == 0 || (o.Modo != "" && o.Modo != "verifica") {
				t.Errorf("%s: %+v", p.Nome, o)
			}
			for _, f := range o.Campi {
				if !slices.Contains(op.Fields, f) {
					t.Errorf("%s: %s of %s has no field %s", p.Nome, o.Operazione, o.Servizio, f)
				}
			}
			for _, need := range op.Needs {
				if !slices.ContainsFunc(p.Operazioni, func(x Operazione) bool { return x.Servizio == need }) {
					t.Errorf("%s: %s calls %s on its way, which the row does not hold", p.Nome, o.Servizio, need)
				}
			}
		}
	}
}

// TestNothingIsAttributedToTheCircular: its place is there and empty, and no row of ours names it.
func TestNothingIsAttributedToTheCircular(t *testing.T) {
	table := All()
	if len(table.CircolareDAIT73) != 0 {
		t.Error("rows of the circular need their source in docs, and a test of their own")
	}
	for _, p := range table.Proposte {
		for _, text := range []string{p.Nome, p.Ufficio.IT, p.Finalita.IT, p.Finalita.EN} {
			if strings.Contains(strings.ToLower(text), "dait") || strings.Contains(strings.ToLower(text), "circolare") {
				t.Errorf("%s: %s", p.Nome, text)
			}
		}
	}
	if !strings.Contains(string(source), "circolareDAIT73del2023: []") {
		t.Error("the place for the mapping of the circular is gone")
	}
}

func TestBeyond(t *testing.T) {
	row, found := Find("controllo-residenza")
	if !found {
		t.Fatal("no row")
	}
	asked := []Operazione{
		{Servizio: "anpr-c030", Operazione: "id-anpr", Campi: []string{"idANPR"}},
		{Servizio: "anpr-c008", Operazione: "verifica", Campi: []string{"esito"}},
		{Servizio: "anpr-c020", Operazione: "residenza", Campi: []string{"residenza"}},
	}
	want := []Operazione{
		{Servizio: "anpr-c008", Operazione: "verifica", Campi: []string{}},
		{Servizio: "anpr-c020", Operazione: "residenza", Campi: []string{"residenza"}},
	}
	if diff := cmp.Diff(want, row.Beyond(asked)); diff != "" {
		t.Error(diff)
	}
	asked = []Operazione{{Servizio: "anpr-c008", Operazione: "verifica", Modo: "verifica", Campi: []string{"esito"}}}
	if more := row.Beyond(asked); len(more) != 0 {
		t.Errorf("within the row, but %v", more)
	}
	if _, found := Find(""); found {
		t.Error("no name has a row")
	}
}

func TestParseTellsUnknownKeys(t *testing.T) {
	if _, err := parse([]byte("proposta: []\n")); err == nil {
		t.Error("a mistyped key was accepted")
	}
}
