// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// together runs the same function many times at once and counts how many times it
// returned true.
func together(times int, f func() bool) int {
	var yes atomic.Int32
	var group sync.WaitGroup
	for range times {
		group.Go(func() {
			if f() {
				yes.Add(1)
			}
		})
	}
	group.Wait()
	return int(yes.Load())
}

func TestOneProofGivesOneVoucher(t *testing.T) {
	w := startedWorld(t)
	proof := newProver(w).proof(nil, nil)
	values := form(w.assertion(w.claims()))
	if n := together(16, func() bool { return w.post(values, proof).status == http.StatusOK }); n != 1 {
		t.Errorf("%d vouchers for one proof", n)
	}
}

func TestRateLimitIsExact(t *testing.T) {
	w := newWorldForTest(t, Options{RateLimit: 5})
	values := form(w.assertion(w.claims()))
	if n := together(16, func() bool { return w.post(values).status == http.StatusOK }); n != 5 {
		t.Errorf("%d vouchers under a limit of 5", n)
	}
}

func TestOneKeyHasOneOwner(t *testing.T) {
	w := newWorldForTest(t, Options{})
	must(t, w.RemoveKey(w.kid))
	text := publicPEM(t, keys()[0])
	if n := together(8, func() bool {
		_, client := w.AddClientKey(clientID, text)
		_, chain := w.AddKeychainKey(keychainID, text)
		return client == nil || chain == nil
	}); n != 1 {
		t.Errorf("the key was taken %d times", n)
	}
}

func TestRotationWhileIssuing(t *testing.T) {
	w := newWorldForTest(t, Options{})
	values := form(w.assertion(w.claims()))
	var group sync.WaitGroup
	group.Go(func() {
		for range 2 {
			if _, err := w.RotateKey(true); err != nil {
				t.Error(err)
			}
		}
	})
	for range 4 {
		group.Go(func() {
			for range 5 {
				a := w.post(values)
				compact, _ := a.body["access_token"].(string)
				token, err := rules.Parse(compact)
				if err != nil {
					t.Error(err)
					return
				}
				kid, _ := token.Header.String("kid")
				s, _ := w.jwksSet()
				found := false
				for _, k := range s.Keys {
					found = found || k["kid"] == kid
				}
				if !found {
					t.Errorf("a voucher of key %s, which is not published", kid)
				}
			}
		})
	}
	group.Wait()
}

func TestLimiterWindows(t *testing.T) {
	l := limiter{limit: 2, interval: time.Second}
	start := time.Unix(1_767_225_600, 0)
	for i, step := range []struct {
		tenant string
		after  time.Duration
		want   bool
		left   string
	}{
		{"a", 0, true, "1"},
		{"a", 999 * time.Millisecond, true, "0"},
		{"a", 999 * time.Millisecond, false, "0"},
		{"b", 999 * time.Millisecond, true, "1"},
		{"a", time.Second, true, "1"},
		{"a", -time.Hour, true, "1"}, // a clock set back starts anew
	} {
		h := http.Header{}
		if got := l.take(h, step.tenant, start.Add(step.after)); got != step.want {
			t.Errorf("step %d: %v", i, got)
		}
		if h.Get("X-Rate-Limit-Remaining") != step.left || h.Get("X-Rate-Limit-Limit") != "2" || h.Get("X-Rate-Limit-Interval") != "1000" {
			t.Errorf("step %d: %v", i, h)
		}
	}
}

// TestReadersAndWritersOfOnePlatform is for the race detector: the token endpoint and the
// API read what others change.
func TestReadersAndWritersOfOnePlatform(t *testing.T) {
	w := newWorldForTest(t, Options{})
	bearer := "Bearer " + w.apiVoucherText()
	values := form(w.assertion(w.claims()))
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 10 {
				switch i % 4 {
				case 0:
					_ = w.SetPurposeState(purposeID, "SUSPENDED")
					_ = w.SetPurposeState(purposeID, "ACTIVE")
				case 1:
					w.get("/v2/purposes?offset=0&limit=50", bearer)
					w.get("/v2/agreements?offset=0&limit=50", bearer)
				case 2:
					w.post(values)
				default:
					w.get("/v2/purposeEvents?limit=500", bearer)
					w.Platform().Purposes(tenantID)
				}
			}
		})
	}
	group.Wait()
	w.voucher(values)
}
