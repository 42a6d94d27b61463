// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// lookup names who asks PDND for the keys of consumers, and where.
type lookup struct{ ente, environment string }

// lookups gives the API client with which each exposing ente asks PDND for keys.
func (h *hub) lookups() (map[lookup]pdnd.Credentials, error) {
	all := map[lookup]pdnd.Credentials{}
	for codice, ente := range h.config.Enti {
		for environment := range ente.APIClients {
			client, err := h.ring.APIClient(codice, environment)
			if err != nil {
				return nil, bilingual.Errorf("ente %s, client API di %s: %w", "ente %s, API client of %s: %w", codice, environment, err)
			}
			credentials := pdnd.Credentials{ClientID: client.ID, Key: client.Assertion, DPoP: client.DPoP, Ente: codice}
			if ente.Rete != nil { // otherwise the network of the hub, which the platform knows
				credentials.HTTP, err = h.clients.For(ente.Rete)
				if err != nil {
					return nil, fmt.Errorf("ente %s: %w", codice, err)
				}
			}
			all[lookup{codice, environment}] = credentials
		}
	}
	return all, nil
}

// inUse gives credentials the keys that the API client has now.
func (h *hub) inUse(c pdnd.Credentials, ente, environment string) pdnd.Credentials {
	if client, err := h.ring.APIClient(ente, environment); err == nil {
		c.Key, c.DPoP = client.Assertion, client.DPoP
	}
	return c
}

// openIn builds the exposed side.
func (h *hub) openIn(context.Context) error {
	lookups, err := h.lookups()
	if err != nil {
		return err
	}
	h.in, err = gateway.NewIn(gateway.InDeps{
		Config: h.config, Log: h.evidence, Replay: h.replay,
		VoucherKeys: func(environment string) modi.KeyResolver { return h.platforms[environment].VoucherKeys() },
		ConsumerKeys: func(ente, environment, client string) modi.KeyResolver {
			return h.platforms[environment].ConsumerKeysFor(h.inUse(lookups[lookup{ente, environment}], ente, environment), client)
		},
		Keychain: func(ente, name string) (token.SigningKey, error) {
			chain, err := h.ring.Keychain(ente, name)
			return chain.Key, err
		},
		BackEnd: h.backEnd, Front: h.front, Certificates: h.certificatesOf,
		MayCall: h.mayCall, Ended: h.countCall,
		Stands: func(environment string, v *voucher.Voucher) error { // the follower opens after this
			return h.follower.Standings().Stands(environment, v)
		},
		Clock: h.app.clock, Rand: h.app.rand, Ledger: h.ledger, Logger: h.logger,
		Deadline: h.config.Hub.Limits.Request, Observer: h.gatewayObserver(),
	})
	return err
}
