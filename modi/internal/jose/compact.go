// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Compact is a compact JWS whose shape has been checked and whose signature has not.
type Compact struct {
	Header    Object
	Payload   Object
	Raw       string // the payload, decoded
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
	c := Compact{Raw: string(p.payload), Input: p.input, Signature: p.signature}
	c.Header, err = ParseObject(string(p.header))
	if err != nil {
		return Compact{}, malformed("a header that is one JSON object without repeated members", err.Error())
	}
	c.Payload, err = ParseObject(c.Raw)
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
	// One buffer holds the token and, behind it, what its parts decode to.
	buf := append(make([]byte, 0, 2*len(s)), s...)
	p := parts{input: buf[:last:last]}
	free := buf[len(buf):]
	for _, part := range []struct {
		name string
		text []byte
		into *[]byte
	}{{"header", buf[:first], &p.header}, {"payload", buf[first+1 : last], &p.payload}, {"signature", buf[last+1:], &p.signature}} {
		if len(part.text) == 0 {
			return parts{}, malformed("a "+part.name, "an empty part")
		}
		out, ok := appendURL(free, part.text)
		if !ok {
			return parts{}, malformed("a "+part.name+" in base64url without padding", "other characters or stray bits")
		}
		*part.into, free = out[:len(out):len(out)], out[len(out):]
	}
	return p, nil
}

// DecodeURL reads canonical base64url without padding; line breaks, which the standard
// library skips, and non-zero trailing bits are refused.
func DecodeURL(s string) ([]byte, bool) { return appendURL(nil, []byte(s)) }

// strictURL is base64url without padding and without stray trailing bits.
var strictURL = base64.RawURLEncoding.Strict()

func appendURL(to, text []byte) ([]byte, bool) {
	if bytes.IndexByte(text, '\n') >= 0 || bytes.IndexByte(text, '\r') >= 0 {
		return nil, false
	}
	out, err := strictURL.AppendDecode(to, text)
	return out, err == nil
}
