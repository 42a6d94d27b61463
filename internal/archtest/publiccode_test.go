// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"strings"
	"testing"
)

const goodPublicCode = `publiccodeYmlVersion: "0.7"
name: Prova
url: https://example.org/prova
platforms: [linux]
developmentStatus: beta
softwareType: standalone/backend
supports: [{id: "alias:anpr"}, {id: "https://example.org/x"}]
description:
  it:
    shortDescription: Breve.
    longDescription: LONG
    features: [una]
legal: {license: EUPL-1.2}
maintenance: {type: community, contacts: [{name: Tizia}]}
localisation: {localisationReady: false, availableLanguages: [it]}
`

func TestPublicCodeRules(t *testing.T) {
	good := strings.Replace(goodPublicCode, "LONG", strings.Repeat("è", 150), 1)
	wantFindings(t, checkPublicCode([]byte(good)), nil)
	cases := map[string]struct{ old, new, want string }{
		"older version":        {`"0.7"`, `"0.4"`, "publiccodeYmlVersion"},
		"no name":              {"name: Prova", "name: ''", "name is missing"},
		"no address":           {"url: https://example.org/prova", "url: prova", "url"},
		"no platform":          {"[linux]", "[]", "platforms"},
		"unknown status":       {"beta", "alpha", "developmentStatus"},
		"unknown type":         {"standalone/backend", "backend", "softwareType"},
		"version without date": {"name: Prova", "name: Prova\nsoftwareVersion: '1'", "releaseDate"},
		"unknown alias":        {"alias:anpr", "alias:pdnd", "supports"},
		"no Italian":           {"  it:\n", "  en:\n", "description.it is missing"},
		"short too long":       {"Breve.", strings.Repeat("x", 151), "shortDescription has 151"},
		"no short":             {"Breve.", "''", "shortDescription has 0"},
		"long too short":       {strings.Repeat("è", 150), strings.Repeat("è", 149), "longDescription has 149"},
		"no feature":           {"[una]", "[]", "features: expected"},
		"feature too long":     {"[una]", "[" + strings.Repeat("x", 101) + "]", "at most 100"},
		"no licence":           {"license: EUPL-1.2", "license: ''", "legal.license"},
		"no contact":           {"[{name: Tizia}]", "[]", "maintenance.contacts"},
		"unknown maintenance":  {"community", "sporadic", "maintenance.type"},
		"not said if ready":    {"localisationReady: false, ", "", "localisationReady"},
		"no language":          {"[it]}", "[]}", "availableLanguages"},
		"wrong language":       {"[it]}", "[Italian]}", "not a language tag"},
		"national section":     {"name: Prova", "name: Prova\nIT: {countryExtensionVersion: '1.0'}", "IT"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, c.old, c.new, 1)
			if bad == good {
				t.Fatalf("%q is not in the text", c.old)
			}
			wantFindings(t, checkPublicCode([]byte(bad)), []string{c.want})
		})
	}
}
