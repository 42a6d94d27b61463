// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
)

// held serves on a loopback port and returns a dialer that sends one request on a new connection, from an address of
// 127.0.0.0/8, and tells whether it was answered.
func held(t *testing.T, share Share) func(from string) (net.Conn, bool) {
	t.Helper()
	l, err := Listen(t.Context(), config.Listener{Address: "127.0.0.1:0"}, func(p string) string { return p }, share)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), ServerOptions{})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return func(from string) (net.Conn, bool) {
		t.Helper()
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 10 * time.Second}
		c, err := dialer.DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if err == nil {
			_, err = bufio.NewReader(c).ReadString('\n')
		}
		switch {
		case err == nil:
			return c, true
		case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
			return c, false
		}
		t.Fatalf("neither answered nor closed: %v", err)
		return nil, false
	}
}

// TestOneAddressHoldsItsShare: the connections beyond it are closed, those of other addresses are served, and a place
// that is given back can be taken again.
func TestOneAddressHoldsItsShare(t *testing.T) {
	ask := held(t, Share{PerAddress: 2})
	first, ok := ask("127.0.0.1")
	if _, second := ask("127.0.0.1"); !ok || !second {
		t.Fatal("the share is not given whole")
	}
	for range 3 {
		if _, ok := ask("127.0.0.1"); ok {
			t.Fatal("one address holds more than its share")
		}
	}
	if _, ok := ask("127.0.0.2"); !ok {
		t.Error("another address pays for the first")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, ok := ask("127.0.0.1"); ok {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a place that was given back is not taken again")
		}
	}
}

func TestProxiesHoldTheConnectionsOfOthers(t *testing.T) {
	ask := held(t, Share{PerAddress: 1, Exempt: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	for range 3 {
		if _, ok := ask("127.0.0.1"); !ok {
			t.Fatal("a trusted proxy is bounded")
		}
	}
	if _, ok := ask("127.0.0.3"); !ok {
		t.Error("another address has no share")
	}
	if _, ok := ask("127.0.0.3"); ok {
		t.Error("another address is not bounded")
	}
}

func TestSitesOfAddresses(t *testing.T) {
	s := newShares(Share{PerAddress: 1})
	at := func(ip string) net.Addr {
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 1))
	}
	for _, pair := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"::ffff:192.0.2.1", "192.0.2.1", true},
		{"2001:db8::1", "2001:db8::ffff:1", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
	} {
		a, _ := s.site(at(pair.a))
		b, _ := s.site(at(pair.b))
		if (a == b) != pair.same {
			t.Errorf("%s is %s, %s is %s", pair.a, a, pair.b, b)
		}
	}
	if _, bounded := s.site(&net.UnixAddr{Name: "s"}); bounded {
		t.Error("a Unix socket is bounded")
	}
	giveBack, ok := s.take(at("192.0.2.1"))
	if _, again := s.take(at("192.0.2.1")); !ok || again {
		t.Error("the share is not one")
	}
	giveBack()
	if len(s.held) != 0 {
		t.Error("an address that holds nothing is remembered")
	}
}
