// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/schema"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

//go:embed rules/*.rules
var ruleFiles embed.FS

// Limits bound what a document may cost to read. A field that is zero has its default: 16 MiB, 1 000 000 elements, 64
// levels. How large a flow may be is published nowhere.
type Limits struct{ Bytes, Elements, Depth int }

// Document is a document as it was read. It may be used concurrently.
type Document struct {
	kind Kind
	data []byte
	root *xmltree.Element
}

// Read reads a document of any kind. The error is Faults of the rules opi.xml/…: what is no XML, holds a DOCTYPE (and
// with it any entity), is in an encoding other than UTF-8 or ISO-8859-1, is beyond the limits or has an unknown root.
func Read(data []byte, l Limits) (*Document, error) {
	tree, err := xmltree.Parse(data, xmltree.Limits{Bytes: l.Bytes, Elements: l.Elements, Depth: l.Depth})
	var bad *xmltree.Error
	if errors.As(err, &bad) {
		return nil, Faults{unreadable(bad)}
	}
	if err != nil {
		return nil, err
	}
	kind := Kind(tree.Root.Local)
	if tree.Root.Space != "" || !slices.Contains(Kinds(), kind) {
		return nil, Faults{{
			Rule: "opi.xml/unknown-document", Path: tree.Root.Path(), Line: tree.Root.Line, Column: tree.Root.Column,
			What: textf("non è un documento OPI: la radice deve essere %s, senza namespace",
				"this is no document of OPI: the root has to be %s, in no namespace", kindNames()),
		}}
	}
	return &Document{kind: kind, data: data, root: tree.Root}, nil
}

func kindNames() string {
	names := make([]string, 0, len(Kinds()))
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func unreadable(bad *xmltree.Error) Fault {
	f := Fault{Rule: "opi.xml/" + string(bad.Reason), Line: bad.Line, Column: bad.Column}
	switch bad.Reason {
	case xmltree.TooLarge:
		f.What = textf("il documento supera i limiti: %s", "the document is beyond the limits: %s", Text(bad.Detail))
	case xmltree.HasDoctype:
		f.What = Text{IT: "le dichiarazioni DOCTYPE non sono ammesse", EN: "DOCTYPE declarations are not admitted"}
	case xmltree.Encoding:
		f.What = textf("codifica non letta (%s): salvare il documento in UTF-8", "encoding not read (%s): save the document in UTF-8", Text(bad.Detail))
	case xmltree.NotXML:
		f.What = textf("XML non ben formato: %s", "XML that is not well formed: %s", Text(bad.Detail))
	}
	return f
}

// Kind is the kind of the document.
func (d *Document) Kind() Kind { return d.kind }

// Bytes is the document as it was given to Read. It must not be changed.
func (d *Document) Bytes() []byte { return d.data }

// Signatures is how many signatures the document holds. Whether they are good is for opi/firma.
func (d *Document) Signatures() int { return len(d.root.Find(dsig, "Signature")) }

// CheckOptions change what Check asks.
type CheckOptions struct {
	// Unsigned admits a document without the signature that its schema asks for: one that is still to be signed.
	Unsigned bool
}

// Check holds the document against the structure of a version: presence, order and number of elements, types,
// lengths, values. A version in which the kind did not change has the structure of the one before. It gives every fault
// with its line, up to a thousand; an unknown version is the fault opi.structure/version.
func (d *Document) Check(v Version, o CheckOptions) Faults {
	set, err := rulesOf(d.kind, v)
	if err != nil {
		return Faults{{
			Rule: "opi.structure/version",
			What: unknownVersion(d.kind, v, err),
		}}
	}
	options := schema.Options{}
	if o.Unsigned {
		options.Optional = "Signature"
	}
	var out Faults
	for _, f := range set.Validate(d.root, options) {
		out = append(out, structural(f))
	}
	return out
}

var errNoVersion = errors.New("opi: no structure of this kind in this version")

func unknownVersion(k Kind, v Version, err error) Text {
	if !errors.Is(err, errNoVersion) {
		return textf("struttura della versione %s non leggibile: %s", "structure of version %s cannot be read: %s", string(v), err.Error())
	}
	var known []string
	for _, v := range Versions(k) {
		known = append(known, string(v))
	}
	return textf("versione %s non conosciuta; la struttura di %s c'è nelle versioni %s", "version %s is not known; there is a structure of %s in versions %s",
		string(v), string(k), strings.Join(known, ", "))
}

// rulesOf reads the rules of a kind in a version.
func rulesOf(k Kind, v Version) (*schema.Set, error) {
	known, ok := structure(k, v)
	if !ok {
		return nil, errNoVersion
	}
	files, err := fs.Sub(ruleFiles, "rules")
	if err != nil {
		return nil, fmt.Errorf("opi: %w", err)
	}
	return schema.Parse(files, string(k)+"-"+string(known))
}

// Conforms lists the versions whose structure the document has, the oldest first.
func (d *Document) Conforms() []Version {
	var out []Version
	for _, v := range Versions(d.kind) {
		if len(d.Check(v, CheckOptions{})) == 0 {
			out = append(out, v)
		}
	}
	return out
}

// at finds the element that a path names; nil for none.
func (d *Document) at(path string) *xmltree.Element {
	steps := strings.Split(strings.TrimPrefix(path, "/"), "/")
	e := d.root
	for _, step := range steps[1:] {
		name, number, _ := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		n := 1
		if number != "" {
			var err error
			if n, err = strconv.Atoi(number); err != nil {
				return nil
			}
		}
		found := e.Find("", name)
		if n < 1 || n > len(found) {
			return nil
		}
		e = found[n-1]
	}
	return e
}
