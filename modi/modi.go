// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package modi holds the words that every ModI pattern shares: patterns, rules,
// violations, leniencies, keys, certificates, clocks and message bodies.
//
// It owns the table of protocol rules (Rules). It depends on the standard library
// alone and never does I/O: clocks, randomness and keys are handed in by the caller.
// The patterns themselves live in the sub-packages rest, voucher and dpop; the compact
// JWS form lives in token, the explanations of near misses in hint.
package modi

import (
	"context"
	"crypto"
	"errors"
	"time"
)

// Pattern is the name of a ModI or PDND pattern, written as the guideline writes it.
type Pattern string

// The patterns this version speaks.
const (
	PatternVoucher         Pattern = "PDND_VOUCHER"     // voucher issued by PDND (REST_JWS_2021_Bearer)
	PatternClientAssertion Pattern = "CLIENT_ASSERTION" // RFC 7523 assertion sent to the PDND token endpoint
	PatternIDAuthREST01    Pattern = "ID_AUTH_REST_01"  // token of the sender, key by certificate
	PatternIDAuthREST02    Pattern = "ID_AUTH_REST_02"  // the same, used once
	PatternIntegrityREST01 Pattern = "INTEGRITY_REST_01"
	PatternIntegrityREST02 Pattern = "INTEGRITY_REST_02"
	PatternAuditREST01     Pattern = "AUDIT_REST_01"
	PatternAuditREST02     Pattern = "AUDIT_REST_02"
	PatternDPoP            Pattern = "REST_JWS_2021_POP"    // DPoP proof, RFC 9449
	PatternPDNDResponse    Pattern = "PDND_API_V3_RESPONSE" // signed replies of PDND's own API, version 3
	PatternProvenance      Pattern = "SNODO_PROVENANCE"     // the hub's own: provenance signed by the ente seal
)

// Clock tells the current time. Implementations are safe for concurrent use.
type Clock func() time.Time

// ErrKeyUnknown reports that the authority answered and knows no such key: a "no".
// Every other error of a KeyResolver means "don't know".
var ErrKeyUnknown = errors.New("key unknown")

// ErrUndecided reports that a check could not be completed (the key registry is
// down, a store does not answer). It is never a "no": callers refuse with 503.
var ErrUndecided = errors.New("check not completed")

// Key is a public key together with what its registry says of it.
type Key struct {
	KID       string           // identifier under which the registry publishes it
	Owner     string           // PDND clientId or producerKeychainId; empty for PDND's own keys
	Algorithm string           // the only JWS algorithm it is for; empty when the registry does not say
	Public    crypto.PublicKey // *rsa.PublicKey or *ecdsa.PublicKey
}

// KeyResolver finds the public key that a token names by kid. It returns an error
// wrapping ErrKeyUnknown when the registry has no such key, and any other error when
// the answer is not known. Implementations are safe for concurrent use.
type KeyResolver interface {
	ResolveKey(ctx context.Context, kid string) (Key, error)
}

// Times are the tolerances of a verifier. The zero value is not useful: use
// PartyTimes, ProofTimes or VoucherTimes.
type Times struct {
	FutureIssued time.Duration // how far iat and nbf may lie ahead
	MaxAge       time.Duration // how old iat may be; 0 means not checked
	MaxLifetime  time.Duration // how long exp-iat may be; 0 means not checked
}

// PartyTimes are the tolerances for tokens made by a party: 5 s ahead, 300 s old,
// one hour long. exp has no tolerance.
func PartyTimes() Times {
	return Times{FutureIssued: 5 * time.Second, MaxAge: 300 * time.Second, MaxLifetime: time.Hour}
}

// ProofTimes are the tolerances for DPoP proofs: made at most 60 s ago, 5 s ahead. They
// have no exp.
func ProofTimes() Times { return Times{FutureIssued: 5 * time.Second, MaxAge: 60 * time.Second} }

// VoucherTimes are the tolerances for vouchers: PDND decides their life (60 s to a
// day), so only the future is checked.
func VoucherTimes() Times { return Times{FutureIssued: 5 * time.Second} }
