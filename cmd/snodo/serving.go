// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/httpapi"
)

// housekeeping is how often what has expired is forgotten.
const housekeeping = 10 * time.Minute

// face is one open listener with what it serves.
type face struct {
	name     string
	listener net.Listener
	handler  http.Handler
}

// listen opens the three listeners: after it the hub's addresses are taken.
func (h *hub) listen(ctx context.Context) ([]face, error) {
	api, err := h.openAPI()
	if err != nil {
		return nil, err
	}
	l := h.config.Hub.Listeners
	wanted := []struct {
		name    string
		where   config.Listener
		handler http.Handler
	}{
		{"applicazioni", l.Applicazioni, api.Applicazioni()},
		{"esposizione", l.Esposizione, api.Esposizione()},
		{"gestione", l.Gestione, api.Gestione()},
	}
	var open []face
	for _, w := range wanted {
		if w.where.Address == "" && w.where.Socket == "" {
			continue
		}
		listener, err := httpapi.Listen(ctx, w.where, h.config.Path)
		if err != nil {
			for _, f := range open {
				err = errors.Join(err, f.listener.Close())
			}
			return nil, fmt.Errorf("listener %s: %w", w.name, err)
		}
		open = append(open, face{w.name, listener, w.handler})
	}
	return open, nil
}

// serve runs the listeners until ctx ends and the requests under way have been answered.
// When one listener fails the others are drained and its error is returned.
func (h *hub) serve(ctx context.Context, faces []face) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, f := range faces {
		h.logger.LogAttrs(ctx, slog.LevelInfo, "in ascolto", slog.String("ascolto", f.name), slog.String("indirizzo", f.listener.Addr().String()))
		group.Go(func() error {
			err := httpapi.Serve(ctx, f.listener, f.handler, httpapi.ServerOptions{Logger: h.logger})
			if err != nil {
				return fmt.Errorf("listener %s: %w", f.name, err)
			}
			return nil
		})
	}
	group.Go(func() error { h.keepHouse(ctx); return nil })
	return group.Wait()
}

// keepHouse forgets now and then what has expired: used tokens, remembered answers, side
// records past their retention. A failure is logged and tried again.
func (h *hub) keepHouse(ctx context.Context) {
	ticker := time.NewTicker(housekeeping)
	defer ticker.Stop()
	answers := h.store.Idempotency(h.sealer)
	chores := map[string]func(context.Context, time.Time) (int, error){
		"replay": h.replay.Purge, "idempotency": answers.Purge, "retention": h.evidence.Prune,
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for name, chore := range chores {
			if _, err := chore(ctx, h.app.clock()); err != nil && ctx.Err() == nil {
				h.logger.LogAttrs(ctx, slog.LevelWarn, "pulizia non riuscita", slog.String("pulizia", name), slog.String("errore", err.Error()))
			}
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
	checks := []httpapi.Check{{Name: "store", Do: h.store.Ping}}
	for name, platform := range h.platforms {
		checks = append(checks, httpapi.Check{Name: "pdnd " + name, Do: platform.Ready})
	}
	return checks
}
