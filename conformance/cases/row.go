// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package cases

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// accept is the rule part of the ids of cases to be accepted.
const accept = "accept"

// row is a case as the files have it: one for all the subjects that it is about.
type row struct {
	// ID is "<rule>#<variant>" or "accept#<variant>". A rule without "/" is one of the
	// subject's own area. With several subjects, ".<subject>" is added to the variant.
	ID       string            `yaml:"id"`
	Rows     []int             `yaml:"rows"`
	Subjects []string          `yaml:"subjects"` // or groups of them
	IT       string            `yaml:"it"`
	EN       string            `yaml:"en"`
	Source   string            `yaml:"source"`
	Sources  map[string]string `yaml:"sources"`  // by subject: those that another text is about
	Layer    Layer             `yaml:"layer"`    // modi when absent
	Verdict  Verdict           `yaml:"verdict"`  // R when absent, A for accept#
	Severity Severity          `yaml:"severity"` // that of the verdict when absent
	Steps    []stepRow         `yaml:"steps"`
	Setup    setupRow          `yaml:"setup"`
	Given    []Given           `yaml:"given"`
	Unless   []string          `yaml:"unless"`
	Play     Play              `yaml:"play"`
	Also     []string          `yaml:"also"`
	Status   int               `yaml:"status"` // only for rules that modi does not declare
	Maybe    bool              `yaml:"undecided"`
	Lenient  []modi.Leniency   `yaml:"lenient"`
	Edge     bool              `yaml:"edge"`
}

type stepRow struct {
	Do    string `yaml:"do"`
	Token string `yaml:"token"`
	Name  string `yaml:"name"`
	Value any    `yaml:"value"`
}

type setupRow struct {
	References      []string   `yaml:"references"`
	SignatureHeader string     `yaml:"signature-header"`
	EmptyPayload    string     `yaml:"empty-payload"`
	Algorithms      []string   `yaml:"algorithms"`
	SignedHeaders   []string   `yaml:"signed-headers"`
	Optional        bool       `yaml:"optional"`
	Organisation    string     `yaml:"organisation"`
	Claims          []claimRow `yaml:"claims"`
}

type claimRow struct {
	Name      string   `yaml:"name"`
	Pattern   string   `yaml:"pattern"`
	OneOf     []string `yaml:"one-of"`
	MinLength int      `yaml:"min-length"`
	MaxLength int      `yaml:"max-length"`
	Primitive bool     `yaml:"primitive"`
}

func (s setupRow) setup() Setup {
	out := Setup{
		References: s.References, SignatureHeader: s.SignatureHeader, EmptyPayload: s.EmptyPayload,
		Algorithms: s.Algorithms, SignedHeaders: s.SignedHeaders, Optional: s.Optional, Organisation: s.Organisation,
	}
	for _, c := range s.Claims {
		out.Claims = append(out.Claims, ClaimRule(c))
	}
	return out
}

// expand makes one case for each subject.
func (r row) expand() ([]Case, error) {
	var list []Case
	names := ungroup(r.Subjects)
	for name := range r.Sources {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("a source for %q, which is none of its subjects", name)
		}
	}
	for _, name := range names {
		s, ok := subjectByName(name)
		if !ok {
			return nil, fmt.Errorf("no subject %q", name)
		}
		c, err := r.forSubject(s)
		if err != nil {
			return nil, fmt.Errorf("on %s: %w", name, err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("it is about no subject")
	}
	return list, nil
}

func (r row) forSubject(s Subject) (Case, error) {
	rule, variant, found := strings.Cut(r.ID, "#")
	if !found {
		return Case{}, fmt.Errorf("the id has no #")
	}
	if len(ungroup(r.Subjects)) > 1 {
		variant += "." + s.Name
	}
	c := Case{
		Rows: r.Rows, Title: modi.Text{IT: r.IT, EN: r.EN}, Source: or(r.Sources[s.Name], r.Source), Edition: s.Edition, Subject: s.Name,
		Patterns: s.Patterns, Direction: s.Direction, Layer: r.Layer, Verdict: r.Verdict, Severity: r.Severity,
		Setup: r.Setup.setup(), Given: r.Given, Unless: r.Unless, Play: r.Play, Lenient: r.Lenient, Edge: r.Edge,
	}
	for _, one := range r.Steps {
		c.Steps = append(c.Steps, Step(one))
	}
	if c.Layer == "" {
		c.Layer = LayerModi
	}
	if rule == accept {
		c.ID = accept + "#" + variant
		c.Verdict, c.Severity = or(c.Verdict, Accept), or(c.Severity, Must)
		return c, nil
	}
	c.Expect.Rule = ruleOf(s.Area, rule)
	c.ID = string(c.Expect.Rule) + "#" + variant
	c.Verdict = or(c.Verdict, Reject)
	severity := Must
	if c.Verdict == RejectStrict {
		severity = Strict
	}
	c.Severity = or(c.Severity, severity)
	for _, also := range r.Also {
		c.Expect.Also = append(c.Expect.Also, ruleOf(s.Area, also))
	}
	c.Expect.Undecided = r.Maybe
	c.Expect.Status = status(c, r.Status)
	return c, nil
}

// ruleOf completes a rule that is written without its area.
func ruleOf(area modi.Area, rule string) modi.RuleID {
	if strings.Contains(rule, "/") {
		return modi.RuleID(rule)
	}
	return area.Rule(modi.Fault(rule))
}

// status is the answer that the class of the rule asks for. A consumer tells its own
// caller that the reply was bad, whatever was wrong with it.
func status(c Case, written int) int {
	known, ok := declared(c.Expect.Rule)
	switch {
	case written != 0:
		return written
	case c.Expect.Undecided:
		return http.StatusServiceUnavailable
	case c.Direction == Response:
		return http.StatusBadGateway
	case ok:
		return map[modi.Class]int{
			modi.Malformed:       http.StatusBadRequest,
			modi.Unauthenticated: http.StatusUnauthorized,
			modi.Forbidden:       http.StatusForbidden,
			modi.Conflict:        http.StatusConflict,
		}[known.Class]
	default:
		return 0
	}
}

// declared finds a rule of modi.
func declared(id modi.RuleID) (modi.Rule, bool) {
	rules := modi.Rules()
	i, ok := slices.BinarySearchFunc(rules, id, func(r modi.Rule, id modi.RuleID) int { return cmp.Compare(r.ID, id) })
	if !ok {
		return modi.Rule{}, false
	}
	return rules[i], true
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
