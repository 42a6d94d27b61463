// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
)

func TestLRUForgetsWhatWasUsedLeastRecently(t *testing.T) {
	l := newLRU[int](2)
	l.put("a", 1)
	l.put("b", 2)
	l.get("a")
	l.put("c", 3)
	if _, ok := l.get("b"); ok {
		t.Error("b was used least recently and is still there")
	}
	for key, want := range map[string]int{"a": 1, "c": 3} {
		if got, ok := l.get(key); !ok || got != want {
			t.Errorf("%s = %d, %v", key, got, ok)
		}
	}
	l.put("a", 10)
	l.removeIf("a", func(v int) bool { return v == 1 })
	if got, _ := l.get("a"); got != 10 {
		t.Error("a was removed though it had changed")
	}
	l.removeIf("a", func(v int) bool { return v == 10 })
	if _, ok := l.get("a"); ok || l.len() != 1 {
		t.Error("a is still there")
	}
	l.clear()
	if l.len() != 0 {
		t.Error("clear left something")
	}
}

func TestBucket(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	b := newBucket(2, time.Second)
	takes := func(at time.Time, want bool) {
		t.Helper()
		if b.take(at) != want {
			t.Fatalf("take at %v is %v", at.Sub(now), !want)
		}
	}
	takes(now, true)
	takes(now, true)
	takes(now, false)
	takes(now.Add(900*time.Millisecond), false)
	takes(now.Add(1000*time.Millisecond), true)
	takes(now, false) // a clock that goes back gives nothing
	b.giveBack()
	takes(now, true)
	takes(now.Add(time.Hour), true)
	takes(now.Add(time.Hour), true)
	takes(now.Add(time.Hour), false)
	b.giveBack()
	b.giveBack()
	b.giveBack()
	takes(now.Add(time.Hour), true)
	takes(now.Add(time.Hour), true)
	takes(now.Add(time.Hour), false)
}

func TestFlightsShareOneWork(t *testing.T) {
	var work sync.WaitGroup
	f := newFlights[int](100, &work)
	release := make(chan struct{})
	runs := 0
	results := make(chan int, 50)
	for range cap(results) {
		go func() {
			v, _ := f.do(context.Background(), "k", nil, func() (int, error) { runs++; <-release; return 7, nil })
			results <- v
		}()
	}
	eventually(t, "all wait", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.waiting == cap(results) })
	close(release)
	for range cap(results) {
		if v := <-results; v != 7 {
			t.Fatalf("a waiter got %d", v)
		}
	}
	if runs != 1 {
		t.Fatalf("the work ran %d times", runs)
	}
}

func TestFlightsThatMayNotStart(t *testing.T) {
	var work sync.WaitGroup
	f := newFlights[int](1, &work)
	never := func() bool { return false }
	if _, err := f.do(t.Context(), "k", never, nil); !errors.Is(err, errNotNow) {
		t.Fatalf("do = %v", err)
	}
	f.start("k", never, nil)
	work.Wait()
}

func TestOptionsAreChecked(t *testing.T) {
	f := newFake(t)
	whole := Options{
		Profile: config.Environment{Name: "locale", TokenURL: "t", AssertionAudience: "a", JWKSURL: "j", APIBase: "b"},
		HTTP:    f.platform().http, Rand: rand.Reader,
	}
	if p, err := New(whole); err != nil {
		t.Fatal(err)
	} else {
		p.Close()
	}
	for name, change := range map[string]func(*Options){
		"no HTTP client": func(o *Options) { o.HTTP = nil },
		"no randomness":  func(o *Options) { o.Rand = nil },
		"no token URL":   func(o *Options) { o.Profile.TokenURL = "" },
		"no audience":    func(o *Options) { o.Profile.AssertionAudience = "" },
		"no JWKS":        func(o *Options) { o.Profile.JWKSURL = "" },
		"no API":         func(o *Options) { o.Profile.APIBase = "" },
	} {
		broken := whole
		change(&broken)
		if _, err := New(broken); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestObserverIsTold(t *testing.T) {
	f := newFake(t)
	var mu sync.Mutex
	told := map[string]int{}
	p := f.platform(func(o *Options) {
		note := func(e string) { mu.Lock(); defer mu.Unlock(); told[e]++ }
		o.Observer = Observer{
			Token: func(environment, outcome string, _ time.Duration) { note(environment + " token " + outcome) },
			Cache: func(environment, cache, result string) { note(environment + " " + cache + " " + result) },
		}
	})
	must(t, p, plain())
	must(t, p, plain())
	f.set(&f.token, masked)
	_ = refusedWith(t, p, bound(1))
	_ = refusedWith(t, p, bound(1))
	_ = refusedWith(t, p, VoucherRequest{Client: Credentials{ClientID: "x", Key: ours()}})
	resolves(t, p.VoucherKeys(), pdndOwn().KID)
	resolves(t, p.VoucherKeys(), pdndOwn().KID)
	wantUnknown(t, p.VoucherKeys(), "altro")
	wantUndecided(t, p.ProducerKeys(api(), producerID), aPartys().KID)
	want := map[string]int{
		"locale token issued": 1, "locale token refused": 2, "locale token invalid": 1,
		"locale voucher hit": 1, "locale voucher miss": 4, "locale voucher refused": 1,
		"locale jwks miss": 1, "locale jwks hit": 1, "locale jwks unknown": 1, "locale producer-keys unavailable": 1,
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// len is how many entries are kept.
func (l *lru[V]) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.order.Len()
}
