// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package onpdnd_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/rotation"
	"github.com/snodo-pa/snodo/internal/keys/rotation/onpdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/registry"
)

// clock is the time of the mock platform, which a test moves.
type clock struct{ ahead time.Duration }

func (c *clock) now() time.Time { return time.Now().Add(c.ahead) }

func subjects() map[string]rotation.Subject {
	return map[string]rotation.Subject{
		"client":   {Ente: "c_bf01", Environment: registry.Locale, Role: keys.RoleClient, Name: "demografici", Owner: pdndtest.ConsumerID},
		"keychain": {Ente: "m_min", Environment: registry.Locale, Role: keys.RoleKeychain, Name: "risposte", Owner: pdndtest.KeychainID},
	}
}

func credentials(w *pdndtest.World, name string) admin.Credentials {
	if name == "keychain" {
		return w.Producer()
	}
	return w.Admin()
}

func has(t *testing.T, p rotation.Platform, kid string) bool {
	t.Helper()
	list, err := p.Keys(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range list {
		if k.KID == kid {
			return true
		}
	}
	return false
}

func TestLifeOfAKeyOnPDND(t *testing.T) {
	for name, subject := range subjects() {
		t.Run(name, func(t *testing.T) {
			w := pdndtest.New(t, mock.Options{})
			p := onpdnd.New(w.Platform, admin.New(w.Platform, credentials(w, name)), subject, nil)
			key := pdndtest.NewRSA()
			if live, err := p.Live(t.Context(), key); live || err != nil {
				t.Errorf("a key nobody uploaded: %v, %v", live, err)
			}
			if err := p.Add(t.Context(), "snodo-prova", key.Signer.Public()); err != nil || !has(t, p, key.KID) {
				t.Fatalf("upload: %v", err)
			}
			if live, err := p.Live(t.Context(), key); !live || err != nil {
				t.Errorf("an uploaded key: %v, %v", live, err)
			}
			for range 2 { // the second time it is gone already
				if err := p.Delete(t.Context(), key.KID); err != nil || has(t, p, key.KID) {
					t.Errorf("deletion: %v", err)
				}
			}
		})
	}
}

func TestAKeyThatPDNDDoesNotHonourYetIsNotLive(t *testing.T) {
	c := &clock{}
	w := pdndtest.New(t, mock.Options{PropagationDelay: 30 * time.Second, Clock: c.now})
	c.ahead = time.Minute // what the world was made with is known by now
	p := onpdnd.New(w.Platform, admin.New(w.Platform, w.Admin()), subjects()["client"], nil)
	key := pdndtest.NewRSA()
	if err := p.Add(t.Context(), "snodo-prova", key.Signer.Public()); err != nil {
		t.Fatal(err)
	}
	if live, err := p.Live(t.Context(), key); live || err != nil {
		t.Errorf("at once: %v, %v, want a no", live, err)
	}
	c.ahead = 2 * time.Minute
	if live, err := p.Live(t.Context(), key); !live || err != nil {
		t.Errorf("a minute later: %v, %v", live, err)
	}
}

func TestAPlatformThatDoesNotAnswerIsADontKnow(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	p := onpdnd.New(w.Platform, admin.New(w.Platform, w.Admin()), subjects()["client"], nil)
	if err := w.Mock.Close(); err != nil {
		t.Fatal(err)
	}
	if live, err := p.Live(t.Context(), pdndtest.NewRSA()); live || err == nil || errors.Is(err, api.ErrRefused) {
		t.Errorf("Live = %v, %v, want a don't know", live, err)
	}
}

func TestTheOldKeyStaysForTheLongestVoucher(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	var got []time.Duration
	for _, name := range []string{"client", "keychain"} {
		p := onpdnd.New(w.Platform, admin.New(w.Platform, credentials(w, name)), subjects()[name], nil)
		life, err := p.Lifespan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, life)
	}
	if !slices.Equal(got, []time.Duration{10 * time.Minute, 24 * time.Hour}) {
		t.Errorf("lifespans %v", got)
	}
}
