// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package declared keeps the ledger of quotas told of the calls a day that the purposes of
// the enti declared on PDND, and of those that their e-services and the purposes of who calls
// them did, which change there.
//
// It owns the job that reads them. It depends on api for the purposes, on jobs and quota.
package declared

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/quota"
)

// Reader reads the purposes. Every field is mandatory.
type Reader struct {
	Config      *config.Config
	Platforms   map[string]*pdnd.Platform
	Credentials func(ente, environment string) (pdnd.Credentials, error)
	Store       quota.Store
	Clock       func() time.Time
}

// Kind is the job that reads the purposes of an ente in an environment. It is tried until it
// succeeds: until then the limits of before hold.
func Kind() jobs.Kind[jobs.Tick] {
	return jobs.Kind[jobs.Tick]{Name: "quota.declared", Policy: jobs.Policy{
		MaxAttempts: jobs.Unlimited, Backoff: jobs.Backoff{Base: time.Minute, Max: 30 * time.Minute}, Concurrency: 2, Keep: time.Minute,
	}}
}

// Register gives the job its handler and every ente that calls or offers e-services its schedule.
func (r *Reader) Register(set *jobs.Handlers) error {
	when, err := jobs.ParseWhen("every 1h jitter 10m")
	if err != nil {
		return err
	}
	Kind().Handle(set, r.read)
	for _, codice := range slices.Sorted(maps.Keys(r.Config.Enti)) {
		ente := r.Config.Enti[codice]
		for _, environment := range slices.Sorted(maps.Keys(ente.APIClients)) {
			if r.Platforms[environment] != nil && len(r.purposes(ente, environment))+len(offered(ente, environment)) > 0 {
				set.Schedule(jobs.Schedule{Name: "quota.declared", Ente: codice, Environment: environment, When: when, AtOnce: true}, Kind())
			}
		}
	}
	return nil
}

// purposes are those of the procedimenti of an ente in an environment, each once.
func (r *Reader) purposes(ente *config.Ente, environment string) []string {
	found := map[string]bool{}
	for _, p := range ente.Procedimenti {
		for service, id := range p.Purposes {
			if b := ente.Consumes[service]; b != nil && b.Environment == environment && id != "" {
				found[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// read asks for every purpose: one about which PDND gives no answer holds up no other. One that PDND does not show to the ente keeps the limit of the
// configuration.
func (r *Reader) read(ctx context.Context, job jobs.Job[jobs.Tick]) error {
	ente, platform := r.Config.Enti[job.Ente], r.Platforms[job.Environment]
	if ente == nil || platform == nil {
		return nil // it was taken out of the configuration
	}
	credentials, err := r.Credentials(job.Ente, job.Environment)
	if err != nil {
		return jobs.Coded("quota.declared/keys", err)
	}
	client := api.New(platform, credentials)
	var faults []error
	for _, id := range r.purposes(ente, job.Environment) {
		p, err := client.Purpose(ctx, id)
		if errors.Is(err, api.ErrRefused) {
			continue
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("purpose %s: %w", id, err))
			continue
		}
		d := quota.Declared{Environment: job.Environment, Purpose: id, ReadAt: r.Clock()}
		if p.CurrentVersion != nil {
			d.DailyCalls = p.CurrentVersion.DailyCalls
		}
		if err := r.Store.PutDeclared(ctx, d); err != nil {
			return err
		}
	}
	for _, x := range offered(ente, job.Environment) {
		faults = append(faults, r.readOffered(ctx, client, x))
	}
	return jobs.Coded("quota.declared/unavailable", errors.Join(faults...))
}
