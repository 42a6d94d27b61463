// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package terminal lays out what the commands of snodo tell a person: wrapped
// paragraphs, numbered steps, tables and HTTP messages with their tokens decoded.
//
// It owns width, indentation and colour. It depends on the standard library alone. It
// never shows the signature of a token, so that what it prints cannot be replayed, and shows
// no control character but those that it adds itself.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Widths between which text stays readable, and the one used when none is known.
const (
	minWidth     = 60
	maxWidth     = 100
	defaultWidth = 90
)

const indent = "  "

// Mark is the sign in front of an outcome.
type Mark int

// The outcomes a line can report.
const (
	Good Mark = iota // what should happen did
	Bad              // it did not
	Note             // worth reading, neither good nor bad
)

// Writer writes laid out text. It keeps the first write error, see [Writer.Err]. It is
// not safe for concurrent use.
type Writer struct {
	out   io.Writer
	width int
	color bool
	err   error
}

// New returns a Writer of the given width in columns (bounded to 60..100; 0 means 90).
func New(out io.Writer, width int, color bool) *Writer {
	if width == 0 {
		width = defaultWidth
	}
	return &Writer{out: out, width: max(minWidth, min(width, maxWidth)), color: color}
}

// For returns a Writer suited to out: coloured only when out is a terminal and neither
// NO_COLOR nor TERM=dumb says otherwise, as wide as COLUMNS says.
func For(out io.Writer, getenv func(string) string) *Writer {
	width, err := strconv.Atoi(getenv("COLUMNS"))
	if err != nil {
		width = 0
	}
	color := Is(out) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	return New(out, width, color)
}

// Is tells whether a stream is a terminal, where a person reads or types.
func Is(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Err returns the first error met while writing.
func (w *Writer) Err() error { return w.err }

// Line writes one line, or the lines of a text, without wrapping them.
func (w *Writer) Line(text string) { w.put(clean(text)) }

// put writes a line that is clean but for the colours of paint.
func (w *Writer) put(text string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.out, text+"\n")
	}
}

// Blank writes an empty line.
func (w *Writer) Blank() { w.Line("") }

// Title writes the heading of a whole output.
func (w *Writer) Title(text string) {
	w.put(w.paint(bold, text))
	w.put(strings.Repeat("═", w.width))
}

// Step writes the heading of one numbered part.
func (w *Writer) Step(number int, text string) {
	w.Blank()
	w.put(w.paint(bold, fmt.Sprintf("%d  %s", number, text)))
	w.Line(strings.Repeat("─", w.width))
}

// Para writes a wrapped paragraph.
func (w *Writer) Para(text string) {
	for _, line := range Wrap(text, w.width-len(indent)) {
		w.Line(indent + line)
	}
}

// Say writes an outcome with its mark; further lines of it are aligned under the text.
func (w *Writer) Say(mark Mark, text string) {
	sign, color := "✓", green
	switch mark {
	case Bad:
		sign, color = "✗", red
	case Note:
		sign, color = "•", cyan
	case Good:
	}
	for i, line := range Wrap(text, w.width-2*len(indent)) {
		lead := indent
		if i == 0 {
			lead = w.paint(color, sign) + " "
		}
		w.put(indent + lead + clean(line))
	}
}

// Code writes lines to be copied, never wrapped.
func (w *Writer) Code(lines ...string) {
	for _, line := range lines {
		w.put(indent + indent + w.paint(cyan, line))
	}
}

// Table writes rows in aligned columns. The first row is the heading. A last cell that
// does not fit in the width goes on a line of its own.
func (w *Writer) Table(rows [][]string) {
	rows = cleanCells(rows)
	widths := columnWidths(rows)
	for i, row := range rows {
		var b strings.Builder
		for c, cell := range row {
			b.WriteString(cell)
			if c < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[c]-utf8.RuneCountInString(cell)+2))
			}
		}
		line := strings.TrimRight(b.String(), " ")
		last := len(row) - 1
		if i > 0 && last > 0 && utf8.RuneCountInString(indent+line) > w.width {
			w.Line(indent + strings.TrimRight(strings.TrimSuffix(line, row[last]), " "))
			w.Line(strings.Repeat(indent, 3) + row[last])
			continue
		}
		if i == 0 {
			line = w.paint(bold, line)
		}
		w.put(indent + line)
	}
}

func cleanCells(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = make([]string, len(row))
		for c, cell := range row {
			out[i][c] = cleanLine(cell)
		}
	}
	return out
}

func columnWidths(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for c, cell := range row {
			if c == len(widths) {
				widths = append(widths, 0)
			}
			widths[c] = max(widths[c], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// The colours used, as SGR parameters.
const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

// paint colours a text, which it cleans first.
func (w *Writer) paint(sgr, text string) string {
	text = clean(text)
	if !w.color || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

// Wrap breaks text into lines of at most width columns, at spaces where it can. It
// returns at least one line.
func Wrap(text string, width int) []string {
	var lines []string
	for _, paragraph := range strings.Split(text, "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			switch {
			case line == "":
				line = word
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
				line += " " + word
			default:
				lines = append(lines, line)
				line = word
			}
		}
		lines = append(lines, line)
	}
	return lines
}
