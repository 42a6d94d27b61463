// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import (
	"fmt"
	"strings"
)

// RuleID names one rule: "<area>.<token>/<fault>", for example
// "modi.integrity/digest-mismatch". It never changes once published: problem types,
// metrics, documentation and conformance cases are keyed by it.
type RuleID string

// Class says which kind of answer a broken rule deserves.
type Class uint8

// The classes, with the HTTP status a provider answers. A consumer that finds the
// same fault in a reply reports it as 502 whatever the class.
const (
	Malformed       Class = iota + 1 // 400
	Unauthenticated                  // 401
	Forbidden                        // 403
	Conflict                         // 409
)

// Text is a sentence in the two languages of the product.
type Text struct{ IT, EN string }

// Rule is one row of the table of protocol rules.
type Rule struct {
	ID      RuleID
	Pattern Pattern
	Class   Class
	Title   Text   // short, no final stop
	Remedy  Text   // what the caller can do about it
	Source  string // guideline pattern and step, RFC section or PDND rule
}

// Violation is one broken rule of one message.
type Violation struct {
	Rule     RuleID
	Pattern  Pattern
	Expected string // safe to show to the caller
	Found    string // safe to show to the caller: never a token, key or body
	Hint     Text   // what probably went wrong, when that can be told; empty otherwise, and as safe as Found
}

// Error says which rule is broken, what was expected and what was found.
func (v Violation) Error() string {
	var b strings.Builder
	b.WriteString(string(v.Rule))
	if v.Expected != "" {
		fmt.Fprintf(&b, ": expected %s", v.Expected)
	}
	if v.Found != "" {
		fmt.Fprintf(&b, ", found %s", v.Found)
	}
	return b.String()
}

// Refusal is the "no" of a verifier: the message breaks the rules it lists. All
// faults of a message are listed together once its signature has verified; before
// that only the first shape, algorithm or key fault is.
type Refusal struct{ Violations []Violation }

// Error joins the violations.
func (r *Refusal) Error() string {
	parts := make([]string, len(r.Violations))
	for i, v := range r.Violations {
		parts[i] = v.Error()
	}
	return strings.Join(parts, "; ")
}

// Has tells whether the refusal lists the rule.
func (r *Refusal) Has(id RuleID) bool {
	for _, v := range r.Violations {
		if v.Rule == id {
			return true
		}
	}
	return false
}

// Refuse builds a Refusal from one or more violations.
func Refuse(vs ...Violation) *Refusal { return &Refusal{Violations: vs} }
