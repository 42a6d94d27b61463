// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/modi"
)

// TestErrorsOfManyViolationsAreBounded: whoever made the violations, document and log hold a bounded part of them.
func TestErrorsOfManyViolationsAreBounded(t *testing.T) {
	many := make([]modi.Violation, 100_000)
	for i := range many {
		many[i] = modi.Violation{Rule: RuleCodiceFiscale, Found: "/richiesta/codiceFiscale"}
	}
	for name, err := range map[string]error{
		"own": &Error{Rule: RuleCodiceFiscale, Violations: many}, "protocol": modi.Refuse(many...),
	} {
		document, _ := From(err, "en", "")
		if len(document.Violations) != MaxViolations || !strings.HasSuffix(document.Detail, "Further places not listed: 99968") {
			t.Errorf("%s: %d violations, detail ends %q", name, len(document.Violations), document.Detail[len(document.Detail)-40:])
		}
		if n := len(ForLog(err)); n > maxLogged+3 {
			t.Errorf("%s: %d bytes in a log", name, n)
		}
	}
}

func TestLogTellsKindsOfPlacesAlone(t *testing.T) {
	err := &Error{Rule: RuleSchema, More: 2, Violations: []modi.Violation{
		{Rule: RuleUnknownField, Found: "query RSSMRA85T10A562S"},
		{Rule: RuleSchema, Found: "/a/b"},
		{Rule: RuleSchema, Found: "/a/c"},
		{Rule: RuleSchema, Found: "anything else"},
	}}
	const want = "hub.request/schema; hub.request/unknown-field in query; hub.request/schema in body (2 times); " +
		"hub.request/schema; and 2 more"
	if got := err.Error(); got != want {
		t.Errorf("got %q", got)
	}
}

func TestLoggedTextIsCutBetweenCharacters(t *testing.T) {
	if s := ForLog(errors.New("a" + strings.Repeat("è", maxLogged))); !utf8.ValidString(s) || !strings.HasSuffix(s, "è...") {
		t.Errorf("ends %q", s[len(s)-8:])
	}
	if s := ForLog(errors.New("breve")); s != "breve" {
		t.Errorf("got %q", s)
	}
}
