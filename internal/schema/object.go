// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// Object is a compiled JSON Schema (in the subset of OpenAPI 3.0) for one JSON text. It is safe for concurrent use.
type Object struct{ schema *openapi3.Schema }

// CompileObject compiles a schema as read from YAML or JSON. References are refused.
func CompileObject(def map[string]any) (*Object, error) {
	text, err := json.Marshal(def)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	var s openapi3.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	if err := s.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return &Object{schema: &s}, nil
}

// Check reads data strictly and holds it against the schema. The error is a *JSONError or *Violations; places are JSON
// pointers below prefix. The decoded value is returned when data is JSON, even if it breaks the schema.
func (o *Object) Check(data []byte, prefix ...string) (any, error) {
	value, err := ParseJSON(data)
	if err != nil {
		return nil, err
	}
	return value, o.CheckValue(value, prefix...)
}

// CheckValue is Check for a text that ParseJSON has read before.
func (o *Object) CheckValue(value any, prefix ...string) error {
	return result(check(o.schema, value, prefix, options().plain))
}
