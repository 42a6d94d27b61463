// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"fmt"
	"strings"
	"testing"
)

func TestUnknownNamesAreRepeatedOnlyAsCodes(t *testing.T) {
	for asked, want := range map[string]string{
		"c_xx99": "c_xx99", "iscrizione-asilo2": "iscrizione-asilo2",
		"":                              "another name",
		"rssmra85t10a562s":              "another name",
		"RSSMRAURTMLARSNL":              "another name", // omocodia
		"x-RSSMRA85T10A562S-y":          "another name",
		"01234567890":                   "another name",
		"Mario Rossi":                   "another name",
		"a\nb":                          "another name",
		"<script>":                      "another name",
		"-x":                            "another name",
		strings.Repeat("a", 65):         "another name",
		"Bearer_" + "snodo_3f9a0c52x.y": "another name",
	} {
		document, _ := From(Unknown(RuleUnknownEnte, "/contesto/ente", asked, []string{"c_bf01"}), "en", "")
		v := document.Violations
		if len(v) != 1 || v[0].Found != want || v[0].Where != "/contesto/ente" || v[0].Expected != "one of c_bf01" {
			t.Errorf("%q: %+v", asked, v)
		}
		if !strings.Contains(document.Detail, want) || !strings.Contains(document.Detail, "c_bf01") {
			t.Errorf("%q: detail %q", asked, document.Detail)
		}
	}
}

func TestUnknownListsABoundedNumber(t *testing.T) {
	var known []string
	for i := range maxKnown + 3 {
		known = append(known, fmt.Sprintf("n%02d", i), fmt.Sprintf("n%02d", i))
	}
	document, _ := From(Unknown(RuleUnknownService, "path servizio", "x", known), "it", "")
	if got := document.Violations[0].Expected; !strings.HasPrefix(got, "uno tra n00, n01, ") || !strings.HasSuffix(got, "n15 e altri 3") {
		t.Errorf("expected %q", got)
	}
	document, _ = From(Unknown(RuleUnknownService, "path servizio", "x", nil), "it", "")
	if got := document.Violations[0].Expected; got != "" {
		t.Errorf("expected %q where nothing may be seen", got)
	}
}

func TestUnknownNamesStayOutOfLogs(t *testing.T) {
	err := Unknown(RuleUnknownProcedimento, "/contesto/procedimento", "rossi-mario", []string{"iscrizione-asilo"})
	if got := ForLog(err); got != "hub.acquisition/unknown-procedimento; hub.acquisition/unknown-procedimento in body" {
		t.Errorf("logged %q", got)
	}
}
