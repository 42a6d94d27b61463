// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
)

func loopback() outbound.Egress {
	return outbound.Egress{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

func streamOf(t *testing.T, s outbound.Settings, target string) (*outbound.Stream, error) {
	t.Helper()
	c, err := outbound.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return c.Stream(t.Context(), req)
}

// TestStreamHasNoBound: a reply longer than what the client would hold, whose head is there before its end.
func TestStreamHasNoBound(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3000")
		_, _ = w.Write(make([]byte, 1000))
		_ = http.NewResponseController(w).Flush()
		<-release
		_, _ = w.Write(make([]byte, 2000))
	}))
	defer server.Close()
	s, err := streamOf(t, outbound.Settings{Egress: loopback(), MaxBody: 10}, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if s.Status != http.StatusOK || s.Length != 3000 {
		t.Errorf("%d, %d bytes", s.Status, s.Length)
	}
	close(release)
	if n, err := io.Copy(io.Discard, s.Body); n != 3000 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	if err := s.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestStreamThatStallsIsCut(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("a"))
		_ = http.NewResponseController(w).Flush()
		<-release
	}))
	defer server.Close()
	defer close(release)
	s, err := streamOf(t, outbound.Settings{Egress: loopback(), IdleTimeout: 20 * time.Millisecond}, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Body.Close()
	_, err = io.Copy(io.Discard, s.Body)
	if outbound.ReasonOf(err) != outbound.ReasonTimeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestStreamRefusals(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
	}))
	defer server.Close()
	if _, err := streamOf(t, outbound.Settings{Egress: loopback()}, server.URL); outbound.ReasonOf(err) != outbound.ReasonEncoding {
		t.Errorf("encoded: %v", err)
	}
	if _, err := streamOf(t, outbound.Settings{}, server.URL); outbound.ReasonOf(err) != outbound.ReasonAddress {
		t.Errorf("private address: %v", err)
	}
	if _, err := streamOf(t, outbound.Settings{}, "ftp://127.0.0.1/"); outbound.ReasonOf(err) != outbound.ReasonAddress {
		t.Errorf("another scheme: %v", err)
	}
}

// TestSocket: every host of a URL is behind it, and neither proxy nor source address goes with it.
func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Host+r.URL.Path)
	})}
	go func() { _ = server.Serve(l) }()
	defer func() { _ = server.Close() }()
	s, err := streamOf(t, outbound.Settings{Socket: path}, "http://procedura.invalid/api")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Body.Close()
	if got, err := io.ReadAll(s.Body); err != nil || string(got) != "procedura.invalid/api" {
		t.Errorf("%s, %v", got, err)
	}
	for name, with := range map[string]outbound.Settings{
		"proxy":          {Socket: path, Proxy: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}},
		"source address": {Socket: path, LocalIP: netip.MustParseAddr("127.0.0.1")},
	} {
		if _, err := outbound.New(with); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	_, err = streamOf(t, outbound.Settings{Socket: filepath.Join(t.TempDir(), "absent")}, "http://procedura.invalid/")
	if err == nil {
		t.Error("an absent socket answered")
	}
}
