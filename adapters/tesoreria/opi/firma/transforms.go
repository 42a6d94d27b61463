// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"strings"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

const filterNamespace = "http://www.w3.org/2002/06/xmldsig-filter2"

// transforms reads what is done before a digest: the signature taken out, and the canonical form, which is Canonical
// XML 1.0 where none is named (XML Signature §4.3.3.2). Nothing else is done: a transform that selects could leave out
// what is read afterwards.
func transforms(r *xmltree.Element) (without bool, m xmltree.Method, err error) {
	all := r.Find(dsig, "Transforms")
	if len(all) == 0 {
		return false, m, nil
	}
	if len(all) > 1 || r.Elements()[0] != all[0] {
		return false, m, malformed("Transforms")
	}
	canonical := false
	for _, t := range all[0].Elements() {
		switch {
		case !t.Is(dsig, "Transform") || canonical:
			return false, m, malformed("Transforms")
		case algorithm(t) == dsig+"enveloped-signature" && len(t.Elements()) == 0:
			without = true
		case algorithm(t) == filterNamespace && subtractsSignatures(t):
			without = true
		default:
			if m, err = canonicalMethod(t); err != nil {
				return false, m, err
			}
			canonical = true
		}
	}
	return without, m, nil
}

// subtractsSignatures tells the filter that signing programs write in place of enveloped-signature: take out every
// Signature. Of a document with one it does the same.
func subtractsSignatures(t *xmltree.Element) bool {
	parts := t.Elements()
	if len(parts) != 1 || !parts[0].Is(filterNamespace, "XPath") || len(parts[0].Elements()) > 0 {
		return false
	}
	how, _ := parts[0].Attr("", "Filter")
	prefix, local, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(parts[0].Text()), "/descendant::"), ":")
	space, bound := parts[0].Resolve(prefix)
	return how == "subtract" && strings.HasPrefix(strings.TrimSpace(parts[0].Text()), "/descendant::") &&
		local == "Signature" && bound && space == dsig
}

// wholeDocument is what a reference to the document digests. Comments are never part of it (XML Signature §4.3.3.3).
func (e *enveloped) wholeDocument(r *xmltree.Element, rootOnly bool) ([]byte, error) {
	without, m, err := transforms(r)
	if err != nil {
		return nil, err
	}
	if !without {
		return nil, refuse("transform", "la firma copre anche sé stessa: manca la trasformazione enveloped-signature",
			"the signature covers itself: the transform enveloped-signature is missing")
	}
	m.Comments = false
	if !rootOnly {
		return e.doc.Canonical(m, e.sig), nil
	}
	out, _ := e.doc.Root.Canonical(m, e.sig) // the root inherits nothing
	return out, nil
}

// part is what a reference to a part of the signature digests.
func (e *enveloped) part(r, target *xmltree.Element) ([]byte, error) {
	without, m, err := transforms(r)
	if err != nil {
		return nil, err
	}
	m.Comments = false
	out, ok := target.Canonical(m)
	if without || !ok {
		return nil, refuse("transform", "trasformazione non ammessa per una parte della firma", "transform not admitted for a part of the signature")
	}
	return out, nil
}
