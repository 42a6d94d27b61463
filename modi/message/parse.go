// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package message

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const crlf = "\r\n"

// ErrEncoding reports a text that is not one byte per ASCII character: a file saved as
// UTF-16.
var ErrEncoding = errors.New("the text is UTF-16: save it as UTF-8")

// ErrLength reports a Content-Length that is no number of bytes, or several that
// disagree.
var ErrLength = errors.New("the Content-Length does not say one number of bytes")

// ErrTooLarge reports a body of more than MaxBody bytes.
var ErrTooLarge = errors.New("the body is too large")

// LineError is a fault of the head.
type LineError struct {
	Line   int    // from 1
	Reason string // never the text of the line
}

// Error says where and why.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Parse reads one message: request line or status line, fields, a blank line, and the
// rest as body. It accepts LF for CRLF and a Content-Length that the body does not
// match, and says so in the notes. It refuses what RFC 9112 has a recipient refuse
// because its parts could be read in two ways: folded lines, white space before the
// colon, control characters, repeated Content-Length that disagree. The error is a
// *LineError for what is in the head, its bounds included, ErrLength for a Content-Length
// that says no length, ErrEncoding, or ErrTooLarge for a body above MaxBody.
func Parse(data []byte) (*Message, error) {
	m := &Message{}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, ErrEncoding
	}
	if rest, ok := bytes.CutPrefix(data, []byte("\xef\xbb\xbf")); ok {
		data = rest
		m.note(NoteByteOrderMark, 0)
	}
	r := reader{m: m, rest: data}
	err := r.head()
	if err != nil {
		return nil, err
	}
	if len(r.rest) > MaxBody {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(r.rest), MaxBody)
	}
	m.Body = bytes.Clone(r.rest)
	err = r.length()
	if err != nil {
		return nil, err
	}
	return m, nil
}

// reader walks the lines of a head.
type reader struct {
	m    *Message
	rest []byte
	line int
	size int
}

func (r *reader) fault(reason string) error { return &LineError{Line: r.line, Reason: reason} }

// next takes one line without its ending; false at the end of the text.
func (r *reader) next() (string, bool, error) {
	if len(r.rest) == 0 {
		return "", false, nil
	}
	r.line++
	line, rest, found := bytes.Cut(r.rest, []byte("\n"))
	r.size += len(line)
	switch {
	case len(line) > MaxLine:
		return "", false, r.fault(fmt.Sprintf("longer than %d bytes", MaxLine))
	case r.size > MaxHead:
		return "", false, r.fault(fmt.Sprintf("the head is longer than %d bytes", MaxHead))
	}
	r.rest = rest
	trimmed, hadCR := bytes.CutSuffix(line, []byte("\r"))
	if found {
		eol := "\n"
		if hadCR {
			eol = crlf
		} else {
			r.m.note(NoteLineFeeds, 0)
		}
		if r.m.eol == "" {
			r.m.eol = eol
		}
	}
	if i := badByte(string(trimmed)); i >= 0 {
		return "", false, r.fault(fmt.Sprintf("the control character %#02x", trimmed[i]))
	}
	return string(trimmed), true, nil
}

func (r *reader) head() error {
	line, ok, err := r.next()
	if err != nil {
		return err
	}
	if !ok {
		return &LineError{Line: 1, Reason: "no request line and no status line"}
	}
	err = r.startLine(line)
	if err != nil {
		return err
	}
	for {
		line, ok, err = r.next()
		switch {
		case err != nil:
			return err
		case !ok:
			r.m.note(NoteNoBlankLine, 0)
			return nil
		case line == "":
			return nil
		}
		err = r.field(line)
		if err != nil {
			return err
		}
	}
}

func (r *reader) startLine(line string) error {
	if strings.HasPrefix(line, "HTTP/") {
		return r.statusLine(line)
	}
	parts := strings.Split(line, " ")
	switch {
	case len(parts) != 3 || !proto(parts[2]):
		return r.fault("not METHOD TARGET HTTP/1.1, and not HTTP/1.1 STATUS REASON")
	case !token(parts[0]):
		return r.fault("the method is not a token")
	case parts[1] == "" || !printable(parts[1]):
		return r.fault("the target is not that of a request")
	}
	r.m.Method, r.m.Target, r.m.Proto = parts[0], parts[1], parts[2]
	return nil
}

func (r *reader) statusLine(line string) error {
	version, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	if !proto(version) || err != nil || len(code) != 3 || status < 100 || status > 599 {
		return r.fault("not HTTP/1.1 STATUS REASON with a status from 100 to 599")
	}
	r.m.Proto, r.m.Status, r.m.Reason = version, status, reason
	return nil
}

func (r *reader) field(line string) error {
	if line[0] == ' ' || line[0] == '\t' {
		return r.fault("a folded line: write the field on one line")
	}
	name, value, found := strings.Cut(line, ":")
	switch {
	case !found:
		return r.fault("no colon: a field is Name: value")
	case !token(name):
		return r.fault("the name before the colon is not a token (no spaces)")
	case len(r.m.Fields) == MaxFields:
		return r.fault(fmt.Sprintf("more than %d fields", MaxFields))
	}
	r.m.Fields = append(r.m.Fields, Field{Name: name, Value: strings.Trim(value, " \t"), raw: line})
	return nil
}

// length compares the body with Content-Length and cuts the line break that an editor
// adds to it.
func (r *reader) length() error {
	m := r.m
	h := m.Header()
	if len(h.Values("Transfer-Encoding")) > 0 {
		m.note(NoteTransferEncoding, 0)
	}
	declared := h.Values("Content-Length")
	if len(declared) == 0 {
		if bytes.HasSuffix(m.Body, []byte("\n")) {
			m.note(NoteFinalNewline, len(m.Body))
		}
		return nil
	}
	for _, v := range declared {
		if v != declared[0] {
			return fmt.Errorf("%w: there are several", ErrLength)
		}
	}
	n, err := strconv.ParseUint(declared[0], 10, 31)
	if err != nil {
		return fmt.Errorf("%w: it is not a number", ErrLength)
	}
	length := int(n) // parsed within 31 bits
	switch {
	case length == len(m.Body):
	case length < len(m.Body) && onlyBreaks(m.Body[length:]):
		m.note(NoteBodyCut, len(m.Body)-length)
		m.Body = m.Body[:length:length]
	default:
		m.note(NoteLength, len(m.Body))
	}
	return nil
}

// onlyBreaks tells whether b is one or two line breaks.
func onlyBreaks(b []byte) bool { return len(b) <= 4 && len(bytes.Trim(b, "\r\n")) == 0 }

// proto tells whether s is HTTP/ and a version.
func proto(s string) bool {
	switch s {
	case "HTTP/1.1", "HTTP/1.0", "HTTP/2", "HTTP/2.0", "HTTP/3":
		return true
	default:
		return false
	}
}

// badByte returns where a line has a character that no line of a head may have, or -1.
// Bytes above 127 are kept: RFC 9110 §5.5 calls them opaque.
func badByte(s string) int {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return i
		}
	}
	return -1
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsAny(s, " \t")
}

// token tells whether s is a token of RFC 9110 §5.6.2.
func token(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
