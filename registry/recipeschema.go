// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// SchemaURL is where editors find the published schema of recipes.
const SchemaURL = "https://raw.githubusercontent.com/snodo-pa/snodo/main/docs/adapters/recipe.schema.json"

// RecipeSchema is the JSON Schema (draft 2020-12) of a consumes recipe, for editors: it
// completes and explains keys and refuses unknown ones. What only makes sense together
// is checked by [DecodeRecipe].
func RecipeSchema() ([]byte, error) {
	b := &schemaBuilder{definitions: map[string]any{}}
	root := b.of(reflect.TypeFor[Recipe](), "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = SchemaURL
	root["title"] = "Recipe of a consumed e-service"
	root["required"] = []string{"name", "title", "registry", "adapter", "environments"}
	root["$defs"] = b.definitions
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema of recipes: %w", err)
	}
	return append(out, '\n'), nil
}

// schemaBuilder writes each struct below the root once, under its name.
type schemaBuilder struct{ definitions map[string]any }

func (b *schemaBuilder) of(t reflect.Type, key string) map[string]any {
	if t == reflect.TypeFor[time.Duration]() {
		return map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return b.of(t.Elem(), key)
	case reflect.Struct:
		return b.object(t)
	case reflect.Map:
		return b.keyed(t, key)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": b.value(t.Elem(), key)}
	case reflect.String:
		return word(t, key)
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint32:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.Float64:
		return map[string]any{"type": "number", "minimum": 0}
	default: // a constant, or a JSON Schema
		return map[string]any{}
	}
}

// value refers to a struct by its name, which may lead back to itself.
func (b *schemaBuilder) value(t reflect.Type, key string) map[string]any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return b.of(t, key)
	}
	if _, known := b.definitions[t.Name()]; !known {
		b.definitions[t.Name()] = nil // being written
		b.definitions[t.Name()] = b.object(t)
	}
	return map[string]any{"$ref": "#/$defs/" + t.Name()}
}

func (b *schemaBuilder) object(t reflect.Type) map[string]any {
	properties := map[string]any{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if t == reflect.TypeFor[modi.Text]() {
			name = map[string]string{"IT": "it", "EN": "en"}[f.Name]
		}
		schema := b.value(f.Type, name)
		if doc := f.Tag.Get("doc"); doc != "" {
			schema["description"] = doc
		}
		properties[name] = schema
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}

func (b *schemaBuilder) keyed(t reflect.Type, key string) map[string]any {
	switch key {
	case "input":
		return map[string]any{"type": "object"}
	case "environments":
		return map[string]any{"type": "object", "additionalProperties": b.value(t.Elem(), ""), "propertyNames": map[string]any{"enum": Environments()}}
	default:
		return map[string]any{"type": "object", "additionalProperties": b.value(t.Elem(), "")}
	}
}

// word is a text, of a closed list where there is one.
func word(t reflect.Type, key string) map[string]any {
	schema := map[string]any{"type": "string"}
	switch {
	case t == reflect.TypeFor[ErrorKind]():
		schema["enum"] = ErrorKinds()
	case t == reflect.TypeFor[modi.Pattern]():
		patterns := []modi.Pattern{modi.PatternIntegrityREST02}
		if key == "request" {
			patterns = append(patterns, modi.PatternAuditREST02, modi.PatternDPoP)
		}
		schema["enum"] = patterns
	default:
		if words := closedLists()[key]; words != nil {
			schema["enum"] = words
		}
	}
	return schema
}

// closedLists are the words of the keys that take no others.
func closedLists() map[string][]string {
	return map[string][]string{
		"as":     Conversions(),
		"test":   Tests(),
		"by":     {PageByCursor, PageByOffset, PageByNumber},
		"answer": {AnswerObject, AnswerList},
		"keep":   {KeepMetadata, KeepProofs, KeepMessages},
		"method": {"GET", "POST", "PUT", "PATCH", "DELETE"},
		"mode":   OperationModes(),
	}
}
