// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// ServerOptions tune a server; zero fields take the defaults of this package.
type ServerOptions struct {
	Logger  *slog.Logger
	Request time.Duration // reading a whole request and writing its answer; default DefaultRequest
	Drain   time.Duration // how long a stop waits for the requests under way; default DefaultDrain
}

// The limits of the servers (product fault 32).
const (
	DefaultRequest    = 90 * time.Second
	DefaultDrain      = 30 * time.Second
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 120 * time.Second
)

// Serve runs a handler on a listener until ctx ends, then stops accepting and waits for the requests under way. It
// returns nil when all of them ended in time.
func Serve(ctx context.Context, l net.Listener, h http.Handler, o ServerOptions) error {
	if o.Request <= 0 {
		o.Request = DefaultRequest
	}
	if o.Drain <= 0 {
		o.Drain = DefaultDrain
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       o.Request,
		WriteTimeout:      o.Request,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    MaxHeaderBytes,
		// OPTIONS * goes through the router like everything else: a problem document and a line of the access log.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
		// Requests outlive the signal to stop: they are drained, not cut.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.Drain)
	defer cancel()
	err := server.Shutdown(late)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		return errors.Join(err, served)
	}
	return err
}
