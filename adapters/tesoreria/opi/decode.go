// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

// dsig is the namespace of XML Signature.
const dsig = "http://www.w3.org/2000/09/xmldsig#"

// decoder fills the model from a tree.
type decoder struct{ faults Faults }

// decode reads the children and attributes of an element into a struct.
func (d *decoder) decode(e *xmltree.Element, v reflect.Value) {
	fields := fieldsOf(v.Type())
	for _, f := range fields {
		if f.attribute() {
			text, _ := e.Attr("", f.name[1:])
			v.Field(f.index).SetString(text)
		}
	}
	seen := map[string]bool{}
	last := ""
	for _, child := range e.Elements() {
		if child.Is(dsig, "Signature") && e.Parent == nil {
			continue // opi/firma looks at it
		}
		if child.Space == "" {
			if f, inner, ok := place(fields, child.Local); ok {
				target, taken := v.Field(f.index), seen[child.Local]
				if inner != nil {
					target = groupItem(target, *inner).Field(inner.index)
					taken = !target.IsZero()
				}
				if slot, free := settle(target, taken); free {
					d.value(child, slot)
					seen[child.Local] = true
					last = child.Local
					continue
				}
			}
		}
		if resto := restoOf(v); resto != nil {
			text, _ := child.Canonical(xmltree.Method{Exclusive: true, Comments: true})
			resto.Altri = append(resto.Altri, Altro{Dopo: last, XML: string(text)})
		}
	}
}

func (d *decoder) value(e *xmltree.Element, v reflect.Value) {
	if v.Kind() == reflect.Struct {
		d.decode(e, v)
		return
	}
	if what := setText(v, e.Text()); what != (Text{}) && len(d.faults) < maxFaults {
		d.faults = append(d.faults, Fault{Rule: "opi.structure/type", Path: e.Path(), Field: e.Local, Line: e.Line, Column: e.Column, What: what})
	}
}

// setText reads a text as XML has it into a simple value; what is wrong is said without quoting it.
func setText(v reflect.Value, text string) Text {
	switch v.Type() {
	case reflect.TypeFor[Importo]():
		n, err := ParseImporto(strings.TrimSpace(text))
		if err != nil {
			return amountText()
		}
		v.SetInt(int64(n))
		return Text{}
	case reflect.TypeFor[Data](), reflect.TypeFor[DataOra]():
		v.SetString(strings.TrimSpace(text))
		return Text{}
	}
	if v.Kind() == reflect.String {
		v.SetString(text)
		return Text{}
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(text), "+"), 10, v.Type().Bits())
	if err != nil {
		return Text{IT: "serve un numero intero", EN: "a whole number is needed"}
	}
	v.SetInt(n)
	return Text{}
}

func amountText() Text {
	return Text{
		IT: `serve un importo in euro con due decimali dopo il punto, come "1220.00"`,
		EN: `an amount in euro with two decimals after a point is needed, such as "1220.00"`,
	}
}

// into decodes a document of one kind.
func into[T any](d *Document, kind Kind) (*T, error) {
	if d.kind != kind {
		return nil, fmt.Errorf("opi: the document is a %s, not a %s", d.kind, kind)
	}
	var model T
	dec := &decoder{}
	dec.decode(d.root, reflect.ValueOf(&model).Elem())
	return &model, dec.faults.err()
}

// Flusso reads a flow of orders. Documents that Check finds nothing in are always read; of others the error may be
// Faults, and the model is there as far as it could be read.
func (d *Document) Flusso() (*Flusso, error) { return into[Flusso](d, KindFlusso) }

// Ack reads an answer of SIOPE+; errors are those of Flusso, here and below.
func (d *Document) Ack() (*Ack, error) { return into[Ack](d, KindAck) }

// Ricezione reads the message that a flow was taken in charge.
func (d *Document) Ricezione() (*Ricezione, error) { return into[Ricezione](d, KindRicezione) }

// Rifiuto reads the message that a flow is refused.
func (d *Document) Rifiuto() (*Rifiuto, error) { return into[Rifiuto](d, KindRifiuto) }

// Esiti reads what became of orders.
func (d *Document) Esiti() (*EsitiApplicativi, error) { return into[EsitiApplicativi](d, KindEsiti) }

// Giornale reads a page of the cash book.
func (d *Document) Giornale() (*Giornale, error) { return into[Giornale](d, KindGiornale) }

// Liquide reads the reports of liquid means.
func (d *Document) Liquide() (*Liquide, error) { return into[Liquide](d, KindLiquide) }
