// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// value is a text as a type reads it.
type value struct {
	text   string
	number number
	kind   builtin
}

// key is equal for equal values.
func (v value) key() string {
	switch v.kind {
	case typeDecimal, typeInteger, typeNonNegative, typePositive, typeLong:
		return v.number.String()
	default:
		return v.text
	}
}

// root is the built-in type at the bottom of a chain of restrictions.
func (t *simpleType) root() builtin {
	for t.base != nil {
		t = t.base
	}
	return t.builtin
}

func (t *simpleType) collapses() bool {
	for ; t != nil; t = t.base {
		if t.facets.collapse || t.builtin != noBuiltin && !t.builtin.preserves() {
			return true
		}
	}
	return false
}

// check holds a text against the type: every facet of every step of the chain. It gives the codes of what is broken,
// with what was expected.
func (t *simpleType) check(text string) (value, []broken) {
	v := value{text: text, kind: t.root()}
	if t.collapses() {
		v.text = strings.Join(strings.FieldsFunc(text, blank), " ")
	}
	var ok bool
	if v.number, ok = v.kind.admits(v.text); !ok {
		return v, []broken{{CodeType, v.kind.String()}}
	}
	var found []broken
	for ; t != nil; t = t.base {
		found = append(found, t.facets.check(v)...)
	}
	return v, found
}

func blank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// broken is a rule that a value does not keep.
type broken struct {
	code Code
	want string
}

func (f *facets) check(v value) []broken {
	var found []broken
	add := func(code Code, want string) { found = append(found, broken{code, want}) }
	n := utf8.RuneCountInString(v.text)
	if f.length != nil && n != *f.length {
		add(CodeLength, strconv.Itoa(*f.length))
	}
	if f.minLength != nil && n < *f.minLength {
		add(CodeMinLength, strconv.Itoa(*f.minLength))
	}
	if f.maxLength != nil && n > *f.maxLength {
		add(CodeMaxLength, strconv.Itoa(*f.maxLength))
	}
	if f.totalDigits != nil && len(v.number.whole)+len(v.number.fraction) > *f.totalDigits {
		add(CodeTotalDigits, strconv.Itoa(*f.totalDigits))
	}
	if f.fractionDigits != nil && len(v.number.fraction) > *f.fractionDigits {
		add(CodeFractionDigits, strconv.Itoa(*f.fractionDigits))
	}
	if f.min != nil && v.number.compare(*f.min) < 0 {
		add(CodeMin, f.min.plain())
	}
	if f.max != nil && v.number.compare(*f.max) > 0 {
		add(CodeMax, f.max.plain())
	}
	if len(f.patterns) > 0 && !f.matches(v.text) {
		add(CodePattern, f.patternText())
	}
	if len(f.enumeration) > 0 && !slices.Contains(f.enumeration, v.text) {
		add(CodeEnumeration, strings.Join(f.enumeration, ", "))
	}
	return found
}

// matches tells whether a text matches any of the patterns: those of one step are alternatives (part 2, §4.3.4).
func (f *facets) matches(text string) bool {
	for _, re := range f.patterns {
		if re.MatchString(text) {
			return true
		}
	}
	return false
}

func (f *facets) patternText() string {
	out := make([]string, 0, len(f.patterns))
	for _, re := range f.patterns {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(re.String(), "^(?:"), ")$"))
	}
	return strings.Join(out, " | ")
}

// plain is a number for a person.
func (n number) plain() string {
	whole, sign := n.whole, ""
	if whole == "" {
		whole = "0"
	}
	if n.negative {
		sign = "-"
	}
	if n.fraction == "" {
		return sign + whole
	}
	return fmt.Sprintf("%s%s.%s", sign, whole, n.fraction)
}
