// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/pick"
)

// operation is one operation of a recipe with its places parsed.
type operation struct {
	recipe *registry.Recipe
	registry.RecipeOperation

	first    step
	second   *step
	response []rule
	same     []sameness
	subjects []registry.Ref
	outcomes []outcome
	pending  []pending
	pages    *pages
}

// step is one call of an operation.
type step struct {
	method, path string
	lines        []rule
}

// rule is one line of request or response.
type rule struct {
	registry.Assignment
	to    registry.Ref
	from  *registry.Ref // nil for a constant and for cases
	cases []oneCase
	where []condition
	items []rule
}

type oneCase struct {
	when  []condition
	value any
}

type condition struct {
	registry.Condition
	at registry.Ref
}

type sameness struct{ at, is registry.Ref }

type outcome struct {
	registry.RecipeOutcome
	when []condition
	code *registry.Ref
}

type pending struct {
	status []int
	when   []condition
}

type pages struct {
	registry.RecipePaging
	items, next pick.Path
}

// compiler parses places and keeps the first that cannot be parsed.
type compiler struct{ err error }

func (c *compiler) ref(s string, roots []string) registry.Ref {
	ref, err := registry.ParseRef(s, roots...)
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("place %q: %w", s, err)
	}
	return ref
}

func (c *compiler) path(s string) pick.Path {
	p, err := pick.Parse(s)
	if err != nil && c.err == nil {
		c.err = err
	}
	return p
}

func compile(recipe *registry.Recipe, op registry.RecipeOperation) (*operation, error) {
	c := &compiler{}
	out := &operation{
		recipe: recipe, RecipeOperation: op,
		first:    step{op.Method, op.Path, c.rules(op.Request, registry.TargetRoots(), registry.RequestRoots(false))},
		response: c.rules(op.Response, nil, registry.ResponseRoots()),
	}
	if op.Then != nil {
		out.second = &step{op.Then.Method, op.Then.Path, c.rules(op.Then.Request, registry.TargetRoots(), registry.RequestRoots(true))}
	}
	for _, s := range op.Same {
		out.same = append(out.same, sameness{c.ref(s.At, registry.ResponseRoots()), c.ref(s.Is, []string{registry.FromRichiesta})})
	}
	for _, s := range op.Subjects {
		out.subjects = append(out.subjects, c.ref(s, []string{registry.FromBody}))
	}
	for _, o := range op.Outcomes {
		one := outcome{RecipeOutcome: o, when: c.conditions(o.When, registry.OutcomeRoots(o.Kind))}
		if o.Code != "" {
			code := c.ref(o.Code, registry.ResponseRoots())
			one.code = &code
		}
		out.outcomes = append(out.outcomes, one)
	}
	if op.Poll != nil {
		for _, p := range op.Poll.Pending {
			out.pending = append(out.pending, pending{p.Status, c.conditions(p.When, registry.ResponseRoots())})
		}
	}
	if op.Paging != nil {
		out.pages = &pages{RecipePaging: *op.Paging, items: c.path(op.Paging.Items), next: c.path(op.Paging.Next)}
	}
	return out, c.err
}

func (c *compiler) rules(lines []registry.Assignment, targets, sources []string) []rule {
	out := make([]rule, len(lines))
	for i, line := range lines {
		out[i] = rule{Assignment: line, to: c.ref(line.To, targets), where: c.conditions(line.Where, nil), items: c.rules(line.Items, nil, nil)}
		if line.From != "" {
			from := c.ref(line.From, sources)
			out[i].from = &from
		}
		for _, one := range line.Cases {
			out[i].cases = append(out[i].cases, oneCase{c.conditions(one.When, sources), one.Value})
		}
		for _, name := range line.As {
			if !slices.Contains(registry.Conversions(), name) && c.err == nil {
				c.err = fmt.Errorf("conversion %q is not known", name)
			}
		}
	}
	return out
}

func (c *compiler) conditions(list []registry.Condition, roots []string) []condition {
	out := make([]condition, len(list))
	for i, one := range list {
		out[i] = condition{one, c.ref(one.At, roots)}
	}
	return out
}
