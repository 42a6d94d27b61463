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
		stops  bool
	}{
		"nothing left":       {http.Header{"X-Ratelimit-Limit": {"100"}, "X-Ratelimit-Remaining": {"0"}}, true},
		"back after hours":   {http.Header{"Retry-After": {"7200"}}, true},
		"back in a minute":   {http.Header{"Retry-After": {"60"}, "X-Ratelimit-Limit": {"5"}, "X-Ratelimit-Remaining": {"0"}}, false},
		"says nothing of it": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.answer(failing(1, http.StatusTooManyRequests, test.header))
			_, _ = w.do(t.Context(), call(true))
			if today := w.transport.Ledger().Today(); len(today) != 1 || today[0].Stopped != test.stops {
				t.Errorf("%+v, want stopped %v", today, test.stops)
			}
		})
	}
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
