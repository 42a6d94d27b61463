// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package rete turns the network settings of the configuration (`rete`: private
// roots, client certificate, proxy, source address) into outbound clients.
//
// It owns the reading of those files and keeps one client, and so one pool of
// connections, per distinct setting. It depends on config, outbound and keys, and opens
// no connection itself.
package rete

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/outbound"
)

// Clients hands out outbound clients. It is safe for concurrent use.
type Clients struct {
	config *config.Config
	base   outbound.Settings

	mu   sync.Mutex
	open map[route]*outbound.Client
}

// route is one way out: a network setting and, towards a back end, the socket that it is behind.
type route struct {
	config.Rete
	backEnd bool
	socket  string
}

// backEndWait is how long a back end may be silent before it answers: longer than any deadline that may be set for one,
// so that the deadline of the call decides.
const backEndWait = 15 * time.Minute

// New reads the egress policy of the configuration. base gives what rete does not set
// (timeouts, bounds, clock); its Egress, CA, ClientCertificate, Proxy and LocalIP are
// replaced.
func New(c *config.Config, base outbound.Settings) (*Clients, error) {
	base.Egress = outbound.Egress{}
	var faults []error
	for _, text := range c.Hub.Egress.AllowPrivate {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("egress.allowPrivate: %q is not a CIDR prefix", text))
			continue
		}
		base.Egress.AllowPrivate = append(base.Egress.AllowPrivate, prefix.Masked())
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Clients{config: c, base: base, open: make(map[route]*outbound.Client)}, nil
}

// For returns the client for the first setting that is not nil, so that callers list
// a binding's rete before its ente's; without any it is the client with the system's
// roots and no proxy. Errors name the faulty key and file.
func (c *Clients) For(settings ...*config.Rete) (*outbound.Client, error) {
	return c.client(route{}, settings)
}

// BackEnd is For a procedure of the ente, which may listen on a Unix socket and may think for as long as the deadline of
// the call allows.
func (c *Clients) BackEnd(socket string, settings ...*config.Rete) (*outbound.Client, error) {
	return c.client(route{backEnd: true, socket: socket}, settings)
}

func (c *Clients) client(chosen route, settings []*config.Rete) (*outbound.Client, error) {
	for _, s := range settings {
		if s != nil {
			chosen.Rete = *s
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if client, ok := c.open[chosen]; ok {
		return client, nil
	}
	s, err := c.settings(chosen.Rete)
	if err != nil {
		return nil, err
	}
	if chosen.backEnd {
		s.HeaderTimeout = backEndWait
	}
	if s.Socket = chosen.socket; s.Socket != "" {
		s.Proxy, s.LocalIP = nil, netip.Addr{} // of the ente's network, which the socket does not cross
	}
	client, err := outbound.New(s)
	if err != nil {
		return nil, fmt.Errorf("rete: %w", err)
	}
	c.open[chosen] = client
	return client, nil
}

// Close drops the idle connections of every client.
func (c *Clients) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, client := range c.open {
		client.Close()
	}
}

// settings reads the files that r names. All faults are reported at once.
func (c *Clients) settings(r config.Rete) (outbound.Settings, error) {
	s := c.base
	s.CA, s.ClientCertificate, s.Proxy, s.LocalIP = nil, nil, nil, netip.Addr{}
	var faults []error
	fault := func(key string, err error) {
		if err != nil {
			faults = append(faults, fmt.Errorf("rete.%s: %w", key, err))
		}
	}
	var err error
	if r.CA != "" {
		s.CA, err = os.ReadFile(c.config.Path(r.CA))
		fault("ca", err)
	}
	if r.CertificatoClient != "" {
		s.ClientCertificate, err = clientCertificate(c.config.Path(r.CertificatoClient))
		fault("certificato_client", err)
	}
	if r.Proxy != "" {
		s.Proxy, err = url.Parse(r.Proxy)
		if err != nil {
			err = errors.New("not a URL") // url.Parse's own error repeats a password in it
		}
		fault("proxy", err)
	}
	if r.IPUscita != "" {
		s.LocalIP, err = netip.ParseAddr(r.IPUscita)
		fault("ip_uscita", err)
	}
	return s, errors.Join(faults...)
}

// clientCertificate reads a PEM file that holds the certificate chain and its key, and
// is held to the rules of key files.
func clientCertificate(path string) (*tls.Certificate, error) {
	data, err := keys.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(data, data)
	if err != nil {
		return nil, fmt.Errorf("%s: expected a certificate and its private key in PEM", path)
	}
	return &pair, nil
}
