// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package held

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
)

// reader asks a PDND that does as it is told.
func reader(lookup func(ctx context.Context, ente string, who tenant) ([]string, error)) *Attributes {
	a := New(nil, nil, time.Now)
	a.lookup = lookup
	return a
}

func silent(ctx context.Context, _ string, _ tenant) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// of asks, and tells how long that took.
func of(t *testing.T, a *Attributes, ente, consumer string) ([]string, time.Duration, error) {
	t.Helper()
	began := time.Now()
	list, err := a.Of(t.Context(), ente, "collaudo", consumer)
	return list, time.Since(began), err
}

func wantUndecided(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ErrUndecided) || !errors.Is(err, modi.ErrUndecided) {
		t.Errorf("%v, want a don't know", err)
	}
}

// TestSilentPDNDHoldsNobodyElse: while it is asked about one consumer the others, of every ente, are told at once, and who
// asks about that one waits a moment at most, once.
func TestSilentPDNDHoldsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		a := reader(func(ctx context.Context, ente string, who tenant) ([]string, error) {
			if who.id == "slow" {
				asked.Add(1)
				return silent(ctx, ente, who)
			}
			return []string{"IPA/L6"}, nil
		})
		go func() { _, _ = a.Of(t.Context(), "c_a", "collaudo", "slow") }()
		synctest.Wait()
		for _, ente := range []string{"c_a", "c_b"} {
			list, took, err := of(t, a, ente, "quick-"+ente)
			if diff := cmp.Diff([]string{"IPA/L6"}, list); err != nil || diff != "" || took != 0 {
				t.Errorf("%s: %v after %v\n%s", ente, err, took, diff)
			}
		}
		_, took, err := of(t, a, "c_a", "slow")
		wantUndecided(t, err)
		if took > patience {
			t.Errorf("waited %v", took)
		}
		for range 20 { // until the question has failed, and while that is remembered
			_, took, err := of(t, a, "c_a", "slow")
			wantUndecided(t, err)
			if took != 0 {
				t.Errorf("waited %v for what is known not to come", took)
			}
			time.Sleep((askFor + failedFor - patience) / 20)
		}
		if asked.Load() != 1 {
			t.Errorf("PDND was asked %d times", asked.Load())
		}
		time.Sleep(time.Second)
		_, _, _ = of(t, a, "c_a", "slow")
		if asked.Load() != 2 {
			t.Errorf("PDND was asked %d times after a while, want once more", asked.Load())
		}
		time.Sleep(askFor)
	})
}

// TestSilentPDNDLeavesADayOfWhatWasKnown: told after a moment at most; a day later nobody knows.
func TestSilentPDNDLeavesADayOfWhatWasKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := reader(func(context.Context, string, tenant) ([]string, error) { return []string{"IPA/L6"}, nil })
		if _, _, err := of(t, a, "c_a", "x"); err != nil {
			t.Fatal(err)
		}
		a.lookup = silent
		time.Sleep(staleFor - time.Minute)
		for _, most := range []time.Duration{patience, 0} {
			list, took, err := of(t, a, "c_a", "x")
			if err != nil || len(list) != 1 || took > most {
				t.Errorf("%v %v after %v, want it after %v at most", list, err, took, most)
			}
		}
		time.Sleep(time.Minute)
		_, _, err := of(t, a, "c_a", "x")
		wantUndecided(t, err)
		time.Sleep(askFor)
	})
}

// TestCallerThatLeavesTakesNoAnswerAway: it is not held, and the question goes on for those who stay.
func TestCallerThatLeavesTakesNoAnswerAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := reader(func(context.Context, string, tenant) ([]string, error) {
			time.Sleep(time.Second)
			return []string{"IPA/L6"}, nil
		})
		gone, leave := context.WithCancel(t.Context())
		var left, stayed sync.WaitGroup
		left.Go(func() {
			_, err := a.Of(gone, "c_a", "collaudo", "x")
			wantUndecided(t, err)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v does not say why", err)
			}
		})
		stayed.Go(func() {
			if list, err := a.Of(t.Context(), "c_a", "collaudo", "x"); err != nil || len(list) != 1 {
				t.Errorf("%v %v", list, err)
			}
		})
		synctest.Wait()
		leave()
		began := time.Now()
		left.Wait()
		if took := time.Since(began); took != 0 {
			t.Errorf("held for %v", took)
		}
		stayed.Wait()
	})
}

// TestOneEnteUsesUpNoPlacesOfAnothers, and asks PDND a bounded number of questions at a time.
func TestOneEnteUsesUpNoPlacesOfAnothers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var underWay, most atomic.Int64
		a := reader(func(ctx context.Context, ente string, who tenant) ([]string, error) {
			if ente == "c_b" {
				return nil, nil
			}
			most.Store(max(most.Load(), underWay.Add(1)))
			defer underWay.Add(-1)
			return silent(ctx, ente, who)
		})
		for i := range mostWaiting {
			go func() { _, _ = a.Of(t.Context(), "c_a", "collaudo", fmt.Sprint(i)) }()
		}
		synctest.Wait()
		_, took, err := of(t, a, "c_a", "one more")
		wantUndecided(t, err)
		if took != 0 {
			t.Errorf("one too many waited %v", took)
		}
		if _, took, err := of(t, a, "c_b", "x"); err != nil || took != 0 {
			t.Errorf("another ente: %v after %v", err, took)
		}
		time.Sleep(askFor)
		synctest.Wait()
		if most.Load() != mostAtOnce || underWay.Load() != 0 {
			t.Errorf("%d questions at a time, want %d; %d not ended", most.Load(), mostAtOnce, underWay.Load())
		}
		if p := a.desks[desk{"c_a", "collaudo"}]; p.waiting != 0 || len(a.asking) != 0 {
			t.Errorf("%d places and %d questions left", p.waiting, len(a.asking))
		}
	})
}

func TestMemoriesAreBounded(t *testing.T) {
	m := map[int]bool{}
	for i := range 10 {
		roomFor(m, 3)
		m[i] = true
	}
	if len(m) != 3 || !m[9] {
		t.Errorf("%v", m)
	}
}
