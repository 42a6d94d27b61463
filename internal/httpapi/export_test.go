// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
)

// TestExportOutlastsTheLimitOfARequest: a log of years is exported whole although it takes longer than the server gives
// a request, because each piece has a time of its own.
func TestExportOutlastsTheLimitOfARequest(t *testing.T) {
	const limit, pieces = 100 * time.Millisecond, 8
	w := newWorld(t)
	w.evidence.pieces = func(ctx context.Context, to io.Writer) error {
		tick := time.NewTicker(limit / 2)
		defer tick.Stop()
		for range pieces {
			if _, err := io.WriteString(to, "{}\n"); err != nil {
				return err
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	a, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	w.address[ListenerGestione] = serveWith(t, config.Listener{Address: "127.0.0.1:0"}, a.Gestione(), ServerOptions{Request: limit})
	got := w.do(t, ListenerGestione, "GET", "/v1/prove/c_a/export", "")
	if want := strings.Repeat("{}\n", pieces); got.body != want {
		t.Errorf("got %q, want %q", got.body, want)
	}
}

// timed records the deadlines for writing to a connection.
type timed struct {
	*httptest.ResponseRecorder
	set []time.Time
	err error
}

func (d *timed) SetWriteDeadline(at time.Time) error {
	d.set = append(d.set, at)
	return d.err
}

func TestEveryPieceHasItsDeadline(t *testing.T) {
	now := time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)
	to := &timed{ResponseRecorder: httptest.NewRecorder()}
	p := patient{to: to, clock: func() time.Time { return now }}
	want := []time.Time{now.Add(exportStall), now.Add(2 * exportStall)}
	for range want {
		if _, err := io.WriteString(p, "{}\n"); err != nil {
			t.Fatal(err)
		}
		now = now.Add(exportStall)
	}
	if diff := cmp.Diff(want, to.set); diff != "" {
		t.Error(diff)
	}
	to.err = errors.New("gone")
	if n, err := io.WriteString(p, "{}\n"); n != 0 || !errors.Is(err, to.err) {
		t.Errorf("wrote %d to a connection that is gone: %v", n, err)
	}
	to.err = http.ErrNotSupported
	if _, err := io.WriteString(p, "{}\n"); err != nil {
		t.Errorf("a writer without deadlines: %v", err)
	}
}
