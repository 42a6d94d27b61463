// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package xmltree

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const bomb = `<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY l2 "&l;&l;&l;&l;&l;&l;&l;&l;">]><a>&l2;</a>`

// refusals are documents that are none, with the reason.
var refusals = map[string]struct {
	doc  string
	want Reason
}{
	"nothing":                    {"", NotXML},
	"text alone":                 {"ciao", NotXML},
	"declaration alone":          {`<?xml version="1.0"?>`, NotXML},
	"not closed":                 {"<a>", NotXML},
	"closed by another":          {"<a></b>", NotXML},
	"crossed":                    {"<a><b></a></b>", NotXML},
	"closed twice":               {"<a/></a>", NotXML},
	"second root":                {"<a/><b/>", NotXML},
	"text after":                 {"<a/>x", NotXML},
	"text before":                {"x<a/>", NotXML},
	"reference outside":          {"<a/>&#32;", NotXML},
	"CDATA outside":              {"<a/><![CDATA[ ]]>", NotXML},
	"attribute twice":            {`<a b="1" b="2"/>`, NotXML},
	"attribute twice by prefix":  {`<a xmlns:x="urn:u" xmlns:y="urn:u" x:b="1" y:b="2"/>`, NotXML},
	"attribute without quotes":   {`<a b=1/>`, NotXML},
	"attribute without value":    {`<a b/>`, NotXML},
	"attributes without space":   {`<a b="1"c="2"/>`, NotXML},
	"less-than in attribute":     {`<a b="<"/>`, NotXML},
	"ampersand alone":            {`<a>&</a>`, NotXML},
	"unknown entity":             {`<a>&nbsp;</a>`, NotXML},
	"reference to nothing":       {`<a>&#0;</a>`, NotXML},
	"control character":          {"<a>\x01</a>", NotXML},
	"control in a comment":       {"<a><!--\x01--></a>", NotXML},
	"reference to a control":     {"<a>&#1;</a>", NotXML},
	"end of CDATA in text":       {"<a>]]></a>", NotXML},
	"two hyphens in a comment":   {"<a><!-- -- --></a>", NotXML},
	"hyphen ends a comment":      {"<a><!-- ---></a>", NotXML},
	"late declaration":           {`<a><?xml version="1.0"?></a>`, NotXML},
	"space before declaration":   {` <?xml version="1.0"?><a/>`, NotXML},
	"declaration in capitals":    {`<?XML version="1.0"?><a/>`, NotXML},
	"declaration without one":    {`<?xml encoding="UTF-8"?><a/>`, NotXML},
	"encoding after standalone":  {`<?xml version="1.0" standalone="yes" encoding="UTF-8"?><a/>`, NotXML},
	"prefix of nothing":          {`<x:a/>`, NotXML},
	"attribute's prefix":         {`<a x:b="1"/>`, NotXML},
	"prefix to nothing":          {`<a xmlns:x=""/>`, NotXML},
	"prefix xml elsewhere":       {`<a xmlns:xml="urn:u"/>`, NotXML},
	"prefix xmlns declared":      {`<a xmlns:xmlns="urn:u"/>`, NotXML},
	"namespace of xmlns":         {`<a xmlns:x="http://www.w3.org/2000/xmlns/"/>`, NotXML},
	"two colons":                 {`<a:b:c xmlns:a="urn:u"/>`, NotXML},
	"colon first":                {`<:a/>`, NotXML},
	"digit first":                {`<1a/>`, NotXML},
	"doctype":                    {`<!DOCTYPE a><a/>`, HasDoctype},
	"bomb of entities":           {bomb, HasDoctype},
	"external entity":            {`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`, HasDoctype},
	"UTF-16":                     {"\xff\xfe<\x00a\x00/\x00>\x00", Encoding},
	"no UTF-8":                   {"<a>\xe0</a>", Encoding},
	"another encoding":           {`<?xml version="1.0" encoding="windows-1252"?><a/>`, Encoding},
	"mark of another encoding":   {"\ufeff" + `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, Encoding},
	"declaration inside comment": {`<!--<?xml version="1.0" encoding="x"?>--><a`, NotXML},
}

func TestRejectsWhatIsNoDocument(t *testing.T) {
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(c.doc), Limits{})
			var got *Error
			if !errors.As(err, &got) || got.Reason != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if got.Detail.IT == got.Detail.EN {
				t.Errorf("not in Italian: %s", got.Detail.IT)
			}
		})
	}
}

// lenient are the refusals that libxml2 does not share: it reads other encodings and takes DOCTYPE for granted.
func lenient(r Reason) bool { return r != NotXML }

// TestXmllintSaysTheSame asks libxml2 about the same documents.
func TestXmllintSaysTheSame(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"smallest": "<a/>", "references": "<a>&lt;&#65;&#x41;&amp;</a>", "single quotes": `<a b='"'/>`, "end of tag in attribute": `<a b=">"/>`,
		"Latin-1": `<?xml version="1.0" encoding="ISO-8859-1"?><a>` + "\xe0</a>", "mark": "\ufeff<a/>", "undeclared default": `<a xmlns="urn:u"><b xmlns=""/></a>`,
		"xml prefix": `<a xml:lang="it"/>`, "around": "<?x y?><!-- a --><a/><!-- b --><?x?>\n", "space in tags": "<a\n b = '1'\t></a >",
	}
	docs := map[string]string{}
	want := map[string]bool{}
	for name, doc := range good {
		docs[name], want[name] = doc, true
	}
	for name, c := range refusals {
		if !lenient(c.want) {
			docs[name] = c.doc
		}
	}
	for name, doc := range docs {
		_, err := Parse([]byte(doc), Limits{})
		if (err == nil) != want[name] {
			t.Errorf("%s: %v", name, err)
		}
		if wellFormed(t, doc) != want[name] {
			t.Errorf("%s: xmllint says %v", name, !want[name])
		}
	}
}

// wellFormed asks libxml2, which tells breaches of Namespaces in XML on its error output alone.
func wellFormed(t *testing.T, doc string) bool {
	t.Helper()
	out, err := xmllint(t, doc, "--noout")
	return err == nil && len(out) == 0
}

func xmllint(t *testing.T, doc string, args ...string) ([]byte, error) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("not-run: xmllint is not installed (Debian package libxml2-utils)")
	}
	path := filepath.Join(t.TempDir(), "doc.xml")
	if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), "xmllint", append(args, "--nonet", path)...).CombinedOutput()
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		doc    string
		limits Limits
	}{
		"bytes":             {"<a>" + strings.Repeat("x", 100) + "</a>", Limits{Bytes: 50}},
		"elements":          {"<a>" + strings.Repeat("<b/>", 20) + "</a>", Limits{Elements: 20}},
		"depth":             {strings.Repeat("<a>", 11) + strings.Repeat("</a>", 11), Limits{Depth: 10}},
		"depth by default":  {strings.Repeat("<a>", 100000), Limits{}},
		"attributes":        {`<a b="1" c="2" d="3"/>`, Limits{Attrs: 2}},
		"declarations":      {`<a xmlns:b="1" xmlns:c="2" xmlns:d="3"/>`, Limits{Attrs: 2}},
		"bytes by default":  {strings.Repeat(" ", 17<<20), Limits{}},
		"attributes of all": {"<a " + strings.Repeat(`b="" `, 70) + "/>", Limits{}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(c.doc), c.limits)
			var got *Error
			if !errors.As(err, &got) || got.Reason != TooLarge || got.Detail.IT == got.Detail.EN {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := Parse([]byte(strings.Repeat("<a>", 64)+strings.Repeat("</a>", 64)), Limits{}); err != nil {
		t.Error(err)
	}
}

func TestPlacesAndPaths(t *testing.T) {
	doc, err := Parse([]byte("<a>\n  <b/>\n  <b><c x='1'>uno<!-- due -->tre</c></b>\n</a>"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c := doc.Root.Elements()[1].Elements()[0]
	if c.Line != 3 || c.Column != 6 || c.Path() != "/a/b[2]/c" || c.Text() != "unotre" {
		t.Errorf("line %d, column %d, %s, %q", c.Line, c.Column, c.Path(), c.Text())
	}
	if v, ok := c.Attr("", "x"); !ok || v != "1" {
		t.Errorf("attribute %q", v)
	}
	if _, ok := c.Attr("", "y"); ok {
		t.Error("an attribute that is not there")
	}
	_, err = Parse([]byte("<a>\n\n <b></c></a>"), Limits{})
	var got *Error
	if !errors.As(err, &got) || got.Line != 3 || !strings.Contains(got.Error(), "line 3") {
		t.Errorf("got %v", err)
	}
}

func TestAttributesAreNormalised(t *testing.T) {
	doc, err := Parse([]byte("<a b=' 1\t2\n3\r\n4\r5&#9;&#10;6 ' c=\"x'\n'\"/>"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := doc.Root.Attr("", "b"); v != " 1 2 3 4 5\t\n6 " {
		t.Errorf("%q", v)
	}
	if v, _ := doc.Root.Attr("", "c"); v != "x' '" {
		t.Errorf("%q", v)
	}
}

func TestReadsLatin1(t *testing.T) {
	doc, err := Parse([]byte("<?xml version='1.0' encoding='iso-8859-1'?><a>citt\xe0</a>"), Limits{})
	if err != nil || doc.Root.Text() != "città" {
		t.Errorf("%v", err)
	}
}

// FuzzParse: what is read and written canonically is read as the same again.
func FuzzParse(f *testing.F) {
	for _, c := range refusals {
		f.Add([]byte(c.doc))
	}
	f.Add([]byte(`<a xmlns="urn:u" xmlns:x="v" x:b="1" xml:lang="it"><!-- c --><x:b> &#13;]]&gt;<![CDATA[<]]></x:b><?p i?></a>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Parse(data, Limits{Depth: 20, Elements: 1000})
		if err != nil {
			return
		}
		for _, m := range []Method{{Comments: true}, {Comments: true, Exclusive: true}} {
			once := doc.Canonical(m)
			again, err := Parse(once, Limits{Attrs: 2000})
			if err != nil {
				t.Fatalf("%v in %q, written from %q", err, once, data)
			}
			if twice := again.Canonical(m); string(twice) != string(once) {
				t.Errorf("%q becomes %q", once, twice)
			}
		}
	})
}
