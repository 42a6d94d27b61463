// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

const (
	tenantA    = "10000000-0000-4000-8000-00000000000a"
	tenantB    = "10000000-0000-4000-8000-00000000000b"
	eserviceA  = "20000000-0000-4000-8000-00000000000a"
	eserviceB  = "20000000-0000-4000-8000-00000000000b"
	descriptor = "30000000-0000-4000-8000-000000000001"
	audienceA  = "https://c-a.example/modi/c_a/pratiche/v1"
	audienceB  = "https://c-b.example/modi/c_b/pratiche/v1"
	clientID   = "40000000-0000-4000-8000-000000000001"
	consumerID = "50000000-0000-4000-8000-000000000001"
	purposeID  = "60000000-0000-4000-8000-000000000001"
	issuerPDND = "interop.locale.invalid"
)

// practice is an invented procedure: POST /ricerche and GET /pratiche/{id}.
const practice = `
openapi: 3.0.3
info: {title: pratiche, version: 1.0.0}
paths:
  /ricerche:
    post:
      operationId: cerca
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Ricerca'}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pratica'}}}}
        '404': {description: ko, content: {application/problem+json: {schema: {type: object}}}}
  /pratiche/{id}:
    get:
      operationId: leggi
      parameters:
      - {name: id, in: path, required: true, schema: {type: string, pattern: '^[0-9]{1,6}$'}}
      - {name: dettaglio, in: query, schema: {type: boolean}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pratica'}}}}
components:
  schemas:
    Ricerca:
      type: object
      additionalProperties: false
      required: [id]
      properties: {id: {type: string, maxLength: 6}, codiceFiscale: {type: string}}
    Pratica:
      type: object
      additionalProperties: false
      required: [stato]
      properties: {stato: {type: string}}
`

const answerOK = `{"stato":"accolta"}`

// inWorld is an In with everything around it under the test's hand.
type inWorld struct {
	*In
	clock    *clock
	log      *memoryLog
	backEnd  *backEnd
	pdnd     *keyRing
	consumer *keyRing
	replays  replay.Cache
	seen     *seen
}

// seen records what the observer is told.
type seen struct {
	mu       sync.Mutex
	vouchers []string
	rules    []string
	bad      int
}

func (s *seen) observer() Observer {
	return Observer{
		VoucherCache: func(r string) { s.mu.Lock(); s.vouchers = append(s.vouchers, r); s.mu.Unlock() },
		Refusal:      func(_, r string) { s.mu.Lock(); s.rules = append(s.rules, r); s.mu.Unlock() },
		BadAnswer:    func(string) { s.mu.Lock(); s.bad++; s.mu.Unlock() },
	}
}

// inConfig is two enti on one recipe.
func inConfig() *config.Config {
	expose := func(eservice, audience string) map[string]*config.Expose {
		return map[string]*config.Expose{"pratiche": {
			Recipe: "pratiche", Environment: "locale", EserviceID: eservice, DescriptorIDs: []string{descriptor},
			Audience: audience, Keychain: "principale", BackEnd: config.BackEnd{URL: "http://procedura.example/api"},
		}}
	}
	ente := func(codice, tenant, eservice, audience string) *config.Ente {
		return &config.Ente{
			CodiceIPA: codice, Tenants: map[string]string{"locale": tenant}, Exposes: expose(eservice, audience),
		}
	}
	return &config.Config{
		Environments: map[string]config.Environment{"locale": {Name: "locale", Issuer: issuerPDND}},
		Enti: map[string]*config.Ente{
			"c_a": ente("c_a", tenantA, eserviceA, audienceA),
			"c_b": ente("c_b", tenantB, eserviceB, audienceB),
		},
		Exposes: map[string]*registry.Exposure{"pratiche": {
			Name: "pratiche", Major: 1, Document: []byte(practice), RequestHeaders: []string{"Accept-Language", "Authorization"},
			Patterns: registry.RecipePatterns{
				Request:  []modi.Pattern{modi.PatternIntegrityREST02, modi.PatternAuditREST02},
				Response: []modi.Pattern{modi.PatternIntegrityREST02},
			},
			Guard: registry.GuardSettings{Failures: 2, OpenFor: time.Minute},
		}},
	}
}

func newInWorld(t testing.TB, change ...func(*config.Config)) *inWorld {
	t.Helper()
	keys := keysOnce()
	w := &inWorld{clock: newClock(), log: &memoryLog{}, pdnd: &keyRing{}, consumer: &keyRing{}, seen: &seen{}}
	w.backEnd = &backEnd{status: 200, header: http.Header{"Content-Type": {"application/json"}}, body: answerOK}
	w.pdnd.add(keys.pdnd, "")
	w.consumer.add(keys.consumer, clientID)
	w.consumer.add(keys.other, "another-client")
	w.replays = replay.NewMemory(1000, w.clock.Now)
	w.clock.Advance(time.Hour) // past the start of the replay cache
	c := inConfig()
	for _, f := range change {
		f(c)
	}
	in, err := NewIn(InDeps{
		Config: c, Log: w.log, Replay: w.replays,
		VoucherKeys:  func(string) modi.KeyResolver { return w.pdnd },
		ConsumerKeys: func(_, _, _ string) modi.KeyResolver { return w.consumer },
		Keychain:     func(_, _ string) (token.SigningKey, error) { return keys.keychain, nil },
		BackEnd:      func(_, _ string) (Doer, error) { return w.backEnd, nil },
		Certificates: func(_, _ string) (modi.CertificateResolver, error) { return trusting{}, nil },
		Clock:        w.clock.Now, Rand: rand.Reader, Observer: w.seen.observer(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.In = in
	return w
}

// calling is a request under construction; a test changes what it wants refused before it is signed.
type calling struct {
	method, path, query, body string
	claims                    map[string]any // of the voucher
	audience                  string
	integrityKey              token.SigningKey
	voucherKey                token.SigningKey
	noAudit, noIntegrity      bool
	stamp                     rest.Stamp
	header                    http.Header
}

// newCall is a call that every check accepts.
func (w *inWorld) newCall() *calling {
	keys, now := keysOnce(), w.clock.Now()
	return &calling{
		method: http.MethodPost, path: "/modi/c_a/pratiche/v1/ricerche", body: `{"id":"12"}`, audience: audienceA,
		integrityKey: keys.consumer, voucherKey: keys.pdnd, header: http.Header{},
		stamp: rest.Stamp{Now: now, Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: 300 * time.Second},
		claims: map[string]any{
			"iss": issuerPDND, "aud": audienceA, "sub": clientID, "client_id": clientID, "purposeId": purposeID,
			"producerId": tenantA, "consumerId": consumerID, "eserviceId": eserviceA, "descriptorId": descriptor,
			"jti": "voucher-1", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
		},
	}
}

// get makes the call a GET without a body.
func (c *calling) get(path string) *calling {
	c.method, c.path, c.body, c.noIntegrity = http.MethodGet, path, "", true
	return c
}

// build signs the call.
func (c *calling) build(t testing.TB) *Inbound {
	t.Helper()
	if !c.noAudit {
		evidence, err := rest.SignAudit(rest.AuditInput{
			Issuer: clientID, Audience: c.audience, PurposeID: purposeID, UserID: "operatore-17", UserLocation: "postazione-04",
			LoA: "SPID_L2",
		}, c.stamp, keysOnce().consumer)
		if err != nil {
			t.Fatal(err)
		}
		c.header.Set(rest.HeaderTrackingEvidence, evidence.Compact)
		if _, set := c.claims["digest"]; !set {
			c.claims["digest"] = voucher.Digest{Alg: evidence.Digest.Alg, Value: evidence.Digest.Value}
		}
	}
	compact, err := token.Sign(token.Voucher(), token.HeaderExtra{Use: "sig"}, c.claims, c.voucherKey)
	if err != nil {
		t.Fatal(err)
	}
	c.header.Set("Authorization", "Bearer "+compact)
	if c.body != "" {
		c.header.Set("Content-Type", "application/json")
	}
	if !c.noIntegrity {
		m := rest.Message{Header: c.header, Body: modi.Bytes(c.body)}
		_, err := rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: clientID, Audience: c.audience}, c.stamp, c.integrityKey)
		if err != nil {
			t.Fatal(err)
		}
	}
	return &Inbound{
		Method: c.method, Path: c.path, RawQuery: c.query, Header: c.header, Body: []byte(c.body), RemoteIP: "192.0.2.7",
	}
}

func (w *inWorld) serve(t *testing.T, c *calling) (*Reply, error) {
	t.Helper()
	return w.Serve(context.Background(), c.build(t))
}

// signIntegrity signs a request as it stands, with the key of the call.
func signIntegrity(t testing.TB, in *Inbound, c *calling) {
	t.Helper()
	m := rest.Message{Header: in.Header, Body: modi.Bytes(in.Body)}
	if _, err := rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: clientID, Audience: c.audience}, c.stamp, c.integrityKey); err != nil {
		t.Fatal(err)
	}
}
