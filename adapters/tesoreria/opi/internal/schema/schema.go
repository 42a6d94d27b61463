// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package schema holds a document against structural rules: which elements in which order and number, and what their
// values may be.
//
// It owns the compact form the rules are written in (Parse) and the engine that applies them (Set.Validate). The engine
// knows the part of XML Schema 1.0 that the schemas of OPI and of XML Signature use, and Parse refuses what is beyond
// it. It depends on internal/xmltree and does no I/O but through the file system it is given.
package schema

import (
	"regexp"
)

// unbounded is the maximum of a particle that has none.
const unbounded = -1

// name is an expanded name.
type name struct{ space, local string }

// Set is all the rules that one document is held against. It may be used concurrently.
type Set struct {
	elements map[name]*element
	complex  map[name]*complexType
	simple   map[name]*simpleType
}

// element is a declaration.
type element struct {
	name     name
	typeName name // of a named type; both pointers are set by link
	simple   *simpleType
	complex  *complexType
	fallback *string // default value of an element that is empty
	uniques  []unique
}

// unique says that among the children of one name no two may have the same values in all fields.
type unique struct {
	name, selector string
	fields         []string
}

type complexType struct {
	mixed    bool
	text     *simpleType // of a simple content
	attrs    []attribute
	content  *particle // nil where nothing may stand
	children map[name]*element
}

type attribute struct {
	name     string
	required bool
	typ      *simpleType
}

type kind int

const (
	sequence kind = iota
	choice
	one
	wildcard
)

type particle struct {
	kind     kind
	min, max int
	items    []*particle
	element  *element
	ref      *name // of an element declared elsewhere, until link
	foreign  bool  // of a wildcard: only elements of a namespace that is not space
	space    string
	process  process
	first    map[name]bool // names an occurrence may begin with; this and the next two are set by link
	wild     []*particle   // wildcards it may begin with
	nullable bool          // whether an occurrence may be nothing
}

// process says what is asked of an element that stands for a wildcard.
type process int

const (
	skip   process = iota // nothing
	lax                   // that it keep its declaration where it has one
	strict                // that it have one and keep it
)

// simpleType is a restriction of another, or of a built-in type.
type simpleType struct {
	base     *simpleType
	baseName name
	builtin  builtin
	facets   facets
}

type facets struct {
	length, minLength, maxLength, totalDigits, fractionDigits *int
	min, max                                                  *number
	patterns                                                  []*regexp.Regexp
	enumeration                                               []string
	collapse                                                  bool
}
