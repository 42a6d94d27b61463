// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"errors"
	"slices"
	"strconv"
	"unicode/utf8"
)

// The faults of JSON. Their texts go into messages for the caller.
var (
	errNotUTF8    = errors.New("not UTF-8")
	errNotJSON    = errors.New("not JSON")
	errNotObject  = errors.New("not a JSON object")
	errNotArray   = errors.New("not a JSON array")
	errRepeated   = errors.New("a repeated JSON member")
	errTooDeep    = errors.New("nested deeper than " + strconv.Itoa(maxDepth) + " levels")
	errSurrogates = errors.New("half of a surrogate pair")
)

// scanner checks JSON and splits it in a single pass: grammar, UTF-8, surrogates, depth
// and repeated names. It cuts names and values from text without copying them.
type scanner struct {
	text string
	pos  int
}

// at tells whether the next byte is c.
func (s *scanner) at(c byte) bool { return s.pos < len(s.text) && s.text[s.pos] == c }

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// end wants nothing but white space to follow.
func (s *scanner) end() error {
	s.space()
	if s.pos != len(s.text) {
		return errNotJSON
	}
	return nil
}

// object passes an object, whose brace is next, and collects its members when into is
// not nil.
func (s *scanner) object(depth int, into *Object) error {
	if depth > maxDepth {
		return errTooDeep
	}
	var few [12]string // usual objects have fewer, and then this costs no allocation
	names := few[:0]
	var set map[string]struct{} // of a long list of names
	s.pos++
	s.space()
	if s.at('}') {
		s.pos++
		return nil
	}
	for {
		name, err := s.name()
		if err != nil {
			return err
		}
		repeated := slices.Contains(names, name)
		if set != nil {
			_, repeated = set[name]
		}
		switch {
		case repeated:
			return errRepeated
		case set != nil:
			set[name] = struct{}{}
		case len(names) < shortList:
			names = append(names, name)
		default:
			set = setOf(append(names, name))
			names = nil
		}
		s.space()
		start := s.pos
		err = s.value(depth)
		if err != nil {
			return err
		}
		if into != nil {
			*into = append(*into, Member{Name: name, Value: s.text[start:s.pos]})
		}
		more, err := s.next('}')
		if err != nil || !more {
			return err
		}
	}
}

// name passes the name of a member and its colon.
func (s *scanner) name() (string, error) {
	if !s.at('"') {
		return "", errNotJSON
	}
	start := s.pos
	escaped, err := s.string()
	if err != nil {
		return "", err
	}
	name := s.text[start+1 : s.pos-1]
	if escaped {
		var ok bool
		name, ok = Unquote(s.text[start:s.pos])
		if !ok {
			return "", errNotJSON
		}
	}
	s.space()
	if !s.at(':') {
		return "", errNotJSON
	}
	s.pos++
	return name, nil
}

// shortList is how many names are searched one by one; more of them are kept as a set.
const shortList = 24

func setOf(names []string) map[string]struct{} {
	set := make(map[string]struct{}, 2*len(names))
	for _, name := range names {
		set[name] = struct{}{}
	}
	return set
}

// array passes an array, whose bracket is next, and collects its elements when into is
// not nil.
func (s *scanner) array(depth int, into *[]string) error {
	if depth > maxDepth {
		return errTooDeep
	}
	s.pos++
	s.space()
	if s.at(']') {
		s.pos++
		return nil
	}
	for {
		start := s.pos
		err := s.value(depth)
		if err != nil {
			return err
		}
		if into != nil {
			*into = append(*into, s.text[start:s.pos])
		}
		more, err := s.next(']')
		if err != nil || !more {
			return err
		}
	}
}

// next passes what follows an element: a comma, and then there is more, or the end.
func (s *scanner) next(end byte) (more bool, err error) {
	s.space()
	switch {
	case s.at(','):
		s.pos++
		s.space()
		return true, nil
	case s.at(end):
		s.pos++
		return false, nil
	default:
		return false, errNotJSON
	}
}

func (s *scanner) value(depth int) error {
	if s.pos >= len(s.text) {
		return errNotJSON
	}
	switch c := s.text[s.pos]; {
	case c == '"':
		_, err := s.string()
		return err
	case c == '{':
		return s.object(depth+1, nil)
	case c == '[':
		return s.array(depth+1, nil)
	case c == '-' || digit(c):
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	default:
		return errNotJSON
	}
}

func (s *scanner) word(w string) error {
	if len(s.text)-s.pos < len(w) || s.text[s.pos:s.pos+len(w)] != w {
		return errNotJSON
	}
	s.pos += len(w)
	return nil
}

// number passes a number of RFC 8259 §6.
func (s *scanner) number() error {
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else if !s.digits() {
		return errNotJSON
	}
	if s.at('.') {
		s.pos++
		if !s.digits() {
			return errNotJSON
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if !s.digits() {
			return errNotJSON
		}
	}
	return nil
}

// digits passes one digit or more.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.text) && digit(s.text[s.pos]) {
		s.pos++
	}
	return s.pos > start
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// string passes a string, whose quote is next, and tells whether it has escapes.
func (s *scanner) string() (escaped bool, err error) {
	s.pos++
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return escaped, nil
		case c == '\\':
			escaped = true
			err = s.escape()
			if err != nil {
				return escaped, err
			}
		case c < ' ':
			return escaped, errNotJSON
		case c < utf8.RuneSelf:
			s.pos++
		default:
			r, size := utf8.DecodeRuneInString(s.text[s.pos:])
			if r == utf8.RuneError && size <= 1 {
				return escaped, errNotUTF8
			}
			s.pos += size
		}
	}
	return escaped, errNotJSON
}

// escape passes an escape, whose backslash is next. Halves of a surrogate pair stand for
// no character, and readers disagree on what to make of them.
func (s *scanner) escape() error {
	if s.pos+1 >= len(s.text) {
		return errNotJSON
	}
	switch s.text[s.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos += 2
		return nil
	case 'u':
	default:
		return errNotJSON
	}
	unit, ok := s.unit()
	switch {
	case !ok:
		return errNotJSON
	case unit >= 0xDC00 && unit <= 0xDFFF:
		return errSurrogates
	case unit < 0xD800 || unit > 0xDBFF:
		return nil
	}
	low, ok := s.unit()
	if !ok || low < 0xDC00 || low > 0xDFFF {
		return errSurrogates
	}
	return nil
}

// unit passes one \uXXXX.
func (s *scanner) unit() (uint64, bool) {
	if len(s.text)-s.pos < 6 || s.text[s.pos] != '\\' || s.text[s.pos+1] != 'u' {
		return 0, false
	}
	// ParseUint takes no sign and, with a base given, no underscore and no prefix.
	n, err := strconv.ParseUint(s.text[s.pos+2:s.pos+6], 16, 32)
	s.pos += 6
	return n, err == nil
}
