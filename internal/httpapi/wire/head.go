// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package wire

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// framing is where the body of a request ends.
type framing struct {
	chunked bool
	length  int64 // 0 = no body
}

const (
	contentLength    = "Content-Length"
	transferEncoding = "Transfer-Encoding"
)

// maxLength is the longest Content-Length that is read, far above every limit of the hub.
const maxLength = 1 << 50

// readHead reads the framing out of a whole head (RFC 9112 §3, §5, §6). It refuses every head that another reader could
// frame otherwise.
func readHead(head []byte) (framing, bool) {
	text, ok := bytes.CutSuffix(head, []byte("\r\n\r\n"))
	if !ok {
		return framing{}, false
	}
	line, text, more := bytes.Cut(text, []byte("\r\n"))
	minor, ok := httpVersion(line)
	if !ok {
		return framing{}, false
	}
	var f framing
	var lengths, encodings int
	for more {
		line, text, more = bytes.Cut(text, []byte("\r\n"))
		name, value, ok := parseField(line)
		if !ok {
			return framing{}, false
		}
		switch {
		case len(name) == len(contentLength) && strings.EqualFold(string(name), contentLength):
			lengths++
			if f.length, ok = parseLength(string(value)); !ok {
				return framing{}, false
			}
		case len(name) == len(transferEncoding) && strings.EqualFold(string(name), transferEncoding):
			encodings++
			f.chunked = strings.EqualFold(string(value), "chunked")
		}
	}
	// RFC 9112 §6.1-6.3: both, a repeated one, or a coding other than a final chunked leave the end of the body open.
	switch {
	case lengths > 1, encodings > 1, lengths+encodings > 1:
		return framing{}, false
	case encodings == 1 && (!f.chunked || minor == 0):
		return framing{}, false
	}
	return f, true
}

// httpVersion wants a request line of three parts that ends in HTTP/1.0 or HTTP/1.1.
func httpVersion(line []byte) (minor int, ok bool) {
	parts := strings.Split(string(line), " ")
	if bytes.ContainsAny(line, "\r\n\x00") || len(parts) != 3 || !isToken([]byte(parts[0])) || parts[1] == "" {
		return 0, false
	}
	switch parts[2] {
	case "HTTP/1.1":
		return 1, true
	case "HTTP/1.0":
		return 0, true
	default:
		return 0, false
	}
}

// parseField reads "name: value". A name that is not a token right before the colon is refused: that covers folded
// lines (RFC 9112 §5.2) and a space before the colon (§5.1).
func parseField(line []byte) (name, value []byte, ok bool) {
	name, value, ok = bytes.Cut(line, []byte(":"))
	if !ok || !isToken(name) {
		return nil, nil, false
	}
	return name, bytes.Trim(value, " \t"), isText(value)
}

// isText tells a field value without control characters, eight bytes at a time: tokens are most of a head.
func isText(value []byte) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	for ; len(value) >= 8; value = value[8:] {
		eight := binary.LittleEndian.Uint64(value)
		low, seven := eight-each*' ', eight^each*0x7f
		if (low&^eight|(seven-each)&^seven)&high != 0 && !plain(value[:8]) {
			return false
		}
	}
	return plain(value)
}

// plain is isText byte by byte.
func plain(value []byte) bool {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// parseLength wants digits alone: no sign, list, space or hexadecimal.
func parseLength(s string) (int64, bool) {
	if s == "" || len(s) > 19 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n <= maxLength
}

// parseChunkSize reads "size[;extension]". Extensions are ignored, as RFC 9112 §7.1.1 asks.
func parseChunkSize(line []byte) (int64, bool) {
	size, _, extended := strings.Cut(string(line), ";")
	if extended {
		size = strings.TrimRight(size, " \t")
	}
	if size == "" || len(size) > 12 || strings.Trim(size, "0123456789abcdefABCDEF") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(size, 16, 64)
	return n, err == nil
}

// isToken is RFC 9110 §5.6.2.
func isToken(s []byte) bool {
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
		case strings.IndexByte("!#$%&'*+.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return len(s) > 0
}
