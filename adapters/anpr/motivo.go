// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/modi"
)

// maxMotivo is the limit of motivoRichiesta in characters.
const maxMotivo = 240

// motivo writes the number of a pratica in the characters ANPR admits in
// motivoRichiesta: Latin letters also accented, digits, space and , . - ' " : ;
//
// Typographic quotes become plain ones, blanks become spaces, and every other character
// becomes a hyphen: 123/2026 is sent as 123-2026. The number is never cut, since a cut
// one names another pratica; a refusal is the reason. The pratica as it was given stays in the evidence.
func motivo(pratica string) (string, *modi.Text) {
	if !utf8.ValidString(pratica) {
		return "", &modi.Text{
			IT: "il numero di pratica non è testo UTF-8 valido",
			EN: "the pratica is not valid UTF-8 text",
		}
	}
	out := strings.TrimSpace(strings.Map(admitted, pratica))
	switch {
	case !strings.ContainsFunc(out, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return "", &modi.Text{
			IT: "il numero di pratica, che ANPR richiede, non ha né lettere né cifre",
			EN: "the pratica, which ANPR requires, has neither letters nor digits",
		}
	case utf8.RuneCountInString(out) > maxMotivo:
		return "", &modi.Text{
			IT: "il numero di pratica supera i 240 caratteri che ANPR ammette",
			EN: "the pratica is longer than the 240 characters ANPR admits",
		}
	default:
		return out, nil
	}
}

// admitted maps one character; -1 drops it.
func admitted(r rune) rune {
	switch {
	case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune(`,.-'":; `, r):
		return r
	case r >= 'À' && r <= 'ž' && unicode.IsLetter(r):
		return r
	case unicode.Is(unicode.Mn, r): // an accent written apart from its letter
		return -1
	case unicode.IsSpace(r):
		return ' '
	case strings.ContainsRune("‘’‛´`′", r):
		return '\''
	case strings.ContainsRune("“”„«»″", r):
		return '"'
	default:
		return '-'
	}
}
