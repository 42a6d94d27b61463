// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"github.com/snodo-pa/snodo/modi"
)

// parts are header and claims of a token that was read leniently, to be looked at and
// never to be believed.
type parts struct {
	header, claims json.RawMessage
	head, body     map[string]json.RawMessage
}

// decode reads a token as forgivingly as it can. The near misses say what a verifier
// would not forgive; without header and claims there is nothing else to say.
func decode(compact string) (parts, []Near) {
	var near []Near
	if stripped := strings.Map(dropSpace, compact); stripped != compact {
		near = append(near, Near{Hint: text("ci sono spazi o a capo dentro il token", "there are spaces or line breaks inside the token")})
		compact = stripped
	}
	segments := strings.Split(compact, ".")
	switch n := len(segments); {
	case n == 5:
		return parts{}, append(near, Near{Hint: text(
			"è un JWE, cifrato: i pattern ModI e PDND usano JWS, tre parti firmate",
			"this is a JWE, encrypted: the patterns of ModI and PDND use JWS, three signed parts",
		)})
	case n == 2:
		near = append(near, Near{Hint: text("manca la firma: le parti sono due", "the signature is missing: there are two parts")})
	case n != 3:
		return parts{}, append(near, Near{Hint: text(
			"non è un JWS compatto: servono tre parti separate da punti",
			"not a compact JWS: three parts separated by dots are needed",
		)})
	case segments[2] == "":
		near = append(near, Near{Hint: text("la firma è vuota", "the signature is empty")})
	}
	var p parts
	for i, into := range []*json.RawMessage{&p.header, &p.claims} {
		text, n := decodeSegment(segments[i], i)
		near = append(near, n...)
		*into = text
	}
	p.head, p.body = members(p.header), members(p.claims)
	return p, near
}

func dropSpace(r rune) rune {
	if unicode.IsSpace(r) {
		return -1
	}
	return r
}

func decodeSegment(segment string, index int) (json.RawMessage, []Near) {
	name := []modi.Text{text("l'intestazione", "the header"), text("il contenuto", "the payload")}[index]
	var near []Near
	if strings.ContainsAny(segment, "+/=") {
		near = append(near, Near{Hint: text(
			name.IT+" è in base64 standard o ha il riempimento: va in base64url senza =",
			name.EN+" is in standard base64 or has padding: use base64url without =",
		)})
	}
	plain := strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(segment)
	data, err := base64.RawURLEncoding.DecodeString(plain)
	if err != nil {
		return nil, append(near, Near{Hint: text(name.IT+" non è base64url", name.EN+" is not base64url")})
	}
	var compact bytes.Buffer
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, append(near, Near{Hint: text(name.IT+" è vuoto", name.EN+" is empty")})
	}
	if json.Compact(&compact, data) != nil || compact.Bytes()[0] != '{' {
		return nil, append(near, Near{Hint: text(name.IT+" non è un oggetto JSON", name.EN+" is not a JSON object")})
	}
	return compact.Bytes(), near
}

func members(object json.RawMessage) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	if json.Unmarshal(object, &out) != nil {
		return nil
	}
	return out
}

// str is a member that is a string, "" otherwise.
func str(m map[string]json.RawMessage, name string) string {
	var s string
	if json.Unmarshal(m[name], &s) != nil {
		return ""
	}
	return s
}

func has(m map[string]json.RawMessage, names ...string) bool {
	for _, name := range names {
		if _, ok := m[name]; ok {
			return true
		}
	}
	return false
}

// audience is aud as a list, whatever its form.
func audience(m map[string]json.RawMessage) []string {
	if s := str(m, "aud"); s != "" {
		return []string{s}
	}
	var list []string
	if json.Unmarshal(m["aud"], &list) != nil {
		return nil
	}
	return list
}

// instant reads a time in seconds, or in milliseconds as some write it.
func instant(raw json.RawMessage) (at time.Time, ok bool) {
	var n float64
	if json.Unmarshal(raw, &n) != nil {
		var s json.Number
		if json.Unmarshal(raw, &s) != nil {
			return time.Time{}, false
		}
		var err error
		if n, err = s.Float64(); err != nil {
			return time.Time{}, false
		}
	}
	const lastSecond, milli = 253402300799, 1000
	if n > lastSecond {
		n /= milli
	}
	if n < 1 || n > lastSecond {
		return time.Time{}, false
	}
	return time.Unix(int64(n), 0).UTC(), true
}
