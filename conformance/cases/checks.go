// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package cases

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/modi"
)

//go:embed checks/*.yaml
var checkData embed.FS

// Check is a rule that is held against what the party under test does by itself: the
// messages that it sends, its answers, its conduct, its documents. A Case is a message
// that the suite makes; a Check has none.
type Check struct {
	ID       string // "<rule>#<variant>", unique among cases and checks
	Rule     modi.RuleID
	Title    modi.Text
	Mend     modi.Text
	Source   string
	Edition  string
	Patterns []modi.Pattern
	Roles    []string
	Severity Severity
}

// Checks returns the checks in the order of the files. The slice is the caller's own.
func Checks() ([]Check, error) {
	list, err := checks()
	return slices.Clone(list), err
}

// checkForm is what the id of a check looks like: a rule of modi or one of the suite.
var checkForm = regexp.MustCompile(`^(modi|pdnd|suite)\.[a-z0-9-]+/[a-z0-9-]+#[a-z0-9]+([.-][a-z0-9]+)*$`)

var checks = sync.OnceValues(func() ([]Check, error) {
	names, err := checkData.ReadDir("checks")
	if err != nil {
		return nil, fmt.Errorf("list checks: %w", err)
	}
	var all []Check
	var faults []error
	for _, entry := range names {
		text, err := checkData.ReadFile("checks/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read checks: %w", err)
		}
		list, err := parseChecks(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", entry.Name(), err))
		}
		all = append(all, list...)
	}
	return all, errors.Join(append(faults, checkChecks(all)...)...)
})

// observed is a group of rules of modi, held against every message of one kind.
type observed struct {
	Area     modi.Area      `yaml:"area"`
	Variant  string         `yaml:"variant"`
	IT       string         `yaml:"it"` // put in front of the title of the rule
	EN       string         `yaml:"en"`
	Edition  string         `yaml:"edition"`
	Patterns []modi.Pattern `yaml:"patterns"`
	Roles    []string       `yaml:"roles"`
	Faults   []modi.Fault   `yaml:"faults"`
	Advisory []modi.Fault   `yaml:"advisory"` // those among the faults that no text demands
}

// plainCheck is a check that is written out.
type plainCheck struct {
	ID       string         `yaml:"id"`
	IT       string         `yaml:"it"`
	EN       string         `yaml:"en"`
	MendIT   string         `yaml:"mend-it"`
	MendEN   string         `yaml:"mend-en"`
	Source   string         `yaml:"source"`
	Edition  string         `yaml:"edition"`
	Patterns []modi.Pattern `yaml:"patterns"`
	Roles    []string       `yaml:"roles"`
	Severity Severity       `yaml:"severity"`
}

func parseChecks(text []byte) ([]Check, error) {
	var file struct {
		Observed []observed   `yaml:"observed"`
		Checks   []plainCheck `yaml:"checks"`
	}
	err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&file)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	var all []Check
	for _, o := range file.Observed {
		list, err := o.expand()
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	for _, c := range file.Checks {
		rule, _, _ := bytes.Cut([]byte(c.ID), []byte("#"))
		all = append(all, Check{
			ID: c.ID, Rule: modi.RuleID(rule), Title: modi.Text{IT: c.IT, EN: c.EN}, Mend: modi.Text{IT: c.MendIT, EN: c.MendEN},
			Source: c.Source, Edition: c.Edition, Patterns: c.Patterns, Roles: c.Roles, Severity: or(c.Severity, Must),
		})
	}
	return all, nil
}

func (o observed) expand() ([]Check, error) {
	var all []Check
	for _, f := range o.Faults {
		rule, ok := declared(o.Area.Rule(f))
		if !ok {
			return nil, fmt.Errorf("modi has no rule %s", o.Area.Rule(f))
		}
		severity := Must
		if slices.Contains(o.Advisory, f) {
			severity = Advisory
		}
		all = append(all, Check{
			ID: string(rule.ID) + "#" + o.Variant, Rule: rule.ID, Mend: rule.Remedy, Source: SourceOf(rule), Edition: o.Edition,
			Title:    modi.Text{IT: o.IT + ": " + rule.Title.IT, EN: o.EN + ": " + rule.Title.EN},
			Patterns: o.Patterns, Roles: o.Roles, Severity: severity,
		})
	}
	return all, nil
}

func checkChecks(all []Check) []error {
	var faults []error
	seen := map[string]bool{}
	for _, c := range all {
		switch {
		case seen[c.ID]:
			faults = append(faults, fmt.Errorf("check %s: the id is there twice", c.ID))
		case !checkForm.MatchString(c.ID):
			faults = append(faults, fmt.Errorf("check %s: the id is not <rule>#<variant>", c.ID))
		case c.Title.IT == "" || c.Title.EN == "" || c.Source == "" || c.Edition == "" || c.Mend.IT == "" || c.Mend.EN == "" || len(c.Roles) == 0:
			faults = append(faults, fmt.Errorf("check %s: title, remedy, source, edition and roles are needed", c.ID))
		case !slices.Contains([]Severity{Must, Strict, Advisory}, c.Severity):
			faults = append(faults, fmt.Errorf("check %s: no severity %q", c.ID, c.Severity))
		}
		seen[c.ID] = true
	}
	return faults
}
