// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

import (
	"maps"
	"net"
	"testing"

	"github.com/snodo-pa/snodo/mocks/scripted"
)

// TestAWorldTakesTheAddressesOfTheOneBefore: with an e-service more every mock is still where it was; an address that
// somebody else has meanwhile gives way.
func TestAWorldTakesTheAddressesOfTheOneBefore(t *testing.T) {
	begin := func(o Options) *Ambiente {
		t.Helper()
		o.Hub = func() string { return "" }
		w, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
		return w
	}
	first := begin(Options{})
	before := first.Addresses()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	var config net.ListenConfig
	other, err := config.Listen(t.Context(), "tcp", before["siope"])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	now := begin(Options{Addresses: maps.Clone(before), Offered: []Offered{{Name: "altro", Major: 1, BackEnd: scripted.BackEnd{Name: "altro"}}}}).Addresses()
	for name, address := range before {
		if moved := now[name] != address; moved != (name == "siope") {
			t.Errorf("%s was at %s, is at %s", name, address, now[name])
		}
	}
	if len(now) != len(before)+1 || now["gestionale altro"] == "" {
		t.Errorf("%v", now)
	}
}
