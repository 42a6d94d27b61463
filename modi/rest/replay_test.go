// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto/elliptic"
	"crypto/x509"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
)

// A jti is used up under the verified key: a certificate issued again for the same key does
// not make the token good once more, and two senders may use the same jti.
func TestReplayOwnerIsTheVerifiedKey(t *testing.T) {
	key := moditest.RSA(t, 0)
	first := moditest.Certificate(t, key, moditest.Organization)
	again := moditest.Certificate(t, key, moditest.Organization)
	other := moditest.Certificate(t, moditest.EC(t, elliptic.P256()), moditest.Organization)
	of := func(c *x509.Certificate) string {
		return rest.Proof{Certificate: c, KID: "said by the token", Issuer: "said by the token"}.ReplayOwner()
	}
	if of(first) != of(again) {
		t.Error("the certificate issued again has another owner")
	}
	if of(first) == of(other) || len(of(first)) != 43 {
		t.Errorf("owners %q and %q", of(first), of(other))
	}
	for name, c := range map[string]struct {
		proof rest.Proof
		want  string
	}{
		"a key of the registry": {rest.Proof{Owner: moditest.ClientID, KID: "k"}, moditest.ClientID},
		"DPoP":                  {rest.Proof{Pattern: modi.PatternDPoP, KID: "thumbprint"}, "thumbprint"},
	} {
		if got := c.proof.ReplayOwner(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What is used up is the jti; without one, what was signed: the signature may be made again
// over the same bytes, and the owner may keep two requests apart by any claim.
func TestReplayIDWithoutJTIIsWhatWasSigned(t *testing.T) {
	of := func(jti, compact string) string { return rest.Proof{JTI: jti, Compact: compact}.ReplayID() }
	if got := of("j", "h.p.s"); got != "j" {
		t.Errorf("with a jti: %q", got)
	}
	if of("", "h.p.s") != of("", "h.p.z") {
		t.Error("another signature over the same bytes is another token")
	}
	if of("", "h.p.s") == of("", "h.q.s") || of("", "h.p.s") == "" {
		t.Error("two tokens are one")
	}
	if got := of("", ""); got != "" {
		t.Errorf("no token: %q", got)
	}
}

// A token is remembered for as long as it could be accepted again, and no longer.
func TestAcceptedUntil(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	times := modi.PartyTimes()
	for name, c := range map[string]struct {
		expires time.Duration
		want    time.Duration
	}{
		"it expires first":    {100 * time.Second, 105 * time.Second},
		"it grows too old":    {3600 * time.Second, 305 * time.Second},
		"both at one time":    {300 * time.Second, 305 * time.Second},
		"it is dead at birth": {-time.Second, 4 * time.Second},
	} {
		p := rest.Proof{IssuedAt: at, ExpiresAt: at.Add(c.expires)}
		if got := p.AcceptedUntil(times).Sub(at); got != c.want {
			t.Errorf("%s: %s after iat, want %s", name, got, c.want)
		}
	}
}
