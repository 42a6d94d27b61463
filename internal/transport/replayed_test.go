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

// unknowing is a cache that cannot tell.
type unknowing struct{ replay.Cache }

func (unknowing) Use(context.Context, time.Time, ...replay.Key) error {
	return errors.New("the store is away")
}

// TestReplyIsNotBelievedWhileItsReplayIsUnknown: "don't know" is not "no".
func TestReplyIsNotBelievedWhileItsReplayIsUnknown(t *testing.T) {
	w := newWorld(t, signedReplies(ambiente.MinisteroTenantID))
	w.replay = unknowing{}
	w.open()
	w.answer(signedBy(t, keychainKey(t, 0), false))
	_, err := w.do(t.Context(), call(true))
	if !errors.Is(err, registry.ErrState) || errors.Is(err, registry.ErrBadReply) || errors.Is(err, registry.ErrUnavailable) {
		t.Fatalf("Do = %v, want ErrState", err)
	}
}
