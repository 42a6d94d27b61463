// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package seal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
	"testing/iotest"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
)

func newSealer(t testing.TB, first byte) *seal.Sealer {
	t.Helper()
	master := make([]byte, seal.MasterKeySize)
	master[0] = first
	s, err := seal.New(master, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustSeal(t testing.TB, s *seal.Sealer, aad, text string) seal.Box {
	t.Helper()
	b, err := s.Seal([]byte(aad), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSealedBoxOpens(t *testing.T) {
	for _, text := range []string{"", "x", "personal data"} {
		b := mustSeal(t, newSealer(t, 1), "entry 7", text)
		if len(text) > 1 && bytes.Contains(b.Data, []byte(text)) { // one letter is in any ciphertext now and then
			t.Errorf("%q is in clear", text)
		}
		got, err := newSealer(t, 1).Open([]byte("entry 7"), b)
		if err != nil || string(got) != text {
			t.Errorf("Open = %q, %v, want %q", got, err, text)
		}
	}
}

func TestOneTextGivesTwoBoxes(t *testing.T) {
	s := newSealer(t, 1)
	a, b := mustSeal(t, s, "c", "text"), mustSeal(t, s, "c", "text")
	if bytes.Equal(a.Data, b.Data) || bytes.Equal(a.Key, b.Key) {
		t.Error("two boxes share a data key or a nonce")
	}
}

// TestRefusesEveryChangedBit flips each bit of a box.
func TestRefusesEveryChangedBit(t *testing.T) {
	s := newSealer(t, 1)
	b := mustSeal(t, s, "c", "text")
	for _, part := range [][]byte{b.Key, b.Data} {
		for i := range len(part) * 8 {
			part[i/8] ^= 1 << (i % 8)
			if _, err := s.Open([]byte("c"), b); !errors.Is(err, seal.ErrForged) && !errors.Is(err, seal.ErrOtherKey) {
				t.Errorf("bit %d changed: %v", i, err)
			}
			part[i/8] ^= 1 << (i % 8)
		}
	}
}

func TestRefusesBoxOfAnotherContext(t *testing.T) {
	s := newSealer(t, 1)
	if _, err := s.Open([]byte("entry 8"), mustSeal(t, s, "entry 7", "text")); !errors.Is(err, seal.ErrForged) {
		t.Errorf("Open = %v, want ErrForged", err)
	}
}

func TestRefusesKeyAndDataOfTwoBoxes(t *testing.T) {
	s := newSealer(t, 1)
	a, b := mustSeal(t, s, "c", "text"), mustSeal(t, s, "c", "text")
	if _, err := s.Open([]byte("c"), seal.Box{Key: a.Key, Data: b.Data}); !errors.Is(err, seal.ErrForged) {
		t.Errorf("Open = %v, want ErrForged", err)
	}
}

// TestOtherMasterKeyIsNotForgery: the operator must learn that the key is wrong, not that the record is.
func TestOtherMasterKeyIsNotForgery(t *testing.T) {
	b := mustSeal(t, newSealer(t, 1), "c", "text")
	if _, err := newSealer(t, 2).Open([]byte("c"), b); !errors.Is(err, seal.ErrOtherKey) {
		t.Errorf("Open = %v, want ErrOtherKey", err)
	}
}

func TestErasedKeyCannotBeOpened(t *testing.T) {
	s := newSealer(t, 1)
	b := mustSeal(t, s, "c", "text")
	b.Key = nil
	if _, err := s.Open([]byte("c"), b); !errors.Is(err, seal.ErrForged) {
		t.Errorf("Open = %v, want ErrForged", err)
	}
}

func TestIndexDependsOnKeyScopeAndValue(t *testing.T) {
	s := newSealer(t, 1)
	base := s.Index("c_z001", "BNCMRC85C12D612U")
	if !bytes.Equal(base, newSealer(t, 1).Index("c_z001", "BNCMRC85C12D612U")) {
		t.Error("one value has two indexes")
	}
	for name, other := range map[string][]byte{
		"master key": newSealer(t, 2).Index("c_z001", "BNCMRC85C12D612U"),
		"scope":      s.Index("c_z002", "BNCMRC85C12D612U"),
		"value":      s.Index("c_z001", "CNTGLI88L65G999H"),
		"boundary":   s.Index("c_z001B", "NCMRC85C12D612U"),
	} {
		if bytes.Equal(base, other) {
			t.Errorf("the index does not depend on the %s", name)
		}
	}
}

func TestRefusesWrongMasterKeyAndNoRandomness(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := seal.New(make([]byte, n), rand.Reader); err == nil {
			t.Errorf("a master key of %d bytes was accepted", n)
		}
	}
	if _, err := seal.New(make([]byte, seal.MasterKeySize), nil); err == nil {
		t.Error("a sealer without randomness was made")
	}
	broken := errors.New("no entropy")
	s, err := seal.New(make([]byte, seal.MasterKeySize), iotest.ErrReader(broken))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := s.Seal(nil, []byte("text")); !errors.Is(err, broken) || b.Data != nil {
		t.Errorf("Seal = %v, %v, want the error of the source", b, err)
	}
}

// FuzzOpen: whatever a database holds, Open answers with the sealed text or an error.
func FuzzOpen(f *testing.F) {
	s := newSealer(f, 1)
	b := mustSeal(f, s, "c", "text")
	f.Add([]byte("c"), b.Key, b.Data)
	f.Add([]byte(""), []byte{1}, []byte{})
	f.Fuzz(func(t *testing.T, aad, key, data []byte) {
		got, err := s.Open(aad, seal.Box{Key: key, Data: data})
		if err == nil && (string(got) != "text" || string(aad) != "c") {
			t.Errorf("a box that was never sealed opens to %q", got)
		}
	})
}
