// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"

	"github.com/snodo-pa/snodo/modi/token"
)

// A token is parsed, its kid leads to a key, and only the verified signature leads to its
// claims. A token of one kind is not read as another.
func Example() {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	kid, err := token.Thumbprint(private.Public()) // what PDND calls the key
	if err != nil {
		panic(err)
	}
	compact, err := token.Sign(token.Integrity(), token.HeaderExtra{}, map[string]any{"aud": "https://api.ente.example/v1"},
		token.SigningKey{KID: kid, Algorithm: token.ES256, Signer: private})
	if err != nil {
		panic(err)
	}

	unverified, err := token.Parse(compact, token.Integrity())
	if err != nil {
		panic(err)
	}
	fmt.Println(unverified.KID() == kid, unverified.Header().Algorithm)
	claims, err := unverified.Verify(private.Public())
	if err != nil {
		panic(err)
	}
	audience, state := claims.Audience()
	fmt.Println(audience, state == token.Valid)

	_, err = token.Parse(compact, token.ClientAssertion())
	fmt.Println(err)
	// Output:
	// true ES256
	// [https://api.ente.example/v1] true
	// pdnd.assertion/algorithm-not-allowed: expected one of RS256, found "ES256"
}

// The same kind of token with its key named by a certificate, and with the types that one
// e-service agreed on.
func ExampleKind_WithCertificates() {
	kind := token.Integrity().WithPattern("INTEGRITY_REST_01").WithCertificates(token.X5TS256).WithTypes("JWT", "modi+jwt")
	_, err := token.Parse("eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AAAA", kind)
	fmt.Println(err)
	// Output: modi.integrity/certificate-missing: expected the certificate named by x5t#S256, found none of them
}
