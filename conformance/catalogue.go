// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/modi"
)

// Role says what is under test.
type Role string

// The roles.
const (
	RoleErogatore Role = "erogatore"            // the suite is a consumer that calls an e-service
	RoleFruitore  Role = "fruitore"             // the suite is PDND and the provider that a consumer calls
	RoleToken     Role = "token"                // the suite judges messages in files
	RoleServer    Role = "authorization-server" // the suite asks a token endpoint for vouchers
	RoleOpenAPI   Role = "openapi"              // the suite judges the description of an e-service
)

// Roles lists the roles.
func Roles() []Role { return []Role{RoleErogatore, RoleFruitore, RoleToken, RoleServer, RoleOpenAPI} }

// Case is one case as people read it.
type Case struct {
	ID       string         `json:"id"` // "<rule it probes>#<variant>", or "accept#<variant>"
	Title    Text           `json:"title"`
	Source   string         `json:"source"`  // document, section and step
	Edition  string         `json:"edition"` // of the guideline or specification
	Patterns []modi.Pattern `json:"patterns"`
	Roles    []Role         `json:"roles"`
	Severity string         `json:"severity"` // must, strict or advisory
	Expect   string         `json:"expect"`   // accept, reject, undecided, or observe: a rule held against what the party sends
	Rule     modi.RuleID    `json:"rule,omitempty"`
	Status   int            `json:"status,omitempty"` // of the answer; 0 where the table fixes none
	Subject  string         `json:"subject,omitempty"`
	Steps    []string       `json:"steps,omitempty"`  // what is done to the genuine message
	Needs    []string       `json:"needs,omitempty"`  // circumstances without which it is skipped
	Unless   []string       `json:"unless,omitempty"` // circumstances in which it is skipped
	Mend     Text           `json:"mend"`

	table *cases.Case // nil for a check
}

// Cases lists every case, those of the table first. The error tells what is wrong with
// the data of the suite itself.
func Cases() ([]Case, error) {
	table, err := cases.All()
	if err != nil {
		return nil, fmt.Errorf("cases: %w", err)
	}
	checks, err := cases.Checks()
	if err != nil {
		return nil, fmt.Errorf("checks: %w", err)
	}
	all := make([]Case, 0, len(table)+len(checks))
	for i := range table {
		all = append(all, fromTable(&table[i]))
	}
	for _, c := range checks {
		all = append(all, fromCheck(c))
	}
	return all, nil
}

// Find returns the case with an id; false when there is none.
func Find(id string) (Case, bool, error) {
	all, err := Cases()
	if err != nil {
		return Case{}, false, err
	}
	for _, c := range all {
		if c.ID == id {
			return c, true, nil
		}
	}
	return Case{}, false, nil
}

func fromTable(c *cases.Case) Case {
	out := Case{
		ID: c.ID, Title: text(c.Title), Source: c.Source, Edition: c.Edition, Patterns: c.Patterns, Roles: rolesOf(c),
		Severity: string(c.Severity), Rule: c.Expect.Rule, Status: c.Expect.Status, Subject: c.Subject, table: c,
		Expect: "reject", Needs: needs(c), Unless: c.Unless, Mend: mendOf(c.Expect.Rule),
	}
	switch {
	case c.Verdict == cases.Accept:
		out.Expect = "accept"
		out.Mend = Text{
			IT: "accettare il messaggio: è conforme, e rifiutarlo esclude chi rispetta le regole",
			EN: "accept the message: it follows the rules, and to refuse it shuts out those who do",
		}
		for _, name := range c.Unless {
			about, option := circumstanceTexts()[name], strings.TrimPrefix(name, settingPrefix)
			out.Mend.IT += "; se il servizio " + about.IT + ": --setup " + option
			out.Mend.EN += "; where the service is such that " + about.EN + ": --setup " + option
		}
	case c.Expect.Undecided:
		out.Expect = "undecided"
	}
	for _, s := range c.Steps {
		out.Steps = append(out.Steps, describe(s))
	}
	return out
}

func fromCheck(c cases.Check) Case {
	out := Case{
		ID: c.ID, Title: text(c.Title), Source: c.Source, Edition: c.Edition, Patterns: c.Patterns, Severity: string(c.Severity),
		Expect: "observe", Rule: c.Rule, Mend: text(c.Mend),
	}
	for _, r := range c.Roles {
		out.Roles = append(out.Roles, Role(r))
	}
	if out.Patterns == nil {
		out.Patterns = []modi.Pattern{}
	}
	return out
}

// rolesOf tells who judges the message of a case.
func rolesOf(c *cases.Case) []Role {
	switch {
	case c.Patterns[0] == modi.PatternClientAssertion:
		return []Role{RoleServer}
	case c.Direction == cases.Response:
		return []Role{RoleFruitore}
	default:
		return []Role{RoleErogatore}
	}
}

// mendOf is the remedy of a rule of modi; of the others, a general one.
func mendOf(id modi.RuleID) Text {
	rules := modi.Rules()
	i := slices.IndexFunc(rules, func(r modi.Rule) bool { return r.ID == id })
	if i < 0 {
		return Text{
			IT: "rifiutare il messaggio prima di servirlo, con la regola " + string(id),
			EN: "refuse the message before serving it, by the rule " + string(id),
		}
	}
	return Text{
		IT: "rifiutare il messaggio con la regola «" + rules[i].Title.IT + "» (" + cases.SourceOf(rules[i]) + ")",
		EN: "refuse the message by the rule “" + rules[i].Title.EN + "” (" + rules[i].Source + ")",
	}
}

// describe writes a step of a case.
func describe(s cases.Step) string {
	parts := []string{s.Do}
	for name, value := range map[string]string{"token": s.Token, "name": s.Name} {
		if value != "" {
			parts = append(parts, fmt.Sprintf("%s=%q", name, value))
		}
	}
	slices.Sort(parts[1:])
	if s.Value != nil {
		parts = append(parts, fmt.Sprintf("value=%#v", s.Value))
	}
	return strings.Join(parts, " ")
}

// needs lists the circumstances that a case is about.
func needs(c *cases.Case) []string {
	var out []string
	for _, g := range c.Given {
		out = append(out, string(g))
	}
	if strings.Contains(string(c.Expect.Rule), "/request-digest-") { // PROFILE_NON_REPUDIATION_01 is agreed, or not
		out = append(out, "setup:non-repudiation")
	}
	s := c.Setup
	for name, set := range map[string]bool{
		"setup:references": len(s.References) > 0, "setup:signature-header": s.SignatureHeader != "", "setup:empty-payload": s.EmptyPayload != "",
		"setup:algorithms": len(s.Algorithms) > 0, "setup:signed-headers": len(s.SignedHeaders) > 0, "setup:optional": s.Optional,
		"setup:organisation": s.Organisation != "", "setup:claims": len(s.Claims) > 0,
	} {
		if set {
			out = append(out, name)
		}
	}
	switch of := rolesOf(c)[0]; {
	case c.Layer == cases.LayerInteraction:
		out = append(out, string(c.Layer))
	case c.Layer != cases.LayerGateway:
	case of == RoleFruitore:
		out = append(out, string(c.Layer))
	case strings.HasPrefix(string(c.Expect.Rule), "hub.") && c.Expect.Rule != "hub.request/unknown-path":
		out = append(out, string(c.Expect.Rule))
	}
	slices.Sort(out)
	return out
}
