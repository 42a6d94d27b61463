// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import "fmt"

// link ties names to what they name and prepares the content models.
func (s *Set) link() error {
	for _, t := range s.simple {
		if err := s.linkSimple(t); err != nil {
			return err
		}
	}
	for _, c := range s.complex {
		if err := s.linkComplex(c); err != nil {
			return err
		}
	}
	for _, e := range s.elements {
		if err := s.linkElement(e); err != nil {
			return err
		}
	}
	return nil
}

func (s *Set) linkSimple(t *simpleType) error {
	const longest = 8
	for steps := 0; t.builtin == noBuiltin; steps++ {
		base, ok := s.simple[t.baseName]
		if !ok || steps == longest {
			return fmt.Errorf("no simple type %s, or a chain of them without end", t.baseName.local)
		}
		t.base = base
		t = base
	}
	return nil
}

func (s *Set) linkElement(e *element) error {
	if e.typeName.local != "" {
		e.complex, e.simple = s.complex[e.typeName], s.simple[e.typeName]
		if e.complex == nil && e.simple == nil {
			return fmt.Errorf("no type %s", e.typeName.local)
		}
		return nil
	}
	if e.simple != nil {
		return s.linkSimple(e.simple)
	}
	return s.linkComplex(e.complex)
}

func (s *Set) linkComplex(c *complexType) error {
	if c.text != nil {
		if err := s.linkSimple(c.text); err != nil {
			return err
		}
	}
	for _, a := range c.attrs {
		if err := s.linkSimple(a.typ); err != nil {
			return err
		}
	}
	c.children = map[name]*element{}
	if c.content == nil {
		return nil
	}
	return s.linkParticle(c.content, c)
}

func (s *Set) linkParticle(p *particle, c *complexType) error {
	p.first = map[name]bool{}
	switch p.kind {
	case one:
		if err := s.linkOne(p); err != nil {
			return err
		}
		p.first[p.element.name] = true
		c.children[p.element.name] = p.element
		return nil
	case wildcard:
		p.wild = []*particle{p}
		return nil
	case sequence, choice:
	}
	p.nullable = p.kind == sequence || len(p.items) == 0
	open := true // whether the items so far may all be nothing
	for _, item := range p.items {
		if err := s.linkParticle(item, c); err != nil {
			return err
		}
		if p.kind == choice || open {
			for n := range item.first {
				p.first[n] = true
			}
			p.wild = append(p.wild, item.wild...)
		}
		if item.min == 0 || item.nullable {
			p.nullable = p.nullable || p.kind == choice
			continue
		}
		open = false
		p.nullable = p.nullable && p.kind == choice
	}
	return nil
}

func (s *Set) linkOne(p *particle) error {
	if p.ref == nil {
		return s.linkElement(p.element)
	}
	declared, ok := s.elements[*p.ref]
	if !ok {
		return fmt.Errorf("no element %s", p.ref.local)
	}
	p.element = declared
	return nil
}

// begins tells whether an occurrence of the particle may begin with an element of this name.
func (p *particle) begins(n name) bool {
	if p.first[n] {
		return true
	}
	for _, w := range p.wild {
		if !w.foreign || n.space != "" && n.space != w.space {
			return true
		}
	}
	return false
}
