// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package jose is the sealed JOSE core: the strict compact form, JSON objects without
// repeated members, the algorithms RS256-512 and ES256-512 and JSON Web Keys.
//
// Everything that comes from the network is parsed here, by this package's own strict
// code, before any library sees it; signatures are verified by crypto/rsa and
// crypto/ecdsa directly. It knows shapes and keys, never claims, times or rules. It
// does no I/O.
package jose

import (
	"strconv"
)

// MaxCompact is the length in bytes above which a compact JWS is refused unread.
const MaxCompact = 16 << 10

// Kind says at which step a token fails.
type Kind uint8

// The kinds, in the order in which a token is checked.
const (
	Malformed Kind = iota + 1
	HeaderNotAllowed
	AlgorithmNotAllowed
	KIDMissing
	KIDMalformed
	KeyUnsuitable
	SignatureInvalid
)

// Fault is the "no" of this package. Its texts are safe to show: they never hold a
// token, a key or a claim.
type Fault struct {
	Kind            Kind
	Expected, Found string
}

// Error says what was expected and what was found.
func (f *Fault) Error() string { return "expected " + f.Expected + ", found " + f.Found }

func malformed(expected, found string) *Fault {
	return &Fault{Kind: Malformed, Expected: expected, Found: found}
}

// Quote shows a foreign string in a message: ASCII, quoted, at most 64 bytes.
func Quote(s string) string {
	const limit = 64
	if len(s) > limit {
		return strconv.QuoteToASCII(s[:limit]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
