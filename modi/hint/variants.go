// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package hint

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"io"
	"iter"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/modi"
)

// variant is a body that the sender may have hashed in the place of the one it sent.
type variant struct {
	content []byte
	text    modi.Text
}

// Bounds of the search: whoever can sign one message chooses the body that is looked into.
const (
	maxVariant = 4 * MaxBody // bytes of one variant
	maxNesting = 32          // of JSON that is written again: an indented copy grows with size times depth
	maxValues  = 16 << 10    // of JSON that is decoded to be sorted
)

// variants are the bodies to try, the likely ones first. Each is made when it is asked for.
func variants(body []byte, encoding string) iter.Seq[variant] {
	return func(yield func(variant) bool) {
		for _, some := range []func(yield func(variant) bool) bool{
			func(yield func(variant) bool) bool { return whole(body, encoding, yield) },
			func(yield func(variant) bool) bool { return lines(string(body), yield) },
			func(yield func(variant) bool) bool { return rewritten(body, yield) },
			func(yield func(variant) bool) bool { return charsets(body, yield) },
		} {
			if !some(yield) {
				return
			}
		}
	}
}

// whole are bodies that are another thing altogether. Like the functions below it returns
// false when no more are asked for.
func whole(body []byte, encoding string, yield func(variant) bool) bool {
	if !yield(variant{nil, text("è il digest di un corpo vuoto", "this is the digest of an empty body")}) {
		return false
	}
	before := unpacked(body, encoding)
	return before == nil || yield(variant{before, text(
		"è il digest del corpo prima di Content-Encoding: va calcolato dopo la compressione",
		"this is the digest of the body before Content-Encoding: compute it after compression",
	)})
}

// unpacked undoes the Content-Encoding, up to MaxBody.
func unpacked(body []byte, encoding string) []byte {
	var r io.Reader
	var err error
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	out, err := io.ReadAll(io.LimitReader(r, MaxBody+1))
	if err != nil || len(out) > MaxBody {
		return nil
	}
	return out
}

// bom is the byte order mark of UTF-8.
const bom = "\xef\xbb\xbf"

func lines(s string, yield func(variant) bool) bool {
	end := text("è il digest del corpo con altri a capo o spazi ai margini", "this is the digest of the body with other line breaks or outer spaces")
	mark := text("è il digest del corpo con o senza il segno BOM iniziale", "this is the digest of the body with or without the initial BOM")
	unix := func() string { return strings.ReplaceAll(s, "\r\n", "\n") }
	for _, v := range []struct {
		content func() string
		text    modi.Text
	}{
		{func() string { return strings.TrimSpace(s) }, end},
		{func() string { return s + "\n" }, end},
		{func() string { return s + "\r\n" }, end},
		{unix, end},
		{func() string { return strings.ReplaceAll(unix(), "\n", "\r\n") }, end},
		{func() string { return bom + s }, mark},
		{func() string { return strings.TrimPrefix(s, bom) }, mark},
	} {
		if !yield(variant{[]byte(v.content()), v.text}) {
			return false
		}
	}
	return true
}

// rewritten are the same JSON as usual libraries write it. JSON that nests deeper than
// messages do is left alone.
func rewritten(body []byte, yield func(variant) bool) bool {
	t := text(
		"è il digest dello stesso JSON scritto in altro modo: va calcolato sui byte inviati, senza riscriverli",
		"this is the digest of the same JSON written otherwise: compute it over the bytes sent, without writing them again",
	)
	trimmed := bytes.TrimPrefix(body, []byte(bom))
	depth, values := shape(trimmed)
	var b bytes.Buffer
	if depth > maxNesting || json.Compact(&b, trimmed) != nil {
		return true
	}
	compact := b.Bytes()
	for _, write := range []func() []byte{
		func() []byte { return compact },
		func() []byte { return spaced(compact) },
		func() []byte { return indented(compact, "  ") },
		func() []byte { return indented(compact, "    ") },
		func() []byte { return indented(compact, "\t") },
		func() []byte { return sorted(compact, values) },
		func() []byte { return spaced(sorted(compact, values)) },
		func() []byte { return escaped(sorted(compact, values)) },
		func() []byte { return escaped(compact) },
	} {
		content := write()
		if content == nil || len(content) > maxVariant {
			continue
		}
		if !yield(variant{content, t}) || !yield(variant{append(bytes.Clone(content), '\n'), t}) {
			return false
		}
	}
	return true
}

// shape tells how deep a JSON text nests and about how many values it has, without
// decoding it.
func shape(text []byte) (depth, values int) {
	open := 0
	scan(text, func(c byte) {
		switch c {
		case '{', '[':
			open++
			values++
			depth = max(depth, open)
		case '}', ']':
			open--
		case ',', ':':
			values++
		}
	})
	return depth, values
}

// scan hands the bytes of a JSON text that are outside strings to see.
func scan(text []byte, see func(byte)) {
	inside := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inside && c == '\\':
			i++
		case c == '"':
			inside = !inside
		case !inside:
			see(c)
		}
	}
}

// indented writes compact JSON over many lines; nil when it would be too long.
func indented(compact []byte, indent string) []byte {
	size, open := len(compact), 0
	scan(compact, func(c byte) {
		switch c {
		case '{', '[':
			open++
			size += 1 + open*len(indent)
		case '}', ']':
			open--
			size += 1 + open*len(indent)
		case ',':
			size += 1 + open*len(indent)
		case ':':
			size++
		}
	})
	var b bytes.Buffer
	if size > maxVariant || json.Indent(&b, compact, "", indent) != nil {
		return nil
	}
	return b.Bytes()
}

// sorted writes JSON with its members in alphabetical order; nil when it has too many
// values to be worth it.
func sorted(compact []byte, values int) []byte {
	if values > maxValues {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(compact))
	dec.UseNumber()
	var value any
	if dec.Decode(&value) != nil {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// spaced puts a space after every colon and comma outside strings, as Python does.
func spaced(compact []byte) []byte {
	if compact == nil {
		return nil
	}
	out := make([]byte, 0, len(compact)+len(compact)/8)
	inside := false
	for i := 0; i < len(compact); i++ {
		c := compact[i]
		out = append(out, c)
		switch {
		case inside && c == '\\' && i+1 < len(compact):
			i++
			out = append(out, compact[i])
		case c == '"':
			inside = !inside
		case !inside && (c == ',' || c == ':'):
			out = append(out, ' ')
		}
	}
	return out
}

// escaped writes all characters beyond ASCII as \uXXXX.
func escaped(b []byte) []byte {
	const digits = "0123456789abcdef"
	var out []byte
	for _, unit := range utf16.Encode([]rune(string(b))) {
		if unit < utf8.RuneSelf {
			out = append(out, byte(unit))
			continue
		}
		out = append(out, '\\', 'u', digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
	}
	return out
}

// charsets are the same text in the charsets that are met beside UTF-8.
func charsets(body []byte, yield func(variant) bool) bool {
	t := text("è il digest dello stesso testo in un altro charset", "this is the digest of the same text in another charset")
	if latin, ok := toLatin1(body); ok && !yield(variant{latin, t}) {
		return false
	}
	fromLatin := make([]rune, len(body))
	for i, c := range body {
		fromLatin[i] = rune(c)
	}
	if !yield(variant{[]byte(string(fromLatin)), t}) {
		return false
	}
	units := utf16.Encode([]rune(string(body)))
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		marked := order.AppendUint16(make([]byte, 0, 2*len(units)+2), 0xfeff)
		for _, u := range units {
			marked = order.AppendUint16(marked, u)
		}
		if !yield(variant{marked[2:], t}) || !yield(variant{marked, t}) {
			return false
		}
	}
	return true
}

// toLatin1 writes UTF-8 text in ISO 8859-1, where it can.
func toLatin1(body []byte) ([]byte, bool) {
	if !utf8.Valid(body) {
		return nil, false
	}
	out := make([]byte, 0, len(body))
	for _, r := range string(body) {
		if r > 0xff {
			return nil, false
		}
		out = append(out, byte(r&0xff))
	}
	return out, true
}
