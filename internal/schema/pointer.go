// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"strings"
	"unicode/utf8"
)

const (
	maxPlace = 200 // of a whole place, in bytes
	maxName  = 64  // of one name in it, in characters
)

// pointer writes a JSON pointer (RFC 6901), cut to a length that fits a message. Its cost is bounded too: what is
// beyond the cut is not looked at.
func pointer(path []string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var b strings.Builder
	for _, name := range path {
		if b.Len() > maxPlace {
			b.WriteString("/...")
			break
		}
		b.WriteByte('/')
		_, _ = escape.WriteString(&b, Name(name)) // a strings.Builder never fails
	}
	return b.String()
}

// Name makes a name that a caller chose fit to be told: cut to 64 characters, with '?' for whatever would disturb a
// terminal or a log.
func Name(s string) string {
	cut := 0
	for n := 0; cut < len(s); n++ {
		if n == maxName {
			s = s[:cut] + "..."
			break
		}
		_, size := utf8.DecodeRuneInString(s[cut:])
		cut += size
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r > 0xffff || (r >= 0x80 && r < 0xa0) || (r >= 0x2028 && r <= 0x202e) {
			return '?'
		}
		return r
	}, s)
}
