// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// again answers every request with its first answer.
func again(next http.HandlerFunc) http.HandlerFunc {
	first := sync.OnceValue(func() *httptest.ResponseRecorder {
		r := httptest.NewRecorder()
		next(r, nil)
		return r
	})
	return func(rw http.ResponseWriter, _ *http.Request) {
		for name, values := range first().Header() {
			rw.Header()[name] = values
		}
		_, _ = rw.Write(first().Body.Bytes())
	}
}

// TestRejectsReplayedReply: a signed reply is good for one request.
func TestRejectsReplayedReply(t *testing.T) {
	w := newWorld(t, signedReplies(ambiente.MinisteroTenantID))
	w.answer(again(signedBy(t, keychainKey(t, 0), false)))
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatal(err)
	}
	_, err := w.do(t.Context(), call(true))
	var fault *registry.Fault
	if !errors.As(err, &fault) || !errors.Is(err, registry.ErrBadReply) || len(fault.Violations) != 1 ||
		fault.Violations[0].Rule != modi.IntegrityReplayed {
		t.Fatalf("Do = %v, want ErrBadReply for %s", err, modi.IntegrityReplayed)
	}
}

// TestReplySignedBeforeAnUncleanStopIsNotBelieved: what came before it may be forgotten.
func TestReplySignedBeforeAnUncleanStopIsNotBelieved(t *testing.T) {
	w := newWorld(t, signedReplies(ambiente.MinisteroTenantID))
	answer := again(signedBy(t, keychainKey(t, 0), false))
	w.answer(answer)
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatal(err)
	}
	w.replay = &ends{Cache: since(0), first: time.Now().Add(-time.Hour)}
	w.open()
	w.answer(answer)
	_, err := w.do(t.Context(), call(true))
	if !errors.Is(err, registry.ErrState) || errors.Is(err, registry.ErrBadReply) || len(w.requests()) != 1 {
		t.Fatalf("Do = %v after %d requests, want ErrState after one", err, len(w.requests()))
	}
}

// ends stops uncleanly between a request and its reply: asked again, it knows nothing of what came before.
type ends struct {
	replay.Cache

	once  sync.Once
	first time.Time
}

func (e *ends) NotBefore() (at time.Time) {
	at = e.Cache.NotBefore()
	e.once.Do(func() { at = e.first })
	return at
}

// TestNothingIsSentWhileASignedReplyCouldNotBeBelieved: for as long as clocks may differ after an unclean stop, of a
// call whose reply is signed.
func TestNothingIsSentWhileASignedReplyCouldNotBeBelieved(t *testing.T) {
	for name, test := range map[string]struct {
		change []change
		ago    time.Duration
		sent   bool
	}{
		"just started":                  {[]change{signedReplies(ambiente.MinisteroTenantID)}, time.Second, false},
		"within what clocks may differ": {[]change{signedReplies(ambiente.MinisteroTenantID)}, 7 * time.Second, false},
		"later":                         {[]change{signedReplies(ambiente.MinisteroTenantID)}, 11 * time.Second, true},
		"replies are not signed":        {nil, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, test.change...)
			w.replay = since(test.ago)
			w.open()
			w.answer(signedBy(t, keychainKey(t, 0), false))
			_, err := w.do(t.Context(), call(true))
			if sent := len(w.requests()) == 1; sent != test.sent || sent != (err == nil) {
				t.Fatalf("sent %v: %v", sent, err)
			}
			var fault *registry.Fault
			if !test.sent && (!errors.As(err, &fault) || !errors.Is(err, registry.ErrState) ||
				fault.RetryAfter <= 0 || fault.RetryAfter > 10*time.Second-test.ago) {
				t.Errorf("Do = %v, %+v", err, fault)
			}
		})
	}
}

// unknowing is a cache that cannot tell.
type unknowing struct{ replay.Cache }

func (unknowing) Use(context.Context, time.Time, ...replay.Key) error {
	return errors.New("the store is away")
}

// TestReplyIsNotBelievedWhileItsReplayIsUnknown: "don't know" is not "no".
func TestReplyIsNotBelievedWhileItsReplayIsUnknown(t *testing.T) {
	w := newWorld(t, signedReplies(ambiente.MinisteroTenantID))
	w.replay = unknowing{since(time.Hour)}
	w.open()
	w.answer(signedBy(t, keychainKey(t, 0), false))
	_, err := w.do(t.Context(), call(true))
	if !errors.Is(err, registry.ErrState) || errors.Is(err, registry.ErrBadReply) || errors.Is(err, registry.ErrUnavailable) {
		t.Fatalf("Do = %v, want ErrState", err)
	}
}
