// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package byhand does for one message in a file what the hub does for every message on
// the wire: it signs it, verifies it, and says of a token what it holds and what nearly
// fits.
//
// It turns options of a command line into the verifiers and signers of modi and owns
// nothing of the patterns. It depends on modi for them, on internal/trust for
// certificates and on internal/bilingual for errors that people read. It opens no file
// but those that trust is told of, and no connection but through what it is given.
package byhand

import (
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
)

// Patterns lists what can be verified, in the order in which it is checked.
func Patterns() []modi.Pattern {
	return []modi.Pattern{
		modi.PatternVoucher, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02, modi.PatternDPoP,
		modi.PatternAuditREST01, modi.PatternAuditREST02, modi.PatternIntegrityREST01, modi.PatternIntegrityREST02,
		modi.PatternPDNDResponse, modi.PatternClientAssertion,
	}
}

// Signable lists what can be signed: the proofs that a party adds to its own message, in
// the order in which they must be made, since an integrity token may cover the others.
func Signable() []modi.Pattern {
	return []modi.Pattern{
		modi.PatternAuditREST01, modi.PatternAuditREST02, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02,
		modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternDPoP,
	}
}

// aliases are the short names by which people call some patterns.
func aliases() map[string]modi.Pattern {
	return map[string]modi.Pattern{"VOUCHER": modi.PatternVoucher, "DPOP": modi.PatternDPoP, "ASSERTION": modi.PatternClientAssertion}
}

// Label is the name of a pattern, with its short name where it has one.
func Label(p modi.Pattern) string {
	for short, long := range aliases() {
		if p == long {
			return string(p) + " (" + short + ")"
		}
	}
	return string(p)
}

// ParsePatterns reads a list separated by commas, without regard to case. Every name
// must be among known, once; the result has the order of known.
func ParsePatterns(list string, known []modi.Pattern) ([]modi.Pattern, error) {
	given := map[modi.Pattern]bool{}
	for _, name := range strings.Split(list, ",") {
		p := modi.Pattern(strings.ToUpper(strings.TrimSpace(name)))
		if alias, ok := aliases()[string(p)]; ok {
			p = alias
		}
		switch {
		case !slices.Contains(known, p):
			return nil, bilingual.Errorf("pattern %q sconosciuto: quelli ammessi sono %s", "unknown pattern %q: those allowed are %s", name, names(known))
		case given[p]:
			return nil, bilingual.Errorf("pattern %s indicato due volte", "pattern %s is given twice", p)
		}
		given[p] = true
	}
	var out []modi.Pattern
	for _, p := range known {
		if given[p] {
			out = append(out, p)
		}
	}
	return out, nil
}

// names joins patterns for a person.
func names(patterns []modi.Pattern) string {
	list := make([]string, len(patterns))
	for i, p := range patterns {
		list[i] = string(p)
	}
	return strings.Join(list, ", ")
}

// byCertificate tells whether the key of a pattern is named by a certificate, rather than
// by a kid of PDND.
func byCertificate(p modi.Pattern) bool {
	return p == modi.PatternIDAuthREST01 || p == modi.PatternIDAuthREST02 || p == modi.PatternIntegrityREST01
}

func text(it, en string) modi.Text { return modi.Text{IT: it, EN: en} }
