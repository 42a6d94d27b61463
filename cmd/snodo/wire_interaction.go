// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/interaction"
)

// openInteractions makes the engine of the non-blocking patterns.
func (h *hub) openInteractions(context.Context) error {
	var err error
	h.interactions, err = interaction.New(interaction.Config{
		Store: h.store.Interactions(), Queue: h.queue, Sealer: h.sealer, Clock: h.app.clock, Rand: h.app.rand,
		Caller: callerOf,
		Suspended: func(ente, exposure, consumer string) bool {
			return h.desk.Suspended(ente, h.config.Enti[ente].Exposes[exposure].Recipe, consumer)
		},
		MayReply: func(ente, exposure, consumer, replyTo string) bool {
			_, _, ok := h.callbackTo(ente, exposure, consumer, replyTo)
			return ok
		},
		Deliver: h.deliver,
	})
	if err != nil {
		return bilingual.Errorf("interazioni: %w", "interactions: %w", err)
	}
	return nil
}

// openAwaiting makes the other end of NONBLOCK_PUSH_REST: what is asked and answered by callback.
func (h *hub) openAwaiting(context.Context) error {
	var err error
	h.awaiting, err = interaction.NewAwaiting(interaction.AwaitingConfig{
		Store: h.store.Asked(), Sealer: h.sealer, Clock: h.app.clock, Caller: callerOf,
	})
	if err != nil {
		return bilingual.Errorf("interazioni: %w", "interactions: %w", err)
	}
	return nil
}

// callerOf reads what the pipeline tells a back end of who calls.
func callerOf(h http.Header) (consumer, purpose string) {
	return h.Get(gateway.HeaderConsumer), h.Get(gateway.HeaderPurpose)
}

// offered puts what the hub does of the interaction patterns in front of a back end: callbacks are received, operations
// that do not block are worked later. The back end is nil for an e-service that only receives.
func (h *hub) offered(ente, exposure string, backEnd gateway.Doer) (gateway.Doer, error) {
	binding := h.config.Enti[ente].Exposes[exposure]
	recipe := h.config.Exposes[binding.Recipe]
	if recipe.Receiver() == "" && !interaction.NonBlocking(recipe) {
		return backEnd, nil
	}
	offer := interaction.Offer{
		Ente: ente, Environment: binding.Environment, Exposure: exposure, Recipe: recipe, URL: binding.BackEnd.URL,
		BackEnd: backEnd,
	}
	if recipe.Receiver() != "" {
		var err error
		if offer.BackEnd, err = h.awaiting.Receive(offer); err != nil {
			return nil, err
		}
	}
	if interaction.NonBlocking(recipe) {
		var err error
		if offer.BackEnd, err = h.interactions.Offer(offer); err != nil {
			return nil, err
		}
	}
	return offer.BackEnd, nil
}

// checkInteractions holds the operations that do not block, and those that receive callbacks, against the documents of their
// e-services.
func (a *app) checkInteractions(c *config.Config) []faultLine {
	var lines []faultLine
	for _, name := range slices.Sorted(maps.Keys(c.Exposes)) {
		if err := interaction.Fits(c.Exposes[name]); err != nil {
			lines = append(lines, faultLine{Message: name + ": " + a.say(err)})
		}
	}
	return lines
}

// callbackTo finds the callback of a consumer whose e-service an address belongs to, with the path below it.
func (h *hub) callbackTo(ente, exposure, consumer, replyTo string) (config.Callback, string, bool) {
	u, err := url.Parse(replyTo)
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return config.Callback{}, "", false
	}
	owner := h.config.Enti[ente]
	for _, callback := range owner.Exposes[exposure].Callbacks {
		binding := owner.Consumes[callback.Service]
		if callback.Consumer != consumer || binding == nil || binding.Environment != owner.Exposes[exposure].Environment {
			continue
		}
		base := h.config.Consumes[binding.Recipe].Environments[binding.Environment].URL
		if binding.URL != "" {
			base = binding.URL
		}
		if path, ok := strings.CutPrefix(u.String(), strings.TrimSuffix(base, "/")); ok && strings.HasPrefix(path, "/") && !strings.Contains(path, "/..") {
			return callback, path, true
		}
	}
	return config.Callback{}, "", false
}

// deliver sends a callback as the ente's own native call: voucher, patterns, guard, quota and evidence are its.
func (h *hub) deliver(ctx context.Context, c interaction.Callback) (int, error) {
	callback, path, ok := h.callbackTo(c.Ente, c.Exposure, c.Consumer, c.ReplyTo)
	if !ok {
		return 0, errors.New("the callback is not in the binding any more")
	}
	reply, err := h.out.Native(ctx, gateway.NativeCall{
		Caller:   gateway.Application{Ente: c.Ente, Name: callback.Applicazione},
		Servizio: callback.Service,
		Contesto: gateway.Contesto{
			Ente: c.Ente, Procedimento: callback.Procedimento, Pratica: c.ID,
			Operatore: gateway.Operatore{Tipo: "automatismo", UserID: callback.Operatore, Postazione: "snodo"},
		},
		Method: http.MethodPost, Path: path, Header: c.Header, Body: c.Body, RequestID: c.ID,
	})
	if err != nil {
		return 0, err
	}
	return reply.Status, nil
}
