// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/snodo-pa/snodo/adapters"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/callers"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/gateway/answers"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/pkcs11"
	"github.com/snodo-pa/snodo/internal/keys/rotation"
	"github.com/snodo-pa/snodo/internal/kpi"
	"github.com/snodo-pa/snodo/internal/obs"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/outbound/rete"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/events"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/tesoreria"
	"github.com/snodo-pa/snodo/internal/tracing"
	"github.com/snodo-pa/snodo/internal/transport"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/internal/vigilanza"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// hub is the whole process: what each open* function has opened, in the order in which
// it was opened.
type hub struct {
	app     *app
	config  *config.Config
	logger  *slog.Logger
	metrics *obs.Metrics
	started time.Time

	ring         *rotation.Live
	keyAges      atomic.Pointer[string] // of the files of keys when they were last opened
	clients      *rete.Clients
	store        *store.Store
	sealer       *seal.Sealer
	evidence     *evidence.Log
	replay       replay.Cache
	platforms    map[string]*pdnd.Platform
	sources      map[string]*trust.Sources // of revocation, by ente
	queue        *jobs.Queue
	interactions *interaction.Engine
	awaiting     *interaction.Awaiting
	worker       *jobs.Worker
	rome         *time.Location
	ledger       *quota.Ledger
	desk         *callers.Desk
	kpi          *kpi.Ledger
	watch        *vigilanza.Watch
	book         *vigilanza.Book
	follower     *events.Follower
	tracing      *tracing.Desk
	tesoreria    *tesoreria.Desk
	transport    *transport.Transport
	out          *gateway.Out
	in           *gateway.In
	faces        []face

	closers []func() error // in reverse order
}

// openHub opens every subsystem of a configuration and closes the exchanges that an
// unclean stop left without outcome. What two hubs cannot share, a SQLite database and
// the addresses, is taken before anything is changed. The caller closes the hub.
func openHub(ctx context.Context, a *app, c *config.Config, logs io.Writer) (*hub, error) {
	h := &hub{app: a, config: c, logger: obs.NewLogger(logs, slog.LevelInfo), started: a.clock()}
	steps := []func(context.Context) error{
		h.openMetrics, h.openKeys, h.openStore, h.openListeners, h.openEvidence, h.openReplay,
		h.openPlatforms, h.openJobs, h.openLedger, h.openCallers, h.openTransport, h.openAwaiting, h.openOut, h.openInteractions, h.openIn, h.openTesoreria, h.openWorker, h.openFaces,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, h.Close())
		}
	}
	return h, nil
}

// Close releases everything, last opened first.
func (h *hub) Close() error {
	var faults []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		faults = append(faults, h.closers[i]())
	}
	h.closers = nil
	return errors.Join(faults...)
}

func (h *hub) onClose(f func() error) { h.closers = append(h.closers, f) }

// openMetrics bounds the labels by what is configured.
func (h *hub) openMetrics(context.Context) error {
	bounds := obs.Bounds{Environments: slices.Sorted(maps.Keys(h.config.Environments))}
	bounds.Services = append(slices.Collect(maps.Keys(h.config.Consumes)), slices.Collect(maps.Keys(h.config.Exposes))...)
	for _, row := range problem.Table() {
		bounds.Rules = append(bounds.Rules, string(row.Rule))
	}
	h.metrics = obs.NewMetrics(bounds)
	return nil
}

func (h *hub) gatewayObserver() gateway.Observer {
	m := h.metrics
	return gateway.Observer{
		Exchange: m.Exchange, Refusal: m.Refusal, VoucherCache: m.VoucherCache, Replay: m.Replay,
		Evidence: m.Evidence, BackEnd: m.BackEnd, Guard: m.Guard, BadAnswer: m.BadAnswer,
	}
}

// openKeys opens every key of the configuration once, and the clients of every network
// that a binding names.
func (h *hub) openKeys(context.Context) error {
	var err error
	provider := pkcs11.Over(keys.Files{Path: h.config.Path})
	h.onClose(provider.Close)
	open := func() (*keys.Ring, error) { return keys.OpenWith(h.config, provider) }
	if h.ring, err = rotation.NewLive(slices.Sorted(maps.Keys(h.config.Enti)), open); err != nil {
		return bilingual.Errorf("chiavi: %w", "keys: %w", err)
	}
	h.keyAges.Store(h.watchKeys())
	if h.clients, err = rete.New(h.config, outbound.Settings{Clock: h.app.clock}); err != nil {
		return bilingual.Errorf("rete: %w", "network: %w", err)
	}
	h.onClose(func() error { h.clients.Close(); return nil })
	return nil
}

// openStore opens the database. SQLite is migrated at once, because nobody else uses the
// file; PostgreSQL only by `snodo migrate up`.
func (h *hub) openStore(ctx context.Context) error {
	opened, err := openStore(ctx, h.app, h.config)
	if err != nil {
		return err
	}
	h.store = opened
	h.onClose(opened.Close)
	if opened.Dialect() == store.DialectSQLite {
		if _, err := opened.Migrate(ctx); err != nil {
			return bilingual.Errorf("migrazione della base dati: %w", "migrate store: %w", err)
		}
	}
	if err := opened.CheckSchema(ctx); err != nil {
		return fmt.Errorf("%w (snodo migrate up)", err)
	}
	return nil
}

// openStore opens the database that a configuration names, without touching its schema.
func openStore(ctx context.Context, a *app, c *config.Config) (*store.Store, error) {
	dsn, err := storeDSN(a, c)
	if err != nil {
		return nil, err
	}
	opened, err := store.Open(ctx, store.Config{
		DSN: dsn, Clock: a.clock, Rand: a.rand, IdempotencyLease: longestExchange(c),
	})
	if err != nil {
		return nil, bilingual.Errorf("apertura della base dati: %w", "open store: %w", err)
	}
	return opened, nil
}

func storeDSN(a *app, c *config.Config) (string, error) {
	s := c.Hub.Store
	switch {
	case s.DSNEnv != "":
		if dsn := a.getenv(s.DSNEnv); dsn != "" {
			return dsn, nil
		}
		return "", bilingual.Errorf("base dati: la variabile d'ambiente %s è vuota", "store: environment variable %s is empty", s.DSNEnv)
	case s.DSNFile != "":
		data, err := os.ReadFile(c.Path(s.DSNFile))
		if err != nil {
			return "", bilingual.Errorf("base dati: %w", "store: %w", err)
		}
		return strings.TrimSpace(string(data)), nil
	default:
		return "sqlite:" + c.Path(s.Path), nil
	}
}

func (h *hub) openReplay(ctx context.Context) error {
	var err error
	if h.replay, err = h.store.Replay(ctx); err != nil {
		return bilingual.Errorf("apertura della cache dei token usati: %w", "open replay cache: %w", err)
	}
	h.onClose(h.replay.Close)
	return nil
}

// openPlatforms makes one PDND client for each environment: keys, vouchers and caches of
// one never serve another.
func (h *hub) openPlatforms(context.Context) error {
	h.platforms = map[string]*pdnd.Platform{}
	client, err := h.clients.For(h.config.Hub.Rete)
	if err != nil {
		return bilingual.Errorf("rete: %w", "network: %w", err)
	}
	for name, profile := range h.config.Environments {
		platform, err := pdnd.New(pdnd.Options{
			Profile: profile, HTTP: client, Clock: h.app.clock, Rand: h.app.rand, Guard: h.app.guard,
			Observer: pdnd.Observer{Token: h.metrics.Token, Cache: h.metrics.Cache, Guard: h.metrics.Guard},
		})
		if err != nil {
			return fmt.Errorf("PDND %s: %w", name, err)
		}
		h.platforms[name] = platform
		h.onClose(func() error { platform.Close(); return nil })
	}
	return nil
}

func (h *hub) openTransport(context.Context) error {
	var err error
	h.transport, err = transport.New(transport.Options{
		Config: h.config, Platforms: h.platforms, Keys: h.ring, Clients: h.clients,
		Clock: h.app.clock, Rand: h.app.rand, Ledger: h.ledger, Replay: h.replay,
		Observer: transport.Observer{Call: h.metrics.Call, Attempt: h.metrics.Attempt, Guard: h.metrics.Guard},
	})
	if err != nil {
		return bilingual.Errorf("trasporto: %w", "transport: %w", err)
	}
	return nil
}

// durableState gives adapters the numbers of the store.
type durableState struct{ *store.State }

// Next hands out the next number, at least floor.
func (s durableState) Next(ctx context.Context, ente, name string, floor uint64) (uint64, error) {
	return s.NextAtLeast(ctx, ente, name, floor)
}

var _ registry.State = durableState{}

// openOut builds the acquisition pipeline.
func (h *hub) openOut(context.Context) error {
	list, err := adapters.All(registry.Deps{
		Transport: h.transport, Clock: h.app.clock, State: durableState{h.store.State()}, Recipes: h.config.Consumes,
	})
	if err != nil {
		return err
	}
	catalogue, err := registry.NewCatalogue(list)
	if err != nil {
		return err
	}
	h.out, err = gateway.NewOut(gateway.OutDeps{
		Config: h.config, Log: h.evidence, Catalogue: catalogue, Answers: answers.New(h.store.Idempotency(h.sealer)),
		Transport: h.transport, Awaiting: h.awaiting, Seal: h.ring.Provenance, Clock: h.app.clock, Rand: h.app.rand, Logger: h.logger,
		Deadline: h.config.Hub.Limits.Request, Observer: h.gatewayObserver(),
	})
	return err
}

// openAPI builds the three HTTP handlers.
func (h *hub) openAPI() (*httpapi.API, error) {
	return httpapi.New(httpapi.Options{
		Config: h.config, Out: h.out, Native: h.out, Treasury: h.tesoreria, Later: h.out, In: h.in, Keys: h.store.APIKeys(), Evidence: h.evidence,
		Acts: h.acts(), ReloadKeys: h.reloadKeys, Jobs: h.queue, Quota: h.book, Tracing: h.tracing, KPI: h.kpi, Callers: h.desk, Pending: h.pendingCallers, ConsumerNames: h.consumerNames, Clock: h.app.clock, Rand: h.app.rand, SealKeys: h.sealKeys, IdentityKeys: h.identityKeys, CheckpointKey: h.checkpointKey,
		Ready: h.readiness(), Guards: h.guardStates, Metrics: h.metrics.Handler(), Request: h.metrics.Request,
		Refused: h.metrics.Refused,
		Logger:  h.logger, Version: readBuild(debug.ReadBuildInfo()).Version,
	})
}

// sealKeys are the published keys of an ente's seal, the one in use first.
func (h *hub) sealKeys(ente string) ([]modi.Key, error) {
	current, err := h.ring.Provenance(ente)
	if err != nil {
		return nil, err
	}
	retired, err := h.ring.PreviousProvenance(ente)
	if err != nil {
		return nil, err
	}
	return append([]modi.Key{{KID: current.KID, Owner: ente, Public: current.Signer.Public()}}, retired...), nil
}
