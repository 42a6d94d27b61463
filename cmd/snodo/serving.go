// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/httpapi"
)

// housekeeping is how often what has expired is forgotten.
const housekeeping = 10 * time.Minute

const (
	// bodyTime is what a slow caller has to send its request.
	bodyTime = 30 * time.Second
	// settleTime covers what may follow the deadline of an exchange: its outcome is
	// still stored (10 s at most), and the clocks of two replicas differ.
	settleTime = 15 * time.Second
)

// longestExchange is how long after its start an exchange may still be closed by the
// process that began it.
func longestExchange(c *config.Config) time.Duration {
	return cmp.Or(c.Hub.Limits.Request, gateway.DefaultDeadline) + settleTime
}

// face is one open listener with what it serves.
type face struct {
	name     string
	listener net.Listener
	handler  http.Handler
}

// openListeners takes the hub's addresses: a second hub on them ends here, before it has
// touched anything. Callers wait until the hub serves.
func (h *hub) openListeners(ctx context.Context) error {
	l := h.config.Hub.Listeners
	for _, wanted := range []struct {
		name  string
		where config.Listener
	}{{"applicazioni", l.Applicazioni}, {"esposizione", l.Esposizione}, {"gestione", l.Gestione}} {
		if wanted.where.Address == "" && wanted.where.Socket == "" {
			continue
		}
		listener, err := h.openListener(ctx, wanted.where)
		if err != nil {
			return bilingual.Errorf("ascolto %s: %w", "listener %s: %w", wanted.name, err)
		}
		h.faces = append(h.faces, face{name: wanted.name, listener: listener})
		h.onClose(func() error {
			if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) { // serve has closed it
				return bilingual.Errorf("ascolto %s: %w", "listener %s: %w", wanted.name, err)
			}
			return nil
		})
	}
	return nil
}

// openListener makes the folder of a socket when it is missing, for the hub's own user.
func (h *hub) openListener(ctx context.Context, where config.Listener) (net.Listener, error) {
	if where.Socket != "" {
		err := os.Mkdir(filepath.Dir(h.config.Path(where.Socket)), 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	return httpapi.Listen(ctx, where, h.config.Path, h.share())
}

// share bounds the connections of one address. The proxies have been checked with the
// configuration.
func (h *hub) share() httpapi.Share {
	share := httpapi.Share{PerAddress: h.config.Hub.Limits.ConnectionsPerAddress}
	for _, text := range h.config.Hub.TrustedProxies {
		if p, err := netip.ParsePrefix(text); err == nil {
			share.Exempt = append(share.Exempt, p.Masked())
		}
	}
	return share
}

// openFaces gives each listener its handler.
func (h *hub) openFaces(context.Context) error {
	api, err := h.openAPI()
	if err != nil {
		return err
	}
	handlers := map[string]http.Handler{
		"applicazioni": api.Applicazioni(), "esposizione": api.Esposizione(), "gestione": api.Gestione(),
	}
	for i := range h.faces {
		h.faces[i].handler = handlers[h.faces[i].name]
	}
	return nil
}

// serverOptions give a request the time to arrive and the longest exchange, and a stop
// the time to let one end.
func (h *hub) serverOptions() httpapi.ServerOptions {
	longest := longestExchange(h.config)
	return httpapi.ServerOptions{Logger: h.logger, Request: bodyTime + longest, Drain: longest}
}

// serve runs the listeners until ctx ends and the requests under way have been answered.
// When one listener fails the others are drained and its error is returned.
func (h *hub) serve(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, f := range h.faces {
		h.logger.LogAttrs(ctx, slog.LevelInfo, "in ascolto", slog.String("ascolto", f.name), slog.String("indirizzo", f.listener.Addr().String()))
		group.Go(func() error {
			err := httpapi.Serve(ctx, f.listener, f.handler, h.serverOptions())
			if err != nil {
				return bilingual.Errorf("ascolto %s: %w", "listener %s: %w", f.name, err)
			}
			return nil
		})
	}
	group.Go(func() error { h.keepHouse(ctx); return nil })
	group.Go(func() error { return h.worker.Run(ctx) })
	group.Go(func() error { h.follower.Run(ctx); return nil })
	group.Go(func() error { h.ledger.Run(ctx, h.quotaFailed); return nil })
	group.Go(func() error { h.desk.Run(ctx, h.callersFailed); return nil })
	group.Go(func() error { h.kpi.Run(ctx, h.kpiFailed); return nil })
	return group.Wait()
}

// keepHouse tidies up now and then.
func (h *hub) keepHouse(ctx context.Context) {
	ticker := time.NewTicker(housekeeping)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			h.tidy(ctx)
		}
	}
}

// tidy forgets what has expired (used tokens, remembered answers, side records past
// their retention) and closes the exchanges whose process has died: at start too little
// time may have passed to tell. A failure is logged and tried again.
func (h *hub) tidy(ctx context.Context) {
	now := h.app.clock()
	for _, chore := range []struct {
		name string
		do   func(context.Context, time.Time) (int, error)
		at   time.Time
	}{
		{"replay", h.replay.Purge, now},
		{"idempotency", h.store.Idempotency(h.sealer).Purge, now},
		{"retention", h.evidence.Prune, now},
		{"lavori", h.queue.Purge, now},
		{"avvisi", h.store.PurgeNotices, now},
		{"quote", h.purgeQuotas, now},
		{"indicatori", h.kpi.Purge, now},
		{"vigilanza", h.watch.Look, now},
		{"sconosciuto", h.closeUnknown, now.Add(-longestExchange(h.config))},
		{"chiavi", h.refreshKeys, now},
	} {
		if _, err := chore.do(ctx, chore.at); err != nil && ctx.Err() == nil {
			h.logger.LogAttrs(ctx, slog.LevelWarn, "pulizia non riuscita", slog.String("pulizia", chore.name), slog.String("errore", err.Error()))
		}
	}
}

// guardStates joins the states of every breaker of the process.
func (h *hub) guardStates() map[string]string {
	states := h.transport.GuardStates()
	maps.Copy(states, h.in.GuardStates())
	for _, platform := range h.platforms {
		maps.Copy(states, platform.GuardStates())
	}
	return states
}

// readiness lists what must work before the hub can serve.
func (h *hub) readiness() []httpapi.Check {
	checks := []httpapi.Check{{Name: "store", Do: h.store.Ping}, {Name: "evidence", Do: h.evidence.Ready}}
	for _, name := range slices.Sorted(maps.Keys(h.platforms)) {
		checks = append(checks, httpapi.Check{Name: "pdnd " + name, Do: h.platforms[name].Ready})
	}
	return checks
}
