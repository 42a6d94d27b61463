// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"
)

func attributeOf(last int, value string) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, last}, Value: value}
}

// TestCodiceFiscaleOfTheSigner reads it from where Italian certificates have it, and from nowhere else.
func TestCodiceFiscaleOfTheSigner(t *testing.T) {
	root := ca()
	for name, c := range map[string]struct {
		subject pkix.Name
		want    string
		rule    string
	}{
		"ETSI":                    {subject: subject("TINIT-" + neri), want: neri},
		"before ETSI":             {subject: subject("IT:" + neri), want: neri},
		"lower case":              {subject: subject("TINIT-" + strings.ToLower(neri)), want: neri},
		"dnQualifier":             {subject: subject("", attributeOf(46, neri)), want: neri},
		"number of a device":      {subject: subject("2026150023", attributeOf(46, "2026150023"))},
		"foreign":                 {subject: subject("TINDE-" + neri)},
		"passport":                {subject: subject("PASIT-" + neri)},
		"wrong check character":   {subject: subject("TINIT-" + neri[:15] + "A")},
		"body":                    {subject: pkix.Name{CommonName: "COMUNE", Organization: []string{"COMUNE"}, SerialNumber: "VATIT-99999990007"}},
		"common name":             {subject: pkix.Name{CommonName: neri}},
		"both, equal":             {subject: subject("TINIT-"+neri, attributeOf(46, neri)), want: neri},
		"both, of two people":     {subject: subject("TINIT-"+neri, attributeOf(46, "RSSMRA80A01H501U")), rule: "identity"},
		"serialNumber twice":      {subject: subject("", attributeOf(5, "TINIT-"+neri), attributeOf(5, "TINIT-RSSMRA80A01H501U")), rule: "identity"},
		"qualifier of the device": {subject: subject("TINIT-"+neri, attributeOf(46, "WSREF-1234")), want: neri},
	} {
		t.Run(name, func(t *testing.T) {
			who := issue(&root, c.subject, false)
			got, err := signerOf(&signature{leaf: who.cert}, Options{Now: now})
			if c.rule != "" {
				wantRule(t, err, c.rule)
				return
			}
			if err != nil || got.CodiceFiscale != c.want {
				t.Errorf("%q, %v", got.CodiceFiscale, err)
			}
		})
	}
}

func TestBodyOfTheSigner(t *testing.T) {
	root := ca()
	name := pkix.Name{CommonName: "Banca d'Esempio", Organization: []string{"BANCA D'ESEMPIO"}, ExtraNames: []pkix.AttributeTypeAndValue{attributeOf(97, "VATIT-99999990007")}}
	got, err := signerOf(&signature{leaf: issue(&root, name, false).cert}, Options{Now: now})
	if err != nil || got.Organization != "BANCA D'ESEMPIO" || got.OrganizationID != "VATIT-99999990007" || got.Name != "Banca d'Esempio" || got.CodiceFiscale != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRulesAreListed holds the rules that are used in this package against the list.
func TestRulesAreListed(t *testing.T) {
	listed := map[string]bool{}
	for _, r := range Rules() {
		if listed[r.ID] || r.Title.IT == r.Title.EN || !strings.HasPrefix(r.ID, "opi.signature/") {
			t.Errorf("%s: there twice, or not in two languages", r.ID)
		}
		listed[r.ID] = true
	}
	for _, used := range usedRules(t) {
		if !listed["opi.signature/"+used] {
			t.Errorf("%s is not listed", used)
		}
	}
}
