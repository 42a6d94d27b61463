// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 64

// MaxValues is how many values, at any depth, a JSON text may hold. What is done with a message costs at least a step
// for each of them, so that its length alone does not bound the work.
const MaxValues = 10_000

// Fault says what is wrong with a JSON or XML text.
type Fault uint8

// The faults of a JSON or XML text.
const (
	Malformed Fault = iota + 1 // not RFC 8259, or invalid UTF-8
	Duplicate                  // an object repeats a member name
	TooDeep                    // nested deeper than MaxDepth
	TooMany                    // more than MaxValues values
	Forbidden                  // XML alone: a DTD
)

// JSONError is the first fault of a JSON text.
type JSONError struct {
	Fault  Fault
	Offset int    // bytes before the fault
	Where  string // JSON pointer of the repeated member, for Duplicate
}

// Error tells the fault and its position, never the text.
func (e *JSONError) Error() string {
	switch e.Fault {
	case Duplicate:
		return fmt.Sprintf("member %s is repeated at byte %d", e.Where, e.Offset)
	case TooDeep:
		return fmt.Sprintf("nested deeper than %d at byte %d", MaxDepth, e.Offset)
	case TooMany:
		return fmt.Sprintf("more than %d values at byte %d", MaxValues, e.Offset)
	case Malformed, Forbidden:
		return fmt.Sprintf("not valid JSON at byte %d", e.Offset)
	default:
		return fmt.Sprintf("JSON fault at byte %d", e.Offset)
	}
}

// ParseJSON reads exactly one JSON value as encoding/json would (objects as map[string]any, numbers as float64), but
// refuses what two readers may understand differently (repeated member names, invalid UTF-8, lone surrogates) and what
// goes beyond MaxDepth or MaxValues. The error is always a *JSONError.
func ParseJSON(data []byte) (any, error) {
	p := parser{data: data}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos != len(data) {
		return nil, p.malformed()
	}
	return v, nil
}

type parser struct {
	data   []byte
	pos    int
	values int      // begun so far
	path   []string // member names down to the value being read
}

func (p *parser) malformed() error { return &JSONError{Fault: Malformed, Offset: p.pos} }

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) next(c byte) bool {
	if p.pos < len(p.data) && p.data[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) value(depth int) (any, error) {
	if depth > MaxDepth {
		return nil, &JSONError{Fault: TooDeep, Offset: p.pos}
	}
	if p.values++; p.values > MaxValues {
		return nil, &JSONError{Fault: TooMany, Offset: p.pos}
	}
	if p.pos >= len(p.data) {
		return nil, p.malformed()
	}
	switch c := p.data[p.pos]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.text()
	case c == 't':
		return true, p.literal("true")
	case c == 'f':
		return false, p.literal("false")
	case c == 'n':
		return nil, p.literal("null")
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	default:
		return nil, p.malformed()
	}
}

func (p *parser) literal(word string) error {
	end := p.pos + len(word)
	if end > len(p.data) || string(p.data[p.pos:end]) != word {
		return p.malformed()
	}
	p.pos = end
	return nil
}

func (p *parser) object(depth int) (any, error) {
	p.pos++
	members := map[string]any{}
	p.space()
	if p.next('}') {
		return members, nil
	}
	for {
		start := p.pos
		name, err := p.text()
		if err != nil {
			return nil, err
		}
		p.path = append(p.path, name)
		if _, repeated := members[name]; repeated {
			return nil, &JSONError{Fault: Duplicate, Offset: start, Where: pointer(p.path)}
		}
		p.space()
		if !p.next(':') {
			return nil, p.malformed()
		}
		p.space()
		if members[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		p.path = p.path[:len(p.path)-1]
		p.space()
		if p.next('}') {
			return members, nil
		}
		if !p.next(',') {
			return nil, p.malformed()
		}
		p.space()
	}
}

func (p *parser) array(depth int) (any, error) {
	p.pos++
	items := []any{}
	p.space()
	if p.next(']') {
		return items, nil
	}
	for {
		p.path = append(p.path, strconv.Itoa(len(items)))
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		p.path = p.path[:len(p.path)-1]
		items = append(items, item)
		p.space()
		if p.next(']') {
			return items, nil
		}
		if !p.next(',') {
			return nil, p.malformed()
		}
		p.space()
	}
}

// text reads a string. The common one, without escapes, is a copy of the input.
func (p *parser) text() (string, error) {
	if !p.next('"') {
		return "", p.malformed()
	}
	start, escaped := p.pos, false
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			raw := p.data[start:p.pos]
			p.pos++
			if !escaped {
				return string(raw), nil
			}
			return p.unescape(start)
		case c == '\\':
			escaped = true
			p.pos += 2
		case c < 0x20:
			return "", p.malformed()
		case c < utf8.RuneSelf:
			p.pos++
		default:
			r, size := utf8.DecodeRune(p.data[p.pos:])
			if r == utf8.RuneError && size == 1 {
				return "", p.malformed()
			}
			p.pos += size
		}
	}
	p.pos = len(p.data)
	return "", p.malformed()
}

// unescape decodes the quoted string that ends at pos. encoding/json replaces a lone surrogate with U+FFFD: such a
// string is refused, because another reader would see another text.
func (p *parser) unescape(start int) (string, error) {
	quoted := p.data[start-1 : p.pos]
	if loneSurrogate(quoted) {
		return "", &JSONError{Fault: Malformed, Offset: start}
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", &JSONError{Fault: Malformed, Offset: start}
	}
	return s, nil
}

// loneSurrogate looks for a \uD800-\uDFFF escape that is not half of a pair.
func loneSurrogate(quoted []byte) bool {
	for i := 0; i+1 < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		i++
		if quoted[i] != 'u' {
			continue
		}
		switch hi, ok := escapeAt(quoted, i-1); {
		case !ok:
			return false // left to the decoder
		case hi >= 0xDC00 && hi < 0xE000:
			return true
		case hi >= 0xD800 && hi < 0xDC00:
			lo, ok := escapeAt(quoted, i+5)
			if !ok || lo < 0xDC00 || lo >= 0xE000 {
				return true
			}
			i += 10
		default:
			i += 4
		}
	}
	return false
}

// escapeAt reads \uXXXX at i.
func escapeAt(b []byte, i int) (uint64, bool) {
	if i+6 > len(b) || b[i] != '\\' || b[i+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[i+2:i+6]), 16, 16)
	return n, err == nil
}

func (p *parser) number() (any, error) {
	start := p.pos
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			break
		}
		p.pos++
	}
	text := string(p.data[start:p.pos])
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !numberForm(text) {
		return nil, &JSONError{Fault: Malformed, Offset: start}
	}
	return n, nil
}

// numberForm holds a text of the characters of a number against the grammar of RFC 8259 §6, which is narrower than what
// strconv reads: no plus sign before it, no leading zeros, digits on both sides of the point.
func numberForm(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || (s[0] == '0' && whole > 1) {
		return false
	}
	s = s[whole:]
	if fraction, ok := strings.CutPrefix(s, "."); ok {
		n := digits(fraction)
		if n == 0 {
			return false
		}
		s = fraction[n:]
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		n := digits(s)
		if n == 0 {
			return false
		}
		s = s[n:]
	}
	return s == ""
}

// digits counts the digits that a text begins with.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}
