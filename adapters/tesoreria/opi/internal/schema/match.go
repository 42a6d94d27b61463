// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

// matcher walks a content model along the children of an element. XML Schema asks that a model be decided by the next
// element alone (part 1, §3.8.6), so that nothing is ever tried twice.
type matcher struct {
	kids     []*xmltree.Element
	at       int
	optional string      // see Options
	declined []*particle // what would have been right at the place
}

// wanted names what would have been right where the walk ended.
func (m *matcher) wanted() string {
	var names []string
	for _, p := range m.declined {
		for n := range p.first {
			if !slices.Contains(names, n.local) {
				names = append(names, n.local)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (m *matcher) next() (name, bool) {
	if m.at == len(m.kids) {
		return name{}, false
	}
	return nameOf(m.kids[m.at]), true
}

func (m *matcher) consume() bool {
	m.at++
	m.declined = m.declined[:0]
	return true
}

// match takes all occurrences of a particle that stand here.
func (m *matcher) match(p *particle) bool {
	least := p.min
	if p.kind == one && p.element.name.local == m.optional {
		least = 0
	}
	for count := 0; ; count++ {
		n, more := m.next()
		if p.max != unbounded && count >= p.max {
			return true
		}
		if !more || !p.begins(n) {
			m.declined = append(m.declined, p)
			return count >= least || p.nullable
		}
		before := m.at
		if !m.once(p) {
			return false
		}
		if m.at == before {
			return true
		}
	}
}

// once takes one occurrence.
func (m *matcher) once(p *particle) bool {
	switch p.kind {
	case one, wildcard:
		return m.consume()
	case sequence:
		for _, item := range p.items {
			if !m.match(item) {
				return false
			}
		}
		return true
	case choice:
		n, _ := m.next()
		for _, item := range p.items {
			if item.begins(n) {
				return m.match(item)
			}
		}
	}
	return p.nullable
}
