// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// quick are settings whose waits do not slow a test.
func quick() Settings {
	return Settings{Egress: loopback(), BackoffMin: time.Millisecond, BackoffMax: 2 * time.Millisecond}
}

func always(*Response, error) bool { return true }

func TestEveryAttemptIsPreparedAnew(t *testing.T) {
	var mu sync.Mutex
	var seen, bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.Header.Get("X-Jti"))
		bodies = append(bodies, string(body))
		if len(seen) < 3 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	var done []int
	resp, err := newClient(t, quick()).Do(t.Context(), post(t, server.URL, "corpo"), Exchange{
		Attempts: 5,
		Prepare: func(attempt int, r *http.Request) error {
			r.Header.Set("X-Jti", fmt.Sprintf("jti-%d", attempt))
			return nil
		},
		Retryable: func(resp *Response, err error) bool { return err != nil || resp.Status >= 500 },
		Done:      func(_ int, resp *Response, _ error) { done = append(done, resp.Status) },
	})
	if err != nil || resp.Status != http.StatusOK {
		t.Fatalf("Do = %v, %v", resp, err)
	}
	if diff := cmp.Diff([]string{"jti-1", "jti-2", "jti-3"}, seen); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"corpo", "corpo", "corpo"}, bodies); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{502, 502, 200}, done); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsRetriedUnlessAsked(t *testing.T) {
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	for name, x := range map[string]Exchange{
		"no Retryable":            {Attempts: 4},
		"Retryable says no":       {Attempts: 4, Retryable: func(*Response, error) bool { return false }},
		"one attempt":             {Attempts: 1, Retryable: always},
		"attempts left at 0":      {Retryable: always},
		"attempts below 0 is one": {Attempts: -3, Retryable: always},
	} {
		t.Run(name, func(t *testing.T) {
			hits.Store(0)
			resp, err := newClient(t, quick()).Do(t.Context(), get(t, server.URL), x)
			if err != nil || resp.Status != http.StatusServiceUnavailable || hits.Load() != 1 {
				t.Fatalf("Do = %v, %v after %d requests", resp, err, hits.Load())
			}
		})
	}
}

func TestLastReplyIsKeptWhenAttemptsRunOut(t *testing.T) {
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "risposta %d", hits.Add(1))
	}))
	defer server.Close()
	resp, err := newClient(t, quick()).Do(t.Context(), get(t, server.URL), Exchange{Attempts: 3, Retryable: always})
	if err != nil || string(resp.Body) != "risposta 3" {
		t.Fatalf("Do = %v, %v", resp, err)
	}
}

func TestFailureOfPrepareEndsTheExchange(t *testing.T) {
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	broken := errors.New("no key")
	for _, failAt := range []int{1, 2} {
		hits.Store(0)
		resp, err := newClient(t, quick()).Do(t.Context(), get(t, server.URL), Exchange{
			Attempts:  3,
			Retryable: always,
			Prepare: func(attempt int, _ *http.Request) error {
				if attempt == failAt {
					return broken
				}
				return nil
			},
		})
		if resp != nil || !errors.Is(err, broken) || ReasonOf(err) != ReasonPrepare || int(hits.Load()) != failAt-1 {
			t.Errorf("failing at %d: Do = %v, %v after %d requests", failAt, resp, err, hits.Load())
		}
	}
}

func TestRetryAfterBeyondTheDeadlineIsReturnedAtOnce(t *testing.T) {
	now := time.Now()
	for name, value := range map[string]string{
		"seconds":   "3600",
		"HTTP-date": now.Add(time.Hour).UTC().Format(http.TimeFormat),
	} {
		t.Run(name, func(t *testing.T) {
			var hits atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				hits.Add(1)
				w.Header().Set("Retry-After", value)
				w.WriteHeader(http.StatusServiceUnavailable)
			}))
			defer server.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			resp, err := newClient(t, quick()).Do(ctx, get(t, server.URL), Exchange{Attempts: 3, Retryable: always})
			if err != nil || resp.Header.Get("Retry-After") != value || hits.Load() != 1 {
				t.Fatalf("Do = %v, %v after %d requests", resp, err, hits.Load())
			}
			if took := time.Since(now); took > 20*time.Second {
				t.Fatalf("it waited %v", took)
			}
		})
	}
}

func TestRetryAfterWithinTheDeadlineIsWaitedFor(t *testing.T) {
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if hits.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	began := time.Now()
	resp, err := newClient(t, quick()).Do(t.Context(), get(t, server.URL), Exchange{Attempts: 2, Retryable: always})
	if err != nil || resp.Status != http.StatusOK {
		t.Fatalf("Do = %v, %v", resp, err)
	}
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Fatalf("it came back after %v, the peer asked for 1 s", took)
	}
}

func TestBackoffDoublesWithinItsBoundsAndJitters(t *testing.T) {
	jitter := 0.0
	c := newClient(t, Settings{BackoffMin: 100 * time.Millisecond, BackoffMax: time.Second, Jitter: func() float64 { return jitter }})
	a := &attempts{client: c}
	var low, high []time.Duration
	for i := range 6 {
		jitter = 0
		low = append(low, a.wait(c.settings.BackoffMin, c.settings.BackoffMax, i, nil))
		jitter = 0.999999
		high = append(high, a.wait(c.settings.BackoffMin, c.settings.BackoffMax, i, nil).Round(time.Millisecond))
	}
	ms := func(n ...int) (out []time.Duration) {
		for _, v := range n {
			out = append(out, time.Duration(v)*time.Millisecond)
		}
		return out
	}
	if diff := cmp.Diff(ms(50, 100, 200, 400, 500, 500), low); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ms(100, 200, 400, 800, 1000, 1000), high); diff != "" {
		t.Error(diff)
	}
	if got := a.wait(c.settings.BackoffMin, c.settings.BackoffMax, 1000, nil); got <= 0 || got > time.Second {
		t.Errorf("wait before attempt 1000 is %v", got)
	}
}

func TestCallerWhoLeavesEndsTheWait(t *testing.T) {
	var hits atomic.Int32
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	began := time.Now()
	_, err := newClient(t, quick()).Do(ctx, get(t, server.URL), Exchange{
		Attempts:  2,
		Retryable: always,
		Done:      func(int, *Response, error) { cancel() },
	})
	if err == nil && hits.Load() > 1 || time.Since(began) > 20*time.Second {
		t.Fatalf("Do = %v after %d requests and %v", err, hits.Load(), time.Since(began))
	}
}

// net/http by itself sends a GET again when the connection it reused dies. The second
// copy would carry the same jti.
func TestSignedGetNeverLeavesTwiceOnADyingConnection(t *testing.T) {
	for _, header := range []string{"", "Idempotency-Key"} {
		t.Run("header "+header, func(t *testing.T) {
			var mu sync.Mutex
			seen := map[string]int{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.ReadAll(r.Body)
				mu.Lock()
				jti := r.Header.Get("X-Jti")
				seen[jti]++
				mu.Unlock()
				if strings.HasPrefix(jti, "die") {
					conn, _, err := http.NewResponseController(w).Hijack()
					if err == nil {
						_ = conn.Close()
					}
				}
			}))
			defer server.Close()
			client := newClient(t, quick())
			send := func(jti string) error {
				req := get(t, server.URL)
				if header != "" {
					req = post(t, server.URL, "corpo")
					req.Header.Set(header, "k")
				}
				_, err := client.Do(t.Context(), req, Exchange{Prepare: func(_ int, r *http.Request) error {
					r.Header.Set("X-Jti", jti)
					return nil
				}})
				return err
			}
			if err := send("warm"); err != nil {
				t.Fatal(err)
			}
			if err := send("die"); ReasonOf(err) != ReasonLost {
				t.Fatalf("Do = %v, want a lost connection", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if diff := cmp.Diff(map[string]int{"warm": 1, "die": 1}, seen); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestSignedGetHasNoBodyOnTheWire(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%d %v", r.ContentLength, r.TransferEncoding)
	}))
	defer server.Close()
	resp, err := newClient(t, quick()).Do(t.Context(), get(t, server.URL), Exchange{
		Prepare: func(int, *http.Request) error { return nil },
	})
	if err != nil || string(resp.Body) != "0 []" {
		t.Fatalf("server saw %v, %v", resp, err)
	}
}
