// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rotation_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/rotation"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

const clientID = "60000000-0000-4000-8000-000000000001"

// world is a folder with one client, a PDND that honours keys after some probes, and a hub.
type world struct {
	t       *testing.T
	config  *config.Config
	file    string
	now     time.Time
	ring    *rotation.Live
	there   []string // kids on PDND
	probes  int      // how often a new key is not honoured yet
	deaf    bool     // the hub does not reload
	log     []string // what was done on PDND and by the hub
	journal journal
	refuse  string // the operation that PDND refuses
	die     int    // the run dies at this operation, counted from 1; 0 never
	after   bool
	seen    int
}

var (
	errDied        = errors.New("the power went")
	errRefusedHere = errors.New("PDND refuses")
)

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{t: t, file: filepath.Join(dir, "client.pem"), now: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC), probes: 2}
	w.there = []string{place(t, w.file, 0)}
	var err error
	w.config = &config.Config{Dir: dir, Enti: map[string]*config.Ente{"c_bf01": {
		CodiceIPA: "c_bf01", Clients: map[string]config.Client{"servizi": {Environment: "collaudo", ID: clientID, Key: "client.pem"}},
	}}}
	w.ring, err = rotation.NewLive([]string{"c_bf01"}, func() (*keys.Ring, error) { return keys.Open(w.config) })
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// pool holds two private keys in PEM: to make one for every test takes longer than the tests.
var pool = sync.OnceValue(func() [2][]byte {
	var made [2][]byte
	for i := range made {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		made[i] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	return made
})

// place writes a key of the pool to a file and returns its kid.
func place(t *testing.T, path string, n int) string {
	t.Helper()
	if err := os.WriteFile(path, pool()[n], 0o600); err != nil {
		t.Fatal(err)
	}
	pair, err := keys.Files{}.Pair(path)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := token.Thumbprint(pair.Signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	return kid
}

// step counts an operation, and ends the run before or after it when its turn has come.
func (w *world) step(what string, do func()) error {
	w.seen++
	if what == w.refuse {
		return errRefusedHere
	}
	if w.seen == w.die && !w.after {
		return errDied
	}
	do()
	w.log = append(w.log, what)
	if w.seen == w.die {
		return errDied
	}
	return nil
}

func (w *world) Keys(context.Context) ([]modi.Key, error) {
	var list []modi.Key
	err := w.step("keys", func() {
		for _, kid := range w.there {
			list = append(list, modi.Key{KID: kid})
		}
	})
	return list, err
}

func (w *world) Add(_ context.Context, _ string, public crypto.PublicKey) error {
	kid, err := token.Thumbprint(public)
	if err != nil {
		return err
	}
	return w.step("add", func() { w.there = append(w.there, kid) })
}

func (w *world) Delete(_ context.Context, kid string) error {
	return w.step("delete", func() { w.there = slices.DeleteFunc(w.there, func(k string) bool { return k == kid }) })
}

func (w *world) Live(_ context.Context, key token.SigningKey) (bool, error) {
	live := false
	err := w.step("live", func() {
		w.probes--
		live = w.probes < 0 && slices.Contains(w.there, key.KID)
	})
	return live && err == nil, err
}

func (w *world) Lifespan(context.Context) (time.Duration, error) {
	return time.Hour, w.step("lifespan", func() {})
}

func (w *world) Reload(context.Context, string, string) (string, error) {
	var kid string
	err := w.step("reload", func() {
		if !w.deaf {
			if err := w.ring.Reload(); err != nil {
				w.t.Fatal(err)
			}
		}
		c, err := w.ring.Client("c_bf01", "servizi")
		if err != nil {
			w.t.Fatal(err)
		}
		kid = c.Assertion.KID
	})
	return kid, err
}

func (w *world) inUse() string {
	w.t.Helper()
	c, err := w.ring.Client("c_bf01", "servizi")
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Assertion.KID
}

func (w *world) rotation() *rotation.Rotation {
	w.t.Helper()
	subject, err := rotation.Find(w.config, "c_bf01", "clients.servizi.key")
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.try(subject)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) try(subject rotation.Subject) (*rotation.Rotation, error) {
	return rotation.New(rotation.Options{
		Config: w.config, Subject: subject, Platform: w, Hub: w, Journal: &w.journal, Rand: rand.Reader,
		Clock: func() time.Time { return w.now }, Patience: time.Minute, Operator: "mrossi",
		Pause: func(ctx context.Context, d time.Duration) error { w.now = w.now.Add(d); return ctx.Err() },
	})
}

// files lists what stands beside the key.
func (w *world) files() []string {
	w.t.Helper()
	entries, err := os.ReadDir(filepath.Dir(w.file))
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// journal keeps acts in memory.
type journal struct{ list []acts.Act }

func (j *journal) Begin(_ context.Context, a acts.Act) (acts.Begun, error) {
	a.Outcome = acts.Unknown
	j.list = append(j.list, a)
	return acts.Begun{ID: strconv.Itoa(len(j.list)), Index: int64(len(j.list) - 1)}, nil
}

func (j *journal) End(_ context.Context, b acts.Begun, a acts.Act) error {
	j.list[b.Index] = a
	return nil
}

func (j *journal) Acts(context.Context, string, string) ([]acts.Act, error) { return j.list, nil }
