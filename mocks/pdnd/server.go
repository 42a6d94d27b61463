// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package pdnd is a runnable stand-in for PDND Interoperabilità: the token endpoint,
// platform API v2 and v3 with the event feeds, tracing and the prober, over one small
// platform in memory.
//
// It owns the token endpoint, the platform's signing keys and the server that all the
// surfaces share; the state is mocks/pdnd/platform's, the API mocks/pdnd/m2m's. The true
// reason of a masked refusal stays inside, for tests and for the demonstration. It
// depends on mocks/* and the standard library, never on the packages it is a mirror of.
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
	"github.com/snodo-pa/snodo/mocks/pdnd/m2m"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
	"github.com/snodo-pa/snodo/mocks/pdnd/tracing"
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
	// PropagationDelay is how long the token endpoint does not know of a new key, a new
	// link or a first activation, see [Server.SetPropagationDelay].
	PropagationDelay time.Duration
	// EventRetention is how long events are kept; 30 days when zero.
	EventRetention time.Duration
	// TracingDelay is how long a submitted file stays PENDING.
	TracingDelay time.Duration
	// TracingZone is the server clock of tracing; UTC when nil.
	TracingZone *time.Location
}

// Server is the mock platform. It is safe for concurrent use.
type Server struct {
	*host.Host
	opts    Options
	ca      *privateca.CA
	limiter limiter
	proofs  seen.Set // jti of DPoP proofs
	world   *platform.Platform
	api     *m2m.API
	tracing *tracing.Service

	mu      sync.RWMutex
	signing []signingKey // the first one signs
	refusal *Refusal
	delay   time.Duration // of the authorizer's copy
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
	APIv3BaseURL      string // platform API v3, without a final slash
	TracingURL        string // tracing API, without a final slash
	M2MAudience       string // aud of API-client vouchers
}

// New makes a platform with an empty registry. It fails only when keys cannot be made.
func New(opts Options) (*Server, error) {
	opts = opts.withDefaults()
	s := &Server{opts: opts, delay: opts.PropagationDelay}
	s.limiter = limiter{limit: opts.RateLimit, interval: opts.RateInterval}
	s.world = platform.New(platform.Options{Clock: opts.Clock, Rand: opts.Rand, Retention: opts.EventRetention})
	s.api = m2m.New(m2m.Options{
		Platform: s.world, Verify: s.apiVoucher, Limit: s.limiter.take, Sign: s.sign, Issuer: opts.Issuer,
		BaseURL: func() string { return s.URL() }, Clock: opts.Clock, Rand: opts.Rand,
	})
	s.tracing = tracing.New(tracing.Options{
		Platform: s.world, Verify: s.apiVoucher, Clock: opts.Clock, Rand: opts.Rand, Delay: opts.TracingDelay, Zone: opts.TracingZone,
	})
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
	mux.HandleFunc("POST /token.oauth2.async", s.asyncToken)
	mux.HandleFunc("GET /.well-known/jwks.json", s.jwks)
	mux.HandleFunc("POST /_mock/clients/{id}/keys", s.postKey(s.AddClientKey))
	mux.HandleFunc("POST /_mock/keychains/{id}/keys", s.postKey(s.AddKeychainKey))
	mux.HandleFunc("DELETE /_mock/keys/{kid}", s.deleteKey)
	mux.HandleFunc("PUT /_mock/purposes/{id}/state", s.putState(s.SetPurposeState))
	mux.HandleFunc("PUT /_mock/agreements/{id}/state", s.putState(s.SetAgreementState))
	mux.HandleFunc("PUT /_mock/propagation", s.putPropagation)
	mux.HandleFunc("DELETE /_mock/events", s.purgeEvents)
	s.api.Register(mux)
	s.tracing.Register(mux, "/tracing")
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
		p.APIv3BaseURL = base + "/v3"
		p.TracingURL = base + "/tracing"
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

// SetPropagationDelay makes the token endpoint follow the platform so much later: a new
// key, a new link and a first activation are met with the masked 400 meanwhile.
func (s *Server) SetPropagationDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

func (s *Server) propagation() time.Duration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.delay
}

// Tracing returns the tracing service behind the server, to look at it.
func (s *Server) Tracing() *tracing.Service { return s.tracing }

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
