// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FromJSON takes a flow as JSON: the model, with the names of its elements. Amounts are strings in euro, "1220.00". The
// faults say that it is no JSON; then there is no Input. Fields that are unknown, there twice or of another type are
// faults of Check.
func FromJSON(data []byte, l Limits) (*Input, Faults) {
	root, err := parseJSON(data, cmp.Or(l.Bytes, defaultBytes))
	if err != nil {
		return nil, Faults{whyNotJSON(data, err)}
	}
	d := &jsonDecoder{}
	flow := &Flusso{}
	d.value(root, reflect.ValueOf(flow).Elem(), "/"+string(KindFlusso))
	return &Input{Flusso: flow, faults: d.faults}, nil
}

// notJSON is what is wrong with the form of JSON.
type notJSON struct{ Text }

func (e notJSON) Error() string { return e.EN }

// whyNotJSON puts what package json says into words, with the line.
func whyNotJSON(data []byte, err error) Fault {
	f := Fault{Rule: "opi.input/not-json"}
	var own notJSON
	var syntax *json.SyntaxError
	what := Text{IT: err.Error(), EN: err.Error()}
	switch {
	case errors.As(err, &own):
		what = own.Text
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		what = Text{IT: "il testo finisce a metà", EN: "the text ends in the middle"}
	case errors.As(err, &syntax):
		f.Line = 1 + bytes.Count(data[:min(max(syntax.Offset, 0), int64(len(data)))], []byte("\n"))
		what = Text{
			IT: "un carattere fuori posto: una virgola, delle virgolette o una parentesi in più o in meno, qui o appena prima",
			EN: "a character out of place: a comma, quote or bracket too many or missing, here or just before",
		}
	}
	f.What = textf("JSON non leggibile: %s", "JSON that cannot be read: %s", what)
	return f
}

// object is a JSON object with its members in order, so that those that are there twice are seen.
type object []member

type member struct {
	name  string
	value any
}

const maxJSONDepth = 32

func parseJSON(data []byte, limit int) (any, error) {
	if len(data) > limit {
		return nil, notJSON{textf("%d byte, al massimo %d", "%d bytes, at most %d", len(data), limit)}
	}
	if !utf8.Valid(data) {
		return nil, notJSON{Text{"byte che non sono UTF-8", "bytes that are no UTF-8"}}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := readJSON(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, notJSON{Text{"più di un valore", "more than one value"}}
	}
	return v, nil
}

func readJSON(dec *json.Decoder, depth int) (any, error) {
	token, err := dec.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth == maxJSONDepth {
		return nil, notJSON{textf("annidato per più di %d livelli", "nested more than %d deep", maxJSONDepth)}
	}
	members, items := object{}, []any{}
	for dec.More() {
		if open == '[' {
			item, err := readJSON(dec, depth+1)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
			continue
		}
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		value, err := readJSON(dec, depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{fmt.Sprint(key), value})
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if open == '[' {
		return items, nil
	}
	return members, nil
}

// jsonDecoder fills the model and goes on after a fault.
type jsonDecoder struct{ faults Faults }

func (d *jsonDecoder) add(rule, path string, what Text) {
	if len(d.faults) == maxFaults {
		return
	}
	d.faults = append(d.faults, Fault{Rule: "opi.input/" + rule, Path: path, Field: fieldOf(path), What: what})
}

func (d *jsonDecoder) value(in any, v reflect.Value, path string) {
	switch {
	case v.Kind() == reflect.Pointer:
		if in == nil {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		d.value(in, v.Elem(), path)
	case v.Kind() == reflect.Struct:
		members, ok := in.(object)
		if !ok {
			d.add("type", path, Text{IT: "serve un oggetto JSON", EN: "a JSON object is needed"})
			return
		}
		d.object(members, v, path)
	default:
		if what := d.text(in, v); what != (Text{}) {
			d.add("type", path, what)
		}
	}
}

func (d *jsonDecoder) object(members object, v reflect.Value, path string) {
	seen := map[string]bool{}
	for _, m := range members {
		at := path + "/" + m.name
		var found *field
		for _, f := range fieldsOf(v.Type()) {
			if f.name == m.name {
				found = &f
			}
		}
		switch {
		case seen[m.name]:
			d.add("unknown-field", at, Text{IT: "il campo c'è due volte", EN: "the field is there twice"})
		case found == nil:
			d.add("unknown-field", at, unknownField(m.name, v.Type()))
		case found.repeated():
			d.list(m.value, *found, v.Field(found.index), path)
		default:
			d.value(m.value, v.Field(found.index), at)
		}
		seen[m.name] = true
	}
}

// unknownField names the fields that there are.
func unknownField(name string, t reflect.Type) Text {
	var names []string
	for _, f := range fieldsOf(t) {
		names = append(names, f.name)
	}
	quoted, known := strconv.Quote(name), strings.Join(names, ", ")
	return textf("il campo %s non è previsto; i campi qui sono: %s", "field %s is not known; the fields here are: %s", quoted, known)
}

// list reads the items of a list. Those of a group have places of their own: an order is /mandato[2], whatever stands
// between it and the first.
func (d *jsonDecoder) list(in any, f field, v reflect.Value, path string) {
	items, ok := in.([]any)
	if !ok {
		d.add("type", path+"/"+f.name, Text{IT: "serve una lista JSON", EN: "a JSON list is needed"})
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	counts := map[string]int{}
	for i, item := range items {
		members, isObject := item.(object)
		switch {
		case !f.group || !isObject:
			d.value(item, v.Index(i), fmt.Sprintf("%s/%s[%d]", path, f.name, i+1))
		case !alternatives(f.element()):
			d.object(members, v.Index(i), path)
		case len(members) != 1:
			d.add("type", fmt.Sprintf("%s/%s[%d]", path, f.name, i+1), Text{
				IT: "serve un oggetto con un solo campo", EN: "an object with exactly one field is needed",
			})
		default:
			counts[members[0].name]++
			d.alternative(members[0], v.Index(i), fmt.Sprintf("%s/%s[%d]", path, members[0].name, counts[members[0].name]))
		}
	}
}

func (d *jsonDecoder) alternative(m member, v reflect.Value, at string) {
	for _, f := range fieldsOf(v.Type()) {
		if f.name == m.name {
			d.value(m.value, v.Field(f.index), at)
			return
		}
	}
	d.add("unknown-field", at, unknownField(m.name, v.Type()))
}

func (d *jsonDecoder) text(in any, v reflect.Value) Text {
	switch v.Type() {
	case reflect.TypeFor[int](), reflect.TypeFor[int64]():
		number, ok := in.(json.Number)
		if !ok {
			return Text{IT: "serve un numero intero, senza virgolette", EN: "a whole number is needed, without quotes"}
		}
		return setText(v, number.String())
	}
	text, ok := in.(string)
	if !ok {
		if v.Type() == reflect.TypeFor[Importo]() {
			return amountText()
		}
		return Text{IT: "serve un testo tra virgolette", EN: "a text in quotes is needed"}
	}
	return setText(v, text)
}
