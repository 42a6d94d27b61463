// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package yamlfile reads the plain YAML of recipes and configuration. It owns the
// strict binding of a document to Go values: unknown and repeated keys are refused,
// anchors, aliases, tags, merge keys and further documents are not spoken, nothing is
// converted silently, and every fault of a file is reported at once with its line.
//
// It depends on a YAML parser and, for texts in two languages, on modi; it never opens a file.
package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// MaxSize is the size in bytes above which a document is refused unread.
const MaxSize = 1 << 20

// Fault is one mistake of one file, for the person who wrote the file.
type Fault struct {
	File    string
	Line    int // 1-based; 0 when the fault concerns the file as a whole
	Message modi.Text
}

// NewFault writes the message of a fault in both languages. Both formats take the same
// args in the same order; an arg that is a modi.Text is written in the language of each.
func NewFault(file string, line int, it, en string, args ...any) Fault {
	return Fault{File: file, Line: line, Message: modi.Text{
		IT: fmt.Sprintf(it, spoken(args, func(t modi.Text) string { return t.IT })...),
		EN: fmt.Sprintf(en, spoken(args, func(t modi.Text) string { return t.EN })...),
	}}
}

func spoken(args []any, pick func(modi.Text) string) []any {
	out := slices.Clone(args)
	for i, arg := range out {
		if t, ok := arg.(modi.Text); ok {
			out[i] = pick(t)
		}
	}
	return out
}

// In is file:line: message, as editors and terminals understand it, in English for "en",
// else in Italian.
func (f Fault) In(lang string) string {
	message := f.Message.IT
	if lang == "en" {
		message = f.Message.EN
	}
	if f.Line == 0 {
		return f.File + ": " + message
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, message)
}

// Faults are the mistakes of one or more files. Sort before showing them.
type Faults []Fault

// Error gives one fault for each line, in English.
func (f Faults) Error() string { return f.In("en") }

// In gives one fault for each line in a language (see Fault.In).
func (f Faults) In(lang string) string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.In(lang)
	}
	return strings.Join(lines, "\n")
}

// Sort orders the faults by file, line and message.
func (f Faults) Sort() {
	slices.SortFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message.EN, b.Message.EN))
	})
}

// Err returns the sorted faults as an error, or nil when there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	f.Sort()
	return f
}

// Document is a parsed file that remembers where its values stand. It is read-only
// and safe for concurrent use.
type Document struct {
	file string
	root *node
}

// Parse reads one document. Its error is of type Faults: broken syntax is reported at
// its first place, everything else (repeated keys, anchors, tags) all at once.
// An empty file is a document without values.
func Parse(file string, data []byte) (*Document, error) {
	root, faults := parse(file, data)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return &Document{file: file, root: root}, nil
}

// File is the name the document was parsed under.
func (d *Document) File() string { return d.file }

// Line returns the line of the value at path, whose steps are keys (string) and
// positions in lists (int). When the path ends early the line of its last existing
// step is returned, so that a missing key is reported where it is missing.
func (d *Document) Line(path ...any) int {
	n := d.root
	for _, step := range path {
		next := n.child(step)
		if next == nil {
			break
		}
		n = next
	}
	return n.line
}

// Text is the string or number written at path; "" when there is none.
func (d *Document) Text(path ...any) string {
	n := d.root
	for _, step := range path {
		if n = n.child(step); n == nil {
			return ""
		}
	}
	return n.text
}

// Report collects the faults of one document. The zero value is not usable: see
// Document.Report. It is not safe for concurrent use.
type Report struct {
	doc    *Document
	faults Faults
}

// Report starts a report with the faults found so far.
func (d *Document) Report(faults Faults) *Report { return &Report{doc: d, faults: faults} }

// Addf adds a fault at the line of path (see Document.Line and NewFault).
func (r *Report) Addf(path []any, it, en string, args ...any) {
	r.faults = append(r.faults, NewFault(r.doc.file, r.doc.Line(path...), it, en, args...))
}

// Require adds a fault unless the value at path, given as value, is written.
func (r *Report) Require(value string, path ...any) bool {
	if value == "" {
		r.Addf(path, "%s manca", "%s is missing", Name(path))
	}
	return value != ""
}

// Faults are the faults added so far.
func (r *Report) Faults() Faults { return r.faults }

// Doc is the document reported on.
func (r *Report) Doc() *Document { return r.doc }

// Path writes a path step by step, for Report.Addf.
func Path(steps ...any) []any { return steps }

// Name writes a path as a person would: clients.main.key, operazioni[0].campi[2]. The
// position in a file that is itself a list is left out: the line tells it.
func Name(path []any) string {
	var b strings.Builder
	for i, step := range path {
		switch s := step.(type) {
		case int:
			if i > 0 {
				fmt.Fprintf(&b, "[%d]", s)
			}
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, s)
		}
	}
	return b.String()
}
