// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"errors"
	"testing"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

func TestRegistryRejects(t *testing.T) {
	w := newWorldForTest(t, Options{})
	aud := []string{"https://a"}
	cases := map[string]error{
		"tenant no UUID":          w.AddTenant(Tenant{ID: "x"}),
		"tenant twice":            w.AddTenant(Tenant{ID: tenantID}),
		"e-service of nobody":     w.AddEservice(Eservice{ID: unknownID, ProducerID: unknownID}),
		"descriptor of nothing":   w.AddDescriptor(Descriptor{ID: unknownID, EserviceID: unknownID, Audience: aud, VoucherLifespan: 60}),
		"no audience":             w.AddDescriptor(Descriptor{ID: unknownID, EserviceID: eserviceID, VoucherLifespan: 60}),
		"empty audience":          w.AddDescriptor(Descriptor{ID: unknownID, EserviceID: eserviceID, Audience: []string{""}, VoucherLifespan: 60}),
		"lifespan of 59":          w.AddDescriptor(Descriptor{ID: unknownID, EserviceID: eserviceID, Audience: aud, VoucherLifespan: 59}),
		"lifespan over a day":     w.AddDescriptor(Descriptor{ID: unknownID, EserviceID: eserviceID, Audience: aud, VoucherLifespan: 86401}),
		"client of nobody":        w.AddClient(Client{ID: unknownID, TenantID: unknownID}),
		"client of unknown kind":  w.AddClient(Client{ID: unknownID, TenantID: tenantID, Kind: "X"}),
		"purpose of nobody":       w.AddPurpose(Purpose{ID: unknownID, ConsumerID: unknownID, DescriptorID: descriptorID}),
		"purpose of nothing":      w.AddPurpose(Purpose{ID: unknownID, ConsumerID: tenantID, DescriptorID: unknownID}),
		"API client in a purpose": w.AddPurpose(Purpose{ID: unknownID, ConsumerID: tenantID, DescriptorID: descriptorID, Clients: []string{apiID}}),
		"unknown client":          w.AddPurpose(Purpose{ID: unknownID, ConsumerID: tenantID, DescriptorID: descriptorID, Clients: []string{unknownID}}),
		"keychain of nobody":      w.AddKeychain(Keychain{ID: unknownID, ProducerID: unknownID}),
		"another's e-service":     w.AddKeychain(Keychain{ID: unknownID, ProducerID: tenantID, Eservices: []string{eserviceID}}),
	}
	for name, err := range cases {
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"descriptor": w.SetDescriptorState(unknownID, Suspended),
		"purpose":    w.SetPurposeState(unknownID, "SUSPENDED"),
		"agreement":  w.SetAgreementState(unknownID, "SUSPENDED"),
		"key":        w.RemoveKey("x"),
	} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyRules(t *testing.T) {
	w := newWorldForTest(t, Options{})
	taken := publicPEM(t, keys()[0])
	for name, add := range map[string]func() (string, error){
		"the same client":  func() (string, error) { return w.AddClientKey(clientID, taken) },
		"another client":   func() (string, error) { return w.AddClientKey(otherID, taken) },
		"a keychain":       func() (string, error) { return w.AddKeychainKey(keychainID, taken) },
		"no PEM at all":    func() (string, error) { return w.AddClientKey(clientID, []byte("x")) },
		"keychain, no PEM": func() (string, error) { return w.AddKeychainKey(keychainID, nil) },
	} {
		if _, err := add(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.AddClientKey(unknownID, taken); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown client: %v", err)
	}
	if _, err := w.AddKeychainKey(unknownID, taken); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown keychain: %v", err)
	}
	print, err := rules.Thumbprint(&keys()[0].PublicKey)
	must(t, err)
	if w.kid != print {
		t.Errorf("kid %s is not the thumbprint %s", w.kid, print)
	}
	if owner, key, ok := w.ClientKey(w.kid); !ok || owner != clientID || !key.Equal(&keys()[0].PublicKey) {
		t.Error("ClientKey does not find the key")
	}
	if _, _, ok := w.ClientKey(w.chainKid); ok {
		t.Error("a keychain key passes for a client's")
	}
	if owner, _, ok := w.KeychainKey(w.chainKid); !ok || owner != keychainID {
		t.Error("KeychainKey does not find the key")
	}
	if _, _, ok := w.KeychainKey(w.kid); ok {
		t.Error("a client key passes for a keychain's")
	}
}

func TestRefusalText(t *testing.T) {
	var none *Refusal
	if none.Has("0001") {
		t.Error("no refusal has a reason")
	}
	r := refuse(StageState, Reason{"0021", "invalidAgreementState", "the agreement is SUSPENDED"})
	if got := r.Error(); got != "platformStateValidationFailed: 0021 invalidAgreementState (the agreement is SUSPENDED)" {
		t.Error(got)
	}
}
