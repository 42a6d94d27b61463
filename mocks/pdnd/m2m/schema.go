// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// rule looks at a value of a body and says what is wrong with it, or nothing.
type rule func(value any) string

// member is a property of a schema.
type member struct {
	rule     rule
	required bool
	nullable bool
}

// schema is a strict object: a property that is not in it is refused.
type schema map[string]member

func must(r rule) member     { return member{rule: r, required: true} }
func may(r rule) member      { return member{rule: r} }
func nullable(r rule) member { return member{rule: r, nullable: true} }

// partial is the schema of a merge patch: the same properties, none required.
func (s schema) partial() schema {
	out := make(schema, len(s))
	for name, m := range s {
		m.required = false
		out[name] = m
	}
	return out
}

// check returns what is wrong with an object, or nothing.
func (s schema) check(object map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		m, known := s[name]
		switch {
		case !known:
			return fmt.Sprintf("Unrecognized key(s) in object: '%s'", name)
		case object[name] == nil && m.nullable:
		case object[name] == nil:
			return fmt.Sprintf("Expected a value, received null at '%s'", name)
		default:
			if fault := m.rule(object[name]); fault != "" {
				return fault + " at '" + name + "'"
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if _, present := object[name]; s[name].required && !present {
			return "Required at '" + name + "'"
		}
	}
	return ""
}

func text(least, most int) rule {
	return func(value any) string {
		s, isText := value.(string)
		n := utf8.RuneCountInString(s)
		switch {
		case !isText:
			return "Expected string"
		case n < least:
			return fmt.Sprintf("String must contain at least %d character(s)", least)
		case n > most:
			return fmt.Sprintf("String must contain at most %d character(s)", most)
		}
		return ""
	}
}

// anyText is a string without bounds.
func anyText(value any) string { return text(0, 1<<20)(value) }

func uuid(value any) string {
	if s, isText := value.(string); !isText || !rules.IsUUID(s) {
		return "Invalid uuid"
	}
	return ""
}

func boolean(value any) string {
	if _, isBool := value.(bool); !isBool {
		return "Expected boolean"
	}
	return ""
}

func integer(least, most int64) rule {
	return func(value any) string {
		number, isNumber := value.(json.Number)
		n, err := number.Int64()
		switch {
		case !isNumber || err != nil:
			return "Expected integer"
		case n < least || n > most:
			return fmt.Sprintf("Number must be between %d and %d", least, most)
		}
		return ""
	}
}

func oneOf(allowed ...string) rule {
	return func(value any) string {
		if s, isText := value.(string); !isText || !slices.Contains(allowed, s) {
			return "Invalid enum value. Expected " + strings.Join(allowed, " | ")
		}
		return ""
	}
}

func list(of rule, least, most int) rule {
	return func(value any) string {
		items, isList := value.([]any)
		if !isList || len(items) < least || len(items) > most {
			return fmt.Sprintf("Expected array of %d to %d items", least, most)
		}
		for _, item := range items {
			if fault := of(item); fault != "" {
				return fault
			}
		}
		return ""
	}
}

func nested(s schema) rule {
	return func(value any) string {
		object, isObject := value.(map[string]any)
		if !isObject {
			return "Expected object"
		}
		return s.check(object)
	}
}

// lists is an object of lists of texts, whatever its properties.
func lists(value any) string {
	object, isObject := value.(map[string]any)
	if !isObject {
		return "Expected object"
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if fault := list(text(1, 2000), 0, 1000)(object[name]); fault != "" {
			return fault + " at '" + name + "'"
		}
	}
	return ""
}

// The media types of bodies.
const (
	mediaJSON  = "application/json"
	mediaPatch = "application/merge-patch+json"
)

// body reads a JSON body into a value under a schema, then checks that the caller may
// write: a wrong body is told before a wrong role, as the real API does. A body that
// need not be there may be absent.
func (c *call) body(s schema, into any) error {
	return c.read(s, into, mediaJSON)
}

// patch reads a merge patch. It returns the names of the properties set to null.
func (c *call) patch(s schema, into any) (cleared []string, err error) {
	err = c.read(s.partial(), into, mediaPatch)
	if err != nil {
		return nil, err
	}
	object, err := rules.DecodeObject(c.raw())
	if err != nil {
		return nil, err
	}
	for name, value := range object {
		if value == nil {
			cleared = append(cleared, name)
		}
	}
	return cleared, nil
}

func (c *call) read(s schema, into any, media string) error {
	raw := c.raw()
	required := media == mediaPatch
	for _, m := range s {
		required = required || m.required
	}
	if len(raw) == 0 && !required {
		return c.admin()
	}
	if sent, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || sent != media {
		return badRequest("Expected a body of type " + media)
	}
	object, err := rules.DecodeObject(raw)
	if err != nil {
		return badRequest("Malformed JSON body")
	}
	if fault := s.check(object); fault != "" {
		return badRequest("Validation error: " + fault)
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			return badRequest("Malformed JSON body")
		}
	}
	return c.admin()
}

// raw reads the body, which may be read again.
func (c *call) raw() []byte {
	raw, err := io.ReadAll(c.r.Body)
	if err != nil {
		return nil
	}
	c.r.Body = io.NopCloser(strings.NewReader(string(raw)))
	return raw
}
