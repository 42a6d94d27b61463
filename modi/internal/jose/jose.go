// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package jose is the sealed JOSE core: the strict compact form, JSON objects without
// repeated members, the algorithms RS256-512 and ES256-512 and JSON Web Keys.
//
// Everything that comes from the network is parsed here, by this package's own strict
// code, before any library sees it; signatures are verified by crypto/rsa and
// crypto/ecdsa directly and made by the crypto.Signer that the caller hands in. It knows
// shapes and keys, never claims, times or rules. It does no I/O.
package jose

import (
	"regexp"
	"strconv"
	"strings"
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

// person is what a codice fiscale looks like: with its digits anywhere, with the letters
// that replace them for namesakes as a word of its own, so that few keys look like one.
var person = regexp.MustCompile(`(?i)[a-z]{6}[0-9]{2}[a-ehlmprst][0-9]{2}[a-z][0-9]{3}[a-z]` +
	`|\b[a-z]{6}[0-9l-np-v]{2}[a-ehlmprst][0-9l-np-v]{2}[a-z][0-9l-np-v]{3}[a-z]\b`)

// Mask puts asterisks in the place of what looks like the codice fiscale of a person:
// senders put one into claims that are for identifiers, and refusals are read and logged.
func Mask(s string) string {
	const letters = 16
	if len(s) < letters {
		return s
	}
	return person.ReplaceAllString(s, strings.Repeat("*", letters))
}

// Quote shows a foreign string in a message: ASCII, quoted, at most 64 bytes, without
// persons.
func Quote(s string) string {
	const limit = 64
	s = Mask(s)
	if len(s) > limit {
		return strconv.QuoteToASCII(s[:limit]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
