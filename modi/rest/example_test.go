// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// oneKey is a key registry with one key.
type oneKey struct{ key modi.Key }

func (k oneKey) ResolveKey(_ context.Context, kid string) (modi.Key, error) {
	if kid != k.key.KID {
		return modi.Key{}, modi.ErrKeyUnknown
	}
	return k.key, nil
}

// A consumer signs a request; on the way one byte of the body changes; the producer
// refuses it and says which rule is broken.
func Example() {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	kid, err := token.Thumbprint(private.Public())
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

	request := rest.Message{
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   modi.Bytes(`{"pratica":"2026/00017"}`),
	}
	_, err = rest.SignIntegrity(&request,
		rest.IntegrityInput{Issuer: "client-1", Audience: "https://api.ente.example/v1"},
		rest.Stamp{Now: now, Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: 300 * time.Second},
		token.SigningKey{KID: kid, Algorithm: token.RS256, Signer: private})
	if err != nil {
		panic(err)
	}

	verifier := rest.IntegrityVerifier{
		Audience: "https://api.ente.example/v1",
		Owner:    "client-1",
		Keys:     oneKey{modi.Key{KID: kid, Owner: "client-1", Public: private.Public()}},
		Clock:    func() time.Time { return now },
		Times:    modi.PartyTimes(),
	}
	proof, err := verifier.Verify(context.Background(), request)
	fmt.Println(proof.Issuer, err)

	request.Body = modi.Bytes(`{"pratica":"2026/00018"}`)
	_, err = verifier.Verify(context.Background(), request)
	fmt.Println(err)
	// Output:
	// client-1 <nil>
	// modi.integrity/digest-mismatch: expected SHA-256 of the 24 bytes received, found another value
}
