// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package xmltree

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// declaration is what XML 1.0 admits in <?xml …?>, attributes in this order.
var declaration = regexp.MustCompile(`^version[ \t\r\n]*=[ \t\r\n]*("1\.[0-9]+"|'1\.[0-9]+')` +
	`(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*("[A-Za-z][A-Za-z0-9._-]*"|'[A-Za-z][A-Za-z0-9._-]*'))?` +
	`(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*("yes"|"no"|'yes'|'no'))?[ \t\r\n]*$`)

func (p *parser) declaration(inst string) error {
	if !declaration.MatchString(inst) {
		return p.malformed("la dichiarazione XML è scritta male", "an XML declaration that is not one")
	}
	return nil
}

// decode gives the document in UTF-8, with no character that XML excludes. UTF-8, US-ASCII and ISO-8859-1 are read; whoever has another encoding is told so.
func decode(data []byte) ([]byte, error) {
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	head := text[:min(len(text), 200)]
	name := "utf-8"
	if inst, ok := bytes.CutPrefix(head, []byte("<?xml")); ok {
		inst, _, _ = bytes.Cut(inst, []byte("?>"))
		if found := declaration.FindSubmatch(bytes.TrimLeft(inst, " \t\r\n")); found != nil && len(found[2]) > 2 {
			name = strings.ToLower(string(found[2][1 : len(found[2])-1]))
		}
	}
	switch name {
	case "utf-8", "us-ascii", "ascii":
		if !utf8.Valid(text) {
			return nil, &Error{Encoding, 1, 1, Words{"byte che non sono UTF-8", "bytes that are no UTF-8"}}
		}
		return text, admitted(text)
	case "iso-8859-1", "latin1":
		if len(text) != len(data) {
			return nil, &Error{Encoding, 1, 1, say("il segno di UTF-8 davanti a un documento che si dice in %s", "the mark of UTF-8 before a document that says it is in %s", name)}
		}
		out := make([]byte, 0, len(text)+len(text)/8)
		for _, b := range text {
			out = utf8.AppendRune(out, rune(b))
		}
		return out, admitted(out)
	}
	return nil, &Error{Encoding, 1, 1, say("%s; si leggono UTF-8 e ISO-8859-1", "%s; UTF-8 and ISO-8859-1 are read", name)}
}

// admitted finds the first character that no XML document may hold, in comments and instructions too.
func admitted(text []byte) error {
	at := bytes.IndexFunc(text, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
	if at < 0 {
		return nil
	}
	before := text[:at]
	return &Error{
		NotXML, 1 + bytes.Count(before, []byte("\n")), at - bytes.LastIndexByte(before, '\n'),
		Words{"un carattere che XML non ammette", "a character that XML does not admit"},
	}
}
