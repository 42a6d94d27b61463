// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import "strings"

const maxPlace = 200

// pointer writes a JSON pointer (RFC 6901), cut to a length that fits a message.
func pointer(path []string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var b strings.Builder
	for _, name := range path {
		b.WriteByte('/')
		_, _ = escape.WriteString(&b, printable(name)) // a strings.Builder never fails
	}
	if b.Len() > maxPlace {
		return b.String()[:maxPlace] + "..."
	}
	return b.String()
}

// printable replaces what would disturb a terminal or a log with '?'.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r > 0xffff || (r >= 0x80 && r < 0xa0) || (r >= 0x2028 && r <= 0x202e) {
			return '?'
		}
		return r
	}, s)
}
