// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"maps"
	"mime"
	"strings"
	"unicode/utf8"
)

// sameContentType compares two Content-Type values by meaning: type, subtype,
// parameter names and charset without regard to case, other parameters exactly,
// spacing and order ignored. Gateways rewrite the spacing on the way; a charset that
// was added is a change. Values that do not parse, or use the encoded parameters of
// RFC 2231, or bytes beyond ASCII, whose upper and lower case is another matter, are
// compared byte by byte.
func sameContentType(a, b string) bool {
	if a == b {
		return true
	}
	for _, s := range []string{a, b} {
		if strings.ContainsFunc(s, func(r rune) bool { return r == '*' || r >= utf8.RuneSelf }) {
			return false
		}
	}
	typeA, paramsA, errA := mime.ParseMediaType(a)
	typeB, paramsB, errB := mime.ParseMediaType(b)
	if errA != nil || errB != nil {
		return false
	}
	for _, p := range []map[string]string{paramsA, paramsB} {
		if charset, ok := p["charset"]; ok {
			p["charset"] = strings.ToLower(charset)
		}
	}
	return typeA == typeB && maps.Equal(paramsA, paramsB)
}
