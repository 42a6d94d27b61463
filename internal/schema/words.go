// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/modi"
)

// wordsOf tells a fault to a person: what the schema asks and what kind of thing stands in its place. It says how long
// or of which type a value is, and which members of the schema are there; never the value.
func wordsOf(e *openapi3.SchemaError) (expects, found modi.Text) {
	s := e.Schema
	if s == nil {
		return modi.Text{}, modi.Text{}
	}
	switch e.SchemaField {
	case "type":
		return types(s), kindOf(e.Value)
	case "oneOf":
		return choices(s.OneOf), chosen(e, s.OneOf)
	case "anyOf":
		return choices(s.AnyOf), chosen(e, s.AnyOf)
	case "pattern":
		return textf("la forma %s", "the form %s", s.Pattern), textf("un testo di altra forma", "a text of another form")
	case "format":
		return format(s.Format), textf("un testo di altra forma", "a text of another form")
	case "enum":
		all := expectation(e)
		return textf("uno tra %s", "one of %s", strings.ReplaceAll(all, "|", ", ")), textf("un altro valore", "another value")
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		return bound(e.SchemaField, s), size(e.Value)
	case "minimum":
		return numberBound("almeno %v", "at least %v", s.Min), textf("un numero minore", "a smaller number")
	case "maximum":
		return numberBound("al più %v", "at most %v", s.Max), textf("un numero maggiore", "a greater number")
	case "nullable":
		return types(s), kindOf(nil)
	case "uniqueItems":
		return textf("elementi diversi tra loro", "items that differ"), textf("un elemento ripetuto", "a repeated item")
	}
	return modi.Text{}, modi.Text{}
}

func textf(it, en string, args ...any) modi.Text {
	return modi.Text{IT: fmt.Sprintf(it, args...), EN: fmt.Sprintf(en, args...)}
}

// join writes several texts with a word between them in each language.
func join(all []modi.Text, it, en string) modi.Text {
	var its, ens []string
	for _, t := range all {
		its, ens = append(its, t.IT), append(ens, t.EN)
	}
	return modi.Text{IT: strings.Join(its, it), EN: strings.Join(ens, en)}
}

func typeWord(name string) modi.Text {
	switch name {
	case "string":
		return modi.Text{IT: "un testo", EN: "a string"}
	case "integer":
		return modi.Text{IT: "un numero intero", EN: "a whole number"}
	case "number":
		return modi.Text{IT: "un numero", EN: "a number"}
	case "boolean":
		return modi.Text{IT: "true o false", EN: "true or false"}
	case "array":
		return modi.Text{IT: "un elenco", EN: "an array"}
	case "object":
		return modi.Text{IT: "un oggetto", EN: "an object"}
	}
	return modi.Text{IT: name, EN: name}
}

func types(s *openapi3.Schema) modi.Text {
	var all []modi.Text
	if s.Type != nil {
		for _, name := range s.Type.Slice() {
			all = append(all, typeWord(name))
		}
	}
	return join(all, " o ", " or ")
}

// kindOf is the JSON type of a decoded value.
func kindOf(value any) modi.Text {
	switch v := value.(type) {
	case nil:
		return modi.Text{IT: "null", EN: "null"}
	case string:
		return typeWord("string")
	case bool:
		return typeWord("boolean")
	case float64:
		if v == float64(int64(v)) {
			return typeWord("integer")
		}
		return modi.Text{IT: "un numero non intero", EN: "a number that is not whole"}
	case []any:
		return typeWord("array")
	case map[string]any:
		return typeWord("object")
	}
	return modi.Text{}
}

func format(name string) modi.Text {
	switch name {
	case FormatCodiceFiscale:
		return modi.Text{
			IT: "un codice fiscale con il suo carattere di controllo", EN: "a codice fiscale with its check character",
		}
	case "date":
		return modi.Text{IT: "una data AAAA-MM-GG", EN: "a date YYYY-MM-DD"}
	case "date-time":
		return modi.Text{IT: "un istante RFC 3339", EN: "an RFC 3339 instant"}
	}
	return textf("il formato %s", "the format %s", name)
}

func numberBound(it, en string, limit *float64) modi.Text {
	if limit == nil {
		return modi.Text{}
	}
	return textf(it, en, *limit)
}

// bound tells a limit on how much of something there may be.
func bound(keyword string, s *openapi3.Schema) modi.Text {
	limit := map[string]*uint64{
		"minLength": &s.MinLength, "maxLength": s.MaxLength, "minItems": &s.MinItems, "maxItems": s.MaxItems,
		"minProperties": &s.MinProps, "maxProperties": s.MaxProps,
	}[keyword]
	if limit == nil {
		return modi.Text{}
	}
	what, least := strings.CutPrefix(keyword, "min")
	unit := counted(strings.TrimPrefix(what, "max"), int(min(*limit, 2)))
	if least {
		return modi.Text{IT: fmt.Sprintf("almeno %d %s", *limit, unit.IT), EN: fmt.Sprintf("at least %d %s", *limit, unit.EN)}
	}
	return modi.Text{IT: fmt.Sprintf("al più %d %s", *limit, unit.IT), EN: fmt.Sprintf("at most %d %s", *limit, unit.EN)}
}

// counted is the word for n of what is counted.
func counted(what string, n int) modi.Text {
	one, many := modi.Text{IT: "campo", EN: "member"}, modi.Text{IT: "campi", EN: "members"}
	switch what {
	case "Length":
		one, many = modi.Text{IT: "carattere", EN: "character"}, modi.Text{IT: "caratteri", EN: "characters"}
	case "Items":
		one, many = modi.Text{IT: "elemento", EN: "item"}, modi.Text{IT: "elementi", EN: "items"}
	}
	if n == 1 {
		return one
	}
	return many
}

func size(value any) modi.Text {
	n, unit := 0, ""
	switch v := value.(type) {
	case string:
		n, unit = utf8.RuneCountInString(v), "Length"
	case []any:
		n, unit = len(v), "Items"
	case map[string]any:
		n = len(v)
	default:
		return modi.Text{}
	}
	word := counted(unit, n)
	return modi.Text{IT: fmt.Sprintf("%d %s", n, word.IT), EN: fmt.Sprintf("%d %s", n, word.EN)}
}

// choices tells alternatives by the members that each asks for.
func choices(refs openapi3.SchemaRefs) modi.Text {
	var all []string
	for _, ref := range refs {
		if text := choice(ref.Value); text != "" {
			all = append(all, text)
		}
	}
	if len(all) != len(refs) {
		return modi.Text{IT: "una delle alternative del documento OpenAPI", EN: "one of the alternatives of the OpenAPI document"}
	}
	list := strings.Join(all, " | ")
	return modi.Text{IT: "una sola di queste scelte: " + list, EN: "exactly one of these choices: " + list}
}

// choice names the members of one alternative: a + b, with the alternatives inside it in brackets.
func choice(s *openapi3.Schema) string {
	if s == nil {
		return ""
	}
	parts := slices.Clone(s.Required)
	for _, ref := range s.AllOf {
		if text := choice(ref.Value); text != "" {
			parts = append(parts, text)
		}
	}
	for _, refs := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		var inner []string
		for _, ref := range refs {
			inner = append(inner, choice(ref.Value))
		}
		if len(inner) > 0 {
			parts = append(parts, "("+strings.Join(inner, " | ")+")")
		}
	}
	return strings.Join(parts, " + ")
}

// chosen tells which members that the schema knows are there.
func chosen(e *openapi3.SchemaError, refs openapi3.SchemaRefs) modi.Text {
	found := modi.Text{IT: "nessuna", EN: "none of them"}
	if errors.Is(e.Origin, openapi3.ErrOneOfConflict) {
		found = modi.Text{IT: "più di una", EN: "more than one of them"}
	}
	object, ok := e.Value.(map[string]any)
	if !ok {
		return found
	}
	known := members(refs)
	maps.DeleteFunc(known, func(name string, _ bool) bool { _, there := object[name]; return !there })
	if len(known) == 0 {
		return found
	}
	list := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
	return modi.Text{IT: found.IT + " (ci sono: " + list + ")", EN: found.EN + " (there are: " + list + ")"}
}

// members are the names that alternatives ask for, at any depth.
func members(refs openapi3.SchemaRefs) map[string]bool {
	names := map[string]bool{}
	for _, ref := range refs {
		if ref.Value == nil {
			continue
		}
		for _, name := range ref.Value.Required {
			names[name] = true
		}
		for _, inner := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.OneOf, ref.Value.AnyOf} {
			maps.Copy(names, members(inner))
		}
	}
	return names
}

// words completes what the schema error has told with what the keyword alone tells.
func (v Violation) words() (expects, found modi.Text) {
	switch {
	case v.Keyword == "required":
		return modi.Text{IT: "che ci sia", EN: "to be there"}, modi.Text{IT: "manca", EN: "it is missing"}
	case v.Keyword == KeywordUnknown && v.Where == "/":
		return modi.Text{IT: "nessun corpo", EN: "no body"}, modi.Text{IT: "un corpo", EN: "a body"}
	case v.Keyword == KeywordUnknown:
		return modi.Text{IT: "solo i nomi del documento OpenAPI", EN: "only the names of the OpenAPI document"},
			modi.Text{IT: "un nome che non prevede", EN: "a name it does not have"}
	case v.Keyword == "repeated":
		return modi.Text{IT: "una volta sola", EN: "once"}, modi.Text{IT: "più volte", EN: "more than once"}
	case v.Expects != (modi.Text{}):
		return v.Expects, v.Found
	}
	rule := strings.TrimSpace(v.Keyword + " " + v.Expected)
	return modi.Text{IT: "quello che chiede lo schema (" + rule + ")", EN: "what the schema asks (" + rule + ")"}, v.Found
}
