// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package host runs the HTTP side of a mock: listening, stopping and starting again on
// the same address, recording, faults on demand and the /_mock/ surface.
//
// It depends on mocks/faults, mocks/record and mocks/internal/rules and knows nothing of
// what a mock answers.
package host

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/record"
)

// ErrNotStarted means the server has never been started, so it has no address.
var ErrNotStarted = errors.New("the mock has not been started")

// ErrStarted means the server is already listening.
var ErrStarted = errors.New("the mock is already listening")

// Host serves one handler. Its methods are safe for concurrent use.
type Host struct {
	handler http.Handler
	tls     *tls.Config
	faults  faults.Set
	ring    record.Ring
	clock   func() time.Time
	blind   atomic.Bool // nothing is recorded
	most    int64       // bytes of a request body
	streams bool        // bodies reach the handler as they come

	mu     sync.Mutex
	addr   string
	server *http.Server
	done   chan struct{}
}

// New wraps the handler of a mock. A nil tls configuration means plain HTTP. The body of a request has at most 10 MiB, and
// is here before the handler begins.
func New(handler http.Handler, tlsConfig *tls.Config, clock func() time.Time) *Host {
	return wrap(handler, &Host{tls: tlsConfig, clock: clock, most: maxRequest})
}

// NewStreaming wraps the handler of a mock that takes bodies of up to most bytes: they reach it as they come, and their
// reader fails with [http.MaxBytesError] beyond. It speaks plain HTTP.
func NewStreaming(handler http.Handler, most int64, clock func() time.Time) *Host {
	return wrap(handler, &Host{clock: clock, most: most, streams: true})
}

func wrap(handler http.Handler, h *Host) *Host {
	h.handler = h.admin(h.record(h.faults.Middleware(handler)))
	return h
}

// Start listens on the address, host:port; empty means a free port of 127.0.0.1. The
// context bounds the listening call only. It returns [ErrStarted] when it is listening
// already.
func (h *Host) Start(ctx context.Context, addr string) error {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server != nil {
		return ErrStarted
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	h.addr = listener.Addr().String()
	h.serve(listener)
	return nil
}

// serve starts the server on a listener; the lock is held.
func (h *Host) serve(listener net.Listener) {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true) // as GovWay and the platform's edge speak to their callers
	server := &http.Server{
		Handler:           h.handler,
		ReadHeaderTimeout: 10 * time.Second,
		TLSConfig:         h.tls,
		Protocols:         protocols,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	done := make(chan struct{})
	h.server, h.done = server, done
	go func() {
		defer close(done)
		if h.tls != nil {
			_ = server.ServeTLS(listener, "", "") // ends with ErrServerClosed when stopped
			return
		}
		_ = server.Serve(listener)
	}()
}

// Stop closes the listener and every connection at once, as a machine that dies. The
// address stays reserved in memory for [Host.Restart]. Stopping twice is no error.
func (h *Host) Stop() error {
	h.mu.Lock() // until the listener is closed, so that nobody starts again before
	defer h.mu.Unlock()
	if h.server == nil {
		return nil
	}
	err := h.server.Close()
	<-h.done
	h.server, h.done = nil, nil
	if err != nil {
		return fmt.Errorf("stop the mock: %w", err)
	}
	return nil
}

// Restart listens again on the address the mock had. It returns [ErrNotStarted] before
// the first start and [ErrStarted] while it is listening.
func (h *Host) Restart(ctx context.Context) error {
	h.mu.Lock()
	addr := h.addr
	h.mu.Unlock()
	if addr == "" {
		return ErrNotStarted
	}
	return h.Start(ctx, addr)
}

// Close is [Host.Stop], for the callers who will not start it again.
func (h *Host) Close() error { return h.Stop() }

// Addr returns host:port, or nothing before the first start.
func (h *Host) Addr() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.addr
}

// URL returns the base address without a final slash, or nothing before the first start.
// It does not change when the mock is stopped and started again.
func (h *Host) URL() string {
	addr := h.Addr()
	switch {
	case addr == "":
		return ""
	case h.tls != nil:
		return "https://" + addr
	default:
		return "http://" + addr
	}
}

// Handler returns the whole handler, recording and faults included, for a caller that
// brings its own server.
func (h *Host) Handler() http.Handler { return h.handler }

// SetFaults replaces the faults in force; without arguments it clears them. An error
// wraps [faults.ErrInvalid].
func (h *Host) SetFaults(list ...faults.Fault) error { return h.faults.Put(list...) }

// Requests returns the last exchanges, oldest first, at most [record.Size].
func (h *Host) Requests() []record.Exchange { return h.ring.All() }

// SetRecording turns the recording of exchanges on (as it is at first) or off, for
// measurements that must not pay for it.
func (h *Host) SetRecording(on bool) { h.blind.Store(!on) }

// ResetRequests forgets the recorded exchanges.
func (h *Host) ResetRequests() { h.ring.Reset() }
