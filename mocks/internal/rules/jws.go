// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxToken bounds a compact JWS in bytes; a ModI token is far below it.
const maxToken = 16 << 10

// ErrMalformed means the text is not a strict compact JWS (RFC 7515 §7.1): three
// non-empty parts in unpadded base64url without stray bits, header and payload JSON
// objects with unique members.
var ErrMalformed = errors.New("not a strict compact JWS")

// Token is a parsed, not yet verified, compact JWS.
type Token struct {
	Raw       string
	Header    Members
	Claims    Members
	signed    string
	signature []byte
}

// Members is a JSON object of a token. Numbers are [json.Number].
type Members map[string]any

// Parse reads a compact JWS strictly. It checks no signature and no claim. Every error
// wraps [ErrMalformed].
func Parse(compact string) (*Token, error) {
	if len(compact) > maxToken {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, maxToken)
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: %d parts, expected 3", ErrMalformed, len(parts))
	}
	decoded := make([][]byte, len(parts))
	for i, part := range parts {
		// The decoder skips line breaks, so they are refused before it.
		if part == "" || strings.ContainsAny(part, "\r\n") {
			return nil, fmt.Errorf("%w: part %d is empty or broken over lines", ErrMalformed, i+1)
		}
		raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return nil, fmt.Errorf("%w: part %d is not base64url", ErrMalformed, i+1)
		}
		decoded[i] = raw
	}
	header, err := DecodeObject(decoded[0])
	if err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	claims, err := DecodeObject(decoded[1])
	if err != nil {
		return nil, fmt.Errorf("%w: payload: %w", ErrMalformed, err)
	}
	return &Token{
		Raw:       compact,
		Header:    header,
		Claims:    claims,
		signed:    parts[0] + "." + parts[1],
		signature: decoded[2],
	}, nil
}

// String returns the member as a non-empty string.
func (m Members) String(name string) (string, bool) {
	s, ok := m[name].(string)
	return s, ok && s != ""
}

// Seconds returns the member as a NumericDate (RFC 7519 §2) in seconds. The result is
// false when the member is absent, no number, or outside the range of a date.
func (m Members) Seconds(name string) (float64, bool) {
	n, ok := m[name].(json.Number)
	if !ok {
		return 0, false
	}
	seconds, err := n.Float64()
	return seconds, err == nil && seconds >= 0 && seconds < 1<<40
}

// Has reports whether the member is present, null included.
func (m Members) Has(name string) bool {
	_, ok := m[name]
	return ok
}

// Extra returns, sorted, the names of the members that are not in the list.
func (m Members) Extra(allowed ...string) []string {
	var extra []string
	for name := range m {
		if !slices.Contains(allowed, name) {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
	return extra
}

// Strings returns a member that is a string or an array of strings, as `aud` may be.
// The result is false for any other shape, an empty array or an empty string.
func (m Members) Strings(name string) ([]string, bool) {
	if s, ok := m.String(name); ok {
		return []string{s}, true
	}
	items, ok := m[name].([]any)
	if !ok || len(items) == 0 {
		return nil, false
	}
	values := make([]string, 0, len(items))
	for _, item := range items {
		s, ok := item.(string)
		if !ok || s == "" {
			return nil, false
		}
		values = append(values, s)
	}
	return values, true
}
