// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apirules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

var (
	pascal     = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	credential = regexp.MustCompile(`(?i)password|passwd|secret|api_?-?key|access_?-?token|client_?-?assertion`)
	notLetters = regexp.MustCompile(`[^a-z]`)
)

// fiscal are the names under which a codice fiscale travels, without what is between the words.
func fiscal() []string {
	return []string{
		"cf", "codfisc", "codfiscale", "codicefiscale", "taxcode", "taxid", "fiscalcode", "fiscalnumber", "personaltaxcode",
		"cfrichiedente", "cfsoggetto", "cfpersona", "cfcittadino", "cfbeneficiario", "cfgenitore", "cffiglio", "cfdelegato",
	}
}

// others are the names, each of a person alone, for which national ontologies recommend another.
func others() []string {
	return []string{
		"cognome", "surname", "firstname", "lastname", "cf", "codicefiscale", "fiscalcode", "fiscalnumber",
		"datanascita", "datadinascita", "dateofbirth",
	}
}

// givenNames are names that a thing may have too: they are of a person where another name of a person stands beside them.
func givenNames() []string { return []string{"nome", "name"} }

func plainName(name string) string { return notLetters.ReplaceAllString(strings.ToLower(name), "") }

// Texts that tell a pattern made for a codice fiscale from one that takes anything: the first is a code of an invented
// person, the others are texts of its length.
const (
	someCode   = "RSSMRA85T10A562S"
	someDigits = "1234567890123456"
	someWord   = "abcdefghijklmnop"
)

// urlParameter wants nobody's name in a URL.
func (c *check) urlParameter(p object, at string) {
	name := text(p["name"])
	if credential.MatchString(name) {
		c.add(CredentialInURL, at)
	}
	schema, _ := c.resolve(p["schema"], "")
	plain := plainName(name)
	if slices.Contains(fiscal(), plain) || strings.HasPrefix(plain, "codicefiscale") || strings.HasSuffix(plain, "codicefiscale") || fiscalSchema(schema) ||
		isCode(p["example"]) {
		c.add(FiscalCodeInURL, at)
	}
}

// fiscalSchema tells a schema by its format, by an example, or by a pattern made for it.
func fiscalSchema(schema object) bool {
	if format := plainName(text(schema["format"])); slices.Contains(fiscal(), format) || isCode(schema["example"]) {
		return true
	}
	pattern := text(schema["pattern"])
	if pattern == "" || len(pattern) > 1000 {
		return false
	}
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString(someCode) && !re.MatchString(someDigits) && !re.MatchString(someWord) &&
		!re.MatchString(strings.ToUpper(someWord))
}

func isCode(v any) bool {
	s := codicefiscale.Normal(text(v))
	return len(s) == 16 && codicefiscale.Valid(s) == nil
}

// schemas looks at every schema of the document, wherever it stands.
func (c *check) schemas() {
	for name := range asObject(member(c.root, "components", "schemas")) {
		if !pascal.MatchString(name) {
			c.add(SchemaNotPascal, "/components/schemas", name)
		}
	}
	for _, part := range []string{"paths", "components"} {
		walk(c.root[part], pointer("", part), c.schema)
	}
}

func (c *check) schema(o object, at string) {
	if properties(at) {
		if strings.HasSuffix(at, "/properties") {
			c.memberNames(o, at)
		}
		return
	}
	switch o["type"] {
	case "number", "integer":
		c.number(o, at)
	case "string":
		format := text(o["format"])
		fixed := slices.Contains([]string{"date", "date-time", "uuid", "time", "binary"}, format)
		if o["maxLength"] == nil && o["enum"] == nil && !fixed {
			c.add(StringUnbounded, at)
		}
	case "array":
		if o["maxItems"] == nil {
			c.add(ListUnbounded, at)
		}
	}
}

func (c *check) memberNames(o object, at string) {
	var person bool
	for name := range o {
		plain := plainName(name)
		person = person || slices.Contains(others(), plain) || slices.Contains([]string{"familyname", "taxcode", "birthdate"}, plain)
	}
	for name := range o {
		plain := plainName(name)
		if slices.Contains(others(), plain) || person && slices.Contains(givenNames(), plain) {
			c.add(NotRecommended, at, name)
		}
	}
}

func (c *check) number(o object, at string) {
	format := text(o["format"])
	known := []string{"decimal32", "decimal64", "decimal128", "float", "double"}
	missing := NumberFormat
	if o["type"] == "integer" {
		known, missing = []string{"int32", "int64"}, IntegerFormat
		if o["enum"] == nil && (o["minimum"] == nil || o["maximum"] == nil) {
			c.add(IntegerUnbounded, at)
		}
	}
	switch {
	case format == "":
		c.add(missing, at)
	case !slices.Contains(known, format):
		c.add(UnknownFormat, at)
	}
}
