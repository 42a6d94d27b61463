// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

// samples are values that a writer tries in turn until one is of the type.
var samples = []string{
	"1", "2026", "12", "10.00", "2026-10-12", "2026-10-12T09:30:15", "00001", "000999001", "UFEX01", "A2A-00000001",
	"99999990007", "GDC-20261013BORGOESEMPIO0001#001#001", "IT60X0542811101000000123456", "B11B26000010001", "B0A1234567",
	"12345678-9", "1030215006", "AB123456789", "ABCDEFGH", "A123456789", "123456", "SI", "NO", "IT", "A", "QUJD", "urn:example:a",
}

// writer makes documents that the rules admit.
type writer struct {
	strings.Builder
	random *rand.Rand
	full   bool // every optional element; else each with one chance in two
	count  int
}

// seeds are documents with all that may stand in them, and with less.
func seeds(t testing.TB, set *Set, root string, random *rand.Rand) [][]byte {
	t.Helper()
	var out [][]byte
	for i := range 12 {
		w := &writer{random: random, full: i < 6}
		w.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
		w.element(set.elements[name{"", root}], "")
		out = append(out, []byte(w.String()))
		if why := verdict(set, []byte(w.String())); why != "" {
			t.Fatalf("a document made by the rules breaks them: %s", why)
		}
	}
	return out
}

func (w *writer) element(e *element, above string) {
	w.WriteString("<" + e.name.local)
	if e.name.space != above {
		w.WriteString(` xmlns="` + e.name.space + `"`)
	}
	if e.complex != nil {
		for _, a := range e.complex.attrs {
			if a.required || w.full {
				w.WriteString(" " + a.name + `="` + w.value(a.typ) + `"`)
			}
		}
	}
	w.WriteString(">")
	switch {
	case e.simple != nil:
		w.WriteString(w.value(e.simple))
	case e.complex.text != nil:
		w.WriteString(w.value(e.complex.text))
	case e.complex.content != nil:
		w.particle(e.complex.content, e.name.space)
	}
	w.WriteString("</" + e.name.local + ">")
}

func (w *writer) particle(p *particle, space string) {
	times := p.min
	if w.full || w.random.IntN(2) == 0 {
		times = max(times, 1)
	}
	if p.max == unbounded && times == 1 && len(w.String()) < 1<<15 && !strings.HasPrefix(space, "http") {
		times += w.random.IntN(2)
	}
	for range times {
		switch p.kind {
		case one:
			if p.element.name.local == "Object" || p.element.name.local == "KeyInfo" && !w.full {
				continue
			}
			w.element(p.element, space)
		case wildcard:
			if p.process != strict {
				w.WriteString(`<x:altro xmlns:x="urn:example:x" a="1">testo</x:altro>`)
			}
		case sequence:
			for _, item := range p.items {
				w.particle(item, space)
			}
		case choice:
			w.particle(p.items[w.random.IntN(len(p.items))], space)
		}
	}
}

func (w *writer) value(t *simpleType) string {
	w.count++
	for s := t; s != nil; s = s.base {
		if len(s.facets.enumeration) > 0 {
			return strings.ReplaceAll(s.facets.enumeration[w.random.IntN(len(s.facets.enumeration))], "'", "&apos;")
		}
	}
	if t.root() == typeID {
		return "id-" + string(rune('a'+w.count/26%26)) + string(rune('a'+w.count%26)) + string(rune('a'+w.count/676))
	}
	for _, s := range append(numbered(t, w.count), samples...) {
		if _, broken := t.check(s); len(broken) == 0 {
			return s
		}
	}
	return "?"
}

// numbered are whole numbers that differ from one place to the next, which the rules of uniqueness ask for.
func numbered(t *simpleType, count int) []string {
	if root := t.root(); root == typePositive || root == typeNonNegative {
		return []string{strconv.Itoa(count), strconv.Itoa(2020 + count%80), strconv.Itoa(1 + count%12)}
	}
	return nil
}

// oddities are values that find the edges of types and facets.
var oddities = []string{
	"", " ", "0", "-0", "+1", "01", "-1", "1.", ".5", "1.5", "1.50", "0.01", "0.001", "0.00", "9999999", "10000000", "9999999999999.99", "99999999999999.00",
	"99999999999999.99", "123456789012345", "1234567890123456", "999999999999999999", "1000000000000000000", "9223372036854775807", "9223372036854775808",
	"1234567890123456789012345", "000000000000000000000000000000001", "1e3", "NaN", "1 000", "１２３４５", " 1 ", "\n2026\t",
	"2026-02-29", "2024-02-29", "2026-10-12Z", "2026-10-12+02:00", "2026-10-12+14:01", "2026-13-01", "26-10-12", "12/10/2026", "0000-01-01", "-0001-01-01",
	"12026-10-12", "02026-10-12", "2026-10-12T24:00:00", "2026-10-12T24:00:01", "2026-10-12T09:30:15.123Z", "2026-10-12T09:30", "2026-10-12T09:30:60", "2026-10-12 09:30:15",
	"2026-10-12T09:30:15.", "2026-10-12T09:30:15+01:00", "INSERIMENTO", "insERIMENTO", " INSERIMENTO ", "ANNULLO", "RESIDUO", "SI", "Si", "no", "IVA", "COMMERCIALE",
	"ABCDEF", "abcdef", "ABCDE", "ABC|EF", "à", "àààààà", "A2A-00000001", "A2A-0000000a", "1234567890", "123456789012", "IT60X0542811101000000123456",
	"it60X0542811101000000123456", "QUJD", "QUI=", "QUJ=", "QQ==", "QR==", "Q===", "QU JD", "!", "SEPA INSTANT CREDIT TRANSFER", "SEPA CREDIT TRANSFER",
	"AVVISO PAGOPA", "ACCREDITO TESORERIA PROVINCIALE STATO PER TAB A", strings.Repeat("x", 35), strings.Repeat("x", 36), strings.Repeat("7", 71), "a&b<c", "x  y", "\t",
}

// mutate changes one thing in a document.
func mutate(t testing.TB, doc []byte, random *rand.Rand) (string, []byte) {
	t.Helper()
	tree, err := xmltree.Parse(doc, xmltree.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var all, leaves []*xmltree.Element
	tree.Root.Walk(func(e *xmltree.Element) bool {
		all = append(all, e)
		if len(e.Elements()) == 0 {
			leaves = append(leaves, e)
		}
		return true
	})
	what := alter(all[1+random.IntN(len(all)-1)], leaves[random.IntN(len(leaves))], random)
	return what, tree.Canonical(xmltree.Method{Exclusive: true})
}

// alter is one mutation: of a leaf's value in most cases, else of the structure.
func alter(e, leaf *xmltree.Element, random *rand.Rand) string {
	at := slices.IndexFunc(e.Parent.Children, func(n xmltree.Node) bool { return n == xmltree.Node(e) })
	kids := &e.Parent.Children
	kind := random.IntN(16)
	switch kind {
	case 0:
		*kids = slices.Delete(*kids, at, at+1)
		return "without " + e.Path()
	case 1:
		path := e.Path()
		*kids = slices.Insert(*kids, at, xmltree.Node(e))
		return "twice " + path
	case 2:
		if at+1 < len(*kids) {
			(*kids)[at], (*kids)[at+1] = (*kids)[at+1], (*kids)[at]
		}
		return "swapped " + e.Path()
	case 3:
		e.Local += "_x"
		return "renamed " + e.Path()
	case 4:
		e.Children = append(e.Children, xmltree.Text("testo"))
		return "text in " + e.Path()
	case 5:
		e.Attrs = append(e.Attrs, xmltree.Attr{Local: "Id", Value: "nuovo"})
		return "attribute of " + e.Path()
	case 6:
		e.Children = append(e.Children, xmltree.Comment("x"), &xmltree.Element{Local: "nuovo", Parent: e})
		return "element in " + e.Path()
	case 7:
		*kids = append(slices.Delete(slices.Clone(*kids), at, at+1), xmltree.Node(e))
		return "last " + e.Path()
	}
	value := oddities[random.IntN(len(oddities))]
	if len(leaf.Attrs) > 0 && random.IntN(2) == 0 {
		leaf.Attrs[0].Value = value
		return "@" + leaf.Attrs[0].Local + " of " + leaf.Path() + " = " + value
	}
	leaf.Children = []xmltree.Node{xmltree.Text(value)}
	return leaf.Path() + " = " + value
}
