// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package xmltree

import (
	"testing"
)

// canonicalCases are about everything that the recommendations on canonical XML tell examples of.
var canonicalCases = map[string]string{
	"attributes":   `<a z="1" b='2' xmlns:y="urn:y" y:a="3" xmlns="urn:d" xml:space="preserve" xmlns:x="urn:x" x:z="4"/>`,
	"text":         "<a>&lt;&gt;&amp;'\"\t\n&#13;&#x20AC;<![CDATA[<&>]]></a>",
	"values":       "<a b='&lt;>&amp;&quot;&apos;&#9;&#10;&#13;\t\n'/>",
	"around":       "<?xml version=\"1.0\"?>\n<?p  i ?><!-- c -->\n\n<a/>\n<!-- d -->\n<?q?>\n",
	"namespaces":   `<a xmlns="urn:1" xmlns:u="urn:unused"><b xmlns=""><c xmlns="urn:1" xmlns:u="urn:unused"/></b><u:d xmlns:u="urn:2"><e/></u:d></a>`,
	"again":        `<x:a xmlns:x="urn:x"><b xmlns:x="urn:x" x:c="1"><x:d xmlns:x="urn:y"/></b></x:a>`,
	"default":      `<a><b xmlns="urn:b"><c xmlns=""/></b></a>`,
	"empty":        `<a></a>`,
	"line ends":    "<a\r\nb='1\r\n2'>\r\nx\ry<?p a\r\nb?><!--c\r\nd--></a>\r\n",
	"instructions": "<a><?x?><?y  z ?></a>",
}

// TestXmllintWritesTheSame compares the three canonical forms of whole documents with those of libxml2.
func TestXmllintWritesTheSame(t *testing.T) {
	t.Parallel()
	for name, text := range canonicalCases {
		doc, err := Parse([]byte(text), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for flag, m := range map[string]Method{
			"--c14n": {Comments: true}, "--c14n11": {Comments: true, Version11: true}, "--exc-c14n": {Comments: true, Exclusive: true},
		} {
			want, err := xmllint(t, text, flag)
			if err != nil {
				t.Fatalf("%s %s: %v", name, flag, err)
			}
			if got := doc.Canonical(m); string(got) != string(want) {
				t.Errorf("%s %s:\n%s\nxmllint:\n%s", name, flag, got, want)
			}
		}
	}
}

// TestCanonicalSubtree writes an element out of its document: what it takes along is what tells the forms apart.
func TestCanonicalSubtree(t *testing.T) {
	doc, err := Parse([]byte(`<a xmlns="urn:d" xmlns:x="urn:x" xmlns:y="urn:y" xml:lang="it" xml:id="i"><x:b y:c="1"><!-- k --><d/><e/></x:b></a>`), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	b := doc.Root.Elements()[0]
	for name, c := range map[string]struct {
		method Method
		want   string
	}{
		"inclusive":     {Method{}, `<x:b xmlns="urn:d" xmlns:x="urn:x" xmlns:y="urn:y" xml:id="i" xml:lang="it" y:c="1"><d></d></x:b>`},
		"inclusive 1.1": {Method{Version11: true}, `<x:b xmlns="urn:d" xmlns:x="urn:x" xmlns:y="urn:y" xml:lang="it" y:c="1"><d></d></x:b>`},
		"exclusive":     {Method{Exclusive: true}, `<x:b xmlns:x="urn:x" xmlns:y="urn:y" y:c="1"><d xmlns="urn:d"></d></x:b>`},
		"with prefixes": {Method{Exclusive: true, Inclusive: []string{""}}, `<x:b xmlns="urn:d" xmlns:x="urn:x" xmlns:y="urn:y" y:c="1"><d></d></x:b>`},
		"with comments": {Method{Exclusive: true, Comments: true}, `<x:b xmlns:x="urn:x" xmlns:y="urn:y" y:c="1"><!-- k --><d xmlns="urn:d"></d></x:b>`},
	} {
		got, ok := b.Canonical(c.method, b.Elements()[1])
		if !ok || string(got) != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestAddressesAreNotComposed(t *testing.T) {
	doc, err := Parse([]byte(`<a xml:base="http://a.example/"><b/></a>`), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := doc.Root.Elements()[0].Canonical(Method{Version11: true}); ok {
		t.Error("an xml:base of an ancestor was passed over")
	}
	if _, ok := doc.Root.Elements()[0].Canonical(Method{}); !ok {
		t.Error("Canonical XML 1.0 takes xml:base as it is")
	}
}
