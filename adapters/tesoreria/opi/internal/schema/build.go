// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// builder makes declarations of the lines of one file.
type builder struct {
	*loader
	space    string
	prefixes map[string]string // of imports
}

var errForm = errors.New("not a line of rules")

func (b *builder) top(ln *line) error {
	t := ln.tokens
	switch {
	case t[0] == "include" && len(t) == 2:
		space, err := b.load(t[1])
		if err == nil && space != b.space {
			err = fmt.Errorf("%s is of another namespace", t[1])
		}
		return err
	case t[0] == "import" && len(t) == 3:
		space, err := b.load(t[2])
		b.prefixes[t[1]] = space
		return err
	case t[0] == "simple" && len(t) > 2:
		s, _, err := b.typ(t[2:])
		b.set.simple[name{b.space, t[1]}] = s
		return err
	case t[0] == "complex" && len(t) >= 2:
		c, err := b.complexType(ln.below, slices.Contains(t[2:], "mixed"))
		b.set.complex[name{b.space, t[1]}] = c
		return err
	case t[0] == "element" && len(t) >= 2:
		e, err := b.element(t[1], t[2:], ln.below)
		b.set.elements[name{b.space, t[1]}] = e
		return err
	}
	return errForm
}

// element reads a declaration: its type, or its content below.
func (b *builder) element(local string, rest []string, below []*line) (*element, error) {
	e := &element{name: name{b.space, local}}
	var inside []*line
	for _, ln := range below {
		if ln.tokens[0] != "unique" {
			inside = append(inside, ln)
			continue
		}
		if len(ln.tokens) < 4 {
			return nil, fmt.Errorf("line %d: %w", ln.number, errForm)
		}
		e.uniques = append(e.uniques, unique{ln.tokens[1], ln.tokens[2], ln.tokens[3:]})
	}
	var err error
	switch {
	case len(rest) == 1 && rest[0] != "mixed" && !strings.HasPrefix(rest[0], "xs:"):
		e.typeName = name{b.space, rest[0]}
	case len(rest) > 0 && rest[0] != "mixed":
		e.simple, e.fallback, err = b.typ(rest)
	default:
		e.complex, err = b.complexType(inside, len(rest) == 1)
		return e, err
	}
	if err == nil && len(inside) > 0 {
		err = fmt.Errorf("line %d: %s has a type already", inside[0].number, local)
	}
	return e, err
}

func (b *builder) complexType(below []*line, mixed bool) (*complexType, error) {
	c := &complexType{mixed: mixed}
	for _, ln := range below {
		t := ln.tokens
		var err error
		switch {
		case t[0] == "attr" && len(t) > 3 && (t[2] == "optional" || t[2] == "required"):
			a := attribute{name: t[1], required: t[2] == "required"}
			a.typ, _, err = b.typ(t[3:])
			c.attrs = append(c.attrs, a)
		case t[0] == "content" && len(t) > 1:
			c.text, _, err = b.typ(t[1:])
		case c.content == nil:
			c.content, err = b.particle(ln)
		default:
			err = errForm
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", ln.number, err)
		}
	}
	return c, nil
}

func (b *builder) particle(ln *line) (*particle, error) {
	t := ln.tokens
	rest := t[1:]
	p := &particle{min: 1, max: 1}
	var local string
	if t[0] == "e" || t[0] == "ref" {
		if len(rest) == 0 {
			return nil, errForm
		}
		local, rest = rest[0], rest[1:]
	}
	rest, err := p.occurs(rest)
	if err != nil {
		return nil, err
	}
	switch {
	case t[0] == "seq" && len(rest) == 0:
		p.kind = sequence
		return p, b.items(p, ln)
	case t[0] == "choice" && len(rest) == 0:
		p.kind = choice
		return p, b.items(p, ln)
	case t[0] == "e":
		p.kind = one
		p.element, err = b.element(local, rest, ln.below)
		return p, err
	case t[0] == "ref" && len(rest) == 0:
		p.kind = one
		space := b.space
		if prefix, bare, ok := strings.Cut(local, ":"); ok {
			space, local = b.prefixes[prefix], bare
		}
		p.ref = &name{space, local}
		return p, nil
	case t[0] == "any" && len(rest) == 2:
		p.kind = wildcard
		at := slices.Index([]string{"skip", "lax", "strict"}, rest[1])
		if at < 0 {
			return nil, errForm
		}
		p.process = process(at)
		p.foreign, p.space = rest[0] == "other", b.space
		return p, nil
	}
	return nil, errForm
}

func (b *builder) items(p *particle, ln *line) error {
	for _, below := range ln.below {
		item, err := b.particle(below)
		if err != nil {
			return fmt.Errorf("line %d: %w", below.number, err)
		}
		p.items = append(p.items, item)
	}
	return nil
}

// occurs takes MIN..MAX off the front.
func (p *particle) occurs(rest []string) ([]string, error) {
	if len(rest) == 0 {
		return rest, nil
	}
	low, high, ok := strings.Cut(rest[0], "..")
	if !ok || low == "" {
		return rest, nil
	}
	var err error
	if p.min, err = strconv.Atoi(low); err != nil {
		return nil, errForm
	}
	if p.max = unbounded; high != "*" {
		if p.max, err = strconv.Atoi(high); err != nil {
			return nil, errForm
		}
	}
	return rest[1:], nil
}
