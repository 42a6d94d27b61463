// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package uuid writes and recognises the UUIDs of PDND and of token ids. It depends
// on the standard library alone and takes its randomness from the caller.
package uuid

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

const length = 36

// New reads 16 bytes from rand and returns a version 4 UUID in lower case (RFC 9562
// §5.4). It fails only when rand does.
func New(rand io.Reader) (string, error) {
	var b [16]byte
	_, err := io.ReadFull(rand, b[:])
	if err != nil {
		return "", fmt.Errorf("read random bytes for a UUID: %w", err)
	}
	return format(b, 4), nil
}

// NewAt returns a version 7 UUID in lower case (RFC 9562 §5.7): the milliseconds of now,
// then 74 bits from rand. Ids made one after the other sort that way, which an index of
// them keeps cheap. It fails only when rand does.
func NewAt(now time.Time, rand io.Reader) (string, error) {
	var b [16]byte
	_, err := io.ReadFull(rand, b[6:])
	if err != nil {
		return "", fmt.Errorf("read random bytes for a UUID: %w", err)
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(now.UnixMilli(), 0)))
	copy(b[:6], ms[2:])
	return format(b, 7), nil
}

// format writes the 8-4-4-4-12 form with version and variant set.
func format(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	out := make([]byte, 0, length)
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, part)
	}
	return string(out)
}

// Valid tells whether s has the 8-4-4-4-12 form in hexadecimal digits of either case.
// The version is not looked at: PDND uses several.
func Valid(s string) bool {
	if len(s) != length {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}
