// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/registry/pick"
)

// The places a value of a recipe may come from or go to.
const (
	FromRichiesta    = "richiesta"    // richiesta/codiceFiscale: what the caller asked
	FromPratica      = "pratica"      // number of the pratica
	FromProcedimento = "procedimento" // name of the procedimento
	FromEnte         = "ente"         // codice IPA
	FromExchange     = "exchange"     // id of the exchange: the same in every attempt
	FromNumber       = "number"       // a number of the ente that only grows, the same in every attempt
	FromOperator     = "operator"     // operator/userID, operator/userLocation, operator/loa
	FromToday        = "today"        // date in Italy, 2026-10-12
	FromNow          = "now"          // instant in UTC, 2026-10-12T08:00:00Z
	FromBody         = "body"         // body/a/b of an answer
	FromHeader       = "header"       // header/Location of an answer
	FromStatus       = "status"       // HTTP status of an answer
	FromDati         = "dati"         // dati/x, for warnings
	ToPath           = "path"
	ToQuery          = "query"
	ToHeader         = FromHeader
	ToBody           = FromBody
)

// Ref is a place written in a recipe: a root and the path below it.
type Ref struct {
	Root string
	Path pick.Path
}

// ParseRef reads a place. With no roots it is a path alone, relative to an item of a
// list.
func ParseRef(s string, roots ...string) (Ref, error) {
	if s == "" {
		return Ref{}, fmt.Errorf("it is empty")
	}
	path, err := pick.Parse(s)
	if err != nil {
		return Ref{}, err
	}
	if len(roots) == 0 {
		return Ref{Path: path}, nil
	}
	r := Ref{Root: path[0], Path: path[1:]}
	if !slices.Contains(roots, r.Root) {
		return Ref{}, fmt.Errorf("it begins with %q, not one of %s", r.Root, strings.Join(roots, ", "))
	}
	return r, r.depth()
}

// depth checks how many steps the root takes below it.
func (r Ref) depth() error {
	n := len(r.Path)
	switch r.Root {
	case FromRichiesta, FromDati:
		if n == 0 {
			return fmt.Errorf("%s is followed by the name of a value: %s/x", r.Root, r.Root)
		}
	case FromHeader, ToPath, ToQuery:
		if n != 1 {
			return fmt.Errorf("%s is followed by one name: %s/x", r.Root, r.Root)
		}
	case FromOperator:
		if n != 1 || !slices.Contains([]string{"userID", "userLocation", "loa"}, r.Path[0]) {
			return fmt.Errorf("%s is followed by userID, userLocation or loa", r.Root)
		}
	case FromBody:
	default:
		if n != 0 {
			return fmt.Errorf("nothing follows %s", r.Root)
		}
	}
	return nil
}

// questionRoots are the places a first call may take values from.
func questionRoots() []string {
	return []string{
		FromRichiesta, FromPratica, FromProcedimento, FromEnte, FromExchange, FromNumber, FromOperator, FromToday, FromNow,
	}
}

// answerRoots are those an answer adds.
func answerRoots() []string { return []string{FromBody, FromHeader, FromStatus} }

// RequestRoots are the places from which a line of request takes its value; then is
// set for a second call.
func RequestRoots(then bool) []string {
	if then {
		return append(questionRoots(), FromBody, FromHeader)
	}
	return questionRoots()
}

// ResponseRoots are the places from which a line of response takes its value, and at
// which a case looks.
func ResponseRoots() []string { return append(answerRoots(), FromRichiesta) }

// OutcomeRoots are the places at which an outcome looks. A warning does not look at the
// body: whom it is told to follows from the fields of dati that it looks at.
func OutcomeRoots(kind ErrorKind) []string {
	if kind == KindWarn {
		return []string{FromDati, FromHeader, FromStatus}
	}
	return answerRoots()
}

// TargetRoots are the places to which a line of request writes.
func TargetRoots() []string { return []string{ToPath, ToQuery, ToHeader, ToBody} }

// The conversions of a value, by the word in a recipe.
const (
	AsUpper         = "upper"
	AsLower         = "lower"
	AsTrim          = "trim"
	AsCodiceFiscale = "codice-fiscale" // normal form; one that cannot exist is refused
	AsDate          = "date"           // 2026-10-12, also from an instant or 12/10/2026
	AsDateIT        = "date-it"        // 12/10/2026
	AsDateCompact   = "date-compact"   // 20261012
	AsInstant       = "instant"        // 2026-10-12T08:00:00Z
	AsText          = "text"
	AsNumber        = "number"
	AsLastSegment   = "last-segment" // what follows the last slash of an address
	AsCount         = "count"        // length of a list
)

// Conversions lists the words.
func Conversions() []string {
	return []string{
		AsUpper, AsLower, AsTrim, AsCodiceFiscale, AsDate, AsDateIT, AsDateCompact, AsInstant, AsText, AsNumber, AsLastSegment, AsCount,
	}
}

// The tests of a value, by the word in a recipe.
const (
	TestPresent  = "present"
	TestAbsent   = "absent"
	TestEmpty    = "empty"     // absent, or a text, list or object without content
	TestNotEmpty = "not-empty" // the contrary
	TestFuture   = "future"    // a date or instant after now
	TestNotPast  = "not-past"  // a date or instant not before now, or none
)

// Tests lists the words.
func Tests() []string {
	return []string{TestPresent, TestAbsent, TestEmpty, TestNotEmpty, TestFuture, TestNotPast}
}

// The ways of paging.
const (
	PageByCursor = "cursor"
	PageByOffset = "offset"
	PageByNumber = "page"
)

// What the body of a good answer may be.
const (
	AnswerObject = "object"
	AnswerList   = "list"
)

// Declarative is the name of the adapter that carries out what recipes describe.
const Declarative = "declarative"
