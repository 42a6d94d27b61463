// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Command snodo is the interoperability hub of an Italian public body: it acquires data
// from the registries of other administrations and exposes procedures as ModI
// e-services.
//
// The package owns the command line and the wiring of the packages into one process
// (wire.go). It decides nothing of the protocols: those are modi, registry, adapters and
// internal.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the quotas of a day end at midnight in Rome, whatever the machine holds

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends at once what the first is draining
	code := run(ctx, os.Args[1:], os.Getenv, stdio{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, person: terminal.Is(os.Stdin),
	})
	stop()
	os.Exit(code)
}
