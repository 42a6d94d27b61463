// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// generateEnv makes tests write the documents they would compare.
const generateEnv = "SNODO_GENERATE"

// TestPublishedSchemaIsCurrent compares docs/adapters/recipe.schema.json with the types.
func TestPublishedSchemaIsCurrent(t *testing.T) {
	want, err := registry.RecipeSchema()
	if err != nil {
		t.Fatal(err)
	}
	published := filepath.Join("..", "docs", "adapters", "recipe.schema.json")
	if os.Getenv(generateEnv) != "" {
		if err := os.WriteFile(published, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(published)
	if err != nil || string(got) != string(want) {
		t.Errorf("%s is not what RecipeSchema gives (%v): run make generate", published, err)
	}
}

// TestEveryKeyIsExplained looks at every struct a recipe is made of.
func TestEveryKeyIsExplained(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[modi.Text]() || seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			if doc := f.Tag.Get("doc"); f.Tag.Get("yaml") == "" || !strings.HasSuffix(doc, ".") {
				t.Errorf("%s.%s: key %q, doc %q", typ.Name(), f.Name, f.Tag.Get("yaml"), doc)
			}
			look(f.Type)
		}
	}
	look(reflect.TypeFor[registry.Recipe]())
	if len(seen) < 15 {
		t.Errorf("only %d types were looked at", len(seen))
	}
}

// TestRecipesFitTheSchema holds every built-in recipe, and broken ones, against it.
func TestRecipesFitTheSchema(t *testing.T) {
	schema := loadSchema(t)
	files, err := fs.Glob(os.DirFS("recipes/consumes"), "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recipes: %v", err)
	}
	for _, name := range files {
		if err := schema.VisitJSON(plain(t, recipeFile(name))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	inad := string(recipeFile("inad-consultazione.yaml"))
	for _, change := range [][2]string{
		{"adapter: declarative", "adaptor: declarative"},
		{"method: GET", "method: get"},
		{"as: [codice-fiscale]", "as: [cf]"},
		{"kind: warn", "kind: warning"},
		{"every: 2s", "every: 2"},
		{"  locale:", "  uat:"},
		{"test: not-past", "test: active"},
	} {
		broken := strings.Replace(inad, change[0], change[1], 1)
		if broken == inad {
			t.Fatalf("%q is not in the recipe", change[0])
		}
		if schema.VisitJSON(plain(t, []byte(broken))) == nil {
			t.Errorf("%q fits the schema", change[1])
		}
	}
}

// loadSchema reads the schema with a library for OpenAPI, which knows neither $defs nor
// propertyNames: definitions are moved where it looks for them.
func loadSchema(t *testing.T) *openapi3.Schema {
	t.Helper()
	data, err := registry.RecipeSchema()
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]json.RawMessage
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	definitions := root["$defs"]
	for _, key := range []string{"$defs", "$schema", "$id"} {
		delete(root, key)
	}
	recipe, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	schemas := strings.Replace(string(definitions), "{", `{"Recipe":`+string(recipe)+`,`, 1)
	document := fmt.Sprintf(`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{},"components":{"schemas":%s}}`,
		strings.ReplaceAll(schemas, "#/$defs/", "#/components/schemas/"))
	doc, err := openapi3.NewLoader().LoadFromData([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	schema := doc.Components.Schemas["Recipe"].Value
	// propertyNames, by hand.
	environments := schema.Properties["environments"].Value
	environments.Properties = openapi3.Schemas{}
	for _, name := range registry.Environments() {
		environments.Properties[name] = environments.AdditionalProperties.Schema
	}
	no := false
	environments.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
	return schema
}

// plain reads YAML into the values of JSON.
func plain(t *testing.T, data []byte) any {
	t.Helper()
	doc, err := yamlfile.Parse("recipe.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if faults := doc.Into(&v); len(faults) > 0 {
		t.Fatal(faults)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
