// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package trust decides whether the certificate that a ModI token names may sign: it
// implements modi.CertificateResolver.
//
// It owns the trust stores of the configuration (`fiducia`: CAs, pins, policy of
// revocation, hosts of x5u), the building of chains, CRLs and OCSP with their caches.
// It depends on modi for the contract and on outbound for the network: whatever it
// fetches leaves through the hub's one dialer. It never verifies the signature of a
// token, never fetches an address that a stranger chose, and never takes "don't know"
// for "yes" unless the store's policy says so.
package trust

import (
	"context"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
)

// Revocation is the policy of a trust store on revoked certificates.
type Revocation string

// The policies. The empty one is Required.
const (
	Required    Revocation = "obbligatoria"   // not known to be good means modi.ErrUndecided
	IfAvailable Revocation = "se disponibile" // only a certificate known to be revoked is refused
	Off         Revocation = "no"             // nobody is asked
)

// Config is one trust store, the block `fiducia` of a recipe or of an ente. File names
// are resolved by whoever opens it.
type Config struct {
	// CA are PEM files of certification authorities. Each certificate in them is an
	// anchor, whether self-signed or not.
	CA []string `yaml:"ca"`
	// Intermediates are PEM files of CA certificates used to build chains, which peers may
	// then leave out of x5c. They are no anchors.
	Intermediates []string `yaml:"intermedie"`
	// Pins are certificates trusted by themselves: PEM files, or x5t#S256 thumbprints of
	// 43 characters. Only one whose PEM is there can be named by x5t#S256 alone.
	Pins []string `yaml:"pins"`
	// Revoca is the policy; empty means Required.
	Revoca Revocation `yaml:"revoca"`
	// CRL are files (PEM or DER) or URLs of revocation lists, asked before those that
	// certificates name.
	CRL []string `yaml:"crl"`
	// X5UHost are the hosts from which x5u is fetched: host[:port][/path/prefix/]. None
	// means that x5u is refused.
	X5UHost []string `yaml:"x5u_host"`
}

// Fetcher sends what this package asks; *outbound.Client is one. It follows no redirect
// and holds to the egress policy.
type Fetcher interface {
	Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error)
}

var _ Fetcher = (*outbound.Client)(nil)

// Bounds of the caches, in entries.
const (
	maxLists    = 64
	maxAnswers  = 4096
	maxFetched  = 256
	maxVerdicts = 4096
)

// Sources fetches and remembers what revokes certificates and what x5u names, for every
// store of one network setting. It outlives the stores: a configuration loaded again
// asks nobody again. It is safe for concurrent use.
type Sources struct {
	fetcher Fetcher
	clock   modi.Clock

	lists   *memo[*crl]
	answers *memo[finding]
	fetched *memo[[][]byte]
	rates   rates
}

// NewSources makes empty caches. A nil fetcher keeps off the network: what would need it
// is then not known.
func NewSources(f Fetcher, clock modi.Clock) *Sources {
	return &Sources{
		fetcher: f, clock: clock,
		lists: newMemo[*crl](maxLists), answers: newMemo[finding](maxAnswers), fetched: newMemo[[][]byte](maxFetched),
		rates: rates{hosts: map[string]*rate{}},
	}
}

// The times of this package.
const (
	fetchTimeout = 5 * time.Second  // of one request
	workTimeout  = 20 * time.Second // of everything asked about one certificate
	skew         = 5 * time.Minute  // how far thisUpdate may lie ahead
	maxKept      = 24 * time.Hour   // the longest an answer serves before it is asked again
	retryAfter   = 10 * time.Second // before a source that failed is asked again
	refusedFor   = time.Minute      // how long a "no" of an x5u host serves
)
