// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package pdnd is a runnable stand-in for PDND Interoperabilità: the token endpoint, the
// key registry and the part of platform API v2 that a gateway needs.
//
// It owns a registry of tenants, e-services, purposes, clients, producer keychains and
// keys in memory, and applies to every request the rules the real platform applies, with
// the same masked errors. The true reason of a refusal stays inside, for tests and for
// the demonstration. It depends on mocks/internal/* and the standard library, never on
// the packages it is a mirror of.
package pdnd

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/privateca"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/internal/seen"
)

// Options configure a [Server]. The zero value is good for tests.
type Options struct {
	// Clock is the time of the platform; time.Now when nil.
	Clock func() time.Time
	// Rand is the source of identifiers; crypto/rand when nil.
	Rand io.Reader
	// Issuer of vouchers; "interop.locale.invalid" when empty.
	Issuer string
	// AssertionAudience expected in client assertions;
	// "auth.interop.locale.invalid/client-assertion" when empty.
	AssertionAudience string
	// M2MAudience of the vouchers for the platform's own API;
	// "interop.locale.invalid/m2m" when empty.
	M2MAudience string
	// M2MLifespan of those vouchers; 600 s when zero.
	M2MLifespan time.Duration
	// LenientClaims tolerates unknown members in assertions, as the platform did before
	// 2025. nbf is then honoured instead of refused.
	LenientClaims bool
	// RateLimit is how many requests a tenant may make in RateInterval; 1000 per second
	// when zero.
	RateLimit    int
	RateInterval time.Duration
	// SigningKey signs vouchers; generated when nil (RSA 2048).
	SigningKey *rsa.PrivateKey
	// TLS serves HTTPS with a private CA, see [Server.CAPEM].
	TLS bool
}

// Server is the mock platform. It is safe for concurrent use.
type Server struct {
	*host.Host
	opts    Options
	ca      *privateca.CA
	limiter limiter
	proofs  seen.Set // jti of DPoP proofs

	mu      sync.RWMutex
	world   world
	signing []signingKey // the first one signs
	refusal *Refusal
}

type signingKey struct {
	kid string
	key *rsa.PrivateKey
}

// Profile is what a client of this platform must be configured with: the addresses and
// names of one environment, together.
type Profile struct {
	Issuer            string // iss of vouchers
	TokenURL          string // token endpoint
	AssertionAudience string // aud of client assertions
	JWKSURL           string // public keys of the platform
	DPoPHTU           string // htu of proofs at the token endpoint
	APIBaseURL        string // platform API v2, without a final slash
	M2MAudience       string // aud of API-client vouchers
}

// New makes a platform with an empty registry. It fails only when keys cannot be made.
func New(opts Options) (*Server, error) {
	opts = opts.withDefaults()
	s := &Server{opts: opts, world: newWorld()}
	s.limiter = limiter{limit: opts.RateLimit, interval: opts.RateInterval}
	if err := s.addSigningKey(opts.SigningKey); err != nil {
		return nil, err
	}
	var tlsConfig *tls.Config
	if opts.TLS {
		ca, err := privateca.New(opts.Rand, "Snodo mock PDND CA")
		if err != nil {
			return nil, err
		}
		if tlsConfig, err = ca.Server(false); err != nil {
			return nil, err
		}
		s.ca = ca
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
	if o.Issuer == "" {
		o.Issuer = "interop.locale.invalid"
	}
	if o.AssertionAudience == "" {
		o.AssertionAudience = "auth.interop.locale.invalid/client-assertion"
	}
	if o.M2MAudience == "" {
		o.M2MAudience = "interop.locale.invalid/m2m"
	}
	if o.M2MLifespan == 0 {
		o.M2MLifespan = 600 * time.Second
	}
	if o.RateLimit == 0 {
		o.RateLimit = 1000
	}
	if o.RateInterval == 0 {
		o.RateInterval = time.Second
	}
	return o
}

// routes lists everything the platform answers.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token.oauth2", s.token)
	mux.HandleFunc("GET /.well-known/jwks.json", s.jwks)
	mux.HandleFunc("GET /v2/keys/{kid}", s.platform(s.getKey))
	mux.HandleFunc("GET /v2/producerKeys/{kid}", s.platform(s.getProducerKey))
	mux.HandleFunc("GET /v2/clients/{id}", s.platform(s.getClient))
	mux.HandleFunc("GET /v2/producerKeychains/{id}", s.platform(s.getKeychain))
	mux.HandleFunc("POST /_mock/clients/{id}/keys", s.postKey(s.AddClientKey))
	mux.HandleFunc("POST /_mock/keychains/{id}/keys", s.postKey(s.AddKeychainKey))
	mux.HandleFunc("DELETE /_mock/keys/{kid}", s.deleteKey)
	return mux
}

// Profile returns the environment of this platform. Addresses are empty before the first
// start.
func (s *Server) Profile() Profile {
	base := s.URL()
	p := Profile{
		Issuer:            s.opts.Issuer,
		AssertionAudience: s.opts.AssertionAudience,
		M2MAudience:       s.opts.M2MAudience,
	}
	if base != "" {
		p.TokenURL = base + "/token.oauth2"
		p.JWKSURL = base + "/.well-known/jwks.json"
		p.DPoPHTU = p.TokenURL
		p.APIBaseURL = base + "/v2"
	}
	return p
}

// CAPEM returns the private CA of a server made with Options.TLS, otherwise nil.
func (s *Server) CAPEM() []byte {
	if s.ca == nil {
		return nil
	}
	return s.ca.PEM()
}

// RotateKey makes a new key for vouchers and publishes it. The earlier keys stay in the
// JWKS when keep is set, otherwise they disappear at once and their vouchers with them.
// It returns the new kid.
func (s *Server) RotateKey(keep bool) (string, error) {
	if err := s.addSigningKey(nil); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !keep {
		s.signing = s.signing[:1:1]
	}
	return s.signing[0].kid, nil
}

func (s *Server) addSigningKey(key *rsa.PrivateKey) error {
	if key == nil {
		var err error
		if key, err = rsa.GenerateKey(s.opts.Rand, 2048); err != nil {
			return fmt.Errorf("generate the key of the platform: %w", err)
		}
	}
	kid, err := rules.UUID(s.opts.Rand)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signing = append([]signingKey{{kid: kid, key: key}}, s.signing...)
	return nil
}
