// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRulesAreThoseOfTheSchemas is needs-shared: the rules of the project are what the published schemas give.
func TestRulesAreThoseOfTheSchemas(t *testing.T) {
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "..", "..", "shared")
	}
	from := filepath.Join(shared, "contracts", "siope")
	if _, err := os.Stat(from); err != nil {
		fmt.Fprintln(os.Stderr, "needs-shared: no schemas of SIOPE+ in", from)
		t.Skip("needs-shared: no schemas of SIOPE+; set SNODO_SHARED")
	}
	out := t.TempDir()
	if err := run(from, out); err != nil {
		t.Fatal(err)
	}
	for _, s := range sources() {
		got, err := os.ReadFile(filepath.Join(out, s.name+".rules"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("..", "..", "rules", s.name+".rules"))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is not current: run go run ./adapters/tesoreria/opi/internal/gen", s.name)
		}
	}
}

// wrap makes a schema of declarations.
func wrap(inside string) string {
	return `<xs:schema xmlns:xs="` + xsd + `" xmlns:ds="urn:ds">` + inside + `</xs:schema>`
}

func generate(t *testing.T, text string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.xsd"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return rules(dir, source{"a.xsd", "a"})
}

func TestWritesRules(t *testing.T) {
	got, err := generate(t, wrap(`<xs:import namespace="urn:ds" schemaLocation="xmldsig-core-schema.xsd"/>
<xs:simpleType name="t"><xs:annotation><xs:documentation>x</xs:documentation></xs:annotation><xs:restriction base="xs:string">
<xs:pattern value="\d"/><xs:pattern value="a&quot;"/><xs:whiteSpace value="collapse"/></xs:restriction></xs:simpleType>
<xs:complexType name="any" mixed="true"><xs:complexContent><xs:restriction base="xs:anyType"><xs:sequence><xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>
<xs:complexType name="text"><xs:simpleContent><xs:extension base="t"><xs:attribute name="Id"/></xs:extension></xs:simpleContent></xs:complexType>
<xs:element name="r"><xs:complexType><xs:choice maxOccurs="4"><xs:element ref="ds:S" minOccurs="0"/><xs:element ref="q"/><xs:element name="l" type="t" default="a b"/>
<xs:element name="n"><xs:simpleType><xs:restriction base="xs:decimal"><xs:minInclusive value="1"/><xs:maxInclusive value="2"/><xs:totalDigits value="3"/></xs:restriction></xs:simpleType></xs:element>
</xs:choice><xs:attribute name="a" type="xs:ID" use="required"/></xs:complexType><xs:unique name="u"><xs:selector xpath="l"/><xs:field xpath="n"/></xs:unique></xs:element>`))
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ = strings.Cut(got, "\n\n")
	const want = `import ds xmldsig
simple t xs:string collapse pattern="\\d","a\""
complex any mixed
	seq
		any 0..* any skip
complex text
	content t
	attr Id optional xs:anySimpleType
element r
	choice 1..4
		ref ds:S 0..1
		ref q
		e l t default="a b"
		e n xs:decimal min=1 max=2 totalDigits=3
	attr a required xs:ID
	unique u l n
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestRefusesWhatItDoesNotUnderstand: a rule that is left out would let wrong documents pass.
func TestRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for name, inside := range map[string]string{
		"union":              `<xs:simpleType name="t"><xs:union memberTypes="a b"/></xs:simpleType>`,
		"facet":              `<xs:simpleType name="t"><xs:restriction base="xs:decimal"><xs:minExclusive value="1"/></xs:restriction></xs:simpleType>`,
		"white space":        `<xs:simpleType name="t"><xs:restriction base="xs:string"><xs:whiteSpace value="replace"/></xs:restriction></xs:simpleType>`,
		"all":                `<xs:complexType name="t"><xs:all/></xs:complexType>`,
		"extension":          `<xs:complexType name="t"><xs:complexContent><xs:extension base="b"/></xs:complexContent></xs:complexType>`,
		"group":              `<xs:group name="g"/>`,
		"key":                `<xs:element name="e"><xs:complexType/><xs:key name="k"/></xs:element>`,
		"path":               `<xs:element name="e"><xs:complexType/><xs:unique name="u"><xs:selector xpath=".//a"/><xs:field xpath="b"/></xs:unique></xs:element>`,
		"nillable":           `<xs:element name="e" type="xs:string" nillable="true"/>`,
		"fixed attribute":    `<xs:complexType name="t"><xs:attribute name="a" type="xs:string" fixed="1"/></xs:complexType>`,
		"substitution group": `<xs:element name="e" type="xs:string" substitutionGroup="f"/>`,
	} {
		if got, err := generate(t, wrap(inside)); err == nil {
			t.Errorf("%s became %q", name, got)
		}
	}
	if _, err := generate(t, "<a"); err == nil {
		t.Error("read what is no XML")
	}
	if _, err := rules(t.TempDir(), source{"none.xsd", "none"}); err == nil {
		t.Error("read what is not there")
	}
}
