// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/internal/config"
)

// gcPercent lets the heap grow to five times what is live before it is collected: the
// live heap of a hub is small, and collecting it less often saves about a tenth of its
// CPU. GOGC overrides it.
const gcPercent = 400

func (a *app) serveCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: a.t("avvia lo Snodo", "run the hub"),
		Long: a.t("Apre i tre ascolti della configurazione (applicazioni, esposizione, gestione) e scrive il diario in\n"+
			"JSON sullo standard error. SIGTERM lascia finire gli scambi in corso. SIGHUP si annota nel diario e non\n"+
			"cambia nulla: la configurazione si rilegge riavviando.",
			"Opens the three listeners of the configuration (applicazioni, esposizione, gestione) and logs JSON to\n"+
				"standard error. SIGTERM lets the exchanges under way finish. SIGHUP is noted in the log and changes\n"+
				"nothing: the configuration is read anew by starting again."),
		Example: "  snodo serve --config /etc/snodo\n  SNODO_CONFIG=/etc/snodo snodo serve",
		Args:    a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := a.loadConfig(dir)
			if err != nil {
				return err
			}
			if a.getenv("GOGC") == "" {
				debug.SetGCPercent(gcPercent)
			}
			r, err := startHub(cmd.Context(), a, loaded, a.io.err)
			if err != nil {
				return err
			}
			defer r.heedHangups()()
			return r.wait()
		},
	}
	a.configFlag(cmd, &dir)
	return cmd
}

// running is a hub that serves in the background.
type running struct {
	hub    *hub
	cancel context.CancelFunc
	ended  chan struct{} // closed when the hub serves no more
	err    error         // what serve returned; there once ended is closed
}

// startHub opens a hub and serves until ctx ends. When it returns without error the hub
// answers.
func startHub(ctx context.Context, a *app, c *config.Config, logs io.Writer) (*running, error) {
	h, err := openHub(ctx, a, c, logs)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &running{hub: h, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.err = h.serve(ctx)
	}()
	return r, nil
}

// heedHangups notes every SIGHUP in the log, until the function that it returns is called: neither a terminal that closes nor
// a script that rotates logs ends the hub.
func (r *running) heedHangups() func() {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		for range hangups {
			r.hub.logger.LogAttrs(context.Background(), slog.LevelInfo, "SIGHUP ricevuto e ignorato: la configurazione si rilegge riavviando lo Snodo")
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(hangups)
	}
}

// wait returns when the hub has ended and everything is closed. It may be called again.
func (r *running) wait() error {
	<-r.ended
	r.cancel()
	return errors.Join(r.err, r.hub.Close())
}

// stop drains the hub and closes everything.
func (r *running) stop() error {
	r.cancel()
	return r.wait()
}
