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

// VerifyPossession checks that the voucher compact, whose verified cnf.jkt is bound and
// which came with the scheme DPoP, has the proof that it needs. In the proof KID is the
// thumbprint of the key, with which JTI must be used up. The errors are those of
// Verifier.Verify.
func (p Possession) VerifyPossession(_ context.Context, h http.Header, compact, bound string) (rest.Proof, error) {
	return p.VerifyPresented(h, Presented{Scheme: SchemeDPoP, Compact: compact}, bound)
}

// VerifyPresented is VerifyPossession for a voucher that may have come with either scheme:
// Bearer is refused.
func (p Possession) VerifyPresented(h http.Header, presented Presented, bound string) (rest.Proof, error) {
	proof, err := p.Verify(Request{Method: p.Method, URL: p.URL, Header: h}, presented, bound)
	if err != nil {
		return rest.Proof{}, err
	}
	return rest.Proof{
		Pattern: modi.PatternDPoP, JTI: proof.JTI, KID: proof.JKT, Algorithm: proof.Algorithm,
		IssuedAt: proof.IssuedAt, ExpiresAt: proof.ExpiresAt, Compact: proof.Compact,
	}, nil
}
