// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

const dsig = "http://www.w3.org/2000/09/xmldsig#"

// What a signature may ask for before anybody is trusted: each reference is a canonical form of the document.
const (
	maxReferences = 8
	maxPrefixes   = 32
)

// enveloped is a signature within a document, taken apart.
type enveloped struct {
	doc        *xmltree.Document
	sig        *xmltree.Element
	signedInfo *xmltree.Element
	value      *xmltree.Element
	keyInfo    *xmltree.Element
	objects    []*xmltree.Element
	references []*xmltree.Element
	canonical  xmltree.Method
	method     method
}

func verifyXML(data []byte, o Options) (*signature, error) {
	doc, err := parse(data, o.Limits)
	if err != nil {
		return nil, err
	}
	e, err := locate(doc)
	if err != nil {
		return nil, err
	}
	if err := e.takeApart(); err != nil {
		return nil, err
	}
	properties, err := e.properties()
	if err != nil {
		return nil, err
	}
	found, err := e.certificate(properties)
	if err != nil {
		return nil, err
	}
	signed, ok := e.signedInfo.Canonical(e.canonical)
	if !ok {
		return nil, refuse("algorithm", "forma canonica non ammessa", "canonical form not admitted")
	}
	value, err := decode(e.value)
	if err != nil {
		return nil, err
	}
	if err := e.method.verify(found.leaf.PublicKey, signed, value, true); err != nil {
		return nil, err
	}
	if err := e.checkReferences(properties); err != nil {
		return nil, err
	}
	found.content, found.form = data, XMLDSig
	if properties != nil {
		found.form, found.claimed = XAdES, properties.time
	}
	return found, nil
}

func parse(data []byte, l opi.Limits) (*xmltree.Document, error) {
	doc, err := xmltree.Parse(data, xmltree.Limits{Bytes: l.Bytes, Elements: l.Elements, Depth: l.Depth})
	var bad *xmltree.Error
	if errors.As(err, &bad) {
		return nil, &Refusal{Rule: "opi.signature/unreadable", What: opi.Text{
			IT: fmt.Sprintf("XML non leggibile alla linea %d: %s", bad.Line, bad.Detail.IT),
			EN: fmt.Sprintf("XML that cannot be read, at line %d: %s", bad.Line, bad.Detail.EN),
		}}
	}
	return doc, err
}

// locate finds the one signature of a document, directly below its root. A second one anywhere, also inside the first
// or in data that nobody reads, is refused: what looks for a signature by its name might find the wrong one.
func locate(doc *xmltree.Document) (*enveloped, error) {
	all := signatures(doc)
	switch {
	case len(all) == 0:
		return nil, refuse("missing", "il documento non è firmato", "the document is not signed")
	case len(all) > 1:
		return nil, refuse("several", "il documento ha %d firme: ne serve una", "the document has %d signatures: one is needed", len(all))
	case all[0].Parent != doc.Root:
		return nil, refuse("place", "la firma non è direttamente sotto la radice", "the signature is not directly below the root")
	}
	return &enveloped{doc: doc, sig: all[0]}, nil
}

func signatures(doc *xmltree.Document) []*xmltree.Element {
	var all []*xmltree.Element
	doc.Root.Walk(func(e *xmltree.Element) bool {
		if e.Is(dsig, "Signature") {
			all = append(all, e)
		}
		return true
	})
	return all
}

func unsigned(doc *xmltree.Document) bool { return len(signatures(doc)) == 0 }

func malformed(what string) *Refusal {
	return refuse("malformed", "firma malformata: %s", "malformed signature: %s", what)
}

// takeApart reads the parts in the order of the schema and refuses any other.
func (e *enveloped) takeApart() error {
	parts := e.sig.Elements()
	if len(parts) < 2 || !parts[0].Is(dsig, "SignedInfo") || !parts[1].Is(dsig, "SignatureValue") {
		return malformed("SignedInfo, SignatureValue")
	}
	if len(parts) == 2 || !parts[2].Is(dsig, "KeyInfo") {
		return refuse("certificate", "la firma non ha KeyInfo con il certificato", "the signature has no KeyInfo with the certificate")
	}
	e.signedInfo, e.value, e.keyInfo, e.objects = parts[0], parts[1], parts[2], parts[3:]
	for _, object := range e.objects {
		if !object.Is(dsig, "Object") {
			return malformed(object.Local)
		}
	}
	info := e.signedInfo.Elements()
	if len(info) < 3 || !info[0].Is(dsig, "CanonicalizationMethod") || !info[1].Is(dsig, "SignatureMethod") {
		return malformed("SignedInfo")
	}
	if e.references = info[2:]; len(e.references) > maxReferences {
		return refuse("reference", "più di %d riferimenti", "more than %d references", maxReferences)
	}
	for _, r := range e.references {
		if !r.Is(dsig, "Reference") {
			return malformed(r.Local)
		}
	}
	var err error
	if e.canonical, err = canonicalMethod(info[0]); err != nil {
		return err
	}
	if len(info[1].Elements()) > 0 {
		return malformed("SignatureMethod")
	}
	e.method, err = xmlMethod(algorithm(info[1]))
	return err
}

func algorithm(e *xmltree.Element) string {
	uri, _ := e.Attr("", "Algorithm")
	return uri
}

const excNamespace = "http://www.w3.org/2001/10/xml-exc-c14n#"

// canonicalMethod reads a CanonicalizationMethod, or a Transform that is one.
func canonicalMethod(e *xmltree.Element) (xmltree.Method, error) {
	var m xmltree.Method
	uri, comments := strings.CutSuffix(algorithm(e), "WithComments")
	m.Comments = comments
	switch strings.TrimSuffix(uri, "#") {
	case "http://www.w3.org/2001/10/xml-exc-c14n":
		m.Exclusive = true
	case "http://www.w3.org/TR/2001/REC-xml-c14n-20010315":
	case "http://www.w3.org/2006/12/xml-c14n11":
		m.Version11 = true
	default:
		return m, refuse("transform", "forma canonica %q non ammessa", "canonical form %q is not admitted", tail(uri))
	}
	for _, child := range e.Elements() {
		list, ok := child.Attr("", "PrefixList")
		if !m.Exclusive || !child.Is(excNamespace, "InclusiveNamespaces") || !ok {
			return m, malformed(child.Local)
		}
		prefixes := strings.Fields(list)
		if len(prefixes) > maxPrefixes {
			return m, malformed("PrefixList")
		}
		for _, prefix := range prefixes {
			if prefix == "#default" {
				prefix = ""
			}
			m.Inclusive = append(m.Inclusive, prefix)
		}
	}
	return m, nil
}

// tail is the end of an address, for a text.
func tail(uri string) string {
	uri = uri[strings.LastIndexByte(uri, '/')+1:]
	return uri[:min(len(uri), 60)]
}

// decode reads base64 with the white space that XML Signature lets it have.
func decode(e *xmltree.Element) ([]byte, error) {
	out, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(e.Text()), ""))
	if err != nil || len(e.Elements()) > 0 || len(out) == 0 {
		return nil, malformed(e.Local)
	}
	return out, nil
}

// checkReferences verifies every reference, and that they cover the whole document and, where there are any, the
// properties of the signer.
func (e *enveloped) checkReferences(properties *properties) error {
	whole, own := 0, 0
	for _, r := range e.references {
		uri, ok := r.Attr("", "URI")
		rootID, hasID := e.doc.Root.Attr("", "Id")
		var data []byte
		var err error
		switch {
		case !ok:
			return refuse("reference", "un riferimento senza URI", "a reference without URI")
		case uri == "":
			whole++
			data, err = e.wholeDocument(r, false)
		case strings.HasPrefix(uri, "#") && hasID && uri[1:] == rootID && e.unique(rootID):
			whole++
			data, err = e.wholeDocument(r, true)
		default:
			var target *xmltree.Element
			if target, err = e.inside(uri); err == nil {
				if properties != nil && target == properties.signed {
					own++
				}
				data, err = e.part(r, target)
			}
		}
		if err != nil {
			return err
		}
		if err := matches(r, data); err != nil {
			return err
		}
	}
	if whole != 1 {
		return refuse("reference", "la firma deve coprire l'intero documento, una volta", "the signature has to cover the whole document, once")
	}
	if properties != nil && own != 1 {
		return refuse("properties", "le proprietà di firma non sono firmate", "the properties of the signer are not signed")
	}
	return nil
}

// matches compares a digest with what it is of.
func matches(r *xmltree.Element, data []byte) error {
	parts := r.Elements()
	if len(parts) > 0 && parts[0].Is(dsig, "Transforms") {
		parts = parts[1:]
	}
	if len(parts) != 2 || !parts[0].Is(dsig, "DigestMethod") || !parts[1].Is(dsig, "DigestValue") {
		return malformed("Reference")
	}
	hash, err := xmlDigest(algorithm(parts[0]))
	if err != nil {
		return err
	}
	want, err := decode(parts[1])
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(digest(hash, data), want) != 1 {
		return refuse("digest", "il documento è stato modificato dopo la firma", "the document was changed after it was signed")
	}
	return nil
}

// unique tells whether an id is there once in the document, under any of the names that ids go by.
func (e *enveloped) unique(id string) bool {
	n := 0
	e.doc.Root.Walk(func(at *xmltree.Element) bool {
		for _, a := range at.Attrs {
			named := a.Space == "" && strings.EqualFold(a.Local, "id") || a.Space == xmltree.XMLNamespace && a.Local == "id"
			if named && a.Value == id {
				n++
			}
		}
		return true
	})
	return n == 1
}

// inside finds what a reference names within the signature: its key, its properties or an object. Anything else, in
// the document or outside, is refused.
func (e *enveloped) inside(uri string) (*xmltree.Element, error) {
	id, local := strings.CutPrefix(uri, "#")
	if local && id != "" && e.unique(id) {
		candidates := slices.Concat([]*xmltree.Element{e.keyInfo}, e.objects)
		for _, object := range e.objects {
			for _, qualifying := range object.Elements() {
				candidates = append(candidates, qualifying.Elements()...)
			}
		}
		for _, c := range candidates {
			if own, ok := c.Attr("", "Id"); ok && own == id {
				return c, nil
			}
		}
	}
	return nil, refuse("reference", "un riferimento a qualcosa che non è il documento né parte della firma",
		"a reference to something that is neither the document nor a part of the signature")
}
