// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"slices"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/events"
	"github.com/snodo-pa/snodo/internal/quota/declared"
	"github.com/snodo-pa/snodo/internal/tesoreria"
	"github.com/snodo-pa/snodo/internal/tracing"
)

// jobKinds are the kinds of jobs that this program handles, for metrics.
func jobKinds() []string {
	return slices.Concat(events.Kinds(), tracing.Kinds(), interaction.Kinds(), tesoreria.Kinds(), []string{declared.Kind().Name})
}

// openJobs opens the queue of what is done later.
func (h *hub) openJobs(context.Context) error {
	var err error
	h.queue, err = jobs.NewQueue(jobs.Config{
		Store: h.store.Jobs(), Sealer: h.sealer, Clock: h.app.clock, Rand: h.app.rand, Logger: h.logger,
		Observer: h.metrics.NewJobs(jobKinds()),
	})
	if err != nil {
		return bilingual.Errorf("coda dei lavori: %w", "queue of jobs: %w", err)
	}
	return nil
}

// openWorker gives every kind of job its handler and every duty towards PDND its schedule.
func (h *hub) openWorker(ctx context.Context) error {
	credentials, err := h.readers()
	if err != nil {
		return err
	}
	feeds := events.Options{
		Config: h.config, Platforms: h.platforms, Credentials: credentials, Store: h.store, Clock: h.app.clock,
		Logger: h.logger, Every: h.config.Hub.EventsEvery,
	}
	h.follower = events.NewFollower(feeds)
	if err := h.follower.Look(ctx); err != nil { // no call comes before what had stopped is in doubt
		return bilingual.Errorf("eventi PDND: %w", "events of PDND: %w", err)
	}
	network, err := h.clients.For(h.config.Hub.Rete)
	if err != nil {
		return bilingual.Errorf("rete: %w", "network: %w", err)
	}
	h.tracing = tracing.New(tracing.Options{
		Config: h.config, Platforms: h.platforms, Credentials: credentials, HTTP: network, Evidence: h.evidence,
		Store: h.store, Queue: h.queue, Clock: h.app.clock, Location: h.rome, Logger: h.logger,
	})
	purposes := &declared.Reader{
		Config: h.config, Platforms: h.platforms, Credentials: credentials, Store: h.store.Quota(), Clock: h.app.clock,
	}
	set := jobs.NewHandlers()
	err = errors.Join(events.NewPoller(feeds).Register(set), h.tracing.Register(set), purposes.Register(set), h.interactions.Register(set), h.tesoreria.Register(set))
	if err == nil {
		h.worker, err = jobs.NewWorker(h.queue, set, jobs.WorkerConfig{})
	}
	if err != nil {
		return bilingual.Errorf("lavori: %w", "jobs: %w", err)
	}
	return nil
}

// readers finds the API client of an ente, with the keys that it has at the moment of asking.
func (h *hub) readers() (func(ente, environment string) (pdnd.Credentials, error), error) {
	lookups, err := h.lookups()
	if err != nil {
		return nil, err
	}
	return func(ente, environment string) (pdnd.Credentials, error) {
		found, ok := lookups[lookup{ente, environment}]
		if !ok {
			return found, bilingual.Errorf("ente %s: nessun client API in %s", "ente %s: no API client in %s", ente, environment)
		}
		return h.inUse(found, ente, environment), nil
	}, nil
}
