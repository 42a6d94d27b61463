// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"time"
)

// Kind says what a certificate that will expire is for. It labels a metric.
type Kind string

// The kinds.
const (
	KindCA      Kind = "ca"    // anchor or configured intermediate
	KindPin     Kind = "pin"   // certificate of a peer, trusted by itself
	KindSigning Kind = "firma" // certificate of a key of ours
)

// Expiry is when a configured certificate ends. The names are those of the
// configuration, so that a metric has as many labels as it has certificates.
type Expiry struct {
	Kind     Kind
	Name     string // file or setting, and the first eight characters of the thumbprint
	NotAfter time.Time
}

// ExpiryOf describes a certificate, name saying where it is configured.
func ExpiryOf(kind Kind, name string, c *x509.Certificate) Expiry {
	sum := sha256.Sum256(c.Raw)
	return Expiry{Kind: kind, Name: name + " " + base64.RawURLEncoding.EncodeToString(sum[:6]), NotAfter: c.NotAfter}
}

// Expiries lists the CAs and pins of the store in the order of the configuration.
func (s *Store) Expiries() []Expiry { return slices.Clone(s.expiries) }
