// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package producer is what stands before every simulated e-service of another
// administration: the ModI verification of a real gateway, its quotas, its generic
// refusals and the signature of answers. The true reason of a refusal stays inside, for
// tests and for the demonstration.
//
// It depends on mocks/faults and mocks/internal/* and never on the packages it is a
// mirror of.
package producer

import (
	"context"
	"crypto/rsa"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/seen"
)

// ErrKeyUnknown is what a [KeyLookup] returns when no client has that kid. Any other
// error means that nobody knows.
var ErrKeyUnknown = errors.New("no client has this key")

// KeyLookup finds the owner and the key of a consumer's kid on PDND.
type KeyLookup func(ctx context.Context, kid string) (clientID string, key *rsa.PublicKey, err error)

// Service is what a request to one e-service must carry.
type Service struct {
	Audience      string // expected in vouchers and tokens
	ProducerID    string
	EserviceID    string
	DescriptorIDs []string
	Integrity     bool // INTEGRITY_REST_02
	Audit         bool // AUDIT_REST_02
}

// Caller is who a verified request comes from.
type Caller struct {
	ClientID, ConsumerID, PurposeID string
}

// Options configure a [Gate]. None has a default.
type Options struct {
	Clock func() time.Time
	Rand  io.Reader // safe for concurrent use
	// Realm names the gateway in WWW-Authenticate.
	Realm string
	// Issuer of the vouchers accepted.
	Issuer string
	// JWKSURL returns the address of the platform's keys. It is asked when a voucher has
	// to be verified, because an address may not be known before everything has started.
	JWKSURL func() string
	// Keys finds the keys of consumers.
	Keys KeyLookup
	// Future is how far ahead of the clock iat and nbf may be.
	Future time.Duration
}

// Gate verifies requests and refuses them as GovWay does. It is safe for concurrent use.
type Gate struct {
	opts     Options
	platform platformKeys
	replay   seen.Set

	mu      sync.Mutex
	refusal *Refusal
}

// NewGate makes a gate that has seen nothing.
func NewGate(opts Options) *Gate {
	return &Gate{opts: opts, platform: platformKeys{url: opts.JWKSURL, clock: opts.Clock}}
}
