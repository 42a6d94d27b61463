// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

// parse reads rules that a test writes; those of "ds" are in a namespace.
func parse(t testing.TB, text string) (*Set, error) {
	t.Helper()
	return Parse(fstest.MapFS{
		"a.rules":  {Data: []byte(text)},
		"ds.rules": {Data: []byte("namespace urn:ds\nelement S xs:string\nelement T\n\tseq\n\t\te u xs:integer\n")},
	}, "a")
}

func codes(t *testing.T, set *Set, doc string, o Options) string {
	t.Helper()
	tree, err := xmltree.Parse([]byte(doc), xmltree.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range set.Validate(tree.Root, o) {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s", f.Code, f.Name)))
	}
	return strings.Join(out, ", ")
}

const model = `import ds ds
simple short xs:string maxLength=2
complex any mixed
	seq
		any 0..* any skip
element r
	choice
		seq
			ref ds:S 1..*
			e a short
		seq
			e a 0..2 short
			choice 1..*
				e b xs:integer
				seq
					e c 0..1 xs:date
					e d any
			e g 0..1
				seq
					any other lax
			e h 0..1
				seq
					any any strict
			ref ds:S 1..*
	attr Id optional xs:ID
	unique one_b b
`

func TestContentModels(t *testing.T) {
	set, err := parse(t, strings.Replace(model, "\tunique one_b b\n", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	const s = `<S xmlns="urn:ds"/>`
	for name, c := range map[string]struct{ doc, want string }{
		"first branch":          {`<r>` + s + s + `<a/></r>`, ""},
		"second branch":         {`<r><a/><a/><b>1</b><c>2026-01-01</c><d/>` + s + `</r>`, ""},
		"least":                 {`<r><d/>` + s + `</r>`, ""},
		"neither branch":        {`<r/>`, "missing-element S, a, b, c, d"},
		"first cut short":       {`<r>` + s + `</r>`, "missing-element S, a"},
		"third a":               {`<r><a/><a/><a/><b>1</b>` + s + `</r>`, "unexpected-element a"},
		"without choice":        {`<r><a/>` + s + `</r>`, "unexpected-element S"},
		"c without d":           {`<r><c>2026-01-01</c>` + s + `</r>`, "unexpected-element S"},
		"more after the end":    {`<r><d/>` + s + `<b>1</b></r>`, "unexpected-element b"},
		"unknown":               {`<r><x/></r>`, "unexpected-element x"},
		"another root":          {`<x/>`, "unexpected-element x"},
		"children all the same": {`<r><b>x</b><a>abc</a><b>y</b></r>`, "unexpected-element a, type, max-length, type"},
		"anything below d":      {`<r><d>x<y z="1"/>x</d>` + s + `</r>`, ""},
		"text":                  {`<r>x<d/>` + s + `</r>`, "text-not-allowed"},
		"lax knows":             {`<r><d/><g><x:w xmlns:x="urn:x"><T xmlns="urn:ds"><u>x</u></T></x:w></g>` + s + `</r>`, "type"},
		"lax does not know":     {`<r><d/><g><x:w xmlns:x="urn:x"/></g>` + s + `</r>`, ""},
		"other has a namespace": {`<r><d/><g><w/></g>` + s + `</r>`, "unexpected-element w"},
		"strict knows":          {`<r><d/><h><S xmlns="urn:ds"/></h>` + s + `</r>`, ""},
		"strict does not know":  {`<r><d/><h><w/></h>` + s + `</r>`, "unexpected-element w"},
		"attribute":             {`<r Id="a" b="1"><d/>` + s + `</r>`, "unexpected-attribute b"},
		"attribute's value":     {`<r Id="1"><d/>` + s + `</r>`, "type Id"},
		"attribute of a value":  {`<r><b x="1">1</b>` + s + `</r>`, "unexpected-attribute x"},
		"about the schema":      {`<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:noNamespaceSchemaLocation="a.xsd"><d i:type="b"/>` + s + `</r>`, ""},
		"type of another":       {`<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><b i:type="b">1</b>` + s + `</r>`, "xsi type"},
	} {
		if c.want == "" && name == "about the schema" {
			c.want = "xsi type"
		}
		if got := codes(t, set, c.doc, Options{}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := codes(t, set, `<r><d/></r>`, Options{Optional: "S"}); got != "" {
		t.Errorf("an optional element is asked for: %s", got)
	}
	if !set.Roots("", "r") || set.Roots("", "a") {
		t.Error("roots")
	}
}

func TestUniqueness(t *testing.T) {
	set, err := parse(t, "element r\n\tseq\n\t\te p 0..*\n\t\t\tseq\n\t\t\t\te n 0..1 xs:integer\n\t\t\t\te m 0..1 xs:string\n\t\t\tattr Id optional xs:ID\n\tunique u p n m\n")
	if err != nil {
		t.Fatal(err)
	}
	for doc, want := range map[string]string{
		`<r><p><n>1</n><m>a</m></p><p><n>01</n><m>a</m></p></r>`: "unique p",
		`<r><p><n>1</n><m>a</m></p><p><n>1</n><m>b</m></p></r>`:  "",
		`<r><p><n>1</n></p><p><n>1</n></p></r>`:                  "",
		`<r><p><n>x</n><m>a</m></p><p><n>x</n><m>a</m></p></r>`:  "type, type",
		`<r><p Id="a"/><p Id="a"/></r>`:                          "unique Id",
	} {
		if got := codes(t, set, doc, Options{}); got != want {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

func TestTypesAndFacets(t *testing.T) {
	for _, c := range []struct {
		typ       string
		good, bad []string
	}{
		{"xs:decimal totalDigits=4 fractionDigits=2 min=0.01 max=99.99", []string{"1", " 1.50\n", "+01.500", ".5", "5."}, []string{"", "0", "0.001", "100", "1,5", "-1", "1e1", "1.2.3"}},
		{"xs:nonNegativeInteger", []string{"0", "-0", "00012", "123456789012345678901234"}, []string{"-1", "1.0", "1234567890123456789012345", "x"}},
		{"xs:positiveInteger", []string{"1"}, []string{"0", "-1"}},
		{"xs:long", []string{"-9223372036854775808", "9223372036854775807"}, []string{"-9223372036854775809", "9223372036854775808"}},
		{"xs:integer min=-5 max=-2", []string{"-5", "-3"}, []string{"-6", "-1", "1"}},
		{"xs:date", []string{"2024-02-29", "2026-10-12Z", "2026-10-12-14:00", "-0044-03-15", "12026-01-01"}, []string{"2026-02-29", "0000-01-01", "2026-1-1", "2026-10-12+15:00", "02026-01-01", "2026-00-10"}},
		{"xs:dateTime", []string{"2026-10-12T09:30:15", "2026-10-12T24:00:00", "2026-10-12T09:30:15.5Z"}, []string{"2026-10-12", "2026-10-12T24:00:01", "2026-10-12T09:60:00", "2026-10-12T9:30:15", "2026-10-12T09:30:15."}},
		{"xs:base64Binary", []string{"", "QUJD", "QU JD", "QQ==", "QUI="}, []string{"QUJ", "QR==", "QUJ=", "Q===", "!UJD"}},
		{"xs:anyURI", []string{"", "#a", "urn:x:y", "http://a.example/b c", "%41"}, []string{"##", "%4", "%zz"}},
		{"xs:ID", []string{"a", "_1", "à.b-c"}, []string{"", "1a", "a:b", "a b"}},
		{`xs:string pattern="[0-9]{2}","[A-Z|a-z]" maxLength=2`, []string{"12", "a", "|"}, []string{"1", "123", "12 ", "ab"}},
		{`xs:string pattern="\\d+\\s[^\\s]." `, []string{"١ ab"}, []string{"1ab", "1  b", "1 a\n"}},
		{`xs:string enum="A","B C"`, []string{"A", "B C"}, []string{"a", "A ", "B  C"}},
		{"xs:string minLength=1 collapse", []string{"x", " x "}, []string{"", "  \n"}},
		{"xs:string length=2", []string{"àè", "  "}, []string{"a", "abc"}},
	} {
		set, err := parse(t, "element r "+c.typ+"\n")
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range append(append([]string{}, c.good...), c.bad...) {
			tree := &xmltree.Element{Local: "r", Children: []xmltree.Node{xmltree.Text(value)}}
			faults := set.Validate(tree, Options{})
			good := false
			for _, g := range c.good {
				good = good || g == value
			}
			if good != (len(faults) == 0) {
				t.Errorf("%s: %q gives %v", c.typ, value, faults)
			}
		}
	}
}

func TestDefaultsAndChains(t *testing.T) {
	set, err := parse(t, "simple a xs:string pattern=\"[a-z]+\"\nsimple b a pattern=\"..\"\nelement r\n\tseq\n\t\te l 0..1 b default=\"it\"\n")
	if err != nil {
		t.Fatal(err)
	}
	for doc, want := range map[string]string{"<r><l/></r>": "", "<r><l>en</l></r>": "", "<r><l>EN</l></r>": "pattern", "<r><l>E</l></r>": "pattern, pattern"} {
		if got := codes(t, set, doc, Options{}); got != want {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

func TestFaultsAreBounded(t *testing.T) {
	set, err := parse(t, "element r\n\tseq\n\t\te n 0..* xs:integer\n")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := xmltree.Parse([]byte("<r>"+strings.Repeat("<n>x</n>", 3000)+"</r>"), xmltree.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.Validate(tree.Root, Options{})); n != maxFaults {
		t.Errorf("%d faults", n)
	}
}

// TestRejectsRules: rules that are not understood are an error, never passed over.
func TestRejectsRules(t *testing.T) {
	for name, text := range map[string]string{
		"no keyword":         "foo\n",
		"too far right":      "element r\n\t\tseq\n",
		"quote":              "simple s xs:string pattern=\"a\n",
		"unknown type":       "element r xs:duration\n",
		"unknown facet":      "element r xs:string minExclusive=1\n",
		"number of a facet":  "element r xs:string length=x\n",
		"bound":              "element r xs:decimal min=x\n",
		"pattern":            "element r xs:string pattern=\"[a\"\n",
		"pattern without":    "element r xs:string pattern=a\n",
		"pattern escape":     "element r xs:string pattern=\"\\\\p{L}\"\n",
		"pattern class":      "element r xs:string pattern=\"[a-z-[b]]\"\n",
		"pattern end":        "element r xs:string pattern=\"a\\\\\"\n",
		"pattern list":       "element r xs:string pattern=\"a\";\"b\"\n",
		"no such type":       "element r gone\n",
		"no such base":       "simple a gone\n",
		"no such element":    "element r\n\tseq\n\t\tref gone\n",
		"type and content":   "element r xs:string\n\tseq\n",
		"two contents":       "element r\n\tseq\n\tseq\n",
		"occurs":             "element r\n\tseq x..1\n",
		"occurs to":          "element r\n\tseq 1..x\n",
		"unique without":     "element r\n\tseq\n\tunique u\n",
		"any of what":        "element r\n\tseq\n\t\tany any some\n",
		"nothing after e":    "element r\n\tseq\n\t\te\n",
		"no such file":       "include gone\n",
		"other namespace":    "include ds\n",
		"attribute":          "element r\n\tattr a xs:string\n",
		"reference to ds":    "import ds ds\nelement r\n\tseq\n\t\tref ds:gone\n",
		"default of nothing": "element r xs:string default=x\n",
		"circle":             "simple a b\nsimple b a\n",
	} {
		if _, err := parse(t, text); err == nil {
			t.Errorf("%s: read %q", name, text)
		}
	}
	if _, err := parse(t, "# a comment\n\nelement r xs:string\n"); err != nil {
		t.Error(err)
	}
}

// FuzzRules: whatever stands in a file of rules, reading it ends, and what is read validates.
func FuzzRules(f *testing.F) {
	f.Add(model)
	f.Add(" \n\t \n")
	f.Add("simple a b\nsimple b a\n")
	f.Add("element r\n\tchoice 0..*\n\t\tseq 0..*\n\t\t\te a 0..1 xs:string\n")
	f.Fuzz(func(t *testing.T, text string) {
		set, err := parse(t, text)
		if err != nil {
			return
		}
		set.Validate(&xmltree.Element{Local: "r", Children: []xmltree.Node{&xmltree.Element{Local: "a"}, &xmltree.Element{Local: "a"}}}, Options{})
	})
}
