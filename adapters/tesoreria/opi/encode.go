// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Write writes a model as XML in UTF-8: a *Flusso, *Ack, *Ricezione, *Rifiuto, *EsitiApplicativi, *Giornale or
// *Liquide. The document has no signature, whatever the one it was read from had; it is not checked. Equal models give
// equal bytes.
func Write(model any) ([]byte, error) {
	kind, ok := kindOf(model)
	v := reflect.ValueOf(model)
	if !ok || v.IsNil() {
		return nil, fmt.Errorf("opi: %T is no document", model)
	}
	e := &encoder{}
	e.out.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	e.element(string(kind), v.Elem(), 0)
	return e.out.Bytes(), nil
}

func kindOf(model any) (Kind, bool) {
	switch model.(type) {
	case *Flusso:
		return KindFlusso, true
	case *Ack:
		return KindAck, true
	case *Ricezione:
		return KindRicezione, true
	case *Rifiuto:
		return KindRifiuto, true
	case *EsitiApplicativi:
		return KindEsiti, true
	case *Giornale:
		return KindGiornale, true
	case *Liquide:
		return KindLiquide, true
	}
	return "", false
}

type encoder struct{ out bytes.Buffer }

func (e *encoder) indent(depth int) { e.out.WriteString(strings.Repeat("  ", depth)) }

// element writes one element on lines of its own.
func (e *encoder) element(name string, v reflect.Value, depth int) {
	e.indent(depth)
	e.out.WriteString("<" + name)
	if v.Kind() != reflect.Struct {
		e.out.WriteString(">")
		e.escape(textOf(v))
		e.out.WriteString("</" + name + ">\n")
		return
	}
	for _, f := range fieldsOf(v.Type()) {
		if f.attribute() && !v.Field(f.index).IsZero() {
			e.out.WriteString(" " + f.name[1:] + `="`)
			e.escape(v.Field(f.index).String())
			e.out.WriteString(`"`)
		}
	}
	e.out.WriteString(">\n")
	e.inside(v, depth+1)
	e.indent(depth)
	e.out.WriteString("</" + name + ">\n")
}

// inside writes the children of a struct, with what the model does not know.
func (e *encoder) inside(v reflect.Value, depth int) {
	var altri []Altro
	if resto := restoOf(v); resto != nil {
		altri = resto.Altri
	}
	written := make([]bool, len(altri))
	others := func(after func(string) bool) {
		for i, altro := range altri {
			if !written[i] && after(altro.Dopo) {
				written[i] = true
				e.indent(depth)
				e.out.WriteString(altro.XML + "\n")
			}
		}
	}
	others(func(name string) bool { return name == "" })
	for _, f := range fieldsOf(v.Type()) {
		if f.attribute() {
			continue
		}
		e.field(f, v.Field(f.index), depth)
		others(func(name string) bool {
			at, _, ok := place([]field{f}, name)
			return ok && at.index == f.index
		})
	}
	others(func(string) bool { return true })
}

func (e *encoder) field(f field, v reflect.Value, depth int) {
	switch {
	case f.group:
		for i := range v.Len() {
			item := v.Index(i)
			for _, inner := range fieldsOf(item.Type()) {
				e.field(inner, item.Field(inner.index), depth)
			}
		}
	case f.repeated():
		for i := range v.Len() {
			e.element(f.name, v.Index(i), depth)
		}
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			e.element(f.name, v.Elem(), depth)
		}
	case f.optional && v.IsZero():
	default:
		e.element(f.name, v, depth)
	}
}

// escape writes text so that it is read back as it is; characters that XML has no way to write become U+FFFD.
func (e *encoder) escape(text string) {
	_ = xml.EscapeText(&e.out, []byte(text)) // a buffer does not fail
}

func textOf(v reflect.Value) string {
	if i, ok := v.Interface().(Importo); ok {
		return i.String()
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return strconv.FormatInt(v.Int(), 10)
}
