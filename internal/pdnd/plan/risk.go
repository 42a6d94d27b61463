// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// riskVersionPA is the version of the form that PDND takes from a public administration.
const riskVersionPA = "3.1"

// declared says what a sheet lacks to become a declaration of the ente: the risk analysis,
// valid for an e-service with that flag of personal data, and who approved it after hearing
// the data protection officer. The zero Text means nothing.
func (s *PurposeSheet) declared(personalData *bool, now time.Time) modi.Text {
	var it, en []string
	lacks := func(i, e string) { it, en = append(it, i), append(en, e) }
	s.RiskAnalysis.lacks(personalData, lacks)
	s.Approvazione.lacks(now, lacks)
	if len(it) == 0 {
		return modi.Text{}
	}
	return modi.Text{
		IT: "è una dichiarazione dell'ente e non viene inviata: in " + s.file + " " + strings.Join(it, "; "),
		EN: "it is a declaration of the ente and is not sent: in " + s.file + " " + strings.Join(en, "; "),
	}
}

// lacks applies the rules of the form that hold for every public administration. The
// platform has more for those who process personal data, and refuses by them.
func (r *RiskAnalysis) lacks(personalData *bool, lacks func(it, en string)) {
	if r == nil {
		lacks("manca riskAnalysis", "riskAnalysis is missing")
		return
	}
	if r.Version != riskVersionPA {
		lacks(fmt.Sprintf("riskAnalysis.version è %q, attesa %q", r.Version, riskVersionPA), fmt.Sprintf("riskAnalysis.version is %q, expected %q", r.Version, riskVersionPA))
	}
	missing := func(question string) {
		lacks("riskAnalysis.answers."+question+" manca o non è tra le risposte ammesse", "riskAnalysis.answers."+question+" is missing or not one of its answers")
	}
	choice := func(question string, allowed ...string) string {
		answers := r.Answers[question]
		if len(answers) != 1 || !slices.Contains(allowed, answers[0]) {
			missing(question)
			return ""
		}
		return answers[0]
	}
	said := func(question string) {
		if len(r.Answers[question]) == 0 || slices.ContainsFunc(r.Answers[question], func(a string) bool { return strings.TrimSpace(a) == "" }) {
			missing(question)
		}
	}
	switch choice("purpose", "INSTITUTIONAL", "OTHER") {
	case "INSTITUTIONAL":
		said("institutionalPurpose")
	case "OTHER":
		said("otherPurpose")
	}
	choice("isRequestOnBehalfOfThirdParties", "YES", "NO")
	uses := choice("usesPersonalData", "YES", "NO")
	switch uses {
	case "YES":
		said("personalDataTypes")
		said("legalBasis")
	case "NO":
		choice("usesThirdPartyPersonalData", "YES", "NO")
	}
	if uses != "" && personalData != nil && (uses == "YES") != *personalData {
		lacks(fmt.Sprintf("usesPersonalData è %s, ma l'e-service dichiara il contrario", uses), fmt.Sprintf("usesPersonalData is %s, and the e-service declares the opposite", uses))
	}
}

func (a *Approvazione) lacks(now time.Time, lacks func(it, en string)) {
	if a == nil {
		lacks("manca approvazione", "approvazione is missing")
		return
	}
	for _, member := range []struct{ name, text string }{
		{"da", a.Da}, {"atto", a.Atto}, {"dpo.consultato", a.DPO.Consultato},
	} {
		if strings.TrimSpace(member.text) == "" {
			lacks("manca approvazione."+member.name, "approvazione."+member.name+" is missing")
		}
	}
	approved, okApproved := day(a.Il, now)
	if !okApproved {
		lacks("approvazione.il non è un giorno passato AAAA-MM-GG", "approvazione.il is no past day YYYY-MM-DD")
	}
	heard, okHeard := day(a.DPO.Il, now)
	if !okHeard {
		lacks("approvazione.dpo.il non è un giorno passato AAAA-MM-GG", "approvazione.dpo.il is no past day YYYY-MM-DD")
	}
	if okApproved && okHeard && approved.Before(heard) {
		lacks("il DPO è stato consultato dopo l'approvazione", "the DPO was consulted after the approval")
	}
}

// day reads a day that is not in the future.
func day(text string, now time.Time) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, text)
	return t, err == nil && !t.After(now.UTC())
}
