// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package uuid

import (
	"bytes"
	"crypto/rand"
	"testing"
	"time"
)

func TestNewIsVersion4(t *testing.T) {
	got, err := New(bytes.NewReader(bytes.Repeat([]byte{0xff}, 16)))
	if err != nil || got != "ffffffff-ffff-4fff-bfff-ffffffffffff" {
		t.Errorf("New = %q, %v", got, err)
	}
	random, err := New(rand.Reader)
	if err != nil || !Valid(random) {
		t.Errorf("New = %q, %v", random, err)
	}
}

func TestNewAtSortsByTime(t *testing.T) {
	random := bytes.NewReader(bytes.Repeat([]byte{0xff}, 10))
	earlier, err := NewAt(time.UnixMilli(0x0123456789ab), random)
	if want := "01234567-89ab-7fff-bfff-ffffffffffff"; err != nil || earlier != want {
		t.Errorf("NewAt = %q, %v, want %q", earlier, err, want)
	}
	later, err := NewAt(time.UnixMilli(0x0123456789ac), bytes.NewReader(make([]byte, 10)))
	if err != nil || later <= earlier || !Valid(later) {
		t.Errorf("NewAt one millisecond later = %q, %v, not after %q", later, err, earlier)
	}
	if _, err := NewAt(time.Now(), bytes.NewReader(make([]byte, 9))); err == nil {
		t.Error("9 bytes were enough")
	}
}

func TestNewFailsWithoutRandomness(t *testing.T) {
	_, err := New(bytes.NewReader(make([]byte, 15)))
	if err == nil {
		t.Error("15 bytes were enough")
	}
}

func TestValid(t *testing.T) {
	for s, want := range map[string]bool{
		"0f2b6a1e-1111-4a00-8000-0000000000a1":   true,
		"0F2B6A1E-1111-7A00-8000-0000000000A1":   true,
		"":                                       false,
		"0f2b6a1e111140008000-0000000000a1aaaa":  false,
		"0f2b6a1e-1111-4a00-8000-0000000000a":    false,
		"0f2b6a1e-1111-4a00-8000-0000000000g1":   false,
		"0f2b6a1e_1111-4a00-8000-0000000000a1":   false,
		"{0f2b6a1e-1111-4a00-8000-0000000000a1}": false,
	} {
		if Valid(s) != want {
			t.Errorf("Valid(%q) = %t", s, !want)
		}
	}
}
