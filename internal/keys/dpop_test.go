// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
)

// freshKey writes a new key and its public part.
func freshKey(t *testing.T, role keys.Role) (private, public, kid string) {
	t.Helper()
	private = filepath.Join(t.TempDir(), "k.pem")
	g, err := keys.Generate(rand.Reader, role, private)
	if err != nil {
		t.Fatal(err)
	}
	public = private + ".pub"
	if err := os.WriteFile(public, g.PublicPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	return private, public, g.KID
}

func TestRingOpensDPoPAndPreviousKeys(t *testing.T) {
	c := world(t)
	dpop, _, dpopKID := freshKey(t, keys.RoleDPoP)
	_, old, oldKID := freshKey(t, keys.RoleClient)
	_, oldChain, oldChainKID := freshKey(t, keys.RoleKeychain)
	setClient(c.Enti["c_bf01"], "demografici", func(client *config.Client) { client.DPoPKey, client.Previous = dpop, []string{old} })
	chain := c.Enti["c_bf01"].Keychains["erogazione"]
	chain.Previous = []string{oldChain}
	c.Enti["c_bf01"].Keychains["erogazione"] = chain
	ring, err := keys.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ring.Client("c_bf01", "demografici")
	if err != nil || client.DPoP.KID != dpopKID || client.DPoP.Algorithm != "ES256" || len(client.Previous) != 1 || client.Previous[0].KID != oldKID {
		t.Errorf("client %v %v, %v", client.DPoP.KID, client.Previous, err)
	}
	without, err := ring.Client("c_bf01", "tributi")
	if err != nil || without.DPoP.Signer != nil || without.Previous != nil {
		t.Errorf("a client with neither: %v", err)
	}
	opened, err := ring.Keychain("c_bf01", "erogazione")
	if err != nil || len(opened.Previous) != 1 || opened.Previous[0].KID != oldChainKID {
		t.Errorf("keychain %v, %v", opened.Previous, err)
	}
}

// TestPreviousKeyIsOfOneRole: a key that was retired in one place must not live in another.
func TestPreviousKeyIsOfOneRole(t *testing.T) {
	c := world(t)
	_, old, _ := freshKey(t, keys.RoleClient)
	setClient(c.Enti["c_bf01"], "demografici", func(client *config.Client) { client.Previous = []string{old} })
	setClient(c.Enti["c_vs02"], "demografici", func(client *config.Client) { client.Previous = []string{old} })
	if _, err := keys.Open(c); !errors.Is(err, keys.ErrMixed) {
		t.Error(err)
	}
}

func TestDPoPKeyIsEC(t *testing.T) {
	c := world(t)
	rsa, _, _ := freshKey(t, keys.RoleClient)
	setClient(c.Enti["c_bf01"], "demografici", func(client *config.Client) { client.DPoPKey = rsa })
	if _, err := keys.Open(c); !errors.Is(err, keys.ErrUnsuitable) {
		t.Error(err)
	}
}
