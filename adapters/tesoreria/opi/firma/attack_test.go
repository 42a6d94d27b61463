// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"crypto/rsa"
	_ "crypto/sha1" // an attacker's digest
	"crypto/x509"
	"slices"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

func TestHonestSignaturesVerify(t *testing.T) {
	inclusiveRef := ref{attrs: `URI=""`, transforms: takeOut, digestMethod: sha256URI, of: whole(xmltree.Method{})}
	for name, change := range map[string]func(*crafted){
		"as it is":          func(*crafted) {},
		"without c14n":      func(c *crafted) { c.refs[0] = inclusiveRef },
		"inclusive c14n":    func(c *crafted) { c.canonical = `<ds:CanonicalizationMethod Algorithm="` + inclusive + `"/>` },
		"by the id of root": func(c *crafted) { c.refs[0] = byID("f1") },
		"signature first": func(c *crafted) {
			c.doc = strings.Replace(strings.Replace(c.doc, "{SIG}", "", 1), "<!-- nota -->", "{SIG}", 1)
		},
		"SHA-512": func(c *crafted) { c.refs[0].digestMethod = "http://www.w3.org/2001/04/xmlenc#sha512" },
		"filter of signing programs": func(c *crafted) {
			c.refs[0].transforms = `<ds:Transform Algorithm="` + filterNamespace + `"><f:XPath xmlns:f="` + filterNamespace + `" Filter="subtract">/descendant::ds:Signature</f:XPath></ds:Transform>` + exclusive
		},
		"prefixes": func(c *crafted) {
			c.canonical = `<ds:CanonicalizationMethod Algorithm="` + excC14N + `"><e:InclusiveNamespaces xmlns:e="` + excC14N + `" PrefixList="#default x"/></ds:CanonicalizationMethod>`
		},
		"chain of the CA": func(c *crafted) {
			c.keyInfo = "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + b64(ca().cert.Raw) + "</ds:X509Certificate><ds:X509Certificate>" +
				b64(c.who.cert.Raw) + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := honest()
			change(&c)
			found, err := Verify(c.sign(t), options())
			if err != nil {
				t.Fatal(err)
			}
			if found.Form != XMLDSig || found.Signer.CodiceFiscale != neri {
				t.Errorf("got %s by %s", found.Form, found.Signer.Name)
			}
		})
	}
}

// byID refers to an element by its id and digests it.
func byID(id string) ref {
	return ref{attrs: `URI="#` + id + `"`, transforms: takeOut + exclusive, digestMethod: sha256URI, of: func(doc *xmltree.Document, sig *xmltree.Element) []byte {
		var out []byte
		doc.Root.Walk(func(e *xmltree.Element) bool {
			if own, _ := e.Attr("", "Id"); own == id && out == nil {
				out, _ = e.Canonical(xmltree.Method{Exclusive: true}, sig)
			}
			return true
		})
		return out
	}}
}

// TestRejectsWrappedSignatures signs one thing and shows another: the attacks known as XML signature wrapping.
func TestRejectsWrappedSignatures(t *testing.T) {
	const signedPart = `<mandato Id="m1"><importo_mandato>1.00</importo_mandato></mandato>`
	for name, c := range map[string]struct {
		doc  string
		refs []ref
		rule string
	}{
		"part of the document": {
			`<flusso_ordinativi>` + signedPart + `<mandato><importo_mandato>9.00</importo_mandato></mandato>{SIG}</flusso_ordinativi>`, []ref{byID("m1")}, "reference",
		},
		"signed part moved aside": {
			`<flusso_ordinativi><mandato><importo_mandato>9.00</importo_mandato></mandato><dati_a_disposizione>` + signedPart + `</dati_a_disposizione>{SIG}</flusso_ordinativi>`,
			[]ref{byID("m1")},
			"reference",
		},
		"old root inside the new one": {
			`<flusso_ordinativi Id="f2"><altro><flusso_ordinativi Id="f1">` + signedPart + `</flusso_ordinativi></altro>{SIG}</flusso_ordinativi>`, []ref{byID("f1")}, "reference",
		},
		"the same id twice": {
			`<flusso_ordinativi Id="f1"><altro><flusso_ordinativi Id="f1">` + signedPart + `</flusso_ordinativi></altro>{SIG}</flusso_ordinativi>`, []ref{byID("f1")}, "reference",
		},
		"the same id under another name": {
			`<flusso_ordinativi Id="f1"><altro ID="f1">` + signedPart + `</altro>{SIG}</flusso_ordinativi>`, []ref{byID("f1")}, "reference",
		},
		"signature below an order": {`<flusso_ordinativi Id="f1"><mandato>{SIG}</mandato></flusso_ordinativi>`, []ref{byID("f1")}, "place"},
		"a second signature": {
			`<flusso_ordinativi Id="f1">{SIG}<ds:Signature xmlns:ds="` + dsig + `"/></flusso_ordinativi>`, []ref{byID("f1")}, "several",
		},
		"a second signature among other data": {
			`<flusso_ordinativi Id="f1"><dati><ds:Signature xmlns:ds="` + dsig + `"/></dati>{SIG}</flusso_ordinativi>`, []ref{byID("f1")}, "several",
		},
		"the document twice": {`<flusso_ordinativi Id="f1">{SIG}</flusso_ordinativi>`, []ref{byID("f1"), byID("f1")}, "reference"},
	} {
		t.Run(name, func(t *testing.T) {
			forged := honest()
			forged.doc, forged.refs = c.doc, c.refs
			_, err := Verify(forged.sign(t), options())
			wantRule(t, err, c.rule)
		})
	}
}

func TestRejectsSignatures(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*crafted)
		rule   string
	}{
		"SHA-1 digest":        {func(c *crafted) { c.refs[0].digestMethod = "http://www.w3.org/2000/09/xmldsig#sha1" }, "algorithm"},
		"MD5 digest":          {func(c *crafted) { c.refs[0].digestMethod = "http://www.w3.org/2001/04/xmldsig-more#md5" }, "algorithm"},
		"SHA-1 signature":     {func(c *crafted) { c.method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1" }, "algorithm"},
		"HMAC":                {func(c *crafted) { c.method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256" }, "algorithm"},
		"method of other key": {func(c *crafted) { c.method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" }, "invalid"},
		"no method":           {func(c *crafted) { c.method = "" }, "algorithm"},
		"file reference":      {func(c *crafted) { c.refs[0].attrs = `URI="file:///etc/passwd"` }, "reference"},
		"http reference":      {func(c *crafted) { c.refs[0].attrs = `URI="http://localhost/"` }, "reference"},
		"xpointer":            {func(c *crafted) { c.refs[0].attrs = `URI="#xpointer(/)"` }, "reference"},
		"no URI":              {func(c *crafted) { c.refs[0].attrs = `Id="r"` }, "reference"},
		"empty fragment":      {func(c *crafted) { c.refs[0].attrs = `URI="#"` }, "reference"},
		"one reference more": {func(c *crafted) {
			c.refs = append(c.refs, ref{attrs: `URI="http://localhost/"`, digestMethod: sha256URI, of: c.refs[0].of})
		}, "reference"},
		"XSLT": {func(c *crafted) {
			c.refs[0].transforms = takeOut + `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>`
		}, "transform"},
		"XPath": {func(c *crafted) {
			c.refs[0].transforms = takeOut + `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::mandato)</ds:XPath></ds:Transform>`
		}, "transform"},
		"filter that takes out more": {func(c *crafted) {
			c.refs[0].transforms = `<ds:Transform Algorithm="` + filterNamespace + `"><f:XPath xmlns:f="` + filterNamespace + `" Filter="subtract">/descendant::mandato</f:XPath></ds:Transform>`
		}, "transform"},
		"without enveloped-signature": {func(c *crafted) { c.refs[0].transforms = exclusive }, "transform"},
		"transform after c14n":        {func(c *crafted) { c.refs[0].transforms = exclusive + takeOut }, "malformed"},
		"unknown c14n":                {func(c *crafted) { c.canonical = `<ds:CanonicalizationMethod Algorithm="urn:x"/>` }, "transform"},
		"no certificate":              {func(c *crafted) { c.keyInfo = "<ds:KeyInfo><ds:KeyName>io</ds:KeyName></ds:KeyInfo>" }, "certificate"},
		"no KeyInfo":                  {func(c *crafted) { c.keyInfo = "none" }, "certificate"},
		"other certificate":           {func(c *crafted) { c.keyInfo = keyInfo(issueFor("IT:" + neri)) }, "invalid"},
		"two certificates": {func(c *crafted) {
			c.keyInfo = strings.Replace(keyInfo(c.who), "</ds:X509Data>", "<ds:X509Certificate>"+b64(issueFor("x").cert.Raw)+"</ds:X509Certificate></ds:X509Data>", 1)
		}, "certificate"},
		"certificate that is none": {func(c *crafted) {
			c.keyInfo = strings.Replace(keyInfo(c.who), "<ds:X509Certificate>", "<ds:X509Certificate>AAAA", 1)
		}, "malformed"},
		"value of zeros":      {func(c *crafted) { c.value = func(b []byte) []byte { return make([]byte, len(b)) } }, "invalid"},
		"value in DER":        {func(c *crafted) { c.value = func(b []byte) []byte { return derOf(b, 32) } }, "invalid"},
		"short value":         {func(c *crafted) { c.value = func(b []byte) []byte { return b[1:] } }, "invalid"},
		"too many references": {func(c *crafted) { c.refs = slices.Repeat(c.refs, maxReferences+1) }, "reference"},
		"too many prefixes": {func(c *crafted) {
			c.canonical = `<ds:CanonicalizationMethod Algorithm="` + excC14N + `"><e:InclusiveNamespaces xmlns:e="` + excC14N + `" PrefixList="` +
				strings.Repeat("x ", maxPrefixes+1) + `"/></ds:CanonicalizationMethod>`
		}, "malformed"},
		"something after Object": {func(c *crafted) { c.objects = `<ds:Object/><ds:KeyValue/>` }, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			forged := honest()
			c.change(&forged)
			_, err := Verify(forged.sign(t), options())
			wantRule(t, err, c.rule)
		})
	}
}

func keyInfo(who identity) string {
	return "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + b64(who.cert.Raw) + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
}

// TestRejectsDocuments are those that no signature makes acceptable.
func TestRejectsDocuments(t *testing.T) {
	doc := signed(t, person())
	for name, c := range map[string]struct{ doc, rule string }{
		"unsigned":      {order, "missing"},
		"no XML":        {"<a>", "unreadable"},
		"DOCTYPE":       {strings.Replace(doc, "<flusso", "<!DOCTYPE flusso_ordinativi>\n<flusso", 1), "unreadable"},
		"nothing":       {"", "unreadable"},
		"neither":       {"ciao", "unreadable"},
		"empty KeyInfo": {strings.Replace(doc, "<ds:KeyInfo>", "<ds:KeyInfo/><ds:KeyInfo>", 1), "malformed"},
		"bad base64":    {strings.Replace(doc, "<ds:SignatureValue>", "<ds:SignatureValue>!", 1), "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Verify([]byte(c.doc), options())
			wantRule(t, err, c.rule)
		})
	}
}

// TestRejectsProperties changes what a XAdES signature says of its signer.
func TestRejectsProperties(t *testing.T) {
	who, other := person(), issueFor("TINIT-"+neri)
	properties := func(cert *x509.Certificate, hash string) string {
		return `<ds:Object><x:QualifyingProperties xmlns:x="` + xades + `" Target="#s"><x:SignedProperties Id="p"><x:SignedSignatureProperties>` +
			`<x:SigningCertificate><x:Cert><x:CertDigest><ds:DigestMethod Algorithm="` + hash + `"/><ds:DigestValue>` + b64(digest(5, cert.Raw)) +
			`</ds:DigestValue></x:CertDigest></x:Cert></x:SigningCertificate></x:SignedSignatureProperties></x:SignedProperties></x:QualifyingProperties></ds:Object>`
	}
	own := ref{attrs: `URI="#p"`, transforms: exclusive, digestMethod: sha256URI, of: func(doc *xmltree.Document, _ *xmltree.Element) []byte {
		var out []byte
		doc.Root.Walk(func(e *xmltree.Element) bool {
			if e.Is(xades, "SignedProperties") {
				out, _ = e.Canonical(xmltree.Method{Exclusive: true})
			}
			return true
		})
		return out
	}}
	good := func() crafted {
		c := honest()
		c.id, c.objects, c.refs = "s", properties(who.cert, sha256URI), append(c.refs, own)
		return c
	}
	if found, err := Verify(good().sign(t), options()); err != nil || found.Form != XAdES {
		t.Fatalf("the good one: %v", err)
	}
	for name, c := range map[string]struct {
		change func(*crafted)
		rule   string
	}{
		"not signed":           {func(c *crafted) { c.refs = c.refs[:1] }, "properties"},
		"another certificate":  {func(c *crafted) { c.objects = properties(other.cert, sha256URI) }, "certificate"},
		"weak digest":          {func(c *crafted) { c.objects = properties(who.cert, "http://www.w3.org/2000/09/xmldsig#sha1") }, "algorithm"},
		"for another target":   {func(c *crafted) { c.objects = strings.Replace(c.objects, `Target="#s"`, `Target="#t"`, 1) }, "properties"},
		"without id":           {func(c *crafted) { c.id = "" }, "properties"},
		"no certificate named": {func(c *crafted) { c.objects = strings.NewReplacer("SigningCertificate>", "Altro>").Replace(c.objects) }, "properties"},
		"twice":                {func(c *crafted) { c.objects += strings.Replace(c.objects, `Id="p"`, `Id="q"`, 1) }, "properties"},
		"id twice":             {func(c *crafted) { c.objects += `<ds:Object Id="p"/>` }, "reference"},
	} {
		t.Run(name, func(t *testing.T) {
			forged := good()
			c.change(&forged)
			_, err := Verify(forged.sign(t), options())
			wantRule(t, err, c.rule)
		})
	}
}

// TestRejectsWeakKeys verifies with a key that no CA should have certified.
func TestRejectsWeakKeys(t *testing.T) {
	key := &rsa.PublicKey{N: personRSA().cert.PublicKey.(*rsa.PublicKey).N, E: 1} //nolint:errcheck // made by us
	err := method{rsaPKCS1, 5}.verify(key, []byte("x"), []byte("x"), true)
	wantRule(t, err, "key")
	err = method{rsaPKCS1, 5}.verify("no key", []byte("x"), []byte("x"), true)
	wantRule(t, err, "key")
}
