// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"testing"
	"time"
)

// gone answers that there is no such key, in PDND's words.
func gone(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, http.StatusNotFound, "006-0035", "key not found")
}

// TestForgottenKeyIsAskedForAgain: what an event says is deleted is not used once more.
func TestForgottenKeyIsAskedForAgain(t *testing.T) {
	for name, forget := range map[string]func(*Platform){
		"one key":  func(p *Platform) { p.ForgetClientKey(aPartys().KID) },
		"all keys": func(p *Platform) { p.ForgetKeys() },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			p := f.platform()
			keys := p.ConsumerKeysFor(api(), clientID)
			resolves(t, keys, aPartys().KID)
			f.set(&f.api, gone)
			resolves(t, keys, aPartys().KID) // nobody has said so yet
			forget(p)
			wantUnknown(t, keys, aPartys().KID)
		})
	}
}

// TestForgottenKeyDoesNotOutliveASilentPDND: without an answer it is "don't know", never the
// key that was deleted.
func TestForgottenKeyDoesNotOutliveASilentPDND(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	producer := p.ProducerKeys(api(), producerID)
	resolves(t, producer, aPartys().KID)
	f.set(&f.api, answer(503, nil, ""))
	p.ForgetProducerKey(aPartys().KID)
	wantUndecided(t, producer, aPartys().KID)
}

// TestAnswerAskedForBeforeIsNotKept: a lookup that was under way when the key was deleted
// serves those who waited for it, and nobody after.
func TestAnswerAskedForBeforeIsNotKept(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	keys := p.ConsumerKeysFor(api(), clientID)
	asked, release := make(chan struct{}), make(chan struct{})
	f.set(&f.api, func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-release
		f.serveKey(w, r)
	})
	waited := make(chan error, 1)
	go func() {
		_, err := keys.ResolveKey(t.Context(), aPartys().KID)
		waited <- err
	}()
	<-asked
	p.ForgetClientKey(aPartys().KID)
	f.set(&f.api, gone)
	wantUnknown(t, keys, aPartys().KID) // does not join the older question
	close(release)
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	wantUnknown(t, keys, aPartys().KID)
}

// TestKeysLiveShorterWithoutEvents: while nobody would tell of a deletion, keys are asked
// for more often, and a silent PDND is believed for less long.
func TestKeysLiveShorterWithoutEvents(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	keys := p.ConsumerKeysFor(api(), clientID)
	path := "/v2/keys/" + aPartys().KID
	resolves(t, keys, aPartys().KID)
	f.clock.forward(2 * time.Minute)
	resolves(t, keys, aPartys().KID)
	if n := f.count(path); n != 1 {
		t.Fatalf("asked %d times", n)
	}
	p.SetEventsAlive(false)
	resolves(t, keys, aPartys().KID)
	if n := f.count(path); n != 2 {
		t.Fatalf("asked %d times", n)
	}
	f.set(&f.api, answer(503, nil, ""))
	f.clock.forward(4 * time.Minute)
	resolves(t, keys, aPartys().KID)
	f.clock.forward(2 * time.Minute)
	wantUndecided(t, keys, aPartys().KID)
	p.SetEventsAlive(true)
	resolves(t, keys, aPartys().KID)
}

// TestForgottenVouchersAndRefusals: a purpose that was suspended or repaired counts at once,
// and no other is asked for again.
func TestForgottenVouchersAndRefusals(t *testing.T) {
	const other = "4f0a2d5e-0000-4000-8000-0000000000ff"
	f := newFake(t)
	p := f.platform()
	r, apart := plain(), plain()
	apart.PurposeID = other
	first, kept := must(t, p, r), must(t, p, apart)
	p.ForgetVouchers(clientID, purposeID)
	if must(t, p, r) == first || must(t, p, apart) != kept {
		t.Error("the wrong voucher was forgotten")
	}
	p.ForgetVouchers(clientID, "")
	if must(t, p, apart) == kept {
		t.Error("a voucher of the client was kept")
	}
	f.set(&f.token, masked)
	_ = refusedWith(t, p, bound(1))
	f.set(&f.token, nil)
	p.ForgetVouchers(clientID, purposeID)
	must(t, p, bound(1))
}

// TestVoucherAskedForBeforeIsNotKept: PDND said yes before the purpose was suspended, and the
// event came first.
func TestVoucherAskedForBeforeIsNotKept(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	asked, release := make(chan struct{}), make(chan struct{})
	f.set(&f.token, func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-release
		f.issue(w, r)
	})
	waited := make(chan Voucher, 1)
	go func() {
		v, err := p.Voucher(t.Context(), plain())
		if err != nil {
			t.Error(err)
		}
		waited <- v
	}()
	<-asked
	p.ForgetVouchers(clientID, purposeID)
	close(release)
	f.set(&f.token, nil)
	if before := <-waited; must(t, p, plain()) == before {
		t.Error("the voucher was kept")
	}
}

// TestKeyForgottenWhilePDNDIsAskedInVainIsNotUsed: what was looked up before the event is not
// what its silence falls back to.
func TestKeyForgottenWhilePDNDIsAskedInVainIsNotUsed(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	keys := p.ConsumerKeysFor(api(), clientID)
	resolves(t, keys, aPartys().KID)
	f.clock.forward(6 * time.Minute) // asked for again
	f.set(&f.api, func(w http.ResponseWriter, _ *http.Request) {
		p.ForgetClientKey(aPartys().KID)
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	wantUndecided(t, keys, aPartys().KID)
}
