// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"cmp"
	"crypto/tls"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Settings are the network of one client. The zero value of every field but Egress
// means its default.
type Settings struct {
	Egress Egress
	// CA holds PEM certificates of private roots, added to the system's.
	CA []byte
	// ClientCertificate is presented to servers that ask for one.
	ClientCertificate *tls.Certificate
	// Proxy is an http or https forward proxy. Its own address is exempt from the
	// egress policy, since the configuration names it; what is asked of it is not.
	Proxy *url.URL
	// Socket is the Unix socket that every connection goes to, whatever the host of the
	// URL: the configuration names it, so that the egress policy has no say. It goes with no
	// proxy and no LocalIP.
	Socket string
	// LocalIP is the source address of connections.
	LocalIP netip.Addr
	// MaxBody bounds a reply in bytes, before and after decompression: 1 MiB.
	MaxBody int64
	// DialTimeout bounds connecting and the TLS handshake, each: 5 s.
	DialTimeout time.Duration
	// HeaderTimeout bounds the wait for the reply's header once the request is sent: 30 s.
	HeaderTimeout time.Duration
	// IdleTimeout bounds the silence between two pieces of a reply's body: 10 s.
	IdleTimeout time.Duration
	// BackoffMin and BackoffMax bound the wait between attempts: 100 ms and 2 s.
	BackoffMin, BackoffMax time.Duration
	// Clock reads Retry-After dates: time.Now.
	Clock modi.Clock
	// Jitter gives numbers in [0, 1) and is safe for concurrent use.
	Jitter func() float64
}

func (s Settings) withDefaults() Settings {
	s.DialTimeout = cmp.Or(s.DialTimeout, 5*time.Second)
	s.HeaderTimeout = cmp.Or(s.HeaderTimeout, 30*time.Second)
	s.IdleTimeout = cmp.Or(s.IdleTimeout, 10*time.Second)
	s.BackoffMin = cmp.Or(s.BackoffMin, 100*time.Millisecond)
	s.BackoffMax = cmp.Or(s.BackoffMax, 2*time.Second)
	s.MaxBody = cmp.Or(s.MaxBody, 1<<20)
	if s.Clock == nil {
		s.Clock = time.Now
	}
	if s.Jitter == nil {
		s.Jitter = rand.Float64 // spreads retries over time, protects no secret
	}
	return s
}
