// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package ambiente starts the mocks together as one coherent, invented world: PDND, ANPR,
// the registries that are described as data and the back ends of two enti that expose stato-istanza, with a third administration
// that consumes it.
//
// It owns the identifiers of that world. The keys of the hub under test come from
// outside: register their public halves with [pdnd.Server.AddClientKey] and
// [pdnd.Server.AddKeychainKey] on the PDND of the world.
package ambiente

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/mocks/procedure"
	"github.com/snodo-pa/snodo/mocks/scripted"
	"github.com/snodo-pa/snodo/mocks/siope"
)

// Options configure an [Ambiente]. The zero value is good for tests.
type Options struct {
	// Clock and Rand are handed to every mock.
	Clock func() time.Time
	Rand  io.Reader
	// BasePort, when not zero, is the port of PDND on 127.0.0.1; ANPR takes the next one,
	// the back ends those after it, then the other registries, the back ends of what is
	// offered and the proxy of the Unione. Otherwise every mock takes a free port.
	BasePort int
	// Addresses are those of an earlier world, by name, which its mocks take again; of BasePort the others take the next that
	// are none of these. Without a BasePort an address that somebody has meanwhile gives way to a free one.
	Addresses map[string]string
	// ClientCertificates makes ANPR ask for a certificate of its private CA.
	ClientCertificates bool
	// Quota of ANPR; its default when zero.
	Quota int
	// Scripts are the registries described as data; [scripted.Builtin] when nil.
	Scripts []scripted.Script
	// Offered are the e-services that both enti expose beside stato-istanza.
	Offered []Offered
	// Hub gives the base address of the hub under test, to which the proxy of the Unione
	// sends what it is asked; nil means no proxy. It is asked at each request.
	Hub func() string
}

// Ambiente is the world. Its fields are ready after [New] and have addresses after
// [Ambiente.Start].
type Ambiente struct {
	PDND       *pdnd.Server
	ANPR       *anpr.Server
	Registries *scripted.Server                   // those described as data
	Procedures map[string]*procedure.Server       // by codice IPA
	BackEnds   map[string]*scripted.BackEndServer // of what is offered, by name
	SIOPE      *siope.Server                      // of the first ente
	Caller     *fruitore.Proxy                    // the Unione for plain HTTP clients; nil without a hub

	opts      Options
	unioneKey *rsa.PrivateKey
	unioneKid string
}

// New makes the world and registers it on its PDND.
func New(opts Options) (*Ambiente, error) {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.Reader
	}
	a := &Ambiente{opts: opts, Procedures: make(map[string]*procedure.Server)}
	var err error
	if a.PDND, err = pdnd.New(pdnd.Options{Clock: opts.Clock, Rand: opts.Rand}); err != nil {
		return nil, err
	}
	if a.ANPR, err = anpr.New(a.anprOptions()); err != nil {
		return nil, err
	}
	if err := a.makeRegistries(); err != nil {
		return nil, err
	}
	for _, e := range Enti() {
		a.Procedures[e.CodiceIPA] = procedure.New(procedure.Options{Clock: opts.Clock})
	}
	if err := a.makeBackEnds(); err != nil {
		return nil, err
	}
	if err := a.makeSIOPE(); err != nil {
		return nil, err
	}
	if opts.Hub != nil {
		a.Caller = fruitore.NewProxy(opts.Hub, fruitore.World{Consumer: a.consumer, Known: a.callable}, opts.Clock)
	}
	if a.unioneKey, err = rsa.GenerateKey(opts.Rand, 2048); err != nil {
		return nil, fmt.Errorf("generate the key of the Unione: %w", err)
	}
	if err := a.register(); err != nil {
		return nil, fmt.Errorf("register the world on the mock PDND: %w", err)
	}
	return a, nil
}

func (a *Ambiente) anprOptions() anpr.Options {
	return anpr.Options{
		Clock:      a.opts.Clock,
		Rand:       a.opts.Rand,
		Issuer:     a.PDND.Profile().Issuer,
		JWKSURL:    func() string { return a.PDND.Profile().JWKSURL },
		ProducerID: MinisteroTenantID,
		Keys: func(_ context.Context, kid string) (string, *rsa.PublicKey, error) {
			client, key, ok := a.PDND.ClientKey(kid)
			if !ok {
				return "", nil, anpr.ErrKeyUnknown
			}
			return client, key, nil
		},
		Services:           anprServices(),
		Quota:              a.opts.Quota,
		ClientCertificates: a.opts.ClientCertificates,
	}
}

// Start starts every mock. When one cannot start, those already started are stopped.
func (a *Ambiente) Start(ctx context.Context) error {
	before, port := a.opts.Addresses, a.opts.BasePort
	known := slices.Collect(maps.Values(before))
	var errs []error
	for _, s := range a.servers() {
		addr := before[s.name]
		for addr == "" && port != 0 {
			if next := net.JoinHostPort("127.0.0.1", strconv.Itoa(port)); !slices.Contains(known, next) {
				addr = next
			}
			port++
		}
		err := s.Start(ctx, addr)
		if err != nil && addr != "" && a.opts.BasePort == 0 { // somebody has it meanwhile, and any will do
			err = s.Start(ctx, "")
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return errors.Join(err, a.Close())
	}
	return nil
}

// Addresses are those of the mocks, host:port, by name.
func (a *Ambiente) Addresses() map[string]string {
	all := map[string]string{}
	for _, s := range a.servers() {
		all[s.name] = s.Addr()
	}
	return all
}

// Close stops every mock.
func (a *Ambiente) Close() error {
	var errs []error
	for _, s := range a.servers() {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// served is a mock under its name.
type served struct {
	name string
	server
}

type server interface {
	Start(ctx context.Context, addr string) error
	Addr() string
	Close() error
}

// servers are the mocks in the order in which they take their ports.
func (a *Ambiente) servers() []served {
	all := []served{{"pdnd", a.PDND}, {"anpr", a.ANPR}}
	for _, e := range Enti() {
		all = append(all, served{"istanze " + e.CodiceIPA, a.Procedures[e.CodiceIPA]})
	}
	all = append(all, served{"registri", a.Registries})
	for _, name := range slices.Sorted(maps.Keys(a.BackEnds)) {
		all = append(all, served{"gestionale " + name, a.BackEnds[name]})
	}
	if a.Caller != nil {
		all = append(all, served{"unione", a.Caller})
	}
	return append(all, served{"siope", a.SIOPE})
}

// Unione returns the third administration as a consumer of the stato-istanza of an ente.
// Its key is registered already. Call it after [Ambiente.Start].
func (a *Ambiente) Unione(e Ente) *fruitore.Client {
	profile := a.PDND.Profile()
	return fruitore.New(fruitore.Options{
		Clock:             a.opts.Clock,
		Rand:              a.opts.Rand,
		TokenURL:          profile.TokenURL,
		AssertionAudience: profile.AssertionAudience,
		ClientID:          UnioneClientID,
		PurposeID:         e.PurposeUnione,
		Audience:          e.Audience,
		Key:               a.unioneKey,
		Kid:               a.unioneKid,
	})
}

func publicPEM(key *rsa.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
