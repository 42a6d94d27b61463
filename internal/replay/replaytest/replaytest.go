// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package replaytest is the suite that every replay.Cache passes. It depends on replay and the standard library.
package replaytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/replay"
)

// Start is the time of a new Clock.
func Start() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }

// A Clock is a clock that a test moves. It is safe for concurrent use.
type Clock struct{ nanos atomic.Int64 }

// NewClock returns a clock that stands at [Start].
func NewClock() *Clock {
	c := &Clock{}
	c.nanos.Store(Start().UnixNano())
	return c
}

// Now returns the time of the clock.
func (c *Clock) Now() time.Time { return time.Unix(0, c.nanos.Load()).UTC() }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.nanos.Add(int64(d)) }

// Key returns a key of this suite.
func Key(jti string) replay.Key {
	return replay.Key{
		Environment: "locale", Ente: "c_z001", Eservice: "9d3c3c51-5e0e-4d3f-9a7b-3f6f0d2e9001",
		Owner: "4f2c7a38-2f43-4d7f-8c34-6d51c7b39001", Kind: "Agid-JWT-Signature", JTI: jti,
	}
}

// Run tests a cache. newCaches returns n caches over one memory of used tokens, empty at first, as n processes would
// have; a cache of one process only returns the same one n times.
func Run(t *testing.T, newCaches func(t *testing.T, n int, clock func() time.Time) []replay.Cache) {
	for name, test := range map[string]func(*testing.T, []replay.Cache, *Clock){
		"SecondUseIsRefused":          testSecondUse,
		"EveryFieldCounts":            testEveryField,
		"AllOrNothing":                testAllOrNothing,
		"OneKeyTwiceIsAReplay":        testOneKeyTwice,
		"OneOfManyWins":               testOneWins,
		"CrossedKeysDoNotHang":        testCrossedKeys,
		"ExpiredKeyIsForgotten":       testExpired,
		"LateUseDecidesNothing":       testLate,
		"PurgeKeepsLiveKeys":          testPurge,
		"CancelledCallDecidesNothing": testCancelled,
		"NoKeysIsAnError":             testNoKeys,
	} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock()
			test(t, newCaches(t, 2, clock.Now), clock)
		})
	}
}

func testSecondUse(t *testing.T, caches []replay.Cache, _ *Clock) {
	expires := Start().Add(time.Minute)
	mustUse(t, caches[0], expires, Key("a"))
	for i, c := range caches {
		if err := c.Use(t.Context(), expires, Key("a")); !errors.Is(err, replay.ErrReplayed) {
			t.Errorf("cache %d: %v, want ErrReplayed", i, err)
		}
	}
}

func testEveryField(t *testing.T, caches []replay.Cache, _ *Clock) {
	base := Key("a")
	for i, change := range []func(*replay.Key){
		func(*replay.Key) {},
		func(k *replay.Key) { k.Environment = "collaudo" },
		func(k *replay.Key) { k.Ente = "c_z002" },
		func(k *replay.Key) { k.Eservice = "other" },
		func(k *replay.Key) { k.Owner = "other" },
		func(k *replay.Key) { k.Kind = "dpop" },
		func(k *replay.Key) { k.JTI = "b" },
		func(k *replay.Key) { k.Kind, k.JTI = k.Kind+k.JTI, "" }, // fields do not run together
	} {
		k := base
		change(&k)
		if err := caches[0].Use(t.Context(), Start().Add(time.Minute), k); err != nil {
			t.Errorf("key %d: %v", i, err)
		}
	}
}

func testAllOrNothing(t *testing.T, caches []replay.Cache, _ *Clock) {
	expires := Start().Add(time.Minute)
	mustUse(t, caches[0], expires, Key("used"))
	for _, keys := range [][]replay.Key{
		{Key("fresh"), Key("used")}, {Key("used"), Key("fresh")}, {Key("fresh"), Key("used"), Key("fresh2")},
	} {
		if err := caches[1].Use(t.Context(), expires, keys...); !errors.Is(err, replay.ErrReplayed) {
			t.Errorf("Use = %v, want ErrReplayed", err)
		}
	}
	mustUse(t, caches[0], expires, Key("fresh"), Key("fresh2"))
}

func testOneKeyTwice(t *testing.T, caches []replay.Cache, _ *Clock) {
	expires := Start().Add(time.Minute)
	if err := caches[0].Use(t.Context(), expires, Key("a"), Key("a")); !errors.Is(err, replay.ErrReplayed) {
		t.Errorf("Use = %v, want ErrReplayed", err)
	}
	mustUse(t, caches[0], expires, Key("a"))
}

func testOneWins(t *testing.T, caches []replay.Cache, _ *Clock) {
	for round := range 5 {
		var won atomic.Int32
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range 64 {
			wg.Go(func() {
				<-start
				// Half of the callers bring a key of their own beside the one that all want.
				keys := []replay.Key{Key(fmt.Sprintf("shared-%d", round))}
				if i%2 == 0 {
					keys = append(keys, Key(fmt.Sprintf("own-%d-%d", round, i)))
				}
				switch err := caches[i%len(caches)].Use(t.Context(), Start().Add(time.Minute), keys...); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, replay.ErrReplayed):
					t.Errorf("caller %d: %v, want ErrReplayed", i, err)
				}
			})
		}
		close(start)
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("round %d: %d callers used the key, want 1", round, won.Load())
		}
	}
}

func testCrossedKeys(t *testing.T, caches []replay.Cache, _ *Clock) {
	for round := range 10 {
		a, b := Key(fmt.Sprintf("a-%d", round)), Key(fmt.Sprintf("b-%d", round))
		var won atomic.Int32
		var wg sync.WaitGroup
		for i, keys := range [][]replay.Key{{a, b}, {b, a}, {a, b}, {b, a}} {
			wg.Go(func() {
				switch err := caches[i%len(caches)].Use(t.Context(), Start().Add(time.Minute), keys...); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, replay.ErrReplayed):
					t.Errorf("caller %d: %v, want ErrReplayed", i, err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("round %d: %d callers won, want 1", round, won.Load())
		}
	}
}

func testExpired(t *testing.T, caches []replay.Cache, clock *Clock) {
	mustUse(t, caches[0], Start().Add(time.Minute), Key("a"))
	clock.Advance(time.Minute - time.Nanosecond)
	if err := caches[0].Use(t.Context(), clock.Now().Add(time.Minute), Key("a")); !errors.Is(err, replay.ErrReplayed) {
		t.Errorf("one nanosecond before it expires: %v, want ErrReplayed", err)
	}
	clock.Advance(time.Nanosecond)
	mustUse(t, caches[0], clock.Now().Add(time.Minute), Key("a"))
}

// testLate: a token verified just before it expires and used up just after would be used as often as one likes.
func testLate(t *testing.T, caches []replay.Cache, clock *Clock) {
	for _, late := range []time.Duration{0, time.Nanosecond, time.Hour} {
		for _, c := range append(caches, caches...) {
			err := c.Use(t.Context(), clock.Now().Add(-late), Key("a"))
			if !errors.Is(err, replay.ErrLate) || errors.Is(err, replay.ErrReplayed) {
				t.Errorf("Use %v after the end = %v, want ErrLate", late, err)
			}
		}
	}
	mustUse(t, caches[0], clock.Now().Add(time.Nanosecond), Key("a")) // none was marked
}

func testPurge(t *testing.T, caches []replay.Cache, clock *Clock) {
	for i := range 4 {
		mustUse(t, caches[0], Start().Add(time.Duration(i)*time.Minute+time.Second), Key(fmt.Sprint(i)))
	}
	clock.Advance(2 * time.Minute)
	if n, err := caches[1].Purge(t.Context(), clock.Now()); n != 2 || err != nil {
		t.Errorf("Purge = %d, %v, want 2", n, err)
	}
	if err := caches[0].Use(t.Context(), clock.Now().Add(time.Minute), Key("3")); !errors.Is(err, replay.ErrReplayed) {
		t.Errorf("a live key after Purge: %v, want ErrReplayed", err)
	}
}

func testCancelled(t *testing.T, caches []replay.Cache, _ *Clock) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := caches[0].Use(ctx, Start().Add(time.Minute), Key("a")); err == nil || errors.Is(err, replay.ErrReplayed) {
		t.Errorf("Use with a cancelled context = %v, want an error that is not ErrReplayed", err)
	}
	mustUse(t, caches[0], Start().Add(time.Minute), Key("a"))
}

func testNoKeys(t *testing.T, caches []replay.Cache, _ *Clock) {
	if err := caches[0].Use(t.Context(), Start().Add(time.Minute)); err == nil || errors.Is(err, replay.ErrReplayed) {
		t.Errorf("Use of nothing = %v, want an error that is not ErrReplayed", err)
	}
}

func mustUse(t *testing.T, c replay.Cache, expires time.Time, keys ...replay.Key) {
	t.Helper()
	if err := c.Use(t.Context(), expires, keys...); err != nil {
		t.Fatalf("Use: %v", err)
	}
}
