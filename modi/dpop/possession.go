// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop

import (
	"context"
	"net/http"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// Possession checks the proof of one request for rest.Verifier, which has verified the
// voucher.
type Possession struct {
	Verifier
	Method string
	URL    string // absolute and public
}

var _ rest.PossessionVerifier = Possession{}

// VerifyPossession checks that the voucher compact, whose verified cnf.jkt is bound, came
// with the scheme and the proof that it needs. A voucher that is not bound to a key, with
// the scheme Bearer, gives the zero proof. In the proof KID is the thumbprint of the key,
// with which JTI must be used up. The errors are those of Verifier.Verify and of Present.
func (p Possession) VerifyPossession(_ context.Context, h http.Header, compact, bound string) (rest.Proof, error) {
	presented, err := Present(h)
	if err != nil {
		return rest.Proof{}, err
	}
	presented.Compact = compact
	proof, err := p.Verify(Request{Method: p.Method, URL: p.URL, Header: h}, presented, bound)
	if err != nil || proof == (Proof{}) {
		return rest.Proof{}, err
	}
	return rest.Proof{
		Pattern: modi.PatternDPoP, JTI: proof.JTI, KID: proof.JKT, Algorithm: proof.Algorithm,
		IssuedAt: proof.IssuedAt, ExpiresAt: proof.ExpiresAt, Compact: proof.Compact,
	}, nil
}
