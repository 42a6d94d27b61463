// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi/internal/jose"
)

// State tells how a claim is written.
type State uint8

// The states of a claim.
const (
	Absent  State = iota // no such claim
	Valid                // there, of the right type
	Invalid              // there, of another type; null counts as that
)

// Claims are the claims of a token whose signature has verified. Names are compared
// exactly: AUD is not aud.
type Claims struct {
	raw     string
	members jose.Object
}

// Names returns the names of the claims in their written order.
func (c *Claims) Names() []string {
	out := make([]string, len(c.members))
	for i, m := range c.members {
		out[i] = m.Name
	}
	return out
}

// Has tells whether the claim is there, whatever its value.
func (c *Claims) Has(name string) bool {
	_, ok := c.members.Get(name)
	return ok
}

// Value returns a claim as it is written, in JSON; false when it is absent.
func (c *Claims) Value(name string) (string, bool) { return c.members.Get(name) }

// String returns a claim that is a string; false when it is absent or another type.
func (c *Claims) String(name string) (string, bool) {
	s, ok, _ := c.members.Text(name)
	return s, ok
}

// Time reads a NumericDate (RFC 7519 §2): a JSON number of seconds, cut to the second
// below. A string, zero, a negative number and one past the year 9999 are Invalid.
func (c *Claims) Time(name string) (time.Time, State) {
	raw, ok := c.members.Get(name)
	if !ok {
		return time.Time{}, Absent
	}
	t, ok := NumericDate(raw)
	if !ok {
		return time.Time{}, Invalid
	}
	return t, Valid
}

// NumericDate reads the text of a JSON number as Claims.Time does.
func NumericDate(s string) (time.Time, bool) {
	seconds, ok := numericDate(s)
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0).UTC(), true
}

// lastSecond is the end of the year 9999.
const lastSecond = 253402300799

func numericDate(s string) (int64, bool) {
	if len(s) > 32 || s == "" || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	whole := s
	if strings.ContainsAny(s, "eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f > lastSecond {
			return 0, false
		}
		whole = strconv.FormatInt(int64(math.Floor(f)), 10)
	} else if i := strings.IndexByte(s, '.'); i >= 0 {
		whole = s[:i]
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 1 || n > lastSecond {
		return 0, false
	}
	return n, true
}

// Audience reads aud (RFC 7519 §4.1.3): a non-empty string, or a non-empty list of
// them. Nothing is split: a string with commas or brackets is one audience.
func (c *Claims) Audience() ([]string, State) {
	s, ok, there := c.members.Text("aud")
	if !there {
		return nil, Absent
	}
	if ok {
		if s == "" {
			return nil, Invalid
		}
		return []string{s}, Valid
	}
	raw, _ := c.members.Get("aud")
	items, err := jose.ParseArray(raw)
	if err != nil || len(items) == 0 {
		return nil, Invalid
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i], ok = jose.Unquote(item)
		if !ok || out[i] == "" {
			return nil, Invalid
		}
	}
	return out, Valid
}

// Decode fills a struct from the claims. It matches names without regard to case, as
// encoding/json does, so it is for reading content and never for deciding.
func (c *Claims) Decode(into any) error { return json.Unmarshal([]byte(c.raw), into) }

// Members reads a claim that is an object with unique names; false otherwise.
func (c *Claims) Members(name string) (Object, bool) {
	raw, ok := c.members.Get(name)
	if !ok {
		return nil, false
	}
	o, err := jose.ParseObject(raw)
	return Object(o), err == nil
}

// Object is a JSON object in its written order, with unique names.
type Object jose.Object

// String returns a member that is a string; false when it is absent or another type.
func (o Object) String(name string) (string, bool) {
	s, ok, _ := jose.Object(o).Text(name)
	return s, ok
}

// TypeOf names the JSON type of an encoded value, for error texts.
func TypeOf(raw string) string { return jsonType(raw) }

func jsonType(raw string) string {
	raw = strings.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}
