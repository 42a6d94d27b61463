// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/callers"
	"github.com/snodo-pa/snodo/internal/callers/held"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/internal/kpi"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// openCallers opens what decides who may call beyond what PDND lets through, and what counts the calls. Who is suspended
// must be known before the first call.
func (h *hub) openCallers(ctx context.Context) error {
	credentials, err := h.readers()
	if err != nil {
		return err
	}
	attributes := held.New(h.platforms, credentials, h.app.clock)
	h.desk = callers.New(callers.Options{
		Config: h.config, Store: h.store.Callers(), Attributes: attributes.Of, Clock: h.app.clock, Logger: h.logger,
	})
	if err := h.desk.Follow(ctx); err != nil {
		return bilingual.Errorf("lettura dei fruitori sospesi: %w", "read suspended consumers: %w", err)
	}
	if h.kpi, err = kpi.New(h.store.KPI(), h.app.clock, h.rome); err != nil {
		return err
	}
	h.onClose(func() error { // exchanges may have ended after the count stopped
		last, cancel := context.WithTimeout(context.Background(), lastSync)
		defer cancel()
		return h.kpi.Sync(last)
	})
	return nil
}

// mayCall asks the desk about the caller of a voucher.
func (h *hub) mayCall(ctx context.Context, ente, exposure string, v *voucher.Voucher) error {
	binding := h.config.Enti[ente].Exposes[exposure]
	return h.desk.Allow(ctx, callers.Caller{
		Ente: ente, Environment: binding.Environment, Service: exposure,
		Consumer: v.ConsumerID, Client: v.ClientID, Purpose: v.PurposeID,
	})
}

// countCall counts a call that has ended.
func (h *hub) countCall(e gateway.Ended) {
	h.kpi.Count(kpi.Call{
		Ente: e.Ente, Environment: e.Environment, Service: e.Service, Consumer: e.Consumer, Purpose: e.Purpose,
		Status: e.Status, Rule: e.Rule, Took: e.Took, Anybody: e.Rule == string(problem.RuleBusy) || e.Rule == string(problem.RuleDeadline),
	})
}

func (h *hub) callersFailed(err error) {
	h.logger.LogAttrs(context.Background(), slog.LevelWarn, "fruitori sospesi non riletti: vale quanto si sapeva", slog.String("errore", err.Error()))
}

func (h *hub) kpiFailed(err error) {
	h.logger.LogAttrs(context.Background(), slog.LevelWarn, "indicatori non registrati: si riprova", slog.String("errore", err.Error()))
}

// The most that consumerNames asks of PDND, and for how long: who lists callers waits for it.
const (
	mostNames = 20
	nameWait  = 3 * time.Second
)

// consumerNames asks PDND what consumers are called; one that it does not tell is left out.
func (h *hub) consumerNames(ctx context.Context, ente string, list []kpi.Caller) map[string]string {
	credentials, err := h.readers()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, nameWait)
	defer cancel()
	names, asked := map[string]string{}, map[string]bool{}
	for _, c := range list {
		platform := h.platforms[c.Ambiente]
		own, err := credentials(ente, c.Ambiente)
		if asked[c.Fruitore] || len(asked) == mostNames || ctx.Err() != nil || platform == nil || err != nil {
			continue
		}
		asked[c.Fruitore] = true
		if t, err := api.New(platform, own).Tenant(ctx, c.Fruitore); err == nil {
			names[c.Fruitore] = t.Name
		}
	}
	return names
}

// pendingCallers lists the agreements and purposes that wait for the ente on PDND.
func (h *hub) pendingCallers(ctx context.Context, ente, exposure string) ([]httpapi.PendingCaller, error) {
	credentials, err := h.readers()
	if err != nil {
		return nil, err
	}
	binding := h.config.Enti[ente].Exposes[exposure]
	own, err := credentials(ente, binding.Environment)
	if err != nil {
		return nil, err
	}
	client := api.New(h.platforms[binding.Environment], own)
	agreements, err := client.Agreements(ctx, api.AgreementFilter{
		States: []api.AgreementState{api.AgreementPending}, EserviceIDs: []string{binding.EserviceID},
	})
	if err != nil {
		return nil, err
	}
	purposes, err := client.Purposes(ctx, api.PurposeFilter{
		States: []api.PurposeState{api.PurposeWaitingForApproval}, EserviceIDs: []string{binding.EserviceID},
	})
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, a := range agreements {
		names[a.ConsumerID] = ""
	}
	for _, p := range purposes {
		names[p.ConsumerID] = ""
	}
	for _, id := range slices.Sorted(maps.Keys(names)) {
		if t, err := client.Tenant(ctx, id); err == nil {
			names[id] = t.Name // without it the id has to do
		}
	}
	list := make([]httpapi.PendingCaller, 0, len(agreements)+len(purposes))
	for _, a := range agreements {
		list = append(list, httpapi.PendingCaller{
			Servizio: exposure, Fruitore: a.ConsumerID, Denominazione: names[a.ConsumerID], Attende: httpapi.WaitsAgreement, ID: a.ID, Dal: a.CreatedAt,
		})
	}
	for _, p := range purposes {
		waiting := httpapi.PendingCaller{
			Servizio: exposure, Fruitore: p.ConsumerID, Denominazione: names[p.ConsumerID], Attende: httpapi.WaitsPurpose, ID: p.ID, Dal: p.CreatedAt,
		}
		if v := p.WaitingForApprovalVersion; v != nil {
			waiting.ChiamateGiorno, waiting.Dal = v.DailyCalls, v.CreatedAt
		}
		list = append(list, waiting)
	}
	return list, nil
}
