// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/segnatura"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// backEnd is the procedure of an exposed e-service: a view, or one that is reached over the network or over a Unix socket,
// with the network setting of its binding, else of its ente. Without one the hub itself answers: callbacks.
func (h *hub) backEnd(ente, exposure string) (gateway.Doer, error) {
	behind, err := h.view(ente, exposure)
	owner := h.config.Enti[ente]
	b := owner.Exposes[exposure].BackEnd
	if err != nil || behind != nil || b.URL == "" {
		return behind, err
	}
	client, err := h.clients.BackEnd(b.Socket, b.Rete, owner.Rete)
	if err != nil {
		return nil, err
	}
	return h.telling(ente, exposure, client)
}

// front puts in front of a procedure what the hub does itself: the check of a segnatura, and the interaction patterns.
func (h *hub) front(ente, exposure string, behind gateway.Doer) (gateway.Doer, error) {
	binding := h.config.Enti[ente].Exposes[exposure]
	checked, err := segnatura.Receive(behind, h.config.Exposes[binding.Recipe], ente, binding.BackEnd.URL)
	if err != nil {
		return nil, err
	}
	return h.offered(ente, exposure, checked)
}

// telling has a back end told who calls, as its binding says.
func (h *hub) telling(ente, exposure string, client *outbound.Client) (gateway.Doer, error) {
	x := h.config.Enti[ente].Exposes[exposure]
	mode := x.BackEnd.Identity
	if mode != config.IdentityJWT && mode != config.IdentityBoth {
		return client, nil
	}
	key := func() (token.SigningKey, error) { return h.ring.Identity(ente) }
	if _, err := key(); err != nil {
		return nil, err
	}
	return &gateway.Telling{
		Next: client, Ente: ente, Environment: x.Environment, Service: x.Recipe,
		Audience: strings.TrimRight(x.BackEnd.URL, "/"), Plain: mode == config.IdentityBoth, Key: key, Clock: h.app.clock,
	}, nil
}

// certificatesOf opens the trust store of an exposed e-service. What revokes certificates is
// fetched over the network of the ente, else of the hub, and remembered for all of its stores.
func (h *hub) certificatesOf(ente, exposure string) (modi.CertificateResolver, error) {
	owner := h.config.Enti[ente]
	f := owner.Exposes[exposure].Fiducia
	if h.sources == nil {
		h.sources = map[string]*trust.Sources{}
	}
	if h.sources[ente] == nil {
		client, err := h.clients.For(owner.Rete, h.config.Hub.Rete)
		if err != nil {
			return nil, fmt.Errorf("ente %s: %w", ente, err)
		}
		h.sources[ente] = trust.NewSources(client, h.app.clock)
	}
	return h.sources[ente].Open(trustConfig(*f), h.config.Path)
}

func trustConfig(f config.Fiducia) trust.Config {
	return trust.Config{
		CA: f.CA, Intermediates: f.Intermedie, Pins: f.Pins, Revoca: trust.Revocation(f.Revoca), CRL: f.CRL, X5UHost: f.X5UHost,
	}
}

// identityKeys are the published keys with which an ente tells its back ends who calls: none
// where it has none.
func (h *hub) identityKeys(ente string) ([]modi.Key, error) {
	previous, err := h.ring.PreviousIdentities(ente)
	if err != nil {
		return nil, err
	}
	current, err := h.ring.Identity(ente)
	if errors.Is(err, keys.ErrNotFound) {
		return previous, nil
	}
	if err != nil {
		return nil, err
	}
	return append([]modi.Key{{KID: current.KID, Owner: ente, Public: current.Signer.Public()}}, previous...), nil
}
