// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

const contentPath = "/modi/c_a/pratiche/v1/atti/12/contenuto"

// unread fails the test when the upload is read.
func unread(t *testing.T, in *Inbound) *Inbound {
	t.Helper()
	in.Spool = func(int64, string, string) (Upload, error) { t.Error("it was read"); return nil, errBackEnd }
	return in
}

// slowly lets so much time pass, in which the used tokens that expire are forgotten, before the body of a request is here.
func (w *inWorld) slowly(t *testing.T, in *Inbound, takes time.Duration, meanwhile func()) *Inbound {
	t.Helper()
	read := in.Spool
	in.Spool = func(most int64, eservice, sender string) (Upload, error) {
		if meanwhile != nil {
			meanwhile()
		}
		w.clock.Advance(takes)
		if _, err := w.replays.Purge(context.Background(), w.clock.Now()); err != nil {
			t.Error(err)
		}
		return read(most, eservice, sender)
	}
	return in
}

// TestTokenOfACallIsNotGoodAgainForASlowUpload: one used on an ordinary call is forgotten when it is too old for anybody, and
// an upload that began before ends after that.
func TestTokenOfACallIsNotGoodAgainForASlowUpload(t *testing.T) {
	a := certifiedOnce()[organisationA]
	w := newDeposit(t, nil, func(c *config.Config, _ *InDeps) { asking(modi.PatternIDAuthREST02)(c) })
	in := w.certifiedCall(t, byCertificate{identity: a, pattern: modi.PatternIDAuthREST02, method: http.MethodGet, path: "/atti/12"})
	if _, err := w.Serve(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Minute)
	stolen := *in
	stolen.Method, stolen.Path, stolen.Header = http.MethodPut, contentPath, in.Header.Clone()
	stolen.Header.Set(headerContentType, "application/octet-stream")
	stolen.Spool = spooling(t, content(1000), 1000)
	_, err := w.Serve(t.Context(), w.slowly(t, &stolen, 10*time.Minute, nil))
	wantRule(t, err, modi.IDAuthReplayed, http.StatusConflict)
	if w.backEnd.calls() != 1 {
		t.Errorf("the back end was called %d times", w.backEnd.calls())
	}
}

// TestUploadsOfOneMessageAreOne, whichever of them ends first, and the second is not read.
func TestUploadsOfOneMessageAreOne(t *testing.T) {
	for name, patterns := range map[string][]modi.Pattern{
		"voucher":      nil,
		"certificates": {modi.PatternIDAuthREST02, modi.PatternIntegrityREST01},
		"signature":    {modi.PatternIntegrityREST01},
	} {
		t.Run(name, func(t *testing.T) {
			w := newDeposit(t, nil, func(c *config.Config, _ *InDeps) {
				if patterns != nil {
					asking(patterns...)(c)
				}
			})
			first := w.uploading(t, 1000)
			if patterns != nil {
				first = w.certifiedUpload(t, 1000)
			}
			twin := *first
			_, err := w.Serve(t.Context(), w.slowly(t, first, 20*time.Minute, func() {
				_, err := w.Serve(t.Context(), unread(t, &twin))
				wantRule(t, err, modi.IntegrityReplayed, http.StatusConflict)
			}))
			if err != nil || w.backEnd.calls() != 1 {
				t.Errorf("%v, %d calls", err, w.backEnd.calls())
			}
		})
	}
}

// certifiedUpload is an upload that certificates vouch for.
func (w *inWorld) certifiedUpload(t *testing.T, length int64) *Inbound {
	t.Helper()
	a := certifiedOnce()[organisationA]
	in := w.certifiedCall(t, byCertificate{identity: a, pattern: modi.PatternIDAuthREST02, method: http.MethodPut, path: "/atti/12/contenuto"})
	in.Header.Set(headerContentType, "application/octet-stream")
	m := rest.Message{Header: in.Header, Body: digestOfZeros(t, length)}
	sign := rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Issuer: organisationA, Audience: audienceA}
	if _, err := rest.SignIntegrity(&m, sign, w.newCall().stamp, a); err != nil {
		t.Fatal(err)
	}
	in.Spool = spooling(t, content(length), length)
	return in
}

// TestUploadThatIsUsedUpStaysUsed: one whose body was another cannot be tried again with the right one.
func TestUploadThatIsUsedUpStaysUsed(t *testing.T) {
	w := newDeposit(t, nil)
	in := w.uploading(t, 1000)
	again := *in
	in.Spool = spooling(t, content(999), 999)
	_, err := w.Serve(t.Context(), in)
	wantRule(t, err, modi.IntegrityDigestMismatch, http.StatusBadRequest)
	_, err = w.Serve(t.Context(), unread(t, &again))
	wantRule(t, err, modi.IntegrityReplayed, http.StatusConflict)
}

// TestNothingIsReadThatItsHeadRefuses: of an upload that is not signed, too old, signed by another or for something else.
func TestNothingIsReadThatItsHeadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *inWorld, in *Inbound)
		rule   modi.RuleID
	}{
		"not signed":     {func(_ *inWorld, in *Inbound) { in.Header.Del(rest.HeaderSignature) }, modi.IntegrityTokenMissing},
		"no digest":      {func(_ *inWorld, in *Inbound) { in.Header.Del(rest.HeaderDigest) }, modi.IntegrityDigestMissing},
		"another digest": {func(_ *inWorld, in *Inbound) { in.Header.Set(rest.HeaderDigest, sha256Digest("x")) }, modi.IntegritySignedHeaderMismatch},
		"no evidence":    {func(_ *inWorld, in *Inbound) { in.Header.Del(rest.HeaderTrackingEvidence) }, modi.AuditTokenMissing},
		"too old":        {func(w *inWorld, _ *Inbound) { w.clock.Advance(6 * time.Minute) }, modi.IntegrityTooOld},
	} {
		t.Run(name, func(t *testing.T) {
			w := newDeposit(t, nil)
			in := unread(t, w.uploading(t, 1000))
			c.change(w, in)
			if _, err := w.Serve(t.Context(), in); firstRule(err) != c.rule {
				t.Errorf("%v, want %s", err, c.rule)
			}
		})
	}
}

// TestCapturedMessageMakesNobodyRead: where the signature of a message alone says who calls, one that was good once, or of an
// organisation that may not call, is refused by its head.
func TestCapturedMessageMakesNobodyRead(t *testing.T) {
	a, b, none := certifiedOnce()[organisationA], certifiedOnce()[organisationB], token.SigningKey{}
	for name, c := range map[string]struct {
		key  token.SigningKey
		age  time.Duration
		rule modi.RuleID
	}{
		"too old":      {a, 48 * time.Hour, modi.IntegrityTooOld},
		"not admitted": {b, 0, modi.IntegrityOwnerMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			w, asked := newInWorld(t, asking(modi.PatternIntegrityREST01)), 0
			in := w.certifiedCall(t, searching(none, c.key, none))
			w.clock.Advance(c.age)
			if _, err := w.Serve(t.Context(), lazily(in, &asked)); firstRule(err) != c.rule || asked != 0 {
				t.Errorf("%v, want %s; read %d times", err, c.rule, asked)
			}
		})
	}
}

// TestWhoMayNotCallIsNotRead: neither a consumer that is suspended nor one that has used its quota up has the hub read
// anything, or uses a token up.
func TestWhoMayNotCallIsNotRead(t *testing.T) {
	suspended := false
	w := newDeposit(t, nil, func(c *config.Config, d *InDeps) {
		c.Exposes["pratiche"].Quota.PerConsumer = 1
		d.MayCall = func(context.Context, string, string, *voucher.Voucher) error {
			if suspended {
				return problem.New(problem.RuleCallerSuspended)
			}
			return nil
		}
	})
	good := w.uploading(t, 10)
	refused := *good
	suspended = true
	_, err := w.Serve(t.Context(), unread(t, &refused))
	wantRule(t, err, problem.RuleCallerSuspended, http.StatusForbidden)
	suspended = false
	if _, err := w.Serve(t.Context(), good); err != nil {
		t.Fatalf("the refusal used a token up: %v", err)
	}
	for range 2 {
		reply, err := w.Serve(t.Context(), unread(t, &refused))
		wantRule(t, err, problem.RuleQuotaConsumer, http.StatusTooManyRequests)
		if reply.Header.Get("X-RateLimit-Remaining") != "0" {
			t.Errorf("headers %v", reply.Header)
		}
	}
}

// TestWhatStopsDuringAnUploadStopsIt: an agreement that goes, a consumer that is suspended.
func TestWhatStopsDuringAnUploadStopsIt(t *testing.T) {
	for name, c := range map[string]struct {
		depend func(d *InDeps, over *bool)
		rule   modi.RuleID
	}{
		"the agreement": {func(d *InDeps, over *bool) {
			d.Stands = func(string, *voucher.Voucher) error {
				if *over {
					return problem.New(problem.RuleNotActive)
				}
				return nil
			}
		}, problem.RuleNotActive},
		"the admission": {func(d *InDeps, over *bool) {
			d.MayCall = func(context.Context, string, string, *voucher.Voucher) error {
				if *over {
					return problem.New(problem.RuleCallerSuspended)
				}
				return nil
			}
		}, problem.RuleCallerSuspended},
	} {
		t.Run(name, func(t *testing.T) {
			over := false
			w := newDeposit(t, nil, func(_ *config.Config, d *InDeps) { c.depend(d, &over) })
			_, err := w.Serve(t.Context(), w.slowly(t, w.uploading(t, 1000), 50*time.Minute, func() { over = true }))
			wantRule(t, err, c.rule, http.StatusForbidden)
			if w.backEnd.calls() != 0 {
				t.Error("the back end was called")
			}
		})
	}
}

// brief answers everything after a moment.
type brief struct{}

func (brief) Do(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
	<-time.After(20 * time.Millisecond) // of the bubble
	return &outbound.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{}")}, nil
}

// TestUploadsStarveNoCall: with uploads that never end wanting the one place there is, a call gets its turn.
func TestUploadsStarveNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newDeposit(t, brief{}, func(c *config.Config, _ *InDeps) { c.Exposes["pratiche"].Limits.Concurrency = 1 })
		stop, ended := make(chan struct{}), make(chan int)
		uploads := make([]*Inbound, 40)
		for n := range uploads {
			uploads[n] = w.uploading(t, 1)
		}
		next := make(chan *Inbound)
		go func() {
			defer close(next)
			for _, in := range uploads {
				select {
				case next <- in:
				case <-stop:
					return
				}
			}
		}()
		for range 4 {
			go func() {
				served := 0
				for in := range next {
					_, err := w.Serve(context.Background(), in)
					for ; firstRule(err) == problem.RuleConcurrency; _, err = w.Serve(context.Background(), in) {
						time.Sleep(time.Millisecond)
					}
					if err == nil {
						served++
					}
				}
				ended <- served
			}()
		}
		time.Sleep(50 * time.Millisecond)
		for range 10 {
			if _, err := w.serve(t, w.newCall().get("/modi/c_a/pratiche/v1/atti/12")); err != nil {
				t.Errorf("a call: %v", err)
			}
		}
		close(stop)
		served := 0
		for range 4 {
			served += <-ended
		}
		if served < 5 {
			t.Errorf("%d uploads were served meanwhile", served)
		}
		if e := w.exposed["c_a/pratiche/v1"]; e.places.count() != 0 || e.arrivals.count() != 0 || e.queue.count() != 0 {
			t.Errorf("%d places, %d arrivals, %d in the queue", e.places.count(), e.arrivals.count(), e.queue.count())
		}
	})
}
