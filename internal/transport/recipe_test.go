// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry"
)

// TestSeeOtherIsAnAnswerOfTheCallsThatExpectIt, and of no other; it is never followed.
func TestSeeOtherIsAnAnswerOfTheCallsThatExpectIt(t *testing.T) {
	for name, c := range map[string]struct {
		expected bool
		status   int
		ok       bool
	}{
		"expected":           {true, http.StatusSeeOther, true},
		"not expected":       {false, http.StatusSeeOther, false},
		"another redirect":   {true, http.StatusFound, false},
		"permanent redirect": {true, http.StatusPermanentRedirect, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.answer(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Location", "/elsewhere")
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(c.status)
				_, _ = rw.Write([]byte(`{"stato":"DISPONIBILE"}`))
			})
			one := call(true)
			one.SeeOther = c.expected
			one.Classify = func(registry.Reply) error { return nil }
			reply, err := w.do(t.Context(), one)
			if c.ok && (err != nil || reply.Status != c.status || reply.Header.Get("Location") != "/elsewhere") {
				t.Fatalf("Do = %v, %v", reply, err)
			}
			if !c.ok && !errors.Is(err, registry.ErrBadReply) {
				t.Fatalf("Do = %v, want ErrBadReply", err)
			}
			if n := len(w.requests()); n != 1 {
				t.Errorf("%d requests: it was followed", n)
			}
		})
	}
}

// TestLimitsOfTheRecipe hold where the binding of the ente sets none.
func TestLimitsOfTheRecipe(t *testing.T) {
	daily := func(n int64) change {
		return func(c *config.Config) { c.Consumes["prova"].Quota = registry.RecipeQuota{Daily: n} }
	}
	own := func(c *config.Config) { c.Enti["c_bf01"].Consumes["prova"].QuotaDaily = 5 }
	slow := func(c *config.Config) { c.Consumes["prova"].Quota.PerSecond = 0.01 }
	for name, tc := range map[string]struct {
		changes []change
		allowed int
	}{
		"of the day":              {[]change{daily(2)}, 2},
		"of the second":           {[]change{slow}, 1},
		"the binding has its own": {[]change{daily(2), own}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.changes...)
			for i := range tc.allowed {
				if _, err := w.do(t.Context(), call(true)); err != nil {
					t.Fatalf("call %d: %v", i, err)
				}
			}
			if _, err := w.do(t.Context(), call(true)); !errors.Is(err, registry.ErrThrottled) {
				t.Errorf("Do = %v, want ErrThrottled", err)
			}
		})
	}
}
