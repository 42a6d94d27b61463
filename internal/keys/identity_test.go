// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys_test

import (
	"errors"
	"testing"

	"github.com/snodo-pa/snodo/internal/keys"
)

func TestRingOpensIdentityKeys(t *testing.T) {
	c := world(t)
	current, _, kid := freshKey(t, keys.RoleIdentity)
	_, old, oldKID := freshKey(t, keys.RoleIdentity)
	ente := c.Enti["c_bf01"]
	ente.Seal.Identity, ente.Seal.PreviousIdentities = current, []string{old}
	ring, err := keys.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ring.Identity("c_bf01")
	if err != nil || key.KID != kid || key.Algorithm != "ES256" {
		t.Errorf("%s %s, %v", key.KID, key.Algorithm, err)
	}
	previous, err := ring.PreviousIdentities("c_bf01")
	if err != nil || len(previous) != 1 || previous[0].KID != oldKID {
		t.Errorf("%v, %v", previous, err)
	}
	if _, err := ring.Identity("c_vs02"); !errors.Is(err, keys.ErrNotFound) {
		t.Errorf("an ente without one: %v", err)
	}
	if previous, err := ring.PreviousIdentities("c_vs02"); err != nil || len(previous) != 0 {
		t.Errorf("an ente without one: %v, %v", previous, err)
	}
}

// TestIdentityKeyServesNothingElse: a seal would let whoever reads answers sign who calls.
func TestIdentityKeyServesNothingElse(t *testing.T) {
	c := world(t)
	c.Enti["c_bf01"].Seal.Identity = c.Enti["c_bf01"].Seal.Provenance
	if _, err := keys.Open(c); !errors.Is(err, keys.ErrMixed) {
		t.Error(err)
	}
	rsa, _, _ := freshKey(t, keys.RoleClient)
	c.Enti["c_bf01"].Seal.Identity = rsa
	if _, err := keys.Open(c); !errors.Is(err, keys.ErrUnsuitable) {
		t.Error(err)
	}
}
