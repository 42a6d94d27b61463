// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Compact is a compact JWS whose shape has been checked and whose signature has not.
type Compact struct {
	Header    Object
	Payload   Object
	Raw       []byte // the payload, decoded
	Input     []byte // what the signature covers
	Signature []byte
}

// ParseCompact reads a compact JWS: at most 16 KiB, three non-empty parts of canonical
// base64url, header and payload JSON objects without repeated members. Every accepted
// text is the only text of its token: encoding the parts again gives the same bytes.
func ParseCompact(s string) (Compact, error) {
	p, err := split(s)
	if err != nil {
		return Compact{}, err
	}
	c := Compact{Raw: p.payload, Input: p.input, Signature: p.signature}
	c.Header, err = ParseObject(p.header)
	if err != nil {
		return Compact{}, malformed("a header that is one JSON object without repeated members", err.Error())
	}
	c.Payload, err = ParseObject(p.payload)
	if err != nil {
		return Compact{}, malformed("a payload that is one JSON object without repeated members", err.Error())
	}
	return c, nil
}

// parts are the three parts of a compact JWS, decoded, and what the signature covers.
type parts struct{ header, payload, signature, input []byte }

func split(s string) (parts, error) {
	if len(s) > MaxCompact {
		return parts{}, malformed(fmt.Sprintf("at most %d bytes", MaxCompact), strconv.Itoa(len(s)))
	}
	if n := strings.Count(s, ".") + 1; n != 3 {
		return parts{}, malformed("three parts", strconv.Itoa(n))
	}
	first := strings.IndexByte(s, '.')
	last := strings.LastIndexByte(s, '.')
	p := parts{input: []byte(s[:last])}
	for _, part := range []struct {
		name, text string
		into       *[]byte
	}{{"header", s[:first], &p.header}, {"payload", s[first+1 : last], &p.payload}, {"signature", s[last+1:], &p.signature}} {
		out, err := decodePart(part.name, part.text)
		if err != nil {
			return parts{}, err
		}
		*part.into = out
	}
	return p, nil
}

func decodePart(name, s string) ([]byte, error) {
	if s == "" {
		return nil, malformed("a "+name, "an empty part")
	}
	out, ok := DecodeURL(s)
	if !ok {
		return nil, malformed("a "+name+" in base64url without padding", "other characters or stray bits")
	}
	return out, nil
}

// DecodeURL reads canonical base64url without padding; line breaks, which the standard
// library skips, and non-zero trailing bits are refused.
func DecodeURL(s string) ([]byte, bool) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	out, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return out, err == nil
}
