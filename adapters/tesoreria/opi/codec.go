// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"reflect"
	"strings"
)

// The model is one set of structs for three forms. The json tag of a field is the name of the element, which people
// use in JSON and CSV too; fields stand in the order of the schema, in which XML is written. A name that begins with @
// is an attribute. A field with the tag opi:"group" stands for no element of its own: its items are found among the
// children of the struct, as a choice that repeats is written in a schema; a field of an item with opi:"first" begins
// the next item.

// Resto is what a document has below an element and the model does not know: data at the disposal of the ente, or
// elements of a version to come. It is written back in its place.
type Resto struct {
	Altri []Altro `json:"-"`
}

// Altro is one element that the model does not know.
type Altro struct {
	// Dopo is the name of the known sibling it comes after; it is written behind the last of that name. Empty for the
	// beginning.
	Dopo string
	// XML is the element as exclusive canonical XML.
	XML string
}

// field is one field of a struct of the model.
type field struct {
	name     string
	index    int
	optional bool
	group    bool
	first    bool // begins an item of a group
	typ      reflect.Type
}

func (f field) attribute() bool { return strings.HasPrefix(f.name, "@") }

// repeated tells a list of elements.
func (f field) repeated() bool { return f.typ.Kind() == reflect.Slice }

// element is the type of one element: without list and pointer.
func (f field) element() reflect.Type {
	t := f.typ
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

var restoType = reflect.TypeFor[Resto]()

// fieldsOf lists the fields of a struct in the order of the schema.
func fieldsOf(t reflect.Type) []field {
	out := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == restoType {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		role := f.Tag.Get("opi")
		out = append(out, field{
			name: name, index: i, optional: options == "omitempty", group: role == "group", first: role == "first", typ: f.Type,
		})
	}
	return out
}

// restoOf is where a struct keeps what is unknown; nil for one that keeps nothing.
func restoOf(v reflect.Value) *Resto {
	at := v.FieldByName(restoType.Name())
	if !at.IsValid() || !at.CanAddr() {
		return nil
	}
	resto, ok := at.Addr().Interface().(*Resto)
	if !ok {
		return nil
	}
	return resto
}

// place finds where an element of a name goes: the field, and inside a group the field of its items.
func place(fields []field, name string) (at field, inner *field, ok bool) {
	for _, f := range fields {
		if !f.group {
			if f.name == name && !f.attribute() {
				return f, nil, true
			}
			continue
		}
		for _, in := range fieldsOf(f.element()) {
			if in.name == name {
				return f, &in, true
			}
		}
	}
	return field{}, nil, false
}

// settle makes room for one more value of a field: a new item of a list, or what a pointer points to. False where
// there is a value already.
func settle(v reflect.Value, seen bool) (reflect.Value, bool) {
	switch v.Kind() {
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		return v.Index(v.Len() - 1), true
	case reflect.Pointer:
		if !v.IsNil() {
			return v, false
		}
		v.Set(reflect.New(v.Type().Elem()))
		return v.Elem(), true
	default:
		return v, !seen
	}
}

// groupItem is the item of a group that a value goes into: the last one, unless the value is one that items begin with.
func groupItem(list reflect.Value, inner field) reflect.Value {
	if n := list.Len(); n > 0 && !inner.first {
		return list.Index(n - 1)
	}
	item, _ := settle(list, false)
	return item
}

// alternatives tells a group whose items hold exactly one of their fields, as an order is a mandato or a reversale.
func alternatives(t reflect.Type) bool {
	for _, f := range fieldsOf(t) {
		if !f.first {
			return false
		}
	}
	return true
}
