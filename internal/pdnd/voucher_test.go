// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry"
)

func must(t *testing.T, p *Platform, r VoucherRequest) Voucher {
	t.Helper()
	v, err := p.Voucher(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVoucherRequestHasExactlyTheFourFields(t *testing.T) {
	f := newFake(t)
	v := must(t, f.platform(), bound(7))
	if v.JTI == "" || v.ProducerID != producerID || v.EserviceID != "es" || v.DescriptorID != "de" || !v.ExpiresAt.Equal(f.clock.now().Add(f.life)) {
		t.Errorf("voucher %+v", Voucher{JTI: v.JTI, EserviceID: v.EserviceID, DescriptorID: v.DescriptorID, ExpiresAt: v.ExpiresAt})
	}
	form := f.forms[0]
	delete(form, "client_assertion")
	want := map[string]string{
		"client_id":             clientID,
		"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
		"grant_type":            "client_credentials",
	}
	if diff := cmp.Diff(want, form); diff != "" {
		t.Error(diff)
	}
}

func TestVoucherIsCachedByClientPurposeAndDigest(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	otherPurpose, otherClient := plain(), plain()
	otherPurpose.PurposeID = "4f0a2d5e-0000-4000-8000-0000000000ff"
	otherClient.Client.ClientID = apiID
	seen := map[string]bool{}
	for _, r := range []VoucherRequest{plain(), otherPurpose, otherClient, bound(1), bound(2), {Client: api()}} {
		first, second := must(t, p, r), must(t, p, r)
		if first != second {
			t.Errorf("%q was asked for twice", r.key())
		}
		if seen[first.JTI] {
			t.Errorf("%q was given another's voucher", r.key())
		}
		seen[first.JTI] = true
	}
	if n := f.count("/token"); n != 6 {
		t.Errorf("%d token requests, want 6", n)
	}
}

func TestOneTokenRequestForManyCallers(t *testing.T) {
	f := newFake(t)
	entered, release := make(chan struct{}, 64), make(chan struct{})
	f.set(&f.token, func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-release
		f.issue(w, r)
	})
	p := f.platform()
	var wg sync.WaitGroup
	tokens := make(chan string, 64)
	for range cap(tokens) {
		wg.Go(func() {
			v, err := p.Voucher(t.Context(), plain())
			if err != nil {
				t.Error(err)
			}
			tokens <- v.Token
		})
	}
	<-entered
	close(release)
	wg.Wait()
	close(tokens)
	different := map[string]bool{}
	for token := range tokens {
		different[token] = true
	}
	if n := f.count("/token"); n != 1 || len(different) != 1 {
		t.Fatalf("%d token requests gave %d vouchers", n, len(different))
	}
}

func TestWaitersAreBounded(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	f.set(&f.token, func(w http.ResponseWriter, r *http.Request) { <-release; f.issue(w, r) })
	p := f.platform(limits(Limits{Waiting: 4}))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { _, _ = p.Voucher(t.Context(), bound(i)) })
	}
	eventually(t, "four wait", func() bool { p.tokens.mu.Lock(); defer p.tokens.mu.Unlock(); return p.tokens.waiting == 4 })
	for _, r := range []VoucherRequest{plain(), bound(0)} {
		_, err := p.Voucher(t.Context(), r)
		var fault *registry.Fault
		if !errors.Is(err, registry.ErrPDND) || !errors.As(err, &fault) || fault.RetryAfter <= 0 {
			t.Errorf("the fifth caller got %v, want ErrPDND with RetryAfter", err)
		}
	}
	close(release)
	wg.Wait()
	must(t, p, plain())
}

func TestCallerWhoLeavesDoesNotEndTheRequest(t *testing.T) {
	f := newFake(t)
	entered, release := make(chan struct{}), make(chan struct{})
	f.set(&f.token, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		f.issue(w, r)
	})
	p := f.platform()
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { _, err := p.Voucher(ctx, plain()); gone <- err }()
	<-entered
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatalf("the caller who left got %v", err)
	}
	close(release)
	eventually(t, "the voucher is kept", func() bool { return p.vouchers.len() == 1 })
	must(t, p, plain())
	if n := f.count("/token"); n != 1 {
		t.Fatalf("%d token requests", n)
	}
}

func TestHangEndsAtTheHardDeadline(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, hang)
	p := f.platform(limits(Limits{TokenTimeout: 50 * time.Millisecond}))
	began := time.Now()
	_, err := p.Voucher(context.Background(), plain())
	if !errors.Is(err, registry.ErrPDND) || time.Since(began) > 5*time.Second {
		t.Fatalf("after %v: %v", time.Since(began), err)
	}
}

func TestVoucherNearItsEndIsNotHandedOut(t *testing.T) {
	f := newFake(t)
	f.life = time.Minute
	p := f.platform()
	first := must(t, p, bound(1))
	f.clock.forward(49 * time.Second)
	if v := must(t, p, bound(1)); v != first {
		t.Fatal("a voucher with 11 s left was replaced")
	}
	f.clock.forward(2 * time.Second)
	if v := must(t, p, bound(1)); v == first {
		t.Fatal("a voucher with 9 s left was handed out")
	}
}

func TestRenewalHappensEarlyAndInTheBackground(t *testing.T) {
	f := newFake(t)
	f.life = 100 * time.Second
	p := f.platform()
	first := must(t, p, plain())
	f.clock.forward(79 * time.Second)
	if must(t, p, plain()) != first || f.count("/token") != 1 {
		t.Fatal("renewed before 80 % of its life")
	}
	f.clock.forward(11 * time.Second)
	if must(t, p, plain()) != first {
		t.Fatal("the caller waited for the renewal")
	}
	eventually(t, "renewed by 90 % of its life", func() bool { return f.count("/token") == 2 })
	eventually(t, "the new voucher is used", func() bool { return must(t, p, plain()) != first })
}

func TestFailingRenewalLeavesTheOldVoucherAndDoesNotStorm(t *testing.T) {
	f := newFake(t)
	f.life = 200 * time.Second
	p := f.platform()
	first := must(t, p, plain())
	f.clock.forward(181 * time.Second)
	f.set(&f.token, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	for range 100 {
		if must(t, p, plain()) != first {
			t.Fatal("another voucher came from a PDND that is down")
		}
	}
	eventually(t, "the renewal was tried", func() bool { return f.count("/token") == 3 }) // one renewal, two attempts
	p.work.Wait()
	if n := f.count("/token"); n != 3 {
		t.Fatalf("%d token requests", n)
	}
}

func TestBoundVoucherIsNotRenewed(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	first := must(t, p, bound(1))
	f.clock.forward(f.life - 15*time.Second)
	must(t, p, bound(1))
	p.work.Wait()
	if must(t, p, bound(1)) != first || f.count("/token") != 1 {
		t.Fatal("a voucher of one tracking evidence was renewed")
	}
}

func TestInvalidateForcesOneNewVoucherOnly(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	old := must(t, p, plain())
	p.Invalidate(plain(), old)
	second := must(t, p, plain())
	if second == old {
		t.Fatal("the refused voucher came back")
	}
	p.Invalidate(plain(), old) // a caller who was refused with the same one, later
	if must(t, p, plain()) != second || f.count("/token") != 2 {
		t.Fatal("the new voucher was thrown away for the fault of the old one")
	}
}

func TestVouchersKeptAreBounded(t *testing.T) {
	f := newFake(t)
	p := f.platform(limits(Limits{Vouchers: 8}))
	for i := range 20 {
		must(t, p, bound(i))
	}
	if n := p.vouchers.len(); n != 8 {
		t.Fatalf("%d vouchers are kept", n)
	}
}

func TestCloseForgetsVouchersAndEndsWork(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, hang)
	p := f.platform()
	done := make(chan error)
	go func() { _, err := p.Voucher(context.Background(), plain()); done <- err }()
	eventually(t, "a request is under way", func() bool { return f.count("/token") == 1 })
	p.Close()
	if err := <-done; !errors.Is(err, registry.ErrPDND) {
		t.Fatalf("the waiter got %v", err)
	}
	if p.vouchers.len() != 0 {
		t.Fatal("vouchers outlive Close")
	}
}
