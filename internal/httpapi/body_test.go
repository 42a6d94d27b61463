// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"bytes"
	"testing"
)

// TestBodyKeepsTheRoomThatWasBooked: what is held of a body is about its length, whatever was announced.
func TestBodyKeepsTheRoomThatWasBooked(t *testing.T) {
	for _, size := range []int{0, 1, 511, 1 << 10, announced, announced + 1, 600 << 10, 10 << 20} {
		for _, length := range []int64{int64(size), -1} {
			sent := bytes.Repeat([]byte("x"), size)
			body, err := readAll(bytes.NewReader(sent), length)
			if err != nil || !bytes.Equal(body, sent) {
				t.Fatalf("%d bytes announced as %d: %d bytes, %v", size, length, len(body), err)
			}
			if most := size + size/4 + 1<<10; cap(body) > most {
				t.Errorf("%d bytes announced as %d take %d, want at most %d", size, length, cap(body), most)
			}
		}
	}
}
