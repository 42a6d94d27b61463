// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// The texts that are taken out: compact JWS and JWE, application keys, PEM blocks, codici fiscali of persons with
// omocodia in place of any digit.
var sensitive = regexp.MustCompile(`(?i)` + strings.Join([]string{
	`\b[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\b`,
	`\bsnodo_[0-9a-f]{8,}_[A-Za-z0-9_-]+`,
	`-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|\z)`,
	`(?:^|\b|_)` + codicefiscale.Form + `(?:\b|_|$)`,
}, "|"))

// The least lengths in the forms above.
const (
	codiceLength  = 16 // of a codice fiscale, the shortest of them all
	codiceLetters = 6  // it begins with
	partLength    = 8  // of one part of a compact token
	keyMark       = "o_"
	pemMark       = "-----"
)

// Redact takes tokens, keys and codici fiscali out of a text.
func Redact(s string) string {
	if !suspect(s) {
		return s
	}
	return sensitive.ReplaceAllString(s, Hidden)
}

// suspect tells, in one look at every byte, the texts in which there may be something to take out: almost no text of a
// log line is one, and the expression costs fifty times as much. It never passes over what the expression finds. A
// byte beyond ASCII counts as a letter, because without regard to case the expression knows two letters among them.
func suspect(s string) bool {
	if len(s) < codiceLength {
		return false
	}
	var run, letters, longest int // of letters and digits; of letters alone; the longest of these in the run
	var part, parts int           // of a token: length of this one, how many whole ones and dots came before
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= utf8.RuneSelf
		switch {
		case letter:
			run, letters, part = run+1, letters+1, part+1
			longest = max(longest, letters)
		case c >= '0' && c <= '9':
			run, letters, part = run+1, 0, part+1
		case c == '_' || c == '-':
			run, letters, longest, part = 0, 0, 0, part+1
		case c == '.' && part >= partLength:
			run, letters, longest, part, parts = 0, 0, 0, 0, parts+1
		default:
			run, letters, longest, part, parts = 0, 0, 0, 0, 0
		}
		if run >= codiceLength && longest >= codiceLetters || parts >= 2 && part >= partLength {
			return true
		}
	}
	return strings.Contains(s, keyMark) || strings.Contains(s, strings.ToUpper(keyMark)) || strings.Contains(s, pemMark)
}
