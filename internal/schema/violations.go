// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// Violation is one place where a message breaks its schema.
type Violation struct {
	Where    string // "/a/0/b" in the body, "query name", "header Name", "path name"
	Keyword  string // schema keyword that fails; "unknown" for a member the schema does not list
	Expected string // what the schema asks, "" when the keyword says it all

	// Expects and Found tell it to a person; empty when the keyword says it all. Never a value.
	Expects, Found modi.Text
}

// KeywordUnknown marks a member, parameter or body that the contract does not have.
const KeywordUnknown = "unknown"

// FormatCodiceFiscale is the string format that wants the check character of a codice fiscale to be right, omocodia
// and lower case included.
const FormatCodiceFiscale = "codice-fiscale"

// Violations lists the faults of one message, sorted by place: at most problem.MaxViolations of them, the gravest kind
// first.
type Violations struct {
	Items []Violation
	More  int // faults that are not listed
}

// Error joins the faults.
func (v *Violations) Error() string {
	parts := make([]string, len(v.Items), len(v.Items)+1)
	for i, item := range v.Items {
		parts[i] = item.String()
	}
	if v.More > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", v.More))
	}
	return strings.Join(parts, "; ")
}

// String says place, keyword and expectation.
func (v Violation) String() string {
	s := v.Where + ": " + v.Keyword
	if v.Expected != "" {
		s += " " + v.Expected
	}
	return s
}

// MediaTypeError reports a body in a media type the operation does not take.
type MediaTypeError struct{ Want []string }

// Error lists what is taken.
func (e *MediaTypeError) Error() string { return "media type is not " + strings.Join(e.Want, " or ") }

// purposes are the validator's options for each use of a schema. Nothing writes to them once they are made.
type purposes struct{ plain, request, response purpose }

// purpose is one use of a schema: quick stops at the first fault without a word about it, whole tells them all.
type purpose struct {
	quick, whole []openapi3.SchemaValidationOption
}

// options are made once and not with every message.
var options = sync.OnceValue(func() purposes {
	formats := map[string]openapi3.StringFormatValidator{
		FormatCodiceFiscale: openapi3.NewCallbackValidator(func(s string) error {
			return codicefiscale.Valid(codicefiscale.Normal(s))
		}),
		"date":      openapi3.NewCallbackValidator(validDate),
		"date-time": openapi3.NewCallbackValidator(validInstant),
	}
	use := func(more ...openapi3.SchemaValidationOption) purpose {
		common := append(more, openapi3.EnableFormatValidation(), openapi3.WithStringFormatValidators(formats))
		return purpose{
			quick: append(slices.Clone(common), openapi3.FailFast()),
			whole: append(slices.Clone(common), openapi3.MultiErrors()),
		}
	}
	return purposes{plain: use(), request: use(openapi3.VisitAsRequest()), response: use(openapi3.VisitAsResponse())}
})

// validDate wants a day that exists (RFC 3339, full-date): the validator's own form lets 30 February through.
func validDate(s string) error {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return errors.New("not a date")
	}
	return nil
}

// validInstant wants an RFC 3339 date-time of a day that exists; letters of either case and leap seconds are good.
func validInstant(s string) error {
	text := strings.Replace(strings.ToUpper(s), ":60", ":59", 1)
	if _, err := time.Parse(time.RFC3339, text); err != nil || strings.Contains(text, ",") {
		return errors.New("not an instant")
	}
	return nil
}

// check runs a schema over a decoded value; prefix is where the value stands. Most values are good: only one that is not
// is gone through with every fault put into words, which costs much more, inside a oneOf even for what is good.
func check(s *openapi3.Schema, value any, prefix []string, use purpose) []Violation {
	if s.VisitJSON(value, use.quick...) == nil {
		return nil
	}
	err := s.VisitJSON(value, use.whole...)
	if err == nil { // the two disagree: a message is not let through on that
		return []Violation{{Where: place(prefix), Keyword: "schema"}}
	}
	return collect(err, prefix)
}

func collect(err error, prefix []string) []Violation {
	switch e := err.(type) { //nolint:errorlint // the validator documents these two concrete types, unwrapped
	case openapi3.MultiError:
		var out []Violation
		for _, item := range e {
			out = append(out, collect(item, prefix)...)
		}
		return out
	case *openapi3.SchemaError:
		return []Violation{fromSchemaError(e, prefix)}
	default:
		return []Violation{{Where: place(prefix), Keyword: "schema"}}
	}
}

func fromSchemaError(e *openapi3.SchemaError, prefix []string) Violation {
	path := append(slices.Clone(prefix), e.JSONPointer()...)
	if e.SchemaField == "properties" {
		var name string
		if _, err := fmt.Sscanf(e.Reason, "property %q is unsupported", &name); err == nil {
			return Violation{Where: place(append(path, name)), Keyword: KeywordUnknown}
		}
	}
	v := Violation{Where: place(path), Keyword: e.SchemaField, Expected: expectation(e)}
	v.Expects, v.Found = wordsOf(e)
	return v
}

func place(path []string) string {
	if len(path) == 0 {
		return "/"
	}
	return pointer(path)
}

// expectation tells the limit that the schema sets. It reads the schema, never the value.
func expectation(e *openapi3.SchemaError) string {
	s := e.Schema
	if s == nil {
		return ""
	}
	switch e.SchemaField {
	case "type":
		if s.Type != nil {
			return strings.Join(s.Type.Slice(), "|")
		}
	case "pattern":
		return s.Pattern
	case "format":
		return s.Format
	case "minLength":
		return fmt.Sprint(s.MinLength)
	case "maxLength":
		if s.MaxLength != nil {
			return fmt.Sprint(*s.MaxLength)
		}
	case "minItems":
		return fmt.Sprint(s.MinItems)
	case "maxItems":
		if s.MaxItems != nil {
			return fmt.Sprint(*s.MaxItems)
		}
	case "enum":
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, "|")
	}
	return ""
}

// result cuts the faults to what is told, sorts them and turns none into nil. What is cut are unknown members before
// anything else: they weigh least, and a caller can invent as many as it likes.
func result(items []Violation) error {
	if len(items) == 0 {
		return nil
	}
	v := &Violations{Items: items}
	if n := len(items); n > problem.MaxViolations {
		slices.SortStableFunc(items, func(a, b Violation) int { return cmp.Compare(weight(a), weight(b)) })
		v.Items, v.More = items[:problem.MaxViolations:problem.MaxViolations], n-problem.MaxViolations
	}
	slices.SortStableFunc(v.Items, func(a, b Violation) int { return strings.Compare(a.Where, b.Where) })
	return v
}

func weight(v Violation) int {
	if v.Keyword == KeywordUnknown {
		return 1
	}
	return 0
}
