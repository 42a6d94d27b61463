// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// RecipeErrorShape says where an error answer tells what is wrong. Each is a path into
// its JSON body (see package pick), "" when the registry has no such thing.
type RecipeErrorShape struct {
	List string `yaml:"list" doc:"The list of errors, when there are several; code, type and text are then relative to its items."`
	Code string `yaml:"code" doc:"The registry's own error code."`
	Type string `yaml:"type" doc:"The kind of error in the registry's words."`
	Text string `yaml:"text" doc:"The registry's wording. It is matched, never shown."`
	ID   string `yaml:"id" doc:"What the registry's help desk asks for; relative to the whole body."`
}

// RecipeError maps a registry's own error to the common kinds. What is empty matches
// anything.
type RecipeError struct {
	Status []int     `yaml:"status" doc:"HTTP statuses, any of them."`
	Empty  bool      `yaml:"empty" doc:"The answer has no body at all."`
	Codes  []string  `yaml:"codes" doc:"Codes of the registry, any of them."`
	Type   string    `yaml:"type" doc:"The registry's error type."`
	Text   string    `yaml:"text" doc:"Part of the registry's text, whatever its case."`
	Kind   ErrorKind `yaml:"kind" doc:"What the error means in the words all registries are mapped to."`
	Say    modi.Text `yaml:"say" doc:"What it means and what to do, for who asked; the registry's own text is never shown."`
}

// ErrorKind is the word with which a recipe says what an error of its registry means.
type ErrorKind string

// The kinds of error. The last two are not failures: a warning is handed to the
// operator as an avviso, an ignored one is dropped.
const (
	KindNotFound    ErrorKind = "not-found"   // definitive: asking again gives the same answer
	KindAmbiguous   ErrorKind = "ambiguous"   // more than one record
	KindInvalid     ErrorKind = "invalid"     // the data sent break a rule of the registry
	KindDenied      ErrorKind = "denied"      // agreement, purpose, address or office
	KindSignature   ErrorKind = "signature"   // clock, keys or tokens: for who runs the hub
	KindThrottled   ErrorKind = "throttled"   // too fast: later
	KindQuota       ErrorKind = "quota"       // the calls of the day are used up: tomorrow
	KindUnavailable ErrorKind = "unavailable" // the registry is out of order
	KindNotReady    ErrorKind = "not-ready"   // the registry is still working on it
	KindRenumber    ErrorKind = "renumber"    // the operation's number is stale: take a new one and send again
	KindWarn        ErrorKind = "warn"
	KindIgnore      ErrorKind = "ignore"
)

// ErrorKinds lists the kinds.
func ErrorKinds() []ErrorKind {
	return []ErrorKind{
		KindNotFound, KindAmbiguous, KindInvalid, KindDenied, KindSignature, KindThrottled, KindQuota,
		KindUnavailable, KindNotReady, KindRenumber, KindWarn, KindIgnore,
	}
}

// Err returns the sentinel of the kind, nil for warn, ignore and unknown words.
func (k ErrorKind) Err() error {
	switch k {
	case KindNotFound:
		return ErrNotFound
	case KindAmbiguous:
		return ErrAmbiguous
	case KindInvalid, KindRenumber:
		return ErrInvalid
	case KindDenied:
		return ErrDenied
	case KindSignature:
		return ErrSignature
	case KindThrottled, KindQuota:
		return ErrThrottled
	case KindUnavailable:
		return ErrUnavailable
	case KindNotReady:
		return ErrNotReady
	case KindWarn, KindIgnore:
		return nil
	default:
		return nil
	}
}

// Matches tells whether the row speaks of an error with this code, type and text,
// whatever the status.
func (e RecipeError) Matches(code, kind, text string) bool {
	return (len(e.Codes) == 0 || slices.Contains(e.Codes, code)) &&
		(e.Type == "" || e.Type == kind) &&
		(e.Text == "" || strings.Contains(strings.ToLower(text), strings.ToLower(e.Text)))
}

// speaksOf tells whether the row is about an answer of this status that holds this error.
func (e RecipeError) speaksOf(status int, found answerError) bool {
	return (len(e.Status) == 0 || slices.Contains(e.Status, status)) &&
		e.Empty == found.none && e.Matches(found.code, found.kind, found.text)
}
