// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/modi"
)

// theWorld holds the keys and certificates of all tests: making them is slow.
var theWorld = sync.OnceValue(func() *forge.World {
	return forge.NewWorld(time.Unix(1772442000, 0), rand.Reader, forge.InventedNames())
})

// theTable is the table of cases.
func theTable(t testing.TB) []cases.Case {
	t.Helper()
	all, err := cases.All()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func clock() time.Time { return theWorld().Now }

// build makes the message of a case.
func build(t testing.TB, c cases.Case) *forge.Message {
	t.Helper()
	m, err := theWorld().Build(c.Subject, c.Steps)
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	return m
}

func key(t testing.TB, name string) *forge.Key {
	t.Helper()
	k, err := theWorld().Key(name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// registry answers for PDND: keys by kid, with their owners.
type registry struct {
	keys map[string]modi.Key
	down bool
}

func (r registry) ResolveKey(_ context.Context, kid string) (modi.Key, error) {
	if r.down {
		return modi.Key{}, errors.New("the registry answers 500")
	}
	k, ok := r.keys[kid]
	if !ok {
		return modi.Key{}, fmt.Errorf("the registry answers 404: %w", modi.ErrKeyUnknown)
	}
	return k, nil
}

// owners are the keys that each registry publishes, by the name of their owner.
var (
	clientKeys = map[string]string{
		"client": "client", "client-ec": "client", "client-ec384": "client", "client-ec521": "client", "weak-rsa": "client",
		"weak-curve": "client", "edwards": "client", "consumer": "client", "other-client": "other-client",
	}
	producerKeys = map[string]string{"producer-keychain": "keychain", "consumer": "keychain", "other-client": "other-client"}
	platformKeys = map[string]string{"platform": ""}
	apiKeys      = map[string]string{"platform-api": ""}
)

// newRegistry publishes keys.
func newRegistry(t testing.TB, owners map[string]string, c cases.Case) registry {
	t.Helper()
	r := registry{keys: map[string]modi.Key{}, down: has(c, cases.KeyRegistryDown)}
	for name, owner := range owners {
		k := key(t, name)
		r.keys[k.KID] = modi.Key{KID: k.KID, Owner: theWorld().Names[owner], Public: public(k)}
	}
	return r
}

func public(k *forge.Key) crypto.PublicKey { return k.Signer.Public() }

func has(c cases.Case, g cases.Given) bool {
	for _, one := range c.Given {
		if one == g {
			return true
		}
	}
	return false
}
