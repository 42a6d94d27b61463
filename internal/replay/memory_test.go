// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package replay_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
)

func TestMemory(t *testing.T) {
	replaytest.Run(t, func(_ *testing.T, n int, clock func() time.Time) []replay.Cache {
		one := replay.NewMemory(10_000, clock)
		caches := make([]replay.Cache, n)
		for i := range caches {
			caches[i] = one
		}
		return caches
	})
}

func TestMemoryRefusesWhatItMayHaveForgotten(t *testing.T) {
	clock := replaytest.NewClock()
	m := replay.NewMemory(10, clock.Now)
	clock.Advance(time.Hour)
	if got := m.NotBefore(); !got.Equal(replaytest.Start()) {
		t.Errorf("NotBefore() = %v, want the start of the cache", got)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

// TestFullMemoryFailsClosed: a flood must not push out a key that could still be replayed.
func TestFullMemoryFailsClosed(t *testing.T) {
	clock := replaytest.NewClock()
	m := replay.NewMemory(4, clock.Now)
	for i := range 4 {
		if err := m.Use(t.Context(), clock.Now().Add(time.Minute), replaytest.Key(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	err := m.Use(t.Context(), clock.Now().Add(time.Minute), replaytest.Key("one more"))
	if !errors.Is(err, replay.ErrFull) || errors.Is(err, replay.ErrReplayed) {
		t.Errorf("Use of a full cache = %v, want ErrFull", err)
	}
	if err := m.Use(t.Context(), clock.Now().Add(time.Minute), replaytest.Key("0")); !errors.Is(err, replay.ErrReplayed) {
		t.Errorf("replay on a full cache = %v, want ErrReplayed", err)
	}
	clock.Advance(time.Minute)
	if err := m.Use(t.Context(), clock.Now().Add(time.Minute), replaytest.Key("one more")); err != nil {
		t.Errorf("Use once keys have expired: %v", err)
	}
}

func TestSumKeepsFieldsApart(t *testing.T) {
	a := replay.Key{Owner: "ab", Kind: "c"}
	b := replay.Key{Owner: "a", Kind: "bc"}
	if a.Sum() == b.Sum() {
		t.Error("two keys have one sum")
	}
	if a.Sum() != (replay.Key{Owner: "ab", Kind: "c"}).Sum() {
		t.Error("one key has two sums")
	}
}

// FuzzSum: keys are told apart by their fields, whatever bytes a sender puts into them.
func FuzzSum(f *testing.F) {
	f.Add("owner", "kind", "jti")
	f.Add("", "\x00", "\x00\x00\x00\x00\x00\x00\x00\x01")
	f.Fuzz(func(t *testing.T, owner, kind, jti string) {
		k := replay.Key{Owner: owner, Kind: kind, JTI: jti}
		for _, other := range []replay.Key{
			{Owner: owner + kind, JTI: jti}, {Owner: owner, Kind: kind + jti}, {Owner: owner, Kind: jti, JTI: kind},
		} {
			if (k == other) != (k.Sum() == other.Sum()) {
				t.Errorf("%q and %q", k, other)
			}
		}
	})
}

func BenchmarkMemoryUse(b *testing.B) {
	m := replay.NewMemory(1<<30, time.Now)
	expires := time.Now().Add(time.Hour)
	k := replaytest.Key("")
	for i := 0; b.Loop(); i++ {
		k.JTI = fmt.Sprint(i)
		if err := m.Use(b.Context(), expires, k); err != nil {
			b.Fatal(err)
		}
	}
}
