// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// typ reads a type: its name, what restricts it, and the default of the element it is for.
func (b *builder) typ(tokens []string) (*simpleType, *string, error) {
	s := &simpleType{}
	var fallback *string
	if xs, ok := strings.CutPrefix(tokens[0], "xs:"); ok {
		if s.builtin = builtinOf(xs); s.builtin == noBuiltin {
			return nil, nil, fmt.Errorf("type %s is not known here", tokens[0])
		}
	} else {
		s.baseName = name{b.space, tokens[0]}
	}
	for _, token := range tokens[1:] {
		key, value, _ := strings.Cut(token, "=")
		if key == "default" {
			text, err := strconv.Unquote(value)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", token, err)
			}
			fallback = &text
			continue
		}
		if err := s.facets.add(key, value); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", token, err)
		}
	}
	return s, fallback, nil
}

func (f *facets) add(key, value string) error {
	var err error
	count := func(to **int) error {
		n, err := strconv.Atoi(value)
		*to = &n
		return err
	}
	switch key {
	case "length":
		return count(&f.length)
	case "minLength":
		return count(&f.minLength)
	case "maxLength":
		return count(&f.maxLength)
	case "totalDigits":
		return count(&f.totalDigits)
	case "fractionDigits":
		return count(&f.fractionDigits)
	case "min", "max":
		n, ok := parseNumber(value)
		if !ok {
			return errForm
		}
		if key == "min" {
			f.min = &n
		} else {
			f.max = &n
		}
	case "collapse":
		f.collapse = true
	case "enum":
		f.enumeration, err = quotedList(value)
	case "pattern":
		var sources []string
		if sources, err = quotedList(value); err != nil {
			return err
		}
		for _, source := range sources {
			re, err := compile(source)
			if err != nil {
				return err
			}
			f.patterns = append(f.patterns, re)
		}
	default:
		return errForm
	}
	return err
}

// quotedList reads "a","b".
func quotedList(text string) ([]string, error) {
	var out []string
	for {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return nil, errForm
		}
		item, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, errForm
		}
		out = append(out, item)
		text = text[len(quoted):]
		if text == "" {
			return out, nil
		}
		var more bool
		if text, more = strings.CutPrefix(text, ","); !more {
			return nil, errForm
		}
	}
}
