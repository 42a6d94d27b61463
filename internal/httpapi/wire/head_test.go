// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package wire

import (
	"bytes"
	"testing"
)

// TestControlCharactersAreSeenAnywhere: whichever of eight bytes read together they stand in.
func TestControlCharactersAreSeenAnywhere(t *testing.T) {
	for length := range 20 {
		for at := range length {
			for c := range 256 {
				value := bytes.Repeat([]byte{'~'}, length)
				value[at] = byte(c)
				want := c == '\t' || c >= ' ' && c != 0x7f
				if got := isText(value); got != want {
					t.Fatalf("byte %#x at %d of %d: %v, want %v", c, at, length, got, want)
				}
			}
		}
	}
}

func FuzzIsText(f *testing.F) {
	f.Add([]byte("Bearer a.b.c\twith a tab"))
	f.Add([]byte("\x00\x7f\x1f \xff\x80"))
	f.Fuzz(func(t *testing.T, value []byte) {
		if got, want := isText(value), plain(value); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	})
}
