// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// compile turns a pattern of XML Schema (part 2, appendix F) into an expression that matches whole values. The two
// languages differ in what these mean: \d and \s, a dot, ^ and $ outside a class.
func compile(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`^(?:`)
	inClass := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\':
			i++
			if i == len(pattern) {
				return nil, fmt.Errorf("pattern %q ends in a backslash", pattern)
			}
			escape, err := escaped(pattern[i], inClass)
			if err != nil {
				return nil, fmt.Errorf("pattern %q: %w", pattern, err)
			}
			b.WriteString(escape)
			continue
		case c == '[' && inClass:
			return nil, fmt.Errorf("pattern %q takes one class from another, which is not understood", pattern)
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '.' && !inClass:
			b.WriteString(`[^\n\r]`)
			continue
		case (c == '^' || c == '$') && !inClass:
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	b.WriteString(`)$`)
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	return re, nil
}

func escaped(c byte, inClass bool) (string, error) {
	set := func(class string) string {
		if inClass {
			return class
		}
		return "[" + class + "]"
	}
	switch c {
	case 'd':
		return set(`\p{Nd}`), nil
	case 's':
		return set(` \t\n\r`), nil
	case 'S':
		if inClass {
			return "", fmt.Errorf(`\S within a class is not understood`)
		}
		return `[^ \t\n\r]`, nil
	case 'n', 'r', 't', '\\', '|', '.', '-', '^', '?', '*', '+', '{', '}', '(', ')', '[', ']':
		return `\` + string(c), nil
	}
	return "", fmt.Errorf(`\%c is not understood`, c)
}
