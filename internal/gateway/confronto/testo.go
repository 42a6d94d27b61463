// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package confronto

import (
	"strings"
	"time"
	"unicode"
)

// equal compares two texts as a clerk would: case, accents, apostrophes and the number of spaces do not count (registries
// write NICOLO' for Nicolò), and a day is a day in either order of its parts.
func equal(a, b string) bool {
	if plain(a) == plain(b) {
		return true
	}
	dayA, okA := day(a)
	dayB, okB := day(b)
	return okA && okB && dayA.Equal(dayB)
}

// day reads a date as registries write it and as people do.
func day(s string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, "02/01/2006", "02-01-2006"} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// plain is a text without what does not count. Hyphens count as spaces.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		r = unicode.ToUpper(r)
		switch {
		case strings.ContainsRune("'’‘`´ʼ", r), unicode.Is(unicode.Mn, r):
		case unicode.IsSpace(r), r == '-', r == '‐', r == '–':
			b.WriteByte(' ')
		default:
			b.WriteRune(bare(r))
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// bare takes the accent off a capital letter of the alphabets that Italian civil records are written in.
func bare(r rune) rune {
	for _, group := range []string{
		"AÀÁÂÃÄÅĀĂĄ", "CÇĆČĊ", "DĎĐ", "EÈÉÊËĒĖĘĚ", "GĞĠ", "HĦ", "IÌÍÎÏĪĮİ", "LŁ", "NÑŃŇ", "OÒÓÔÕÖØŌŐ", "RŘ", "SŚŞŠȘ",
		"TŢŤȚ", "UÙÚÛÜŪŮŰŲ", "YÝŸ", "ZŹŻŽ",
	} {
		if strings.ContainsRune(group, r) {
			return rune(group[0])
		}
	}
	return r
}
