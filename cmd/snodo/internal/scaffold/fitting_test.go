// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestInventedTextsFitThePatternOfTheDocument: else the mock back end answers what the document refuses.
func TestInventedTextsFitThePatternOfTheDocument(t *testing.T) {
	for pattern, least := range map[string]uint64{
		`^N[0-9]{3}$`: 0, `^[A-Z]{2}-\d{4}(-[a-z]+)?$`: 0, `^(SCIA|CILA)_\w+$`: 12, `^[^0-9A-Za-z]$`: 0, `^.{5,9}$`: 7, `\.pdf$`: 0, `^(?:a|b)*$`: 20,
		`^[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]$`: 16,
	} {
		most := uint64(40)
		got := text("codice", &openapi3.Schema{Type: &openapi3.Types{"string"}, Pattern: pattern, MinLength: least, MaxLength: &most})
		if !regexp.MustCompile(pattern).MatchString(got) || uint64(len(got)) < least || uint64(len(got)) > most {
			t.Errorf("%s: %q", pattern, got)
		}
	}
	for name, pattern := range map[string]string{"what fits stays": `^cod`, "no text fits": `^a\bb$`, "no pattern of ours": `^(?=x)`, "too long": `^((a{100}){100}){10}$`} {
		if got := text("codice", &openapi3.Schema{Type: &openapi3.Types{"string"}, Pattern: pattern}); got != "codice" {
			t.Errorf("%s: %d %q", name, len(got), got[:min(len(got), 50)])
		}
	}
}

// TestTheMockBackEndKnowsAPathThatFits: its only record is found under a path that the hub lets pass.
func TestTheMockBackEndKnowsAPathThatFits(t *testing.T) {
	document := `{"openapi":"3.0.3","info":{"title":"Pratiche","version":"1.0.0"},"paths":{"/pratiche/{codice}":{"get":{"operationId":"una",
		"parameters":[{"name":"codice","in":"path","required":true,"schema":{"type":"string","pattern":"^N[0-9]{3}$"}}],
		"responses":{"200":{"description":"una","content":{"application/json":{"schema":{"type":"object","properties":{"codice":{"type":"string","pattern":"^N[0-9]{3}$"}}}}}}}}}}}`
	made, err := Publish(Eservice{Name: "pratiche"}, []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(made.BackEnd), `"N111"`) || strings.Contains(string(made.BackEnd), `: "codice"`) {
		t.Errorf("%s", made.BackEnd)
	}
}
