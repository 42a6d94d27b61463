// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/registry"
)

// deadProxy is the address of a proxy that is not there.
func deadProxy(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String()
}

// TestDeadNetworkOfOneEnteOpensNoOthersGuard: a proxy is the ente's own, and so is what is
// learned through it.
func TestDeadNetworkOfOneEnteOpensNoOthersGuard(t *testing.T) {
	borgo, serena := ambiente.BorgoFiorito(), ambiente.ValSerena()
	w := newWorld(t, func(c *config.Config) {
		c.Enti[borgo.CodiceIPA].Consumes["prova"].Rete = &config.Rete{Proxy: deadProxy(t)}
	})
	for range 4 { // one more than opens the guard
		if _, err := w.do(t.Context(), call(true)); !errors.Is(err, registry.ErrUnavailable) {
			t.Fatalf("through a dead proxy: %v", err)
		}
	}
	if _, err := w.transport.Do(t.Context(), w.scope(serena), call(true)); err != nil {
		t.Fatalf("the other ente: %v", err)
	}
	host := strings.TrimPrefix(w.prova.URL, "http://")
	states := w.transport.GuardStates()
	if states["prova@"+host+"/"+borgo.CodiceIPA] != "open" || states["prova@"+host] != "closed" {
		t.Fatalf("guards %v", states)
	}
}

// TestEntiOnTheSameNetworkShareAGuard: what one learns of the host is true for the other.
func TestEntiOnTheSameNetworkShareAGuard(t *testing.T) {
	w := newWorld(t)
	shared := 0
	for name := range w.transport.GuardStates() {
		if strings.HasPrefix(name, "anpr-c020@") {
			shared++
		}
	}
	if shared != 1 {
		t.Errorf("%d guards for one host over one network: %v", shared, w.transport.GuardStates())
	}
	if w.took("guard prova closed") != 1 || w.took("guard anpr-c020 closed") != 1 {
		t.Errorf("the observer was told %v of the guards there are", w.events)
	}
}

// TestNetworkSettingsOfOursAreNoOutage: an address the egress policy refuses and a
// certificate of an unknown root are for whoever runs the hub, and no guard counts them.
func TestNetworkSettingsOfOursAreNoOutage(t *testing.T) {
	ente := ambiente.BorgoFiorito().CodiceIPA
	for name, tc := range map[string]struct {
		change change
		call   registry.Call
		says   string
	}{
		"address": {func(c *config.Config) {
			c.Enti[ente].Consumes["prova"].URL = "http://169.254.169.254/v1"
		}, call(true), "egress.allowPrivate"},
		"certificate": {func(c *config.Config) {
			c.Enti[ente].Consumes["anpr-c020"].Rete = nil
		}, c020(), "rete.ca"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.change)
			for range 5 {
				_, err := w.do(t.Context(), tc.call)
				var fault *registry.Fault
				if !errors.As(err, &fault) || !errors.Is(err, registry.ErrSettings) || errors.Is(err, registry.ErrUnavailable) ||
					!strings.Contains(fault.Text.IT, tc.says) {
					t.Fatalf("Do = %v, want ErrSettings saying %s", err, tc.says)
				}
			}
			for guard, state := range w.transport.GuardStates() {
				if state != "closed" {
					t.Errorf("guard %s is %s", guard, state)
				}
			}
			if w.took(tc.call.Service+" settings") != 5 {
				t.Errorf("outcomes %v", w.events)
			}
		})
	}
}

// slowPDND makes PDND answer late, and no worse.
func slowPDND(t *testing.T, w *world, late time.Duration) {
	t.Helper()
	if err := w.amb.PDND.SetFaults(faults.Fault{Kind: faults.Delay, DelayMS: int(late.Milliseconds())}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.amb.PDND.SetFaults() })
}

// TestSlowPDNDLeavesTheRegistryItsTime: the time of the voucher is not the registry's.
func TestSlowPDNDLeavesTheRegistryItsTime(t *testing.T) {
	const deadline = 400 * time.Millisecond
	w := newWorld(t, func(c *config.Config) {
		c.Consumes["prova"].Guard.Deadline = deadline
		c.Consumes["prova"].Guard.Failures = 1
	})
	slowPDND(t, w, 2*deadline)
	began := time.Now()
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatalf("Do = %v", err)
	}
	if took := time.Since(began); took < 2*deadline {
		t.Fatalf("done in %v: PDND was not slow and the test shows nothing", took)
	}
}

// TestCallerWhoseTimeASlowPDNDUsedUpTripsNoGuard: neither the registry, never or hardly
// asked, nor PDND, which would have answered, is out of order.
func TestCallerWhoseTimeASlowPDNDUsedUpTripsNoGuard(t *testing.T) {
	w := newWorld(t, func(c *config.Config) { c.Consumes["prova"].Guard.Failures = 1 })
	slowPDND(t, w, 300*time.Millisecond)
	for range 4 {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := w.do(ctx, call(true))
		cancel()
		if err == nil {
			t.Fatal("an answer came before PDND's")
		}
	}
	for name, state := range w.transport.GuardStates() {
		if state != "closed" {
			t.Errorf("guard %s is %s", name, state)
		}
	}
	if n := len(w.calls.All()); n != 0 {
		t.Errorf("%d requests were made without a voucher", n)
	}
}
