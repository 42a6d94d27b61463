// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
)

func feed() store.CursorName {
	return store.CursorName{Ente: "c_z001", Environment: "collaudo", Feed: "keyEvents"}
}

func wantCursor(t *testing.T, s *store.Store, n store.CursorName, want store.Cursor) {
	t.Helper()
	if got, err := s.State().Cursor(t.Context(), n); err != nil || got != want {
		t.Errorf("cursor %+v, %v, want %+v", got, err, want)
	}
}

func testCursor(t *testing.T, db Database) {
	clock := replaytest.NewClock()
	s := db.Migrated(t, clock.Now)
	state := s.State()
	wantCursor(t, s, feed(), store.Cursor{})
	for _, step := range []struct {
		value, expected string
		moved           bool
		after           string
	}{
		{"10", "9", false, ""}, // there is none yet
		{"", "9", false, ""},
		{"", "", true, ""},
		{"10", "", true, "10"},
		{"11", "", false, "10"}, // there is one
		{"", "", false, "10"},
		{"12", "11", false, "10"},
		{"12", "10", true, "12"},
		{"12", "12", true, "12"},
		{"", "10", false, "12"},
		{"", "12", true, ""}, // to be read anew
		{"1", "", true, "1"},
	} {
		clock.Advance(time.Second)
		err := state.SetCursor(t.Context(), feed(), step.value, step.expected)
		if step.moved != (err == nil) || !step.moved && !errors.Is(err, store.ErrCursorMoved) {
			t.Errorf("SetCursor(%q, expected %q) = %v, want moved %v", step.value, step.expected, err, step.moved)
		}
		got, err := state.Cursor(t.Context(), feed())
		if err != nil || got.Value != step.after {
			t.Errorf("after SetCursor(%q, expected %q): %+v, %v, want %q", step.value, step.expected, got, err, step.after)
		}
		if step.moved && step.after != "" && !got.MovedAt.Equal(clock.Now()) {
			t.Errorf("moved at %v, want %v", got.MovedAt, clock.Now())
		}
	}
	if err := state.SetCursor(t.Context(), feed(), strings.Repeat("x", store.MaxCursor+1), "1"); err == nil ||
		errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrCursorMoved) {
		t.Errorf("a value that is too long: %v", err)
	}
}

func testCursorsApart(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	names := []store.CursorName{feed()}
	for _, change := range []func(*store.CursorName){
		func(n *store.CursorName) { n.Ente = "c_z002" },
		func(n *store.CursorName) { n.Environment = "produzione" },
		func(n *store.CursorName) { n.Feed = "producerKeyEvents" },
		func(n *store.CursorName) { n.Environment, n.Feed = "", n.Environment+n.Feed },
	} {
		n := feed()
		change(&n)
		names = append(names, n)
	}
	for i, n := range names {
		if err := s.State().SetCursor(t.Context(), n, fmt.Sprint(i+1), ""); err != nil {
			t.Errorf("cursor %+v is another's: %v", n, err)
		}
	}
}

// testCursorRace: of 64 that move a cursor from where it is, one succeeds, each time.
func testCursorRace(t *testing.T, db Database) {
	stores := []*store.Store{db.Migrated(t, time.Now), db.Open(t, time.Now)}
	at := ""
	for round := range 5 {
		var won atomic.Int32
		var winner atomic.Value
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range 64 {
			wg.Go(func() {
				<-start
				value := fmt.Sprintf("%d-%d", round, i)
				switch err := stores[i%2].State().SetCursor(t.Context(), feed(), value, at); {
				case err == nil:
					won.Add(1)
					winner.Store(value)
				case !errors.Is(err, store.ErrCursorMoved):
					t.Errorf("mover %d: %v, want ErrCursorMoved", i, err)
				}
			})
		}
		close(start)
		wg.Wait()
		got, err := stores[0].State().Cursor(t.Context(), feed())
		if won.Load() != 1 || err != nil || got.Value != winner.Load() {
			t.Fatalf("round %d: %d movers succeeded; cursor %+v, %v", round, won.Load(), got, err)
		}
		at = got.Value
	}
}

func testCursorReopened(t *testing.T, db Database) {
	if err := db.Migrated(t, time.Now).State().SetCursor(t.Context(), feed(), "7", ""); err != nil {
		t.Fatal(err)
	}
	db.Leave(t)
	if got, err := db.Open(t, time.Now).State().Cursor(t.Context(), feed()); err != nil || got.Value != "7" {
		t.Errorf("cursor %+v, %v", got, err)
	}
}

// testUndoneTransaction: an error of the caller's undoes everything and is not dressed up as the store's.
func testUndoneTransaction(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	errNo := errors.New("no")
	err := s.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SetCursor(ctx, feed(), "1", ""); err != nil {
			return err
		}
		return errNo
	})
	if !errors.Is(err, errNo) || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Update = %v", err)
	}
	wantCursor(t, s, feed(), store.Cursor{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	called := false
	err = s.Update(ctx, func(context.Context, *store.Tx) error { called = true; return nil })
	if called || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Update with an ended context = %v, called %v", err, called)
	}
}
