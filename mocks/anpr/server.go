// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package anpr is a runnable stand-in for the e-services of ANPR: those that answer a
// record, those that compare with it and those that do so for many ([Catalogue]), over
// one invented population, so that all agree with one another.
//
// It owns the ModI verification of a real GovWay producer, the business rules of
// operation E002, quotas and the two indicators of anomalous use. Refusals are as
// generic on the wire as the real ones; the true reason stays inside for tests and for
// the demonstration. It depends on mocks/internal/* and the standard library, never on
// the packages it is a mirror of.
package anpr

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
	_ "time/tzdata" // quotas and indicators follow the clock of Rome, also on machines without zone files

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/privateca"
	"github.com/snodo-pa/snodo/mocks/internal/producer"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// DefaultQuota is how many calls a day a client may make for a purpose.
const DefaultQuota = 15000

// ErrKeyUnknown is what a [KeyLookup] returns when no client has that kid. Any other
// error means that nobody knows.
var ErrKeyUnknown = producer.ErrKeyUnknown

// KeyLookup finds the owner and the key of a consumer's kid on PDND.
type KeyLookup = producer.KeyLookup

// Service is one of the e-services, as registered on PDND.
type Service struct {
	CasoUso       string // "C030"; of a massive one the name of its row, "M030"
	Path          string // base path, without a final slash
	Audience      string // expected in vouchers and tokens
	EserviceID    string
	DescriptorIDs []string
}

// Options configure a [Server]. JWKSURL, Keys, Issuer, ProducerID and Services have no
// default.
type Options struct {
	// Clock is the time of the registry; time.Now when nil.
	Clock func() time.Time
	// Rand is the source of identifiers; crypto/rand when nil.
	Rand io.Reader
	// Issuer of the vouchers accepted.
	Issuer string
	// JWKSURL returns the address of the platform's keys. It is asked when a voucher has
	// to be verified, because an address may not be known before everything has started.
	JWKSURL func() string
	// Keys finds the keys of consumers.
	Keys KeyLookup
	// ProducerID is the tenant that answers; it signs as iss and sub.
	ProducerID string
	// Services are the e-services to serve.
	Services []Service
	// SigningKey signs the answers; generated when nil (RSA 2048). Its public half must
	// be registered in the producer keychain, see [Server.PublicKeyPEM].
	SigningKey *rsa.PrivateKey
	// Quota of calls a day per client, purpose and e-service; [DefaultQuota] when zero.
	Quota int
	// FutureTolerance for iat and nbf; 5 s when zero, as the real gateway.
	FutureTolerance time.Duration
	// People who are registered; [People] and a [Population] when nil.
	People []Person
	// Outages are when the registry does not answer as it should.
	Outages []Outage
	// MassiveAfter is how long a massive request takes; two minutes when zero.
	MassiveAfter time.Duration
	// PlainHTTP serves without TLS. Otherwise HTTPS with a private CA is served.
	PlainHTTP bool
	// ClientCertificates asks callers for a certificate of the private CA.
	ClientCertificates bool
}

// Server is the mock registry. It is safe for concurrent use.
type Server struct {
	*host.Host
	opts       Options
	kid        string
	ca         *privateca.CA
	rome       *time.Location
	gate       *producer.Gate
	signer     *producer.Signer
	quota      *producer.Quota
	sequence   sequence
	operations counter
	indicators indicators
	jobs       jobs
	outages    schedule
}

// New makes a registry. It fails when an option without default is missing or a key
// cannot be made.
func New(opts Options) (*Server, error) {
	if opts.JWKSURL == nil || opts.Keys == nil || opts.Issuer == "" || opts.ProducerID == "" || len(opts.Services) == 0 {
		return nil, errors.New("anpr mock: JWKSURL, Keys, Issuer, ProducerID and Services are needed")
	}
	opts = opts.withDefaults()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, fmt.Errorf("load the time zone of Rome: %w", err)
	}
	if opts.SigningKey == nil {
		if opts.SigningKey, err = rsa.GenerateKey(opts.Rand, 2048); err != nil {
			return nil, fmt.Errorf("generate the key of the answers: %w", err)
		}
	}
	s := &Server{opts: opts, rome: rome}
	if err := s.outages.put(opts.Outages); err != nil {
		return nil, err
	}
	s.gate = producer.NewGate(producer.Options{
		Clock: opts.Clock, Rand: opts.Rand, Realm: "ANPR", Issuer: opts.Issuer, JWKSURL: opts.JWKSURL, Keys: opts.Keys,
		Future: opts.FutureTolerance,
	})
	s.quota = producer.NewQuota(opts.Quota)
	if s.kid, err = rules.Thumbprint(&opts.SigningKey.PublicKey); err != nil {
		return nil, err
	}
	s.signer = &producer.Signer{
		Clock: opts.Clock, Rand: opts.Rand, Key: opts.SigningKey, Kid: s.kid, ProducerID: opts.ProducerID,
	}
	var tlsConfig *tls.Config
	if !opts.PlainHTTP {
		if s.ca, err = privateca.New(opts.Rand, "Snodo mock ANPR CA"); err != nil {
			return nil, err
		}
		if tlsConfig, err = s.ca.Server(opts.ClientCertificates); err != nil {
			return nil, err
		}
	}
	s.Host = host.New(s.routes(), tlsConfig, opts.Clock)
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	o.Rand = rules.Locked(o.Rand)
	if o.Quota == 0 {
		o.Quota = DefaultQuota
	}
	if o.MassiveAfter == 0 {
		o.MassiveAfter = 2 * time.Minute
	}
	if o.FutureTolerance == 0 {
		o.FutureTolerance = 5 * time.Second
	}
	if o.People == nil {
		o.People = append(People(), Population(DefaultSeed, DefaultSize)...)
	}
	o.Services = slices.Clone(o.Services)
	return o
}

// admission is what a request to an e-service of ANPR must carry: both patterns.
func (s *Server) admission(service Service) producer.Service {
	return producer.Service{
		Audience: service.Audience, ProducerID: s.opts.ProducerID, EserviceID: service.EserviceID,
		DescriptorIDs: service.DescriptorIDs, Integrity: true, Audit: true,
	}
}

// routes lists everything the registry answers.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, service := range s.opts.Services {
		if r, ok := rowOf(service.CasoUso); ok && r.kind == massive {
			s.massiveRoutes(mux, service, r)
		} else {
			mux.HandleFunc("POST "+service.Path+"/anpr-service-e002", func(w http.ResponseWriter, r *http.Request) {
				s.e002(w, r, service)
			})
		}
		mux.HandleFunc("GET "+service.Path+"/status", s.status)
	}
	mux.HandleFunc("GET /_mock/anomalies", func(w http.ResponseWriter, _ *http.Request) {
		host.JSON(w, http.StatusOK, "application/json", s.Anomalies())
	})
	mux.HandleFunc("GET /_mock/outages", func(w http.ResponseWriter, _ *http.Request) {
		host.JSON(w, http.StatusOK, "application/json", s.outages.active())
	})
	mux.HandleFunc("PUT /_mock/outages", s.putOutages)
	mux.HandleFunc("/", s.unknown)
	return s.outage(mux)
}

// CAPEM returns the certificate of the private CA, or nil with Options.PlainHTTP.
func (s *Server) CAPEM() []byte {
	if s.ca == nil {
		return nil
	}
	return s.ca.PEM()
}

// IssueClientCertificate returns a certificate of the private CA and its key, in PEM,
// for a server that asks for one.
func (s *Server) IssueClientCertificate(name string) (certPEM, keyPEM []byte, err error) {
	if s.ca == nil {
		return nil, nil, errors.New("a server over plain HTTP has no certificates")
	}
	return s.ca.Client(name)
}

// Kid returns the kid of the answers: the thumbprint of the signing key.
func (s *Server) Kid() string { return s.kid }

// PublicKeyPEM returns the public key of the answers, as PDND wants it uploaded.
func (s *Server) PublicKeyPEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(&s.opts.SigningKey.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("encode the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
