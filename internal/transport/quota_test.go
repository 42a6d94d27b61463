// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry"
)

// wantHeld checks that a call was refused here, for a reason.
func wantHeld(t *testing.T, err error, says string) {
	t.Helper()
	var fault *registry.Fault
	if !errors.As(err, &fault) || !errors.Is(err, registry.ErrThrottled) || !strings.Contains(fault.Text.EN, says) ||
		fault.RetryAfter <= 0 || fault.RetryAfter > 25*time.Hour {
		t.Errorf("Do = %v, want ErrThrottled: %s", err, says)
	}
}

// TestQuotaSpentStopsUntilMidnight: a 429 that means the day, unlike one that means the second.
func TestQuotaSpentStopsUntilMidnight(t *testing.T) {
	for name, test := range map[string]struct {
		header http.Header
		wait   time.Duration
		stops  bool
	}{
		"nothing left":                {left("0", ""), time.Second, true},
		"back after hours":            {http.Header{"Retry-After": {"7200"}}, 2 * time.Hour, true},
		"back in a minute":            {with(left("0", ""), "Retry-After", "60"), time.Minute, false},
		"counts anew in a second":     {left("0", "1"), time.Second, false},
		"counts anew in a minute":     {left("0", "60"), time.Minute, false},
		"counts anew after hours":     {left("0", "7200"), 2 * time.Hour, true},
		"says both, believes one":     {with(left("0", "7200"), "Retry-After", "60"), time.Minute, false},
		"counts anew at an instant":   {left("0", "1794000000"), time.Second, true},
		"counts anew, unreadable":     {left("0", "domani"), time.Second, true},
		"counts anew, something left": {left("3", "2"), 2 * time.Second, false},
		"says nothing of it":          {nil, time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.answer(failing(1, http.StatusTooManyRequests, test.header))
			_, err := w.do(t.Context(), call(true))
			var fault *registry.Fault
			if !errors.As(err, &fault) || fault.RetryAfter != test.wait {
				t.Errorf("Do = %v, %+v, want back after %v", err, fault, test.wait)
			}
			if today := w.transport.Ledger().Today(); len(today) != 1 || today[0].Stopped != test.stops {
				t.Errorf("%+v, want stopped %v", today, test.stops)
			}
		})
	}
}

// left is what a registry says of its own count, and in how many seconds it counts anew.
func left(remaining, reset string) http.Header {
	return with(http.Header{"X-Ratelimit-Limit": {"100"}, "X-Ratelimit-Remaining": {remaining}}, "X-Ratelimit-Reset", reset)
}

func with(h http.Header, name, value string) http.Header {
	if value != "" {
		h.Set(name, value)
	}
	return h
}

func TestWhatTheRegistrySaysOfItsCountIsKept(t *testing.T) {
	w := newWorld(t)
	w.answer(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("X-RateLimit-Limit", "15000, 15000;window=86400")
		rw.Header().Set("X-RateLimit-Remaining", "14321")
		_, _ = rw.Write([]byte("{}"))
	})
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatal(err)
	}
	today := w.transport.Ledger().Today()
	if len(today) != 1 || today[0].Used != 1 || today[0].ToldLimit != 15000 || today[0].ToldRemaining != 14321 {
		t.Errorf("%+v", today)
	}
}

// TestBatchesStopBeforePersons: an automatismo leaves the reserve.
func TestBatchesStopBeforePersons(t *testing.T) {
	w := newWorld(t, func(c *config.Config) {
		half := int64(50)
		c.Enti["c_bf01"].Consumes["prova"].QuotaDaily, c.Enti["c_bf01"].Consumes["prova"].QuotaReserve = 2, &half
	})
	batch := w.borgo()
	batch.Operator.Kind = registry.Automatismo
	if _, err := w.transport.Do(t.Context(), batch, call(true)); err != nil {
		t.Fatal(err)
	}
	_, err := w.transport.Do(t.Context(), batch, call(true))
	wantHeld(t, err, "for persons")
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Errorf("a person: %v", err)
	}
	_, err = w.do(t.Context(), call(true))
	wantHeld(t, err, "used up")
}
