// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// Problem turns an error of this package into the refusal of a request; any other error is returned as it is.
func Problem(err error) error {
	var syntax *JSONError
	var faults *Violations
	var media *MediaTypeError
	var markup *XMLError
	switch {
	case errors.As(err, &markup):
		return xmlProblem(markup)
	case errors.As(err, &syntax):
		return jsonProblem(syntax)
	case errors.As(err, &faults):
		return violationsProblem(faults)
	case errors.As(err, &media):
		want := strings.Join(media.Want, ", ")
		return problem.Newf(problem.RuleMediaType, "Formato atteso: "+want+".", "Expected media type: "+want+".")
	default:
		return err
	}
}

func jsonProblem(e *JSONError) error {
	switch e.Fault {
	case Duplicate:
		// The member stands among the violations, which logs do not quote.
		repeated := problem.Newf(problem.RuleDuplicateMember,
			fmt.Sprintf("Membro ripetuto al byte %d.", e.Offset), fmt.Sprintf("Member repeated at byte %d.", e.Offset))
		repeated.Spots = []problem.Spot{{Rule: problem.RuleDuplicateMember, Where: e.Where}}
		return repeated
	case TooMany:
		return problem.Newf(problem.RuleTooLarge,
			fmt.Sprintf("Il limite è di %d valori JSON (byte %d).", MaxValues, e.Offset),
			fmt.Sprintf("The limit is %d JSON values (byte %d).", MaxValues, e.Offset))
	case TooDeep:
		return problem.Newf(problem.RuleMalformedJSON,
			fmt.Sprintf("Più di %d livelli annidati (byte %d).", MaxDepth, e.Offset),
			fmt.Sprintf("Nested deeper than %d levels (byte %d).", MaxDepth, e.Offset))
	case Malformed, Forbidden:
		fallthrough
	default:
		return problem.Newf(problem.RuleMalformedJSON,
			fmt.Sprintf("Errore di sintassi al byte %d.", e.Offset),
			fmt.Sprintf("Syntax error at byte %d.", e.Offset))
	}
}

func xmlProblem(e *XMLError) error {
	switch e.Fault {
	case TooMany:
		return problem.Newf(problem.RuleTooLarge,
			fmt.Sprintf("Il limite è di %d elementi e attributi (byte %d).", MaxValues, e.Offset),
			fmt.Sprintf("The limit is %d elements and attributes (byte %d).", MaxValues, e.Offset))
	case TooDeep:
		return problem.Newf(problem.RuleMalformedXML,
			fmt.Sprintf("Più di %d livelli annidati (byte %d).", MaxDepth, e.Offset),
			fmt.Sprintf("Nested deeper than %d levels (byte %d).", MaxDepth, e.Offset))
	case Forbidden:
		return problem.Newf(problem.RuleMalformedXML,
			fmt.Sprintf("C'è una DTD (byte %d).", e.Offset), fmt.Sprintf("There is a DTD (byte %d).", e.Offset))
	case Malformed, Duplicate:
		fallthrough
	default:
		return problem.Newf(problem.RuleMalformedXML,
			fmt.Sprintf("Errore al byte %d.", e.Offset), fmt.Sprintf("Fault at byte %d.", e.Offset))
	}
}

// violationsProblem is headed by the gravest rule among the faults: schema, then the precondition that is missing, then
// codice fiscale, then unknown field.
func violationsProblem(f *Violations) error {
	e := &problem.Error{Rule: problem.RuleUnknownField, More: f.More}
	for _, v := range f.Items {
		id := ruleOf(v)
		if gravity(id) > gravity(e.Rule) {
			e.Rule = id
		}
		expected, found := v.words()
		e.Spots = append(e.Spots, problem.Spot{Rule: id, Where: v.Where, Expected: expected, Found: found})
	}
	return e
}

func gravity(id modi.RuleID) int {
	return slices.Index([]modi.RuleID{problem.RuleUnknownField, problem.RuleCodiceFiscale, problem.RuleIfMatchMissing, problem.RuleSchema}, id)
}

func ruleOf(v Violation) modi.RuleID {
	switch {
	case v.Keyword == "required" && strings.EqualFold(v.Where, "header If-Match"):
		return problem.RuleIfMatchMissing
	case v.Keyword == KeywordUnknown:
		return problem.RuleUnknownField
	case v.Keyword == "format" && v.Expected == FormatCodiceFiscale:
		return problem.RuleCodiceFiscale
	default:
		return problem.RuleSchema
	}
}
