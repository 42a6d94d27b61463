// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// clean takes out of a text what a terminal obeys instead of showing: a message or a
// certificate of a stranger could otherwise move the cursor, hide what is wrong or write
// the commands that a person then pastes. Line breaks and tabs stay.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || !obeyed(r) {
			return r // also for a byte that is not UTF-8, which becomes the mark of one
		}
		return utf8.RuneError
	}, text)
}

// cleanLine is clean for a text that is one line: a line break in it would make another.
func cleanLine(text string) string {
	return strings.ReplaceAll(clean(text), "\n", string(utf8.RuneError))
}

// obeyed tells whether a terminal does something with a character: the control characters
// of C0 and C1, DEL, line separators and those that turn the direction of text around.
func obeyed(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	default:
		return false
	}
}

// escaped is valid JSON with the same meaning and without what a terminal obeys.
func escaped(valid string) string {
	if strings.IndexFunc(valid, func(r rune) bool { return r != '\n' && obeyed(r) }) < 0 {
		return valid
	}
	var b strings.Builder
	for _, r := range valid {
		if r != '\n' && obeyed(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
