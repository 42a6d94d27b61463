// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rotation_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/rotation"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
)

func TestAKeyIsReplacedAndThenRetired(t *testing.T) {
	w := newWorld(t)
	before := w.inUse()
	state, err := w.rotation().Rotate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if state.Phase != rotation.Switched || state.OldKID != before || w.inUse() != state.NewKID || len(w.there) != 2 {
		t.Fatalf("state %+v, in use %s, on PDND %v", state, w.inUse(), w.there)
	}
	if life := state.RetireAt.Sub(state.Switched); life <= time.Hour {
		t.Errorf("the old key is retired %v after the switch, its vouchers live an hour", life)
	}
	// Before its time nothing happens, however often it is asked.
	w.now = state.RetireAt.Add(-time.Second)
	if again, err := w.rotation().Rotate(t.Context()); err != nil || again.Phase != rotation.Switched || len(w.there) != 2 {
		t.Fatalf("state %+v, %v, on PDND %v", again, err, w.there)
	}
	w.now = state.RetireAt
	state, err = w.rotation().Rotate(t.Context())
	if err != nil || state.Phase != rotation.Retired {
		t.Fatalf("state %+v, %v", state, err)
	}
	if diff := cmp.Diff([]string{state.NewKID}, w.there); diff != "" {
		t.Errorf("on PDND (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"client.pem"}, w.files()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	var done []string
	for _, a := range w.journal.list {
		done = append(done, a.Action+" "+string(a.Outcome)+" "+a.Client)
	}
	if diff := cmp.Diff([]string{"client-key/add fatto " + clientID, "key/switch fatto " + clientID, "client-key/delete fatto " + clientID}, done); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
}

func TestNothingIsSwitchedBeforePDNDHonoursTheKey(t *testing.T) {
	w := newWorld(t)
	before := w.inUse()
	w.probes = 1000
	state, err := w.rotation().Rotate(t.Context())
	if !errors.Is(err, rotation.ErrNotLive) || state.Phase != rotation.Uploaded || w.inUse() != before {
		t.Fatalf("state %+v, %v, in use %s", state, err, w.inUse())
	}
	w.probes = 0
	again, err := w.rotation().Rotate(t.Context())
	if err != nil || again.NewKID != state.NewKID || w.inUse() != state.NewKID {
		t.Errorf("state %+v, %v: want the same new key in use", again, err)
	}
}

func TestTheOldKeyStaysWhileAHubSignsWithIt(t *testing.T) {
	w := newWorld(t)
	w.deaf = true
	before := w.inUse()
	if _, err := w.rotation().Rotate(t.Context()); !errors.Is(err, rotation.ErrNotSwitched) {
		t.Fatalf("Rotate with a hub that does not reload: %v", err)
	}
	w.deaf = false
	state, err := w.rotation().Rotate(t.Context())
	if err != nil || state.Phase != rotation.Switched {
		t.Fatalf("state %+v, %v", state, err)
	}
	// A hub restored from a copy of the folder made before the switch.
	restored, err := os.ReadFile(w.file + ".precedente")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.file, restored, 0o600); err != nil {
		t.Fatal(err)
	}
	w.now = state.RetireAt
	if _, err := w.rotation().Rotate(t.Context()); !errors.Is(err, rotation.ErrNotSwitched) {
		t.Errorf("Rotate = %v, want ErrNotSwitched", err)
	}
	if len(w.there) != 2 || w.inUse() != before {
		t.Errorf("on PDND %v, in use %s", w.there, w.inUse())
	}
}

// TestARunThatDiesAnywhereIsResumed kills the run at every operation, before and after it took
// effect, and runs again.
func TestARunThatDiesAnywhereIsResumed(t *testing.T) {
	for _, revoke := range []bool{false, true} {
		for _, after := range []bool{false, true} {
			deaths := 0
			for die := 1; ; die++ {
				w := newWorld(t)
				w.die, w.after = die, after
				place(t, w.file+".nuova", 1)
				if !dies(t, w, revoke) {
					break
				}
				deaths++
				w.die = 0
				state := w.finish()
				if state.Phase != rotation.Retired || len(w.there) != 1 || w.there[0] != w.inUse() || len(w.files()) != 1 {
					t.Errorf("revoke %v, operation %d, after %v: state %+v, on PDND %v, in use %s, files %v", revoke, die, after, state, w.there, w.inUse(), w.files())
				}
			}
			if deaths < 6 {
				t.Errorf("revoke %v: the run died at %d operations", revoke, deaths)
			}
		}
	}
}

// dies runs until the operation chosen and reports whether there was one: a probe that gets no
// answer does not end the run.
func dies(t *testing.T, w *world, revoke bool) bool {
	t.Helper()
	r := w.rotation()
	run := r.Rotate
	if revoke {
		run = r.Revoke
	}
	_, err := run(t.Context())
	if err != nil && !errors.Is(err, errDied) && !errors.Is(err, rotation.ErrNotLive) {
		t.Fatal(err)
	}
	return w.seen >= w.die
}

// finish runs the rotation until it is over.
func (w *world) finish() rotation.State {
	w.t.Helper()
	for range 3 {
		state, err := w.rotation().Rotate(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		if state.Phase == rotation.Retired {
			return state
		}
		w.now = state.RetireAt
	}
	w.t.Fatal("the rotation does not end")
	return rotation.State{}
}

func TestARevokedKeyIsGoneBeforeTheNewOneIsHonoured(t *testing.T) {
	w := newWorld(t)
	w.probes = 1000
	before := w.inUse()
	if _, err := w.rotation().Revoke(t.Context()); !errors.Is(err, rotation.ErrNotLive) {
		t.Fatal(err)
	}
	if strings.Contains(strings.Join(w.there, " "), before) {
		t.Fatalf("the revoked key is still on PDND: %v", w.there)
	}
	w.probes = 0
	state, err := w.rotation().Revoke(t.Context())
	if err != nil || state.Phase != rotation.Retired || w.inUse() != state.NewKID {
		t.Errorf("state %+v, %v", state, err)
	}
}

func TestRevokeDuringARotationTakesTheOldKeyAwayAtOnce(t *testing.T) {
	w := newWorld(t)
	state, err := w.rotation().Rotate(t.Context())
	if err != nil || state.Phase != rotation.Switched {
		t.Fatalf("state %+v, %v", state, err)
	}
	state, err = w.rotation().Revoke(t.Context())
	if err != nil || state.Phase != rotation.Retired || len(w.there) != 1 || w.there[0] != state.NewKID {
		t.Errorf("state %+v, %v, on PDND %v", state, err, w.there)
	}
}

func TestAKeyMadeByARunThatDiedIsUsed(t *testing.T) {
	w := newWorld(t)
	made := place(t, w.file+".nuova", 1)
	if state, err := w.rotation().Rotate(t.Context()); err != nil || state.NewKID != made {
		t.Errorf("state %+v, %v, want the key %s", state, err, made)
	}
}

func TestAKeyThatIsNoPEMFileIsLeftToAPerson(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]config.Client{
		"a token":      {Key: "pkcs11:token=hub;object=client"},
		"a PKCS#12":    {Key: "file:client.p12?pin-source=file:pin"},
		"a pinned kid": {Key: "client.pem", KID: w.inUse()},
	} {
		t.Run(name, func(t *testing.T) {
			w.config.Enti["c_bf01"].Clients["servizi"] = c
			subject, err := rotation.Find(w.config, "c_bf01", "clients.servizi.key")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.try(subject); !errors.Is(err, rotation.ErrByHand) {
				t.Errorf("New = %v, want ErrByHand", err)
			}
		})
	}
	if _, err := rotation.Find(w.config, "c_bf01", "clients.altri.key"); !errors.Is(err, rotation.ErrUnknown) {
		t.Errorf("Find = %v, want ErrUnknown", err)
	}
}

func TestTheFilesAreTheOwnersAlone(t *testing.T) {
	w := newWorld(t)
	if _, err := w.rotation().Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Dir(w.file), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestASealDoesNotChangeWithoutARestart(t *testing.T) {
	w := newWorld(t)
	seal := filepath.Join(w.config.Dir, "sigillo.pem")
	if _, err := keys.Generate(rand.Reader, keys.RoleProvenance, seal); err != nil {
		t.Fatal(err)
	}
	w.config.Enti["c_bf01"].Seal.Provenance = "sigillo.pem"
	before := w.inUse()
	if err := w.ring.Reload(); !errors.Is(err, rotation.ErrSealChanged) {
		t.Errorf("Reload = %v, want ErrSealChanged", err)
	}
	if err := os.WriteFile(w.file, []byte("-----BEGIN NOTHING-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.ring.Reload(); err == nil || w.inUse() != before {
		t.Errorf("a broken key: %v, in use %s", err, w.inUse())
	}
}

func TestSubjectsAreEveryKeyOfPDND(t *testing.T) {
	c := &config.Config{Enti: map[string]*config.Ente{"c_bf01": {
		APIClients: map[string]config.Client{"collaudo": {ID: "a", Key: "a.pem"}},
		Clients:    map[string]config.Client{"uno": {ID: "u", Key: "u.pem", ModIKey: "u.pem"}, "due": {ID: "d", Key: "d.pem", ModIKey: "m.pem"}},
		Keychains:  map[string]config.Keychain{"risposte": {ID: "k", Key: "k.pem"}},
	}}}
	var got []string
	for _, s := range rotation.Subjects(c) {
		got = append(got, s.Setting+" "+string(s.Role)+" "+s.Ref)
	}
	want := []string{
		"apiClients.collaudo.key client a.pem", "clients.due.key client d.pem", "clients.due.modiKey modi m.pem",
		"clients.uno.key client u.pem", "keychains.risposte.key keychain k.pem",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
}

func TestAnUploadWithoutAnswerHasNoOutcome(t *testing.T) {
	w := newWorld(t)
	w.journal.list = nil
	r := w.rotation()
	w.die = 2 // the upload, before it reached PDND
	if _, err := r.Rotate(t.Context()); !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	if len(w.journal.list) != 1 || w.journal.list[0].Outcome != acts.Unknown {
		t.Errorf("acts = %+v, want one without outcome", w.journal.list)
	}
}
