// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apirules

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// object is a mapping of the document.
type object = map[string]any

// maxValues bounds how many values of a document are looked at, aliases counted each time they are used.
const maxValues = 200_000

// maxDepth is where nesting ends, and references to references.
const maxDepth = 64

// asObject reads a value as a mapping; nil when it is none.
func asObject(v any) object {
	o, _ := v.(object)
	return o
}

// member follows names from a mapping.
func member(v any, names ...string) any {
	for _, name := range names {
		v = asObject(v)[name]
	}
	return v
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// escaper and unescaper write names as a JSON pointer has them, and back.
var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// pointer appends names to a JSON pointer (RFC 6901).
func pointer(at string, names ...string) string {
	for _, name := range names {
		if strings.ContainsAny(name, "~/") {
			name = escaper.Replace(name)
		}
		at += "/" + name
	}
	return at
}

// resolve follows a reference inside the document, and says where it led. What leads nowhere is nil.
func (c *check) resolve(v any, at string) (object, string) {
	for range maxDepth {
		o := asObject(v)
		ref, isRef := o["$ref"].(string)
		if !isRef {
			return o, at
		}
		rest, local := strings.CutPrefix(ref, "#/")
		if !local {
			return nil, at
		}
		v, at = any(c.root), ""
		for name := range strings.SplitSeq(rest, "/") {
			name = unescaper.Replace(name)
			at = pointer(at, name)
			v = asObject(v)[name]
		}
	}
	return nil, at
}

// size counts values, up to one more than limit.
func size(v any, depth, limit int) int {
	n := 1
	if depth > maxDepth {
		return limit + 1
	}
	each := func(inner any) bool {
		n += size(inner, depth+1, limit-n)
		return n <= limit
	}
	switch v := v.(type) {
	case object:
		for _, inner := range v {
			if !each(inner) {
				break
			}
		}
	case []any:
		for _, inner := range v {
			if !each(inner) {
				break
			}
		}
	}
	return n
}

// walk hands every mapping of a value to see, in the order of names, with its place.
func walk(v any, at string, see func(o object, at string)) {
	switch v := v.(type) {
	case object:
		see(v, at)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "example" && name != "examples" && name != "enum" && name != "default" {
				walk(v[name], pointer(at, name), see)
			} else if properties(at) {
				walk(v[name], pointer(at, name), see) // a property of that name
			}
		}
	case []any:
		for i, inner := range v {
			walk(inner, pointer(at, strconv.Itoa(i)), see)
		}
	}
}

// properties tells whether the members of a mapping are names that the author chose.
func properties(at string) bool {
	last := at[strings.LastIndex(at, "/")+1:]
	return last == "properties" || last == "schemas" || last == "responses" || last == "parameters" || last == "headers"
}
