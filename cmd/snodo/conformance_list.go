// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/conformance"
	"github.com/snodo-pa/snodo/internal/schema/apirules"
	"github.com/snodo-pa/snodo/modi"
)

func (a *app) conformanceListCommand() *cobra.Command {
	var role, pattern string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   a.t("elenca i casi", "list the cases"),
		Example: "  snodo conformance list --role erogatore --pattern INTEGRITY_REST_02\n  snodo conformance list --output json",
		Args:    a.noArgs,
		RunE: func(*cobra.Command, []string) error {
			all, err := conformance.Cases()
			if err != nil {
				return err
			}
			if role != "" && !slices.Contains(conformance.Roles(), conformance.Role(role)) {
				return a.errorf("--role %q: valori ammessi %v", "--role %q: allowed values are %v", role, conformance.Roles())
			}
			list := []conformance.Case{}
			for _, c := range all {
				named := slices.ContainsFunc(c.Patterns, func(p modi.Pattern) bool { return strings.EqualFold(string(p), pattern) })
				if (role == "" || slices.Contains(c.Roles, conformance.Role(role))) && (pattern == "" || named) {
					list = append(list, c)
				}
			}
			return a.emit(list, func(w *terminal.Writer) {
				for _, c := range list {
					line := fmt.Sprintf("%-8s %-9s %s  %s", c.Severity, c.Expect, c.ID, c.Title.In(a.lang))
					if len(c.Needs) > 0 {
						line += "  [setup: " + strings.ReplaceAll(strings.Join(c.Needs, ", "), "setup:", "") + "]"
					}
					w.Line(line)
				}
				w.Line(fmt.Sprintf(a.t("%d casi", "%d cases"), len(list)))
			})
		},
	}
	cmd.Flags().StringVar(&role, "role", "", a.t("solo i casi di un ruolo", "only the cases of a role"))
	cmd.Flags().StringVar(&pattern, "pattern", "", a.t("solo i casi di un pattern", "only the cases of a pattern"))
	return cmd
}

func (a *app) conformanceExplainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain ID",
		Short:   a.t("spiega un caso: che cosa si fa al messaggio, che cosa è atteso, da quale norma", "explain a case: what is done to the message, what is expected, by which text"),
		Example: "  snodo conformance explain modi.integrity/digest-mismatch#body-changed.integrity-02",
		Args:    a.exactArgs("ID"),
		RunE: func(_ *cobra.Command, args []string) error {
			c, ok, err := conformance.Find(args[0])
			if err == nil && !ok {
				c, ok = italianRule(args[0])
			}
			switch {
			case err != nil:
				return err
			case !ok:
				return a.errorf("nessun caso %q; vedere snodo conformance list", "no case %q; see snodo conformance list", args[0])
			}
			return a.emit(c, func(w *terminal.Writer) { a.explainCase(w, c) })
		},
	}
}

// italianRule is a rule of the Italian ruleset for OpenAPI documents as a case: reports name
// it under suite.openapi/italian-rules#ruleset. False when there is none of that name.
func italianRule(id string) (conformance.Case, bool) {
	rules := apirules.Rules()
	i := slices.IndexFunc(rules, func(r apirules.Rule) bool { return string(r.ID) == id })
	if i < 0 {
		return conformance.Case{}, false
	}
	return conformance.Case{
		ID: id, Rule: rules[i].ID, Title: conformance.Text{IT: rules[i].Text.IT, EN: rules[i].Text.EN}, Source: rules[i].Source, Severity: italianSeverity(rules[i].Severity),
		Patterns: []modi.Pattern{}, Roles: []conformance.Role{conformance.RoleOpenAPI, conformance.RoleErogatore}, Expect: "observe",
	}, true
}

// circumstances tells what --setup may say, with what it means.
func (a *app) circumstances(names []string) string {
	all, err := conformance.Circumstances()
	if err != nil {
		return strings.Join(names, ", ")
	}
	var out []string
	for _, one := range all {
		if slices.Contains(names, one.Name) {
			out = append(out, strings.TrimPrefix(one.Name, "setup:")+" ("+one.About.In(a.lang)+")")
		}
	}
	return strings.Join(out, ", ")
}

func (a *app) explainCase(w *terminal.Writer, c conformance.Case) {
	roles := make([]string, len(c.Roles))
	for i, r := range c.Roles {
		roles[i] = string(r)
	}
	patterns := make([]string, len(c.Patterns))
	for i, p := range c.Patterns {
		patterns[i] = string(p)
	}
	expect := map[string]string{
		"accept": a.t("accettato", "accepted"), "reject": a.t("rifiutato", "refused"), "undecided": a.t("non deciso (503)", "not decided (503)"),
		"observe": a.t("rispettata in ciò che la parte fa da sé", "kept in what the party does by itself"),
	}[c.Expect]
	if c.Status != 0 && c.Expect == "reject" {
		expect += fmt.Sprintf(" (%d)", c.Status)
	}
	w.Line(c.ID)
	w.Line(c.Title.In(a.lang))
	for _, row := range [][2]string{
		{a.t("ruolo in prova", "role under test"), strings.Join(roles, ", ")},
		{a.t("pattern", "patterns"), strings.Join(patterns, ", ")},
		{a.t("regola", "rule"), string(c.Rule)},
		{a.t("fonte", "source"), c.Source},
		{a.t("edizione", "edition"), c.Edition},
		{a.t("gravità", "severity"), c.Severity},
		{a.t("atteso", "expected"), expect},
		{a.t("messaggio", "message"), c.Subject},
		{a.t("modifiche", "changes"), strings.Join(c.Steps, "; ")},
		{a.t("serve", "needs"), a.circumstances(c.Needs)},
		{a.t("non vale se", "not where"), a.circumstances(c.Unless)},
		{a.t("rimedio", "mend"), c.Mend.In(a.lang)},
	} {
		if row[1] != "" {
			w.Line(fmt.Sprintf("  %-16s %s", row[0], row[1]))
		}
	}
}
