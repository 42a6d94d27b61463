// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// clock is a time that moves only when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// memoryLog keeps records in memory; it refuses those whose kind is in broken.
type memoryLog struct {
	mu      sync.Mutex
	records []evidence.Record
	broken  map[evidence.Kind]error
}

func (l *memoryLog) Append(_ context.Context, r evidence.Record) (evidence.Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.broken[r.Kind]; err != nil {
		return evidence.Receipt{}, err
	}
	l.records = append(l.records, r)
	return evidence.Receipt{Ente: r.Ente, Index: int64(len(l.records) - 1), LeafHash: tlog.Hash{1}}, nil
}

func (l *memoryLog) breakKind(k evidence.Kind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = map[evidence.Kind]error{k: evidence.ErrUnavailable}
}

func (l *memoryLog) kinds() []evidence.Kind {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]evidence.Kind, 0, len(l.records))
	for _, r := range l.records {
		out = append(out, r.Kind)
	}
	return out
}

func (l *memoryLog) last(t *testing.T) evidence.Record {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.records) == 0 {
		t.Fatal("no evidence was kept")
	}
	return l.records[len(l.records)-1]
}

// keyRing is a set of public keys that may be unreachable.
type keyRing struct {
	mu   sync.Mutex
	keys map[string]modi.Key
	err  error
}

func (k *keyRing) ResolveKey(_ context.Context, kid string) (modi.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return modi.Key{}, k.err
	}
	key, ok := k.keys[kid]
	if !ok {
		return modi.Key{}, modi.ErrKeyUnknown
	}
	return key, nil
}

func (k *keyRing) add(key token.SigningKey, owner string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil {
		k.keys = map[string]modi.Key{}
	}
	k.keys[key.KID] = modi.Key{KID: key.KID, Owner: owner, Public: key.Signer.Public()}
}

func (k *keyRing) remove(kid string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.keys, kid)
}

func (k *keyRing) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
}

// testKeys are made once: RSA keys are slow to make.
type testKeys struct{ pdnd, consumer, other, keychain, seal token.SigningKey }

var keysOnce = sync.OnceValue(func() testKeys {
	return testKeys{
		pdnd: rsaKey("pdnd-1"), consumer: rsaKey(""), other: rsaKey(""), keychain: rsaKey(""), seal: ecKey(),
	}
})

func rsaKey(kid string) token.SigningKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return signing(key, kid, token.RS256)
}

func ecKey() token.SigningKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return signing(key, "", token.ES256)
}

func signing(key crypto.Signer, kid string, alg token.Algorithm) token.SigningKey {
	if kid == "" {
		thumbprint, err := token.Thumbprint(key.Public())
		if err != nil {
			panic(err)
		}
		kid = thumbprint
	}
	return token.SigningKey{KID: kid, Algorithm: alg, Signer: key}
}

// backEnd answers what it is told and records what it was sent.
type backEnd struct {
	mu       sync.Mutex
	status   int
	header   http.Header
	body     string
	err      error
	hang     bool
	reached  chan struct{} // closed when a hanging call has begun
	requests []*http.Request
	bodies   []string
}

var errBackEnd = errors.New("connection refused")

func (b *backEnd) Do(ctx context.Context, req *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
	b.mu.Lock()
	hang := b.hang
	b.mu.Unlock()
	if hang {
		if b.reached != nil {
			close(b.reached)
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = append(b.requests, req)
	text := make([]byte, req.ContentLength)
	if req.ContentLength > 0 {
		if _, err := req.Body.Read(text); err != nil {
			return nil, err
		}
	}
	b.bodies = append(b.bodies, string(text))
	if b.err != nil {
		return nil, b.err
	}
	return &outbound.Response{Status: b.status, Header: b.header, Body: []byte(b.body)}, nil
}

func (b *backEnd) calls() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.requests)
}

// wantRule checks that an error is headed by a rule and answered with a status.
func wantRule(t *testing.T, err error, rule modi.RuleID, status int) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", rule)
	}
	x := problem.Explain(err)
	if x.Row.Rule != rule || x.Row.Status != status {
		t.Fatalf("got %s (%d), want %s (%d): %v", x.Row.Rule, x.Row.Status, rule, status, err)
	}
}
