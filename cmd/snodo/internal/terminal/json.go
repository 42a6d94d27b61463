// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package terminal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// inlineWidth is how long an inner object or array may be and still stay on one line.
const inlineWidth = 72

// ordered encodes the members of a token in the order people read them: who, for whom,
// for what, when, the rest.
func ordered(members map[string]any) []byte {
	order := []string{"alg", "typ", "use", "iss", "sub", "client_id", "aud", "purposeId", "iat", "nbf", "exp", "jti"}
	rank := func(name string) int {
		if at := slices.Index(order, name); at >= 0 {
			return at
		}
		return len(order)
	}
	names := slices.SortedFunc(maps.Keys(members), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	var list []string
	for _, name := range names {
		value, err := json.Marshal(members[name])
		if err != nil {
			return nil // shown as nothing
		}
		list = append(list, fmt.Sprintf("%q:%s", name, value))
	}
	return []byte("{" + strings.Join(list, ",") + "}")
}

// prettyJSON lays out a JSON object or array: members in their own order, small inner
// values on one line, tokens cut short. It reports false for anything else.
func prettyJSON(text []byte) (string, bool) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 || (trimmed[0] != '{' && trimmed[0] != '[') || !json.Valid(trimmed) {
		return "", false
	}
	var b strings.Builder
	layOut(&b, trimmed, "", true)
	return escaped(b.String()), true
}

// layOut writes one valid JSON value; top is the outermost one, which is always spread
// over lines.
func layOut(b *strings.Builder, raw json.RawMessage, lead string, top bool) {
	var line bytes.Buffer
	if json.Compact(&line, raw) != nil {
		return // the caller has checked it
	}
	closing := map[byte]string{'{': "}", '[': "]"}[line.Bytes()[0]]
	small := utf8.RuneCount(line.Bytes()) <= inlineWidth && !top
	if closing == "" || small || line.Len() == 2 {
		b.WriteString(spaced(line.String()))
		return
	}
	b.WriteByte(line.Bytes()[0])
	inner := lead + "  "
	for i, m := range membersOf(line.Bytes()) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n" + inner)
		if m.name != "" {
			b.WriteString(m.name + ": ")
		}
		layOut(b, m.value, inner, false)
	}
	b.WriteString("\n" + lead + closing)
}

// member is one member of an object, its name still quoted, or one element of an array,
// without name.
type member struct {
	name  string
	value json.RawMessage
}

func membersOf(compact []byte) []member {
	decoder := json.NewDecoder(bytes.NewReader(compact))
	object := compact[0] == '{'
	var list []member
	_, err := decoder.Token() // the opening bracket
	for err == nil && decoder.More() {
		var m member
		if object {
			var name json.Token
			name, err = decoder.Token()
			m.name = fmt.Sprintf("%q", name)
		}
		if err == nil {
			err = decoder.Decode(&m.value)
		}
		list = append(list, m)
	}
	return list
}

// spaced adds a space after colons and commas outside strings, and cuts tokens.
func spaced(compact string) string {
	if token, ok := strings.CutPrefix(compact, `"eyJ`); ok && strings.Count(token, ".") == 2 {
		return `"` + Shorten(strings.Trim(compact, `"`)) + `"`
	}
	var b strings.Builder
	inString, escaped := false, false
	for _, r := range compact {
		b.WriteRune(r)
		switch {
		case escaped:
			escaped = false
		case inString && r == '\\':
			escaped = true
		case r == '"':
			inString = !inString
		case !inString && (r == ':' || r == ','):
			b.WriteByte(' ')
		}
	}
	return b.String()
}
