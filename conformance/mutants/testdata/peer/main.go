// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Command peer runs a stand-in as a process: its terms come as JSON on standard input, its
// address goes to standard output, and it ends when its standard input does.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/snodo-pa/snodo/conformance/internal/standintest"
)

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	var terms standintest.Terms
	if err := json.NewDecoder(in).Decode(&terms); err != nil {
		return fmt.Errorf("read the terms: %w", err)
	}
	handler, err := terms.Handler()
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Fprintln(out, "http://"+listener.Addr().String())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, in) // until whoever started it has left
		_ = server.Close()
	}()
	_ = server.Serve(listener) // ends with ErrServerClosed
	return nil
}
