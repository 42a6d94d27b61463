// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// fitting is a text that a schema with a pattern takes: the one at hand where it does, else one made of the pattern; the one
// at hand when none is found.
func fitting(atHand string, s *openapi3.Schema) string {
	form, err := regexp.Compile(s.Pattern)
	if s.Pattern == "" || err != nil || fits(atHand, form, s) {
		return atHand
	}
	tree, err := syntax.Parse(s.Pattern, syntax.Perl)
	if err != nil {
		return atHand
	}
	for more := range maxMore {
		var made strings.Builder
		spell(&made, tree, more)
		if fits(made.String(), form, s) {
			return made.String()
		}
	}
	return atHand
}

// maxMore is how often what may be repeated is, at most; maxMade bounds a text that is made, in bytes.
const maxMore, maxMade = 65, 4000

func fits(text string, form *regexp.Regexp, s *openapi3.Schema) bool {
	var length uint64
	for range text {
		length++
	}
	return length >= s.MinLength && (s.MaxLength == nil || length <= *s.MaxLength) && form.MatchString(text)
}

// spell writes the shortest text of a pattern, with what may be repeated more times than it has to.
func spell(out *strings.Builder, part *syntax.Regexp, more int) {
	if out.Len() > maxMade {
		return // it will not fit
	}
	switch part.Op { //nolint:exhaustive // the others are empty: anchors and word boundaries
	case syntax.OpLiteral:
		out.WriteString(string(part.Rune))
	case syntax.OpCharClass:
		out.WriteRune(oneOf(part.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		out.WriteByte('x')
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range part.Sub {
			spell(out, sub, more)
		}
	case syntax.OpAlternate:
		spell(out, part.Sub[0], more)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		least, most := part.Min, part.Max
		switch part.Op { //nolint:exhaustive // OpRepeat says its own
		case syntax.OpStar:
			least, most = 0, -1
		case syntax.OpPlus:
			least, most = 1, -1
		case syntax.OpQuest:
			least, most = 0, 1
		}
		times := least + more
		if most >= 0 {
			times = min(times, most)
		}
		for range times {
			if out.Len() > maxMade {
				return
			}
			spell(out, part.Sub[0], more)
		}
	}
}

// oneOf is a character of a class, given as ranges: one that people write, where there is one.
func oneOf(ranges []rune) rune {
	for _, wanted := range "1A0ax-_ " {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= wanted && wanted <= ranges[i+1] {
				return wanted
			}
		}
	}
	if len(ranges) == 0 {
		return 'x' // a class of nothing: it will not fit
	}
	return ranges[0]
}
