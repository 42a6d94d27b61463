// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/snodo-pa/snodo/conformance/internal/forge"
)

// Addresses are where the suite answers as PDND and as the e-service.
type Addresses struct {
	Base     string // without a final slash
	TokenURL string // PDND's token endpoint
	JWKS     string // PDND's public keys; those of the parties are at Base/keys/{kid} and Base/producerKeys/{kid}
	Eservice string // the e-service, for a consumer under test
	CA       []byte // PEM of the authority that issued the certificates of the parties
}

// peers is the server of the parties that the suite plays.
type peers struct {
	suite  *Suite
	server *http.Server
	base   string
	done   chan struct{}
	stage  atomic.Pointer[stage] // plays the e-service and the token endpoint; nil: nobody does
}

// openPeers starts to listen.
func (s *Suite) openPeers(ctx context.Context) (*peers, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", orDefault(s.config.Platform.Listen, "127.0.0.1:0"))
	if err != nil {
		return nil, misuse("platform.listen: %v", "platform.listen: %v", err)
	}
	p := &peers{suite: s, base: "http://" + listener.Addr().String(), done: make(chan struct{})}
	if s.config.Platform.URL != "" {
		p.base = strings.TrimRight(s.config.Platform.URL, "/")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/jwks.json", p.jwks)
	mux.HandleFunc("GET /keys/{kid}", p.key("clientId", clientKeys()...))
	mux.HandleFunc("GET /producerKeys/{kid}", p.key("producerKeychainId", "producer-keychain", "keychain"))
	mux.HandleFunc("POST /token.oauth2", p.played((*stage).serveTokens))
	mux.HandleFunc("/eservice/", p.played((*stage).serveEservice))
	mux.HandleFunc("/altrove/", p.played((*stage).serveElsewhere))
	p.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() {
		defer close(p.done)
		_ = p.server.Serve(listener) // ends with ErrServerClosed
	}()
	return p, nil
}

// clientKeys are the keys that PDND publishes for clients, each with its owner.
func clientKeys() []string {
	return []string{
		"client", "client", "client-ec", "client", "client-ec384", "client", "client-ec521", "client", "consumer", "client",
		"other-client", "other-client",
	}
}

func (p *peers) close() error {
	err := p.server.Close()
	<-p.done
	if err != nil {
		return fmt.Errorf("stop listening: %w", err)
	}
	return nil
}

// Addresses tells where the suite answers; empty when it plays nobody.
func (s *Suite) Addresses() (Addresses, error) {
	if s.peers == nil {
		return Addresses{}, nil
	}
	ca, _, err := s.world.Authority("root")
	if err != nil {
		return Addresses{}, err
	}
	base := s.peers.base
	return Addresses{
		Base: base, TokenURL: base + "/token.oauth2", JWKS: base + "/.well-known/jwks.json", Eservice: base + "/eservice",
		CA: pemCertificate(ca.Raw),
	}, nil
}

// Claims are what the vouchers and tokens say that the suite signs: a service that expects
// something else refuses them. Empty when the suite is not PDND.
func (s *Suite) Claims() []Setting {
	if s.peers == nil {
		return nil
	}
	var out []Setting
	for _, one := range [][2]string{
		{"aud", "audience"},
		{"iss", "issuer"},
		{"client_id", "client"},
		{"purposeId", "purpose"},
		{"consumerId", "consumer"},
		{"producerId", "producer"},
		{"eserviceId", "eservice"},
		{"descriptorId", "descriptor"},
	} {
		out = append(out, Setting{Name: one[0], Value: s.world.Names[one[1]]})
	}
	return out
}

// SetTarget points the suite at the party under test, when its address is known only
// after that of the suite. Call it before Run.
func (s *Suite) SetTarget(address string) {
	s.config.Target, s.report.Target = address, addressOnly(address)
}

// take says who plays the e-service and the token endpoint from now on; nil: nobody.
func (p *peers) take(s *stage) { p.stage.Store(s) }

// played hands a request to whoever plays now.
func (p *peers) played(serve func(*stage, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := p.stage.Load()
		if now == nil {
			http.Error(w, "nobody plays this now", http.StatusServiceUnavailable)
			return
		}
		serve(now, w, r)
	}
}

func (p *peers) jwks(w http.ResponseWriter, _ *http.Request) {
	set, err := p.suite.jwks("platform")
	p.write(w, set, err)
}

// key answers as PDND does about the key of a party: owners are pairs of a name of the
// forge and the name of its owner.
func (p *peers) key(member string, owners ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for pair := range slices.Chunk(owners, 2) {
			k, err := p.suite.world.Key(pair[0])
			if err != nil || k.KID != r.PathValue("kid") {
				continue
			}
			jwk, err := publicJWK(k)
			if err != nil {
				p.write(w, nil, err)
				return
			}
			body, err := json.Marshal(map[string]any{member: p.suite.world.Names[pair[1]], "jwk": jwk})
			p.write(w, body, err)
			return
		}
		http.NotFound(w, r)
	}
}

func (p *peers) write(w http.ResponseWriter, body []byte, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

// jwks is a set with the public keys of those names.
func (s *Suite) jwks(names ...string) ([]byte, error) {
	list := []json.RawMessage{}
	for _, name := range names {
		k, err := s.world.Key(name)
		if err != nil {
			return nil, err
		}
		jwk, err := publicJWK(k)
		if err != nil {
			return nil, err
		}
		list = append(list, jwk)
	}
	return json.Marshal(map[string]any{"keys": list})
}

func publicJWK(k *forge.Key) (json.RawMessage, error) {
	jwk, err := forge.PublicJWK(k.Signer.Public())
	if err != nil {
		return nil, err
	}
	jwk["kid"], jwk["use"] = k.KID, "sig"
	return json.Marshal(jwk)
}

// Key is the public key that the suite signs with as a party: client, other-client,
// platform, producer-keychain and the others of its table.
func (s *Suite) Key(name string) (crypto.PublicKey, string, error) {
	k, err := s.world.Key(name)
	if err != nil {
		return nil, "", err
	}
	return k.Signer.Public(), k.KID, nil
}

// readAll reads the body of a request to the suite.
func readAll(r *http.Request) []byte {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxReply))
	if err != nil {
		return nil
	}
	return body
}
