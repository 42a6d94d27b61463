// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry"
)

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// failing answers with status until n requests were made, then well.
func failing(n int32, status int, header http.Header) http.HandlerFunc {
	var count atomic.Int32
	return func(rw http.ResponseWriter, _ *http.Request) {
		if count.Add(1) > n {
			ok(rw)
			return
		}
		for k, v := range header {
			rw.Header()[k] = v
		}
		rw.WriteHeader(status)
	}
}

func TestRetrySignsAnewAndKeepsVoucherEvidenceAndOperation(t *testing.T) {
	w := newWorld(t)
	w.answer(failing(2, http.StatusBadGateway, nil))
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatal(err)
	}
	seen, calls := w.requests(), w.calls.All()
	if len(seen) != 3 || len(calls) != 3 {
		t.Fatalf("%d requests, %d records", len(seen), len(calls))
	}
	signatures := map[string]bool{}
	for i, h := range seen {
		signatures[h.Get("Agid-Jwt-Signature")] = true
		for _, same := range []string{"Authorization", "Agid-Jwt-Trackingevidence", "Digest"} {
			if h.Get(same) == "" || h.Get(same) != seen[0].Get(same) {
				t.Errorf("attempt %d: %s differs or is missing", i+1, same)
			}
		}
		if calls[i].OperationID != "77" || calls[i].RequestSignature != h.Get("Agid-Jwt-Signature") {
			t.Errorf("record %d does not match its request", i+1)
		}
	}
	if len(signatures) != 3 {
		t.Fatalf("%d different integrity tokens in 3 attempts", len(signatures))
	}
	if calls[0].Status != 502 || calls[2].Status != 200 || calls[2].Fault != "" {
		t.Fatalf("statuses %d %d %d", calls[0].Status, calls[1].Status, calls[2].Status)
	}
}

func TestCallThatIsNotIdempotentIsSentOnce(t *testing.T) {
	w := newWorld(t, func(c *config.Config) { c.Consumes["prova"].Guard.Failures = 1000 })
	for name, h := range map[string]http.HandlerFunc{
		"502":             failing(9, http.StatusBadGateway, nil),
		"503":             failing(9, http.StatusServiceUnavailable, http.Header{"Retry-After": {"0"}}),
		"401":             failing(9, http.StatusUnauthorized, nil),
		"connection lost": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			w.answer(h)
			if _, err := w.do(t.Context(), call(false)); err == nil {
				t.Fatal("no error")
			}
			if n := len(w.requests()); n != 1 {
				t.Fatalf("%d requests", n)
			}
		})
	}
}

func TestRefusedVoucherIsReplacedOnce(t *testing.T) {
	w := newWorld(t)
	for name, tc := range map[string]struct {
		refusals int32
		requests int
		ok       bool
	}{
		"the second is taken": {1, 2, true},
		"none is taken":       {9, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			w.answer(failing(tc.refusals, http.StatusUnauthorized, nil))
			_, err := w.do(t.Context(), call(true))
			if (err == nil) != tc.ok || (!tc.ok && !errors.Is(err, registry.ErrSignature)) {
				t.Fatalf("Do = %v", err)
			}
			seen := w.requests()
			if len(seen) != tc.requests {
				t.Fatalf("%d requests", len(seen))
			}
			if seen[0].Get("Authorization") == seen[1].Get("Authorization") {
				t.Error("the refused voucher was sent again")
			}
			if seen[0].Get("Agid-Jwt-Trackingevidence") != seen[1].Get("Agid-Jwt-Trackingevidence") {
				t.Error("the evidence changed inside one acquisition")
			}
		})
	}
}

func TestWhatNoProcedimentoCoversIsRefusedBeforeAnyVoucher(t *testing.T) {
	w := newWorld(t)
	noPurpose := w.borgo()
	noPurpose.Purposes = nil
	other := w.borgo()
	other.Environment = "produzione"
	stranger := w.borgo()
	stranger.Ente = "c_zz99"
	unbound := call(true)
	unbound.Service = "inad"
	for name, tc := range map[string]struct {
		scope *registry.Scope
		call  registry.Call
		says  string
	}{
		"no purpose":          {noPurpose, call(true), "iscrizione-asilo"},
		"another environment": {other, call(true), "produzione"},
		"unknown ente":        {stranger, call(true), "c_zz99"},
		"unbound service":     {w.borgo(), unbound, "inad"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.transport.Do(t.Context(), tc.scope, tc.call)
			var fault *registry.Fault
			if !errors.As(err, &fault) || !errors.Is(err, registry.ErrSettings) || errors.Is(err, registry.ErrDenied) {
				t.Fatalf("Do = %v, want ErrSettings: the registry was not asked", err)
			}
			if !strings.Contains(fault.Text.IT, tc.says) || !strings.Contains(fault.Text.EN, tc.says) {
				t.Errorf("the reason does not name %s: %+v", tc.says, fault.Text)
			}
		})
	}
	if n := len(w.amb.PDND.Requests()); n != 0 {
		t.Fatalf("PDND got %d requests", n)
	}
}

func TestThrottledRegistryIsHeldForItsPurposeOnly(t *testing.T) {
	for name, after := range map[string]string{
		"seconds":   "30",
		"HTTP-date": time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.answer(failing(1, http.StatusTooManyRequests, http.Header{"Retry-After": {after}}))
			for i := range 3 {
				_, err := w.do(t.Context(), call(true))
				var fault *registry.Fault
				if !errors.As(err, &fault) || !errors.Is(err, registry.ErrThrottled) {
					t.Fatalf("call %d: %v, want ErrThrottled", i, err)
				}
				if fault.RetryAfter < 20*time.Second || fault.RetryAfter > 31*time.Second {
					t.Fatalf("call %d: RetryAfter %v", i, fault.RetryAfter)
				}
			}
			if n := len(w.requests()); n != 1 {
				t.Fatalf("%d requests reached a registry that asked for a pause", n)
			}
			other := w.borgo()
			other.Purposes["prova"] = other.Purposes["anpr-c020"][:35] + "9"
			if _, err := w.transport.Do(t.Context(), other, call(true)); errors.Is(err, registry.ErrThrottled) {
				t.Fatal("another purpose is held too")
			}
			if w.took("guard prova open") != 0 {
				t.Fatal("a quota opened the guard")
			}
		})
	}
}

// TestRefusalOfOneCallAloneHoldsNothing: a registry that works on one request at a time still gives the first one's result.
func TestRefusalOfOneCallAloneHoldsNothing(t *testing.T) {
	w := newWorld(t)
	w.answer(failing(1, http.StatusBadRequest, nil))
	busy := call(false)
	busy.Classify = func(r registry.Reply) error {
		if r.Status == http.StatusBadRequest {
			return &registry.Fault{Kind: registry.ErrThrottled, Status: r.Status, RetryAfter: time.Minute, Alone: true}
		}
		return nil
	}
	_, err := w.do(t.Context(), busy)
	var fault *registry.Fault
	if !errors.As(err, &fault) || !errors.Is(err, registry.ErrThrottled) || fault.RetryAfter != time.Minute {
		t.Fatalf("Do = %v, want ErrThrottled for a minute", err)
	}
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatalf("the next call: %v", err)
	}
}

func TestLocalRateAndDailyQuota(t *testing.T) {
	t.Run("rate", func(t *testing.T) {
		w := newWorld(t, func(c *config.Config) { c.Enti["c_bf01"].Consumes["prova"].RatePerSecond = 0.01 })
		if _, err := w.do(t.Context(), call(true)); err != nil {
			t.Fatal(err)
		}
		_, err := w.do(t.Context(), call(true))
		var fault *registry.Fault
		if !errors.As(err, &fault) || !errors.Is(err, registry.ErrThrottled) || fault.RetryAfter < time.Minute {
			t.Fatalf("Do = %v, want ErrThrottled for about 100 s", err)
		}
	})
	t.Run("quota counts requests, not calls", func(t *testing.T) {
		w := newWorld(t, func(c *config.Config) { c.Enti["c_bf01"].Consumes["prova"].QuotaDaily = 2 })
		w.answer(failing(1, http.StatusBadGateway, nil))
		if _, err := w.do(t.Context(), call(true)); err != nil { // two requests
			t.Fatal(err)
		}
		_, err := w.do(t.Context(), call(true))
		var fault *registry.Fault
		if !errors.As(err, &fault) || !errors.Is(err, registry.ErrThrottled) || fault.RetryAfter <= 0 || fault.RetryAfter > 25*time.Hour {
			t.Fatalf("Do = %v, want ErrThrottled until midnight", err)
		}
		if n := len(w.requests()); n != 2 {
			t.Fatalf("%d requests", n)
		}
	})
}

func TestRepliesThatAreNoAnswer(t *testing.T) {
	write := func(status int, contentType, body string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", contentType)
			rw.WriteHeader(status)
			_, _ = rw.Write([]byte(body))
		}
	}
	page := "<html><body>GovWay-OP20000-9999</body></html>"
	w := newWorld(t, func(c *config.Config) {
		c.Consumes["prova"].Guard.Failures = 1000
		c.Consumes["prova"].Guard.MinCalls = 1000
	})
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"HTML with 200":        {write(200, "text/html", page), registry.ErrBadReply},
		"HTML called JSON":     {write(200, "text/plain", "{}"), registry.ErrBadReply},
		"no type":              {write(200, "", "{}"), registry.ErrBadReply},
		"HTML with 500":        {write(500, "text/html", page), registry.ErrUnavailable},
		"redirect":             {write(302, "text/html", ""), registry.ErrBadReply},
		"403":                  {write(403, "application/problem+json", "{}"), registry.ErrDenied},
		"404 of the registry":  {write(404, "application/problem+json", "{}"), registry.ErrNotFound},
		"too large":            {write(200, "application/json", `{"a":"`+strings.Repeat("x", 2<<20)+`"}`), registry.ErrBadReply},
		"cut":                  {cut, registry.ErrUnavailable},
		"compressed unasked":   {compressed, registry.ErrBadReply},
		"connection lost":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, registry.ErrUnavailable},
		"404 of a gateway":     {write(404, "application/problem+json", `{"type":"https://govway.org/handling-errors/404/NotFound.html","title":"NotFound","status":404,"govway_id":"b1"}`), registry.ErrUnavailable},
		"400 for the tokens":   {write(400, "application/problem+json", `{"type":"https://govway.org/handling-errors/400/InteroperabilityInvalidRequest.html","title":"InteroperabilityInvalidRequest","status":400,"govway_id":"b2"}`), registry.ErrSignature},
		"408 is an outage too": {write(408, "application/json", "{}"), registry.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			w.answer(tc.handler)
			before := len(w.calls.All())
			_, err := w.do(t.Context(), call(false))
			var fault *registry.Fault
			if !errors.As(err, &fault) || !errors.Is(fault.Kind, tc.want) || fault.Service != "prova" {
				t.Fatalf("Do = %v, want %v", err, tc.want)
			}
			records := w.calls.All()[before:]
			if len(records) != 1 || records[0].Fault == "" {
				t.Fatalf("records %+v", records)
			}
		})
	}
}

func cut(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Content-Length", "1000")
	_, _ = rw.Write([]byte(`{"a":`))
}

func compressed(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Content-Encoding", "br")
	_, _ = rw.Write([]byte("xx"))
}

func TestEmptyReplyAndOtherTypesAreAccepted(t *testing.T) {
	w := newWorld(t)
	w.answer(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
	if reply, err := w.do(t.Context(), call(true)); err != nil || reply.Status != 204 {
		t.Fatalf("204: %v", err)
	}
	w.answer(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/xml; charset=utf-8")
		_, _ = rw.Write([]byte("<a/>"))
	})
	c := call(true)
	c.Header = http.Header{"Accept": {"application/xml"}}
	reply, err := w.do(t.Context(), c)
	if err != nil || !equalBodies(reply.Body, []byte("<a/>")) {
		t.Fatalf("XML where it was asked for: %v", err)
	}
}

func TestHeadersThatTheHubSignsAreNotTheAdapters(t *testing.T) {
	w := newWorld(t)
	c := call(true)
	c.Header = http.Header{
		"Authorization": {"Bearer altrui"}, "Digest": {"SHA-256=x"}, "agid-jwt-signature": {"x"}, "X-Proprio": {"si"},
	}
	if _, err := w.do(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	h := w.requests()[0]
	if strings.Contains(h.Get("Authorization"), "altrui") || len(h.Values("Digest")) != 1 || h.Get("Digest") == "SHA-256=x" ||
		len(h.Values("Agid-Jwt-Signature")) != 1 || h.Get("X-Proprio") != "si" || h.Get("Content-Type") != "application/json" {
		t.Fatalf("headers %v", h)
	}
}

func TestBodylessCallCarriesNoIntegrityToken(t *testing.T) {
	w := newWorld(t)
	c := call(true)
	c.Method, c.Body, c.Path = http.MethodGet, nil, "/istanze/1"
	if _, err := w.do(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	h := w.requests()[0]
	if h.Get("Agid-Jwt-Signature") != "" || h.Get("Digest") != "" || h.Get("Agid-Jwt-Trackingevidence") == "" {
		t.Fatalf("headers %v", h)
	}
}

func TestCallerWhoLeavesTripsNoGuard(t *testing.T) {
	w := newWorld(t)
	arrived := make(chan struct{}, 8)
	w.answer(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	})
	for range 4 { // one more than would open the guard
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-arrived
			cancel()
		}()
		_, err := w.do(ctx, call(true))
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("Do = %v", err)
		}
	}
	for range 4 { // and so for a deadline of the caller's own
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := w.do(ctx, call(true))
		cancel()
		if err == nil {
			t.Fatal("an answer came from a registry that hangs")
		}
	}
	if w.took("guard prova open") != 0 {
		t.Fatal("callers who left opened the guard")
	}
}

func TestRegistryThatHangsIsGivenUpAtTheDeadlineAndCounts(t *testing.T) {
	w := newWorld(t, func(c *config.Config) { c.Consumes["prova"].Guard.Deadline = 500 * time.Millisecond })
	w.answer(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	eventually(t, "its guard opens", func() bool {
		_, err := w.do(t.Context(), call(true))
		return errors.Is(err, registry.ErrUnavailable) && w.took("guard prova open") > 0
	})
}

func TestClassifyOfTheAdapterDecides(t *testing.T) {
	w := newWorld(t)
	w.answer(failing(99, http.StatusInternalServerError, nil))
	c := call(true)
	c.Classify = func(r registry.Reply) error {
		return fmt.Errorf("%w: codice EN999", registry.ErrAmbiguous)
	}
	for range 5 {
		_, err := w.do(t.Context(), c)
		var fault *registry.Fault
		if !errors.Is(err, registry.ErrAmbiguous) || !errors.As(err, &fault) || fault.Status != 500 {
			t.Fatalf("Do = %v", err)
		}
	}
	if n := len(w.requests()); n != 5 || w.took("guard prova open") != 0 {
		t.Fatalf("%d requests: an answer of the registry was retried or counted as an outage", n)
	}
}

func TestErrorsHoldNoSecret(t *testing.T) {
	const cf = "BNCMRC85C12D612V"
	w := newWorld(t)
	c := call(true)
	c.Path, c.Body = "/persone/"+cf+"?chiave=segreta", []byte(`{"codiceFiscale":"`+cf+`"}`)
	echo := func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("GovWay-Transaction-ID", r.Header.Get("Authorization"))
		rw.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(rw, "<p>%s %s %s</p>", r.URL, r.Header.Get("Authorization"), cf)
	}
	for name, h := range map[string]http.HandlerFunc{
		"page":   echo,
		"500":    func(rw http.ResponseWriter, r *http.Request) { rw.WriteHeader(500); echo(rw, r) },
		"400":    func(rw http.ResponseWriter, r *http.Request) { rw.WriteHeader(400); echo(rw, r) },
		"lost":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"cut":    cut,
		"broken": compressed,
	} {
		w.answer(h)
		_, err := w.do(t.Context(), c)
		var fault *registry.Fault
		if !errors.As(err, &fault) {
			t.Fatalf("%s: %v", name, err)
		}
		text := fmt.Sprintf("%v %+v %v %v", err, fault, fault.Err, fault.Text)
		for _, secret := range []string{cf, "eyJ", "Bearer", "segreta", "/persone/"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: %q shows %q", name, text, secret)
			}
		}
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	w := newWorld(t)
	done := make(chan error, 32)
	for range cap(done) {
		go func() { _, err := w.do(t.Context(), call(true)); done <- err }()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	jtis := map[string]bool{}
	for _, h := range w.requests() {
		jtis[h.Get("Agid-Jwt-Signature")] = true
	}
	if len(jtis) != cap(done) || len(w.calls.All()) != cap(done) {
		t.Fatalf("%d tokens, %d records", len(jtis), len(w.calls.All()))
	}
}
