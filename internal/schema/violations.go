// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// Violation is one place where a message breaks its schema.
type Violation struct {
	Where    string // "/a/0/b" in the body, "query name", "header Name", "path name"
	Keyword  string // schema keyword that fails; "unknown" for a member the schema does not list
	Expected string // what the schema asks, "" when the keyword says it all
}

// KeywordUnknown marks a member, parameter or body that the contract does not have.
const KeywordUnknown = "unknown"

// FormatCodiceFiscale is the string format that wants the check character of a codice fiscale to be right, omocodia
// included.
const FormatCodiceFiscale = "codice-fiscale"

// Violations lists every fault of one message, sorted by place.
type Violations struct{ Items []Violation }

// Error joins the faults.
func (v *Violations) Error() string {
	parts := make([]string, len(v.Items))
	for i, item := range v.Items {
		parts[i] = item.String()
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

// check runs a schema over a decoded value; prefix is where the value stands.
func check(s *openapi3.Schema, value any, prefix []string, opts ...openapi3.SchemaValidationOption) []Violation {
	opts = append(opts, openapi3.MultiErrors(), openapi3.EnableFormatValidation(),
		openapi3.WithStringFormatValidator(FormatCodiceFiscale, openapi3.NewCallbackValidator(codicefiscale.Valid)))
	err := s.VisitJSON(value, opts...)
	if err == nil {
		return nil
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
	return Violation{Where: place(path), Keyword: e.SchemaField, Expected: expectation(e)}
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

// result sorts the faults and turns none into nil.
func result(items []Violation) error {
	if len(items) == 0 {
		return nil
	}
	slices.SortStableFunc(items, func(a, b Violation) int { return strings.Compare(a.Where, b.Where) })
	return &Violations{Items: items}
}
