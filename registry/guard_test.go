// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var settings = GuardSettings{Failures: 3, Ratio: 0.5, MinCalls: 10, Window: time.Minute, OpenFor: 30 * time.Second, Probes: 1}

func failing(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

func down() error { return &Fault{Kind: ErrUnavailable, Status: 503} }

// do runs n calls that end in err and fails the test when one is not let through.
func do(t *testing.T, g *Guard, n int, err error) {
	t.Helper()
	for range n {
		if got := g.Do(context.Background(), failing(err)); !errors.Is(got, err) {
			t.Fatalf("Do returned %v, want %v unchanged", got, err)
		}
	}
}

func TestGuardOpensAfterFailuresInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGuard("anpr-c020", settings, nil)
		do(t, g, 2, down())
		do(t, g, 1, nil)
		do(t, g, 2, down())
		if g.State() != "closed" {
			t.Fatal("two failures in a row opened it")
		}
		do(t, g, 1, down())
		if g.State() != "open" {
			t.Fatal("three failures in a row did not open it")
		}
		ran := false
		err := g.Do(context.Background(), func(context.Context) error { ran = true; return nil })
		var fault *Fault
		if ran || !errors.As(err, &fault) || !errors.Is(err, ErrUnavailable) || !errors.Is(err, ErrGuardOpen) {
			t.Fatalf("an open guard let the call through, or answered %v", err)
		}
		if fault.RetryAfter != 30*time.Second || fault.Service != "anpr-c020" || fault.Text.IT == "" || fault.Text.EN == "" {
			t.Errorf("refusal is %+v", fault)
		}
		time.Sleep(18 * time.Second)
		if err := g.Do(context.Background(), failing(nil)); !errors.As(err, &fault) || fault.RetryAfter != 12*time.Second {
			t.Errorf("after 18 s the next probe is due in %v, want 12s", fault.RetryAfter)
		}
	})
}

// TestGuardCountsOnlyUnavailability names the kinds literally: D2 of the design. A host
// that answers is alive, whatever it answers.
func TestGuardCountsOnlyUnavailability(t *testing.T) {
	for _, kind := range []error{
		ErrNotFound, ErrAmbiguous, ErrInvalid, ErrDenied, ErrThrottled, ErrConfig, ErrSignature, ErrBadReply, ErrNotReady, ErrPDND,
		ErrUnsupported, errors.New("a programming error"),
	} {
		t.Run(kind.Error(), func(t *testing.T) {
			g := NewGuard("x", settings, nil)
			do(t, g, 50, &Fault{Kind: kind})
			if g.State() != "closed" {
				t.Errorf("%v opened the guard", kind)
			}
		})
	}
	g := NewGuard("x", settings, nil)
	do(t, g, 3, fmt.Errorf("wrapped: %w", ErrUnavailable))
	if g.State() != "open" {
		t.Error("a wrapped ErrUnavailable did not count")
	}
}

func TestGuardIgnoresCallersWhoLeave(t *testing.T) {
	g := NewGuard("x", settings, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 50 {
		if err := g.Do(ctx, failing(down())); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("Do returned %v", err)
		}
	}
	if g.State() != "closed" {
		t.Error("cancelled calls opened the guard")
	}
	do(t, g, 2, down())
	_ = g.Do(ctx, failing(down()))
	do(t, g, 1, down())
	if g.State() != "open" {
		t.Error("a cancelled call between failures reset the count")
	}
}

func TestGuardCountsADeadlineThatPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGuard("x", settings, nil)
		for range 3 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			err := g.Do(ctx, func(ctx context.Context) error {
				<-ctx.Done()
				return fmt.Errorf("no answer in time: %w", ErrUnavailable)
			})
			cancel()
			if !errors.Is(err, ErrUnavailable) {
				t.Fatal(err)
			}
		}
		if g.State() != "open" {
			t.Error("three hangs did not open the guard")
		}
	})
}

// TestGuardOpensWhenFlapping: half of the calls fail, never three in a row.
func TestGuardOpensWhenFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGuard("x", settings, nil)
		for i := range 10 {
			if g.State() != "closed" {
				t.Fatalf("open after %d calls, before minCalls", i)
			}
			err := error(nil)
			if i%2 == 1 {
				err = down()
			}
			do(t, g, 1, err)
		}
		if g.State() != "open" {
			t.Error("5 failures in 10 calls did not open it")
		}
	})
}

func TestGuardForgetsFailuresOutsideTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGuard("x", settings, nil)
		do(t, g, 2, down())
		time.Sleep(2 * time.Minute)
		do(t, g, 2, down())
		if g.State() != "closed" {
			t.Error("failures two minutes old still count in a window of one")
		}
	})
}

func TestGuardProbesAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes []string
		g := NewGuard("x", settings, func(name, from, to string) { changes = append(changes, name+": "+from+" → "+to) })
		do(t, g, 3, down())
		time.Sleep(31 * time.Second)
		do(t, g, 1, down()) // the probe fails
		if g.State() != "open" {
			t.Fatal("a failed probe left the guard " + g.State())
		}
		time.Sleep(31 * time.Second)

		release, entered := make(chan struct{}), make(chan struct{})
		done := make(chan error)
		go func() {
			done <- g.Do(context.Background(), func(context.Context) error {
				close(entered)
				<-release
				return nil
			})
		}()
		<-entered
		var fault *Fault
		if err := g.Do(context.Background(), failing(nil)); !errors.As(err, &fault) || fault.RetryAfter != time.Second {
			t.Errorf("a second call beside the probe got %v, want a refusal with a second to wait", err)
		}
		close(release)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if g.State() != "closed" {
			t.Error("a good probe left the guard " + g.State())
		}
		want := []string{"x: closed → open", "x: open → half-open", "x: half-open → open", "x: open → half-open", "x: half-open → closed"}
		if !slices.Equal(changes, want) {
			t.Errorf("changes are %q, want %q", changes, want)
		}
	})
}

// TestGuardProbeOfACallerWhoLeavesDecidesNothing: the next caller may probe at once.
func TestGuardProbeOfACallerWhoLeavesDecidesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGuard("x", settings, nil)
		do(t, g, 3, down())
		time.Sleep(31 * time.Second)
		ctx, cancel := context.WithCancel(context.Background())
		err := g.Do(ctx, func(ctx context.Context) error {
			cancel()
			return fmt.Errorf("left: %w", ctx.Err())
		})
		if !errors.Is(err, context.Canceled) || g.State() != "half-open" {
			t.Fatalf("error is %v, state %s", err, g.State())
		}
		do(t, g, 1, nil)
		if g.State() != "closed" {
			t.Error("the next probe did not close it")
		}
	})
}

func TestGuardsAreApart(t *testing.T) {
	a, b := NewGuard("anpr-c020", settings, nil), NewGuard("anpr-c030", settings, nil)
	do(t, a, 3, down())
	do(t, b, 1, nil)
	if a.State() != "open" || b.State() != "closed" {
		t.Errorf("states are %s and %s", a.State(), b.State())
	}
	if a.Name() != "anpr-c020" {
		t.Errorf("name is %s", a.Name())
	}
}

func TestGuardUnderManyCallers(t *testing.T) {
	g := NewGuard("x", GuardSettings{Failures: 1 << 20, Ratio: 1, MinCalls: 1 << 20, Window: time.Hour, OpenFor: time.Hour}, nil)
	var ran atomic.Int64
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			for range 100 {
				var err error
				if i%2 == 0 {
					err = ErrUnavailable
				}
				if got := g.Do(context.Background(), func(context.Context) error { ran.Add(1); return err }); !errors.Is(got, err) {
					t.Errorf("Do returned %v, want %v", got, err)
				}
				g.State()
			}
		})
	}
	wg.Wait()
	if ran.Load() != 3200 {
		t.Errorf("%d calls ran, want 3200", ran.Load())
	}
}

func TestGuardDefaults(t *testing.T) {
	got := GuardSettings{Failures: 2, OpenFor: time.Second}.WithDefaults()
	want := GuardSettings{
		Failures: 2, Ratio: DefaultRatio, MinCalls: DefaultMinCalls, Window: DefaultWindow, OpenFor: time.Second,
		Probes: DefaultProbes, Deadline: DefaultDeadline, Attempts: DefaultAttempts,
	}
	if got != want {
		t.Errorf("settings are %+v, want %+v", got, want)
	}
}
