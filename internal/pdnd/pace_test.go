// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry"
)

// limited issues vouchers and tells how many requests are left.
func limited(f *fake, remaining int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Rate-Limit-Limit", "10")
		w.Header().Set("X-Rate-Limit-Remaining", strconv.Itoa(remaining))
		w.Header().Set("X-Rate-Limit-Interval", "1000")
		f.issue(w, r)
	}
}

// waits makes a platform whose pauses move its clock.
func waits(f *fake) (*Platform, *[]time.Duration) {
	var paused []time.Duration
	return f.platform(func(o *Options) {
		o.Pause = func(_ context.Context, d time.Duration) error {
			paused = append(paused, d)
			f.clock.forward(d)
			return nil
		}
	}), &paused
}

// TestSlowsDownBefore429: with few requests left they are spaced at the pace of the limit,
// and with none the next waits for the interval.
func TestSlowsDownBefore429(t *testing.T) {
	for _, test := range []struct {
		remaining int
		want      []time.Duration
	}{
		{9, nil},
		{3, nil},
		{2, []time.Duration{100 * time.Millisecond, 100 * time.Millisecond}},
		{0, []time.Duration{time.Second, time.Second}},
	} {
		t.Run(fmt.Sprint(test.remaining, " left"), func(t *testing.T) {
			f := newFake(t)
			f.set(&f.token, limited(f, test.remaining))
			p, paused := waits(f)
			for n := range 3 {
				must(t, p, bound(n))
			}
			if diff := cmp.Diff(test.want, *paused); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPaceIsOfOneEnte: the limit counts a tenant.
func TestPaceIsOfOneEnte(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, limited(f, 0))
	p, paused := waits(f)
	must(t, p, of("c_bf01", clientID, purposeID))
	must(t, p, of("c_vs01", clientID, ""))
	if len(*paused) != 0 {
		t.Error("one ente's limit held another ente back")
	}
}

// TestLongWaitIsToldNotTaken: a caller is not made to wait longer than PaceWait.
func TestLongWaitIsToldNotTaken(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Rate-Limit-Interval", "60000")
		w.Header().Set("X-Rate-Limit-Limit", "10")
		w.Header().Set("X-Rate-Limit-Remaining", "0")
		f.issue(w, r)
	})
	p, paused := waits(f)
	must(t, p, bound(1))
	fault := refusedWith(t, p, bound(2))
	if !errors.Is(fault.Kind, registry.ErrThrottled) || fault.RetryAfter != time.Minute || len(*paused) != 0 || f.count("/token") != 1 {
		t.Errorf("fault %v after %v, %d requests", fault.Kind, fault.RetryAfter, f.count("/token"))
	}
	f.clock.forward(time.Minute)
	must(t, p, bound(2))
}

// Test429WithoutRetryAfterBacksOff: a 429 after the wait of the one before doubles the wait,
// up to a limit, and a voucher ends the series.
func Test429WithoutRetryAfterBacksOff(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, answer(429, map[string]string{"X-Rate-Limit-Interval": "1000"}, ""))
	p := f.platform(limits(Limits{Throttled: 5 * time.Second}))
	var got []time.Duration
	for n := range 5 {
		wait := refusedWith(t, p, bound(n)).RetryAfter
		got = append(got, wait)
		f.clock.forward(wait)
	}
	want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	f.set(&f.token, nil)
	must(t, p, plain())
	f.set(&f.token, answer(429, nil, ""))
	if wait := refusedWith(t, p, bound(9)).RetryAfter; wait != time.Second {
		t.Errorf("after a voucher the wait is %v", wait)
	}
}

// TestAbsurdLimitsAreIgnored: headers that cannot be meant never stop the hub.
func TestAbsurdLimitsAreIgnored(t *testing.T) {
	for _, h := range []map[string]string{
		{"X-Rate-Limit-Limit": "0", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Interval": "1000"},
		{"X-Rate-Limit-Limit": "10", "X-Rate-Limit-Remaining": "-1", "X-Rate-Limit-Interval": "1000"},
		{"X-Rate-Limit-Limit": "10", "X-Rate-Limit-Remaining": "0"},
		{"X-Rate-Limit-Limit": "ten", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Interval": "99999999999999"},
	} {
		f := newFake(t)
		f.set(&f.token, func(w http.ResponseWriter, r *http.Request) {
			for name, value := range h {
				w.Header().Set(name, value)
			}
			f.issue(w, r)
		})
		p, paused := waits(f)
		must(t, p, bound(1))
		must(t, p, bound(2))
		if len(*paused) != 0 {
			t.Errorf("%v paused for %v", h, *paused)
		}
	}
}

// TestPauseEndsWithItsCaller: a wait is given up when the work is.
func TestPauseEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pause(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := pause(t.Context(), 0); err != nil {
		t.Error(err)
	}
}
