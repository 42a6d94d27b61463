// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package terminal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Field is one header line of a message.
type Field struct{ Name, Value string }

// Message is one HTTP message to show.
type Message struct {
	From, To string // who sends it to whom
	Start    string // request line or status line
	Header   []Field
	Tokens   []Token // shown after the headers, decoded
	Body     []byte  // form, JSON or text
}

// Token is a JWS that somebody else has already decoded.
type Token struct {
	Name            string // header or form field it travels in
	Header, Payload map[string]any
	Brief           bool // show only its jti
}

// Fields picks headers in the order of names; those absent are left out.
func Fields(header http.Header, names ...string) []Field {
	var fields []Field
	for _, name := range names {
		for _, value := range header.Values(name) {
			fields = append(fields, Field{Name: name, Value: value})
		}
	}
	return fields
}

// Message shows a message: tokens decoded in header and payload with the signature left
// out, secrets cut short, JSON indented.
func (w *Writer) Message(m Message) {
	w.Blank()
	w.put(indent + w.paint(dim, cleanLine(m.From+" → "+m.To)))
	w.rule(w.paint(bold, cleanLine(m.Start)))
	for _, field := range m.Header {
		w.field(field)
	}
	for _, token := range m.Tokens {
		if token.Brief {
			w.ruled(fmt.Sprintf("%s: JWS, jti %v", token.Name, token.Payload["jti"]))
			continue
		}
		w.rule(cleanLine(token.Name) + ": " + w.paint(dim, "JWS"))
		w.token(token.decoded())
	}
	if len(m.Body) == 0 {
		return
	}
	w.rule("")
	w.body(m.Body)
}

// rule writes a line behind the vertical rule that marks a message. The line is clean but
// for its colours.
func (w *Writer) rule(text string) {
	bar := indent + w.paint(dim, "│")
	if text == "" {
		w.put(bar)
		return
	}
	w.put(bar + " " + text)
}

// ruled writes a line that may be too long, continued under its own indentation.
func (w *Writer) ruled(text string) {
	text = cleanLine(text)
	room := w.width - len(indent) - 2
	lead := strings.Repeat(" ", leading(text)+2)
	first := true
	for _, piece := range chopAt(text, room, room-len(lead)) {
		if first {
			w.rule(piece)
			first = false
			continue
		}
		w.rule(lead + piece)
	}
}

func leading(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

// chopAt cuts a text into a first piece and further ones, after a slash or a comma where
// one is near the end.
func chopAt(text string, first, rest int) []string {
	var pieces []string
	runes, width := []rune(text), first
	for len(runes) > width {
		cut := width
		for at := width - 1; at > width-lookBack; at-- {
			if runes[at] == '/' || runes[at] == ',' {
				cut = at + 1
				break
			}
		}
		pieces = append(pieces, string(runes[:cut]))
		runes, width = runes[cut:], rest
	}
	return append(pieces, string(runes))
}

// lookBack is how far before the end of a line a good place to cut it is looked for.
const lookBack = 40

func (w *Writer) field(f Field) {
	scheme, value := "", f.Value
	if lead, rest, found := strings.Cut(f.Value, " "); found && f.Name == "Authorization" {
		scheme, value = lead+" ", rest
	}
	if token, ok := decodeToken(value); ok {
		w.rule(cleanLine(f.Name+": "+scheme) + w.paint(dim, "JWS"))
		w.token(token)
		return
	}
	if f.Name == "Authorization" {
		value = Shorten(value)
	}
	w.ruled(f.Name + ": " + scheme + value)
}

func (w *Writer) body(body []byte) {
	if pretty, ok := prettyJSON(body); ok {
		for _, line := range strings.Split(pretty, "\n") {
			w.ruled(line)
		}
		return
	}
	if form, ok := parseForm(body); ok {
		w.form(form)
		return
	}
	if !utf8.Valid(body) {
		return
	}
	for _, line := range strings.Split(strings.TrimRight(string(body), "\n"), "\n") {
		w.ruled(strings.TrimSuffix(line, "\r"))
	}
}

func (w *Writer) form(form []Field) {
	for _, f := range form {
		if token, ok := decodeToken(f.Value); ok {
			w.rule(cleanLine(f.Name) + " = " + w.paint(dim, "JWS"))
			w.token(token)
			continue
		}
		w.ruled(f.Name + " = " + f.Value)
	}
}

// token writes the decoded parts of a compact JWS: the header, on as few lines as it
// fits, and the payload.
func (w *Writer) token(t decoded) {
	for _, line := range Wrap(t.header, w.width-len(indent)-6) {
		w.rule("    " + cleanLine(line))
	}
	for _, line := range strings.Split(t.payload, "\n") {
		w.ruled("    " + line)
	}
}

type decoded struct{ header, payload string }

func (t Token) decoded() decoded {
	payload, _ := prettyJSON(ordered(t.Payload))
	return decoded{header: spaced(string(ordered(t.Header))), payload: payload}
}

// decodeToken reads a compact JWS for display; it verifies nothing.
func decodeToken(compact string) (decoded, bool) {
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return decoded{}, false
	}
	header, okHeader := decodePart(parts[0])
	payload, okPayload := decodePart(parts[1])
	if !okHeader || !okPayload {
		return decoded{}, false
	}
	var line bytes.Buffer
	if json.Compact(&line, header) != nil {
		return decoded{}, false
	}
	pretty, ok := prettyJSON(payload)
	return decoded{header: spaced(line.String()), payload: pretty}, ok
}

func decodePart(part string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return raw, err == nil && len(raw) > 0 && raw[0] == '{'
}

func parseForm(body []byte) ([]Field, bool) {
	text := string(body)
	if strings.ContainsAny(text, " \n{<") || !strings.Contains(text, "=") {
		return nil, false
	}
	var fields []Field
	for _, pair := range strings.Split(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		decodedName, errName := url.QueryUnescape(name)
		decodedValue, errValue := url.QueryUnescape(value)
		if errName != nil || errValue != nil {
			return nil, false
		}
		fields = append(fields, Field{Name: decodedName, Value: decodedValue})
	}
	return fields, true
}

// shown is how much of a secret may be read on a screen.
const shown = 12

// Shorten cuts a secret so that it can be recognised but not used.
func Shorten(secret string) string {
	if len(secret) <= 2*shown {
		return "…"
	}
	return secret[:shown] + "…"
}

// JSON shows a JSON text indented; anything else as it is.
func (w *Writer) JSON(raw []byte) {
	text, ok := prettyJSON(raw)
	if !ok {
		text = string(raw)
	}
	for _, line := range strings.Split(text, "\n") {
		w.Line(indent + line)
	}
}
