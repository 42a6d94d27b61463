// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"crypto"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

// crafted is a signature that a tester makes as he likes: its key is good, what it says may not be. {C14N}, {DIGEST} and
// the like are filled in.
type crafted struct {
	doc       string // with {SIG} where the signature goes
	canonical string // CanonicalizationMethod
	method    string
	refs      []ref
	keyInfo   string // empty for the certificate
	objects   string
	id        string
	who       identity
	value     func([]byte) []byte // changes the signature value
}

// ref is a reference; of is the element it digests, as the tester finds it.
type ref struct {
	attrs, transforms, digestMethod string
	of                              func(doc *xmltree.Document, sig *xmltree.Element) []byte
}

const (
	excC14N   = "http://www.w3.org/2001/10/xml-exc-c14n#"
	inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	ecSHA256  = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	sha256URI = "http://www.w3.org/2001/04/xmlenc#sha256"
	takeOut   = `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>`
	exclusive = `<ds:Transform Algorithm="` + excC14N + `"/>`
)

// whole digests the document without the signature, as an honest signer does.
func whole(m xmltree.Method) func(*xmltree.Document, *xmltree.Element) []byte {
	return func(doc *xmltree.Document, sig *xmltree.Element) []byte { return doc.Canonical(m, sig) }
}

func honest() crafted {
	return crafted{
		doc: strings.Replace(order, "</flusso_ordinativi>", "{SIG}</flusso_ordinativi>", 1), canonical: `<ds:CanonicalizationMethod Algorithm="` + excC14N + `"/>`,
		method: ecSHA256, who: person(),
		refs: []ref{{attrs: `URI=""`, transforms: takeOut + exclusive, digestMethod: sha256URI, of: whole(xmltree.Method{Exclusive: true})}},
	}
}

func (c crafted) text(digests []string, value string) string {
	var b strings.Builder
	id := ""
	if c.id != "" {
		id = ` Id="` + c.id + `"`
	}
	fmt.Fprintf(&b, `<ds:Signature xmlns:ds="%s"%s><ds:SignedInfo>%s<ds:SignatureMethod Algorithm="%s"/>`, dsig, id, c.canonical, c.method)
	for i, r := range c.refs {
		transforms := r.transforms
		if transforms != "" {
			transforms = "<ds:Transforms>" + transforms + "</ds:Transforms>"
		}
		fmt.Fprintf(&b, `<ds:Reference %s>%s<ds:DigestMethod Algorithm="%s"/><ds:DigestValue>%s</ds:DigestValue></ds:Reference>`,
			r.attrs, transforms, r.digestMethod, digests[i])
	}
	keyInfo := c.keyInfo
	if keyInfo == "" {
		keyInfo = "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + b64(c.who.cert.Raw) + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
	}
	if keyInfo == "none" {
		keyInfo = ""
	}
	fmt.Fprintf(&b, `</ds:SignedInfo><ds:SignatureValue>%s</ds:SignatureValue>%s%s</ds:Signature>`, value, keyInfo, c.objects)
	return strings.Replace(c.doc, "{SIG}", b.String(), 1)
}

// sign makes the document.
func (c crafted) sign(t *testing.T) []byte {
	t.Helper()
	digests := make([]string, len(c.refs))
	read := func(value string) (*xmltree.Document, *xmltree.Element) {
		doc, err := parse([]byte(c.text(digests, value)), opi.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var sig *xmltree.Element
		doc.Root.Walk(func(e *xmltree.Element) bool {
			if sig == nil && e.Is(dsig, "Signature") && len(e.Find(dsig, "SignedInfo")) > 0 && e.Find(dsig, "SignedInfo")[0].Find(dsig, "Reference") != nil {
				sig = e
			}
			return sig == nil
		})
		return doc, sig
	}
	for i, r := range c.refs {
		doc, sig := read("")
		hash, err := xmlDigest(r.digestMethod)
		if err != nil {
			hash = crypto.SHA1
		}
		digests[i] = b64(digest(hash, r.of(doc, sig)))
	}
	_, sig := read("")
	info := sig.Find(dsig, "SignedInfo")[0]
	m, err := canonicalMethod(info.Elements()[0])
	if err != nil {
		m = xmltree.Method{Exclusive: true}
	}
	signed, _ := info.Canonical(m)
	value, err := c.who.key.Sign(rand.Reader, digest(crypto.SHA256, signed), crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if isEC(c.who.key) {
		if value, err = rawOf(value, 32); err != nil {
			t.Fatal(err)
		}
	}
	if c.value != nil {
		value = c.value(value)
	}
	return []byte(c.text(digests, b64(value)))
}
