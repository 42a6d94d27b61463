// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rotation_test

import (
	"errors"
	"testing"

	"github.com/snodo-pa/snodo/internal/keys/rotation"
)

// The hub stops signing with a revoked key before PDND is asked for anything, and an upload
// that fails does not bring it back.
func TestARevokedKeyStopsSigningFirst(t *testing.T) {
	w := newWorld(t)
	place(t, w.file+".nuova", 1)
	before := w.inUse()
	w.refuse = "add"
	state, err := w.rotation().Revoke(t.Context())
	if !errors.Is(err, rotation.ErrNotReplaced) || !errors.Is(err, errRefusedHere) {
		t.Fatalf("state %+v, %v", state, err)
	}
	if w.inUse() == before || len(w.there) != 0 || len(w.log) == 0 || w.log[0] != "reload" {
		t.Errorf("in use %s, on PDND %v, done %v", w.inUse(), w.there, w.log)
	}
	w.refuse = ""
	state, err = w.rotation().Revoke(t.Context())
	if err != nil || state.Phase != rotation.Retired || w.inUse() != state.NewKID || len(w.there) != 1 || w.there[0] != state.NewKID {
		t.Errorf("run again: %+v, %v, on PDND %v", state, err, w.there)
	}
	var switches int
	for _, a := range w.journal.list {
		if a.Action == "key/switch" {
			switches++
		}
	}
	if switches != 1 {
		t.Errorf("%d acts of switching", switches)
	}
}

// Each of the two places is left by the revoked key though the other does not answer.
func TestARevokedKeyLeavesTheOtherPlaceAllTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*world, bool)
		want error
	}{
		"the hub does not reload": {func(w *world, on bool) { w.deaf = on }, rotation.ErrStillSigning},
		"PDND refuses":            {func(w *world, on bool) { w.refuse = map[bool]string{true: "delete"}[on] }, rotation.ErrStillThere},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			place(t, w.file+".nuova", 1)
			before := w.inUse()
			c.set(w, true)
			_, err := w.rotation().Revoke(t.Context())
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if w.deaf == (w.inUse() != before) || w.deaf != (len(w.there) == 0) {
				t.Errorf("in use %s, on PDND %v", w.inUse(), w.there)
			}
			c.set(w, false)
			state, err := w.rotation().Rotate(t.Context()) // an ordinary run goes on with it
			if err != nil || state.Phase != rotation.Retired || len(w.there) != 1 || w.there[0] != w.inUse() {
				t.Errorf("run again: %+v, %v, on PDND %v", state, err, w.there)
			}
		})
	}
}
