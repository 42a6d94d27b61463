// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"slices"
	"strings"
)

// RiskAnalysis is the answers a consumer gives before a purpose is activated.
type RiskAnalysis struct {
	Version string              `json:"version"`
	Answers map[string][]string `json:"answers"`
}

// The rule sets in force. Those of GSP and SCP are the private ones.
const (
	riskVersionPA      = "3.1"
	riskVersionPrivate = "2.0"
)

// question is a rule of the form: its values, and the answer of another question that it
// depends on.
type question struct {
	id      string
	values  []string // nil means free text
	on, has string   // asked when the answer to on is has; always when on is empty
}

// questions are the rules this platform holds: those every form has, and the first of
// those that personal data add. The real sets are longer; an answer outside this list is
// taken as it is.
func questions() []question {
	yesNo := []string{"YES", "NO"}
	return []question{
		{id: "purpose", values: []string{"INSTITUTIONAL", "OTHER"}},
		{id: "institutionalPurpose", on: "purpose", has: "INSTITUTIONAL"},
		{id: "otherPurpose", on: "purpose", has: "OTHER"},
		{id: "usesPersonalData", values: yesNo},
		{id: "personalDataTypes", on: "usesPersonalData", has: "YES"},
		{id: "legalBasis", on: "usesPersonalData", has: "YES"},
		{id: "usesThirdPartyPersonalData", values: yesNo, on: "usesPersonalData", has: "NO"},
		{id: "isRequestOnBehalfOfThirdParties", values: yesNo},
	}
}

// check returns what is wrong with a form. A whole form must answer every question that
// is asked; a partial one, of a draft, only what it answers must be right.
func (r *RiskAnalysis) check(kind string, personalData *bool, whole bool) []string {
	version := riskVersionPrivate
	if kind == "PA" {
		version = riskVersionPA
	}
	if r.Version != version {
		return []string{"unexpected template version " + r.Version + ", the latest is " + version}
	}
	var faults []string
	for _, q := range questions() {
		answers, answered := r.Answers[q.id]
		asked := q.on == "" || slices.Contains(r.Answers[q.on], q.has)
		switch {
		case answered && !asked:
			faults = append(faults, "unexpected dependency of "+q.id+" on "+q.on)
		case asked && len(answers) == 0 && whole:
			faults = append(faults, "expected "+q.id)
		}
		for _, a := range answers {
			if strings.TrimSpace(a) == "" || q.values != nil && !slices.Contains(q.values, a) {
				faults = append(faults, "unexpected value of "+q.id)
			}
		}
	}
	if whole && personalData != nil && !slices.Contains(r.Answers["usesPersonalData"], yes(*personalData)) {
		faults = append(faults, "usesPersonalData does not agree with the personalData flag of the e-service")
	}
	return faults
}

func yes(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

// riskFault is the problem of a form, or nil when it is right. A whole form must be there.
func (p *Platform) riskFault(r *RiskAnalysis, consumerID, eserviceID string, whole bool) error {
	if r == nil && whole {
		return badRequest(purpose, "0024", "Missing risk analysis", "The purpose has no risk analysis")
	}
	if r == nil {
		return nil
	}
	faults := r.check(p.tenants.get(consumerID).Kind, p.eservices.get(eserviceID).PersonalData, whole)
	if len(faults) == 0 {
		return nil
	}
	return badRequest(purpose, "0014", "Risk analysis validation failed", "Risk analysis validation failed. Reasons: [%s]", strings.Join(faults, "; "))
}
