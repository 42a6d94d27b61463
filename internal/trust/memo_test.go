// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

var start = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// counted is work that counts how often it is done.
func counted(n *int, ask time.Time) func(context.Context) answer[int] {
	return func(context.Context) answer[int] {
		*n++
		return answer[int]{value: *n, ask: ask}
	}
}

func TestMemoForgetsWhatWasUsedLeastRecently(t *testing.T) {
	m := newMemo[int](3)
	done := 0
	get := func(key string) {
		t.Helper()
		if _, _, err := m.get(t.Context(), key, start, counted(&done, start.Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"a", "b", "c", "a", "d", "a"} {
		get(key)
	}
	if done != 4 || len(m.good.items) != 3 || m.good.order.Len() != 3 {
		t.Fatalf("%d pieces of work, %d items", done, len(m.good.items))
	}
	get("b") // forgotten for d
	if done != 5 {
		t.Errorf("%d pieces of work", done)
	}
	for i := range 100 {
		get(fmt.Sprint(i))
	}
	if len(m.good.items) != 3 || m.good.order.Len() != 3 || len(m.flights) != 0 {
		t.Errorf("%d items, %d in order, %d flights", len(m.good.items), m.good.order.Len(), len(m.flights))
	}
}

// Strangers make refusals: as many as they like do not push out what is known of peers.
func TestRefusalsDoNotPushOutAnswers(t *testing.T) {
	m := newMemo[int](3)
	done := 0
	peer := counted(&done, start.Add(time.Hour))
	for i := range 1000 {
		for _, key := range []string{"a", "b", "c"} {
			if _, _, err := m.get(t.Context(), key, start, peer); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := m.get(t.Context(), fmt.Sprint(i), start, func(context.Context) answer[int] {
			return answer[int]{err: errRefused, ask: start.Add(time.Hour)}
		})
		if !errors.Is(err, errRefused) {
			t.Fatal(err)
		}
	}
	if done != 3 || len(m.good.items) != 3 || len(m.refused.items) != leastRefused || m.refused.order.Len() != leastRefused {
		t.Errorf("%d pieces of work, %d answers, %d refusals", done, len(m.good.items), len(m.refused.items))
	}
	// A key has one answer: the last.
	for _, now := range []time.Time{start.Add(time.Hour), start.Add(2 * time.Hour)} {
		_, _, _ = m.get(t.Context(), "a", now, func(context.Context) answer[int] {
			return answer[int]{err: errRefused, ask: now.Add(time.Hour)}
		})
		if m.good.items["a"] != nil || m.refused.items["a"] == nil {
			t.Error("an answer is left beside the refusal")
		}
		if _, _, err := m.get(t.Context(), "a", now.Add(time.Minute), peer); !errors.Is(err, errRefused) {
			t.Error(err)
		}
	}
}

var errRefused = errors.New("no")

// A certificate that makes a parser panic ends no process and decides nothing.
func TestWorkThatPanicsIsUndecided(t *testing.T) {
	m := newMemo[int](3)
	_, _, err := m.get(t.Context(), "a", start, func(context.Context) answer[int] { panic("of a library") })
	if !errors.Is(err, modi.ErrUndecided) || len(m.flights) != 0 {
		t.Errorf("get = %v, %d flights", err, len(m.flights))
	}
	got, _, err := m.get(t.Context(), "a", start.Add(retryAfter), func(context.Context) answer[int] { return answer[int]{value: 7} })
	if err != nil || got != 7 {
		t.Errorf("afterwards: %d, %v", got, err)
	}
}

func TestMemoDoesNotKeepWhatServesNoTime(t *testing.T) {
	m := newMemo[int](3)
	done := 0
	for range 3 {
		if _, _, err := m.get(t.Context(), "a", start, counted(&done, time.Time{})); err != nil {
			t.Fatal(err)
		}
	}
	if done != 3 || len(m.good.items) != 0 {
		t.Errorf("%d pieces of work, %d items", done, len(m.good.items))
	}
}

func TestMemoOfALaterInstantDoesNotCount(t *testing.T) {
	m := newMemo[int](3)
	done := 0
	for _, now := range []time.Time{start, start.Add(-time.Minute), start} {
		if _, _, err := m.get(t.Context(), "a", now, counted(&done, now.Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	if done != 2 {
		t.Errorf("%d pieces of work", done)
	}
}

func TestMemoBoundsTheWorkUnderWay(t *testing.T) {
	m := newMemo[int](3)
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // nobody waits for the work
	for i := range maxFlights {
		_, _, err := m.get(ctx, fmt.Sprint(i), start, func(context.Context) answer[int] {
			<-release
			return answer[int]{}
		})
		if !errors.Is(err, modi.ErrUndecided) || !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	_, _, err := m.get(t.Context(), "one too many", start, counted(new(int), start))
	if !errors.Is(err, modi.ErrUndecided) {
		t.Errorf("get = %v", err)
	}
}
