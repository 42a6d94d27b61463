// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package cases

import (
	"github.com/snodo-pa/snodo/modi"
)

// Subject is a genuine message that cases start from, and what every case of it has in
// common.
type Subject struct {
	Name      string
	Area      modi.Area // of the rules that its own token breaks
	Patterns  []modi.Pattern
	Direction Direction
	Edition   string
}

// Editions of the texts that the patterns come from.
const (
	editionAgID2021 = "AgID, Linee guida sull'interoperabilità tecnica, Determinazione 547/2021"
	editionAgID2023 = "AgID, Linee guida sull'interoperabilità tecnica, Determinazione 128/2023"
	editionPDND     = "PDND, documentazione in vigore dal 1 luglio 2025"
	editionPDNDv3   = "PDND, API di interoperabilità versione 3"
)

// Subjects lists the genuine messages.
func Subjects() []Subject {
	request := func(name string, area modi.Area, edition string, patterns ...modi.Pattern) Subject {
		return Subject{Name: name, Area: area, Edition: edition, Patterns: patterns, Direction: Request}
	}
	response := func(name string, area modi.Area, edition string, patterns ...modi.Pattern) Subject {
		return Subject{Name: name, Area: area, Edition: edition, Patterns: patterns, Direction: Response}
	}
	return []Subject{
		request("id-auth-01", modi.AreaIDAuth, editionAgID2021, modi.PatternIDAuthREST01),
		request("id-auth-02", modi.AreaIDAuth, editionAgID2021, modi.PatternIDAuthREST02),
		response("id-auth-01-response", modi.AreaIDAuth, editionAgID2021, modi.PatternIDAuthREST01),
		response("id-auth-02-response", modi.AreaIDAuth, editionAgID2021, modi.PatternIDAuthREST02),
		request("integrity-01", modi.AreaIntegrity, editionAgID2021, modi.PatternIntegrityREST01),
		response("integrity-01-response", modi.AreaIntegrity, editionAgID2021, modi.PatternIntegrityREST01),
		request("both-headers", modi.AreaIntegrity, editionAgID2021, modi.PatternIDAuthREST02, modi.PatternIntegrityREST01),
		response("both-headers-response", modi.AreaIntegrity, editionAgID2021, modi.PatternIDAuthREST02, modi.PatternIntegrityREST01),
		request("integrity-02", modi.AreaIntegrity, editionAgID2023, modi.PatternVoucher, modi.PatternIntegrityREST02),
		response("integrity-02-response", modi.AreaIntegrity, editionAgID2023, modi.PatternIntegrityREST02),
		response("pdnd-reply", modi.AreaIntegrity, editionPDNDv3, modi.PatternPDNDResponse),
		request("voucher", modi.AreaVoucher, editionPDND, modi.PatternVoucher),
		request("voucher-integrity-01", modi.AreaIntegrity, editionAgID2023, modi.PatternVoucher, modi.PatternIntegrityREST01),
		request("audit-01", modi.AreaAudit, editionAgID2023, modi.PatternVoucher, modi.PatternAuditREST01),
		request("audit-02", modi.AreaAudit, editionAgID2023, modi.PatternVoucher, modi.PatternAuditREST02),
		request("audit-02-integrity-02", modi.AreaAudit, editionAgID2023, modi.PatternVoucher, modi.PatternAuditREST02, modi.PatternIntegrityREST02),
		request("dpop", modi.AreaDPoP, editionPDND, modi.PatternVoucher, modi.PatternDPoP),
		request("dpop-token", modi.AreaDPoP, editionPDND, modi.PatternClientAssertion, modi.PatternDPoP),
		request("assertion", modi.AreaAssertion, editionPDND, modi.PatternClientAssertion),
	}
}

// subjectByName finds a subject.
func subjectByName(name string) (Subject, bool) {
	for _, s := range Subjects() {
		if s.Name == name {
			return s, true
		}
	}
	return Subject{}, false
}

// groups are names for subjects that share many cases.
func groups() map[string][]string {
	return map[string][]string{
		"sent":        {"id-auth-01", "id-auth-02", "integrity-01", "integrity-02", "audit-02"},
		"answered":    {"id-auth-01-response", "id-auth-02-response", "integrity-01-response", "integrity-02-response"},
		"identity":    {"id-auth-01", "id-auth-02", "id-auth-01-response", "id-auth-02-response"},
		"integrity":   {"integrity-01", "integrity-02", "integrity-01-response", "integrity-02-response"},
		"certificate": {"id-auth-01", "integrity-01", "id-auth-01-response", "integrity-01-response"},
		"kid":         {"integrity-02", "audit-02", "integrity-02-response"},
		"once":        {"id-auth-02", "integrity-01", "integrity-02", "id-auth-02-response", "integrity-01-response", "integrity-02-response"},
	}
}

// ungroup replaces groups by their subjects.
func ungroup(names []string) []string {
	var out []string
	for _, name := range names {
		if members, ok := groups()[name]; ok {
			out = append(out, members...)
		} else {
			out = append(out, name)
		}
	}
	return out
}
