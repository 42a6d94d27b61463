// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package yamlfile

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Into binds the document to into, a pointer to a struct, map or slice, and returns
// every fault it finds; what could be bound is bound.
//
// Keys are the names of `yaml` tags; a field tagged "-" is not read and one without a
// tag is known by its name in lower case. Durations are written as "30s" or "24h".
// A key without a value leaves groups and lists empty and is a fault for a scalar.
func (d *Document) Into(into any) Faults {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return Faults{NewFault(d.file, 0, "non si può leggere in un %T", "cannot bind to a %T", into)}
	}
	b := binder{file: d.file}
	if d.root.kind != null {
		b.bind(d.root, v.Elem())
	}
	return b.faults
}

// binder walks a node and a Go value together.
type binder struct {
	file   string
	faults Faults
}

func (b *binder) fault(line int, it, en string, args ...any) {
	b.faults = append(b.faults, NewFault(b.file, line, it, en, args...))
}

func (b *binder) bind(n *node, v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		b.duration(n, v)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if n.kind == null {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		b.bind(n, v.Elem())
	case reflect.Struct:
		b.structure(n, v)
	case reflect.Map:
		b.keyed(n, v)
	case reflect.Slice:
		b.list(n, v)
	case reflect.Interface:
		if plain := b.plain(n); plain != nil {
			v.Set(reflect.ValueOf(plain))
		}
	default:
		b.scalar(n, v)
	}
}

// expect reports a value of the wrong kind. An absent group or list is empty.
func (b *binder) expect(n *node, want kind) bool {
	if n.kind == want {
		return true
	}
	if n.kind != null || (want != mapping && want != sequence) {
		b.fault(n.line, "atteso: %s; trovato: %s",
			"expected %s, found %s", want.text(), n.kind.text())
	}
	return false
}

func (b *binder) structure(n *node, v reflect.Value) {
	if !b.expect(n, mapping) {
		return
	}
	fields := fieldsOf(v.Type())
	for _, e := range n.entries {
		index, known := fields[e.key]
		if !known {
			b.fault(e.line, "chiave sconosciuta %q: %s",
				"unknown key %q: %s", e.key, suggest(e.key, fields))
			continue
		}
		b.bind(e.value, v.Field(index))
	}
}

func (b *binder) keyed(n *node, v reflect.Value) {
	if !b.expect(n, mapping) {
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.entries))
	for _, e := range n.entries {
		item := reflect.New(v.Type().Elem()).Elem()
		b.member(e.value, item)
		m.SetMapIndex(reflect.ValueOf(e.key).Convert(v.Type().Key()), item)
	}
	v.Set(m)
}

func (b *binder) list(n *node, v reflect.Value) {
	if !b.expect(n, sequence) {
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
	for i, item := range n.items {
		b.member(item, list.Index(i))
	}
	v.Set(list)
}

// member binds an item of a list or map. One without a value is an empty group and never
// a nil pointer: who checks the list meets its faults.
func (b *binder) member(n *node, v reflect.Value) {
	if n.kind == null && v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return
	}
	b.bind(n, v)
}

func (b *binder) duration(n *node, v reflect.Value) {
	d, err := time.ParseDuration(n.text)
	if n.kind != text || err != nil {
		b.fault(n.line,
			`attesa una durata come "30s", "5m" o "24h"`,
			`expected a duration such as "30s", "5m" or "24h"`)
		return
	}
	v.SetInt(int64(d))
}

func (b *binder) scalar(n *node, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		// Digits without quotes (a codice fiscale of 11 digits) keep the text of the file.
		if n.kind == number || b.expect(n, text) {
			v.SetString(n.text)
		}
	case reflect.Bool:
		if b.expect(n, boolean) {
			v.SetBool(strings.EqualFold(n.text, "true"))
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		if i, err := strconv.ParseInt(n.text, 10, v.Type().Bits()); decimal(n) && err == nil {
			v.SetInt(i)
		} else {
			b.fault(n.line, "atteso un numero intero; trovato: %s",
				"expected a whole number, found %s", found(n))
		}
	case reflect.Uint32, reflect.Uint64:
		if u, err := strconv.ParseUint(n.text, 10, v.Type().Bits()); decimal(n) && err == nil {
			v.SetUint(u)
		} else {
			b.fault(n.line, "atteso un numero intero non minore di 0; trovato: %s",
				"expected a whole number not below 0, found %s", found(n))
		}
	case reflect.Float64:
		if f, err := strconv.ParseFloat(n.text, 64); decimal(n) && err == nil {
			v.SetFloat(f)
		} else {
			b.fault(n.line, "atteso un numero; trovato: %s",
				"expected a number, found %s", found(n))
		}
	default:
		b.fault(n.line, "un valore di tipo %s non si può configurare",
			"a value of type %s cannot be configured", v.Type())
	}
}

// decimal tells a number that everybody reads alike: 010 is eight to some readers of
// YAML and ten to others, 1_000 a text to some.
func decimal(n *node) bool {
	digits := strings.TrimLeft(n.text, "+-")
	return n.kind == number && !strings.Contains(digits, "_") && (len(digits) < 2 || digits[0] != '0' || digits[1] == '.')
}

func found(n *node) modi.Text {
	if n.kind == number {
		return modi.Text{IT: n.text, EN: n.text}
	}
	return n.kind.text()
}

// plain converts to the types encoding/json uses, whole numbers as int64.
func (b *binder) plain(n *node) any {
	switch n.kind {
	case text:
		return n.text
	case boolean:
		return strings.EqualFold(n.text, "true")
	case number:
		i, whole := strconv.ParseInt(n.text, 10, 64)
		if whole == nil && decimal(n) {
			return i
		}
		f, err := strconv.ParseFloat(n.text, 64)
		if err != nil || !decimal(n) || errors.Is(whole, strconv.ErrRange) {
			b.fault(n.line, "atteso un numero decimale; trovato: %s",
				"expected a decimal number, found %s", n.text)
		}
		return f
	case mapping:
		m := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			m[e.key] = b.plain(e.value)
		}
		return m
	case sequence:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = b.plain(item)
		}
		return list
	default:
		return nil
	}
}

func fieldsOf(t reflect.Type) map[string]int {
	fields := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		if name != "-" && f.IsExported() {
			fields[name] = i
		}
	}
	return fields
}

// suggest names the known keys: first the one that was probably meant.
func suggest(key string, fields map[string]int) modi.Text {
	names := make([]string, 0, len(fields))
	for name := range fields {
		if strings.EqualFold(name, key) {
			return modi.Text{IT: fmt.Sprintf("si intendeva %q?", name), EN: fmt.Sprintf("did you mean %q?", name)}
		}
		names = append(names, name)
	}
	slices.Sort(names)
	all := strings.Join(names, ", ")
	return modi.Text{IT: "le chiavi note sono " + all, EN: "known keys are " + all}
}
