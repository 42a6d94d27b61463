// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto/elliptic"
	"crypto/x509"
	"testing"

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
