// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"cmp"
	"slices"
	"strings"
)

// Input is a flow of orders in the form somebody had it, with what was wrong with the form.
type Input struct {
	// Flusso is the flow as far as it could be read.
	Flusso *Flusso

	form   *Document       // ready XML; nil for the other forms
	faults Faults          // of the form
	rows   map[string]int  // of a CSV file, by the place of an order or of one of its lines
	titles *titles         // of a CSV file
	summed map[string]bool // of a CSV file, the amounts of orders that are but the sum of their rows
}

const defaultBytes = 16 << 20

// FromXML takes a flow that is ready, signed or still to be signed. The faults say that it is no flow at all; then
// there is no Input.
func FromXML(data []byte, l Limits) (*Input, Faults) {
	doc, err := Read(data, l)
	if err != nil {
		return nil, asFaults(err)
	}
	if doc.Kind() != KindFlusso {
		return nil, Faults{{
			Rule: "opi.xml/unknown-document", Path: "/" + string(doc.Kind()), Line: doc.root.Line, Column: doc.root.Column,
			What: textf("serve un %s, questo è un %s", "a %s is needed, this is a %s", string(KindFlusso), string(doc.Kind())),
		}}
	}
	flow, _ := doc.Flusso() // values of another type are faults of the structure, which Check finds
	return &Input{Flusso: flow, form: doc}, nil
}

func asFaults(err error) Faults {
	if faults, ok := err.(Faults); ok { //nolint:errorlint // Read gives Faults as they are
		return faults
	}
	return Faults{{Rule: "opi.xml/not-well-formed", What: Text{IT: err.Error(), EN: err.Error()}}}
}

// Signed tells whether the flow holds a signature, good or bad.
func (in *Input) Signed() bool { return in.form != nil && in.form.Signatures() > 0 }

// XML is the flow as it is sent: ready XML byte for byte, other forms as Write writes them, without signature.
func (in *Input) XML() ([]byte, error) {
	if in.form != nil {
		return in.form.Bytes(), nil
	}
	return Write(in.Flusso)
}

// Check gives all that is wrong: with the form, the structure in a version and the flow under a policy, in the order
// of the form. Places are lines of ready XML and rows of CSV. Ready XML without a signature is held to be still to be
// signed, as what is built is.
func (in *Input) Check(v Version, p Policy) Faults {
	faults := slices.Clone(in.faults)
	told := unread{}
	for _, f := range in.faults {
		told.add(f)
	}
	structural := in.structure(v)
	lines := wrongLines(faults, structural)
	for _, f := range structural {
		echo := in.summed[samePlace(f.Path)] && lines[orderOf(f.Path)] // a sum is wrong as what it adds up is
		if !told.has(f.Path) && !echo {
			faults = append(faults, f)
		}
	}
	for _, f := range faults {
		told.add(f)
	}
	for _, f := range p.Check(in.Flusso) {
		if !told.follows(f) {
			faults = append(faults, f)
		}
	}
	for i := range faults {
		in.locate(&faults[i])
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Line, b.Line)) })
	return faults
}

// unread are the places whose value could not be read, and stands in the model as nothing.
type unread map[string]bool

func (u unread) add(f Fault) {
	switch f.Rule {
	case "opi.input/type", "opi.input/unknown-field", "opi.structure/type", "opi.structure/fraction-digits", "opi.structure/total-digits":
		u[samePlace(f.Path)] = f.Path != ""
	}
}

func (u unread) has(path string) bool { return u[samePlace(path)] }

// follows tells a fault that is none but the echo of a value that was not read: at its place, a total of an order with
// an amount that was not, a date when the year was not.
func (u unread) follows(f Fault) bool {
	if u.has(f.Path) || f.Rule == "opi.flow/date" && u["/"+string(KindFlusso)+"/esercizio"] {
		return true
	}
	if f.Rule != "opi.flow/total" {
		return false
	}
	order := orderOf(f.Path) + "/"
	for path := range u {
		if strings.HasPrefix(path, order) && strings.HasPrefix(fieldOf(path), "importo") {
			return true
		}
	}
	return false
}

// orderOf is the place of the order in which a place is.
func orderOf(path string) string {
	parts := strings.SplitN(samePlace(path), "/", 4)
	return strings.Join(parts[:min(3, len(parts))], "/")
}

// wrongLines are the orders, by their places, of which a row has a fault in its amount.
func wrongLines(all ...Faults) map[string]bool {
	out := map[string]bool{}
	for _, f := range slices.Concat(all...) {
		switch fieldOf(f.Path) {
		case "importo_beneficiario", "importo_versante":
			out[orderOf(f.Path)] = true
		}
	}
	return out
}

func (in *Input) structure(v Version) Faults {
	if in.form != nil {
		return in.form.Check(v, CheckOptions{Unsigned: !in.Signed()})
	}
	data, err := Write(in.Flusso)
	if err != nil {
		return asFaults(err)
	}
	doc, err := Read(data, Limits{Bytes: 1 << 30})
	if err != nil {
		return asFaults(err)
	}
	faults := doc.Check(v, CheckOptions{Unsigned: true})
	for i := range faults {
		faults[i].Line, faults[i].Column = 0, 0 // of the XML that nobody has seen
	}
	return faults
}

// locate gives a fault its row or line: of the nearest place above that has one.
func (in *Input) locate(f *Fault) {
	if f.Path == "" {
		return
	}
	if in.form != nil && f.Line == 0 {
		for path := f.Path; path != ""; path = path[:strings.LastIndexByte(path, '/')] {
			if e := in.form.at(path); e != nil {
				f.Line, f.Column = e.Line, e.Column
				return
			}
		}
	}
	if in.rows == nil || f.Row > 0 {
		return
	}
	for path := f.Path; path != ""; path = path[:strings.LastIndexByte(path, '/')] {
		if row, ok := in.rows[samePlace(path)]; ok {
			f.Row, f.Field, f.What = row, in.titles.field(f.Path), in.titles.told(f.Path, f.What)
			return
		}
	}
}
