// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"fmt"
	"strings"
)

// Text is a text in Italian and in English.
type Text struct{ IT, EN string }

// In gives the words of a language: English for "en", else Italian.
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.EN
	}
	return t.IT
}

// textf formats both texts with the same arguments; a Text among them is told in the language of each.
func textf(it, en string, args ...any) Text {
	in := func(lang, format string) string {
		said := make([]any, len(args))
		for i, arg := range args {
			if t, ok := arg.(Text); ok {
				arg = t.In(lang)
			}
			said[i] = arg
		}
		return fmt.Sprintf(format, said...)
	}
	return Text{IT: in("it", it), EN: in("en", en)}
}

// Fault is one thing that is wrong with a document.
type Fault struct {
	// Rule is the id of the rule that is broken, such as "opi.flow/total"; Rules lists them.
	Rule string
	// Path is where: from the root, as in /flusso_ordinativi/mandato[2]/causale. Empty where it is nowhere.
	Path string
	// Field is the last name of the path, or the column of a CSV file.
	Field string
	// Line and Column, from 1, are those of ready XML; zero for what has none.
	Line, Column int
	// Row is the row of a CSV file as a spreadsheet counts them: the header is 1. Zero for what has none.
	Row int
	// What says what is wrong and what would be right.
	What Text
}

// In tells the fault in one line: place, what, rule.
func (f Fault) In(lang string) string {
	var where []string
	row, line := "riga", "linea"
	if lang == "en" {
		row, line = "row", "line"
	}
	if f.Row > 0 {
		where = append(where, fmt.Sprintf("%s %d", row, f.Row))
	}
	if f.Line > 0 {
		where = append(where, fmt.Sprintf("%s %d", line, f.Line))
	}
	switch {
	case f.Row > 0 && f.Field != "":
		where = append(where, f.Field)
	case f.Path != "":
		where = append(where, f.Path)
	}
	out := f.What.In(lang) + " [" + f.Rule + "]"
	if len(where) > 0 {
		out = strings.Join(where, ", ") + ": " + out
	}
	return out
}

// Error is the English text.
func (f Fault) Error() string { return f.In("en") }

// Faults are all that was found, in the order of the document. None is nil: compare the length before it is used as an
// error.
type Faults []Fault

// In tells the faults one to a line.
func (f Faults) In(lang string) string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.In(lang)
	}
	return strings.Join(lines, "\n")
}

// Error is the English text.
func (f Faults) Error() string { return f.In("en") }

// maxFaults is how many faults one look at a document tells; whoever mends those asks again.
const maxFaults = 1000

// err is nil for no fault.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// fieldOf is the last name of a path, without its number.
func fieldOf(path string) string {
	last := path[strings.LastIndexByte(path, '/')+1:]
	name, _, _ := strings.Cut(last, "[")
	return name
}

// samePlace makes one text of the ways to write a path: the first of its name needs no number.
func samePlace(path string) string { return strings.ReplaceAll(path, "[1]", "") }
