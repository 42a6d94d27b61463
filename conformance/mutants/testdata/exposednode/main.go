// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Command exposednode is the exposed side of the hub, internal/gateway alone, as a small
// process: its terms come as JSON on standard input, its address goes to standard output,
// and it ends when its standard input does. It keeps nothing: evidence and used tokens live
// in memory.
package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

// terms are what the node must know.
type terms struct {
	Suite      string `json:"suite"` // base address of who plays PDND
	Key        []byte `json:"key"`   // PEM of the producer keychain's key
	Audience   string `json:"audience"`
	Issuer     string `json:"issuer"`
	Producer   string `json:"producer"`
	EserviceID string `json:"eservice_id"`
	Descriptor string `json:"descriptor"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "exposednode:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var t terms
	if err := json.NewDecoder(in).Decode(&t); err != nil {
		return fmt.Errorf("read the terms: %w", err)
	}
	node, err := t.node()
	if err != nil {
		return err
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Fprintln(out, "http://"+listener.Addr().String())
	server := &http.Server{Handler: handler(node), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, in) // until whoever started it has left
		_ = server.Close()
	}()
	_ = server.Serve(listener) // ends with ErrServerClosed
	return nil
}

// document is the contract of the one e-service.
const document = `
openapi: 3.0.3
info: {title: stato-istanza, version: 1.0.0}
paths:
  /ricerche:
    post:
      operationId: cerca
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, additionalProperties: false, required: [istanza], properties: {istanza: {type: string, maxLength: 24}}}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object, required: [stato], properties: {stato: {type: string}}}}}}
`

// node puts the exposed side together.
func (t terms) node() (*gateway.In, error) {
	block, _ := pem.Decode(t.Key)
	if block == nil {
		return nil, errors.New("key: no PEM")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, errors.New("key: it does not sign")
	}
	kid, err := token.Thumbprint(signer.Public())
	if err != nil {
		return nil, err
	}
	started := time.Now().Add(-time.Hour) // nothing was used before it started
	return gateway.NewIn(gateway.InDeps{
		Config: t.config(), Log: &log{}, Replay: replay.NewMemory(10_000, clockFrom(started)),
		VoucherKeys:  func(string) modi.KeyResolver { return keys{t.Suite + "/.well-known/jwks.json", "", false} },
		ConsumerKeys: func(_, _, _ string) modi.KeyResolver { return keys{t.Suite + "/keys/", "clientId", true} },
		Keychain: func(_, _ string) (token.SigningKey, error) {
			return token.SigningKey{KID: kid, Algorithm: token.RS256, Signer: signer}, nil
		},
		BackEnd: func(_, _ string) (gateway.Doer, error) { return procedure{}, nil },
		Clock:   time.Now, Rand: rand.Reader,
	})
}

// clockFrom gives its first caller an earlier time: that of the start.
func clockFrom(start time.Time) modi.Clock {
	var once sync.Once
	return func() time.Time {
		now := time.Now()
		once.Do(func() { now = start })
		return now
	}
}

func (t terms) config() *config.Config {
	patterns := registry.RecipePatterns{
		Request:  []modi.Pattern{modi.PatternIntegrityREST02, modi.PatternAuditREST02},
		Response: []modi.Pattern{modi.PatternIntegrityREST02},
	}
	return &config.Config{
		Environments: map[string]config.Environment{"locale": {Name: "locale", Issuer: t.Issuer}},
		Enti: map[string]*config.Ente{"c_bf01": {
			CodiceIPA: "c_bf01", Tenants: map[string]string{"locale": t.Producer},
			Exposes: map[string]*config.Expose{"stato-istanza": {
				Recipe: "stato-istanza", Environment: "locale", EserviceID: t.EserviceID, DescriptorIDs: []string{t.Descriptor},
				Audience: t.Audience, Keychain: "principale", BackEnd: config.BackEnd{URL: "http://procedura.example/api"},
			}},
		}},
		Exposes: map[string]*registry.Exposure{"stato-istanza": {
			Name: "stato-istanza", Major: 1, Document: []byte(document), Patterns: patterns, Guard: registry.GuardSettings{Failures: 2, OpenFor: time.Minute},
		}},
	}
}

// log takes every record and keeps none.
type log struct{}

// Append implements evidence.Appender.
func (*log) Append(_ context.Context, r evidence.Record) (evidence.Receipt, error) {
	return evidence.Receipt{Ente: r.Ente}, nil
}

// procedure answers every call alike.
type procedure struct{}

// Do implements gateway.Doer.
func (procedure) Do(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
	h := http.Header{"Content-Type": {"application/json"}}
	body := []byte(`{"stato":"accolta"}`)
	return &outbound.Response{Status: http.StatusOK, Header: h, Body: body, WireHeader: h, Wire: body}, nil
}

// keys asks who plays PDND.
type keys struct {
	url, owner string
	byKID      bool
}

// ResolveKey implements modi.KeyResolver.
func (k keys) ResolveKey(ctx context.Context, kid string) (modi.Key, error) {
	address := k.url
	if k.byKID {
		address += kid
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return modi.Key{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return modi.Key{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return modi.Key{}, err
	case resp.StatusCode == http.StatusNotFound:
		return modi.Key{}, modi.ErrKeyUnknown
	case resp.StatusCode != http.StatusOK:
		return modi.Key{}, fmt.Errorf("status %d", resp.StatusCode)
	case !k.byKID:
		return inSet(body, kid)
	}
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(body, &answer); err != nil {
		return modi.Key{}, err
	}
	key, err := token.ParseJWK(answer["jwk"])
	if err != nil {
		return modi.Key{}, err
	}
	return key, json.Unmarshal(answer[k.owner], &key.Owner)
}

func inSet(body []byte, kid string) (modi.Key, error) {
	set, err := token.ParseJWKSet(body)
	if err != nil {
		return modi.Key{}, err
	}
	for _, k := range set {
		if k.KID == kid {
			return k, nil
		}
	}
	return modi.Key{}, modi.ErrKeyUnknown
}

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

// handler turns HTTP into exchanges, as internal/httpapi does for the hub.
func handler(node *gateway.In) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		reply, err := node.Serve(r.Context(), &gateway.Inbound{
			Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery, Header: r.Header, Body: body, RemoteIP: "127.0.0.1",
		})
		for name, values := range reply.Header {
			w.Header()[name] = values
		}
		if err == nil || reply.Status != 0 {
			w.WriteHeader(reply.Status)
			_, _ = w.Write(reply.Body)
			return
		}
		doc, wait := problem.From(err, "it", "")
		w.Header().Set("Content-Type", "application/problem+json")
		if wait > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(int(wait.Seconds())))
		}
		w.WriteHeader(doc.Status)
		_ = json.NewEncoder(w).Encode(doc)
	}
}
