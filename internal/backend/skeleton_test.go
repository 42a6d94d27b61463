// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"errors"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// TestTheSkeletonOfARecipeIsASoundView, with every kind of source: only the source itself is left to say.
func TestTheSkeletonOfARecipeIsASoundView(t *testing.T) {
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, recipe := range exposes {
		document, err := schema.Compile(recipe.Document)
		if err != nil {
			t.Fatal(err)
		}
		document = document.Without("/status")
		reads := true
		for _, o := range document.Operations() {
			reads = reads && (o.Method == "GET" || o.Method == "POST")
		}
		for _, kind := range []string{"sqlite", "postgresql", "csv", "json"} {
			text, err := Skeleton(document, kind)
			if err != nil {
				t.Fatal(err)
			}
			if name != "stato-istanza" {
				continue // others may have answers without a body, or that only write
			}
			if _, err := Read("vista.yaml", []byte(text), document, nil); err != nil || !reads {
				t.Errorf("%s, %s: %v\n%s", name, kind, err, text)
			}
		}
	}
}

func TestSkeletonOfAList(t *testing.T) {
	for kind, want := range map[string]string{
		"sqlite": "  cerca:\n    query: >-\n      SELECT altro, anno, aperta, id, importo, mutata, nota, stato, ufficio, urgente\n      FROM cerca\n" +
			"      WHERE (anno = :anno OR :anno IS NULL)\n      AND filtro = :filtro\n    params: # name in the query: value of the request\n      anno: query.anno\n      filtro: body.filtro\n    result: list\n    list: pratiche\n",
		"csv": "  cerca:\n    where: # column: value of the request that it equals\n      anno: query.anno\n      filtro: body.filtro\n    result: list\n",
	} {
		got, err := Skeleton(document(t), kind)
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v\n%s", kind, err, got)
		}
	}
	if _, err := Skeleton(document(t), "oracle"); !errors.Is(err, ErrKind) {
		t.Error(err)
	}
}

func TestSkeletonSaysWhatAViewCannotDo(t *testing.T) {
	d, err := schema.Compile([]byte(strings.Replace(contract, "    get:\n      operationId: leggi", "    put:\n      operationId: leggi", 1)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Skeleton(d, "json")
	if err != nil || !strings.Contains(got, "# leggi is a PUT") {
		t.Errorf("%v\n%s", err, got)
	}
}
