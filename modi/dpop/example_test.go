// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/token"
)

// A consumer proves that it holds the key of its voucher. The e-service accepts the
// proof for this request, and refuses it for another one.
func Example() {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	jkt, err := token.Thumbprint(private.Public()) // PDND writes it in the voucher as cnf.jkt
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	const compact = "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJ4In0.c2lnbmF0dXJl" // a voucher, verified on its own

	proof, err := dpop.Prove(
		dpop.Input{Method: http.MethodGet, URL: "https://api.ente.example/v1/pratiche?anno=2026", Voucher: compact},
		now, rand.Reader, token.SigningKey{Algorithm: token.ES256, Signer: private})
	if err != nil {
		panic(err)
	}
	request := dpop.Request{Method: http.MethodGet, URL: "https://api.ente.example/v1/pratiche?anno=2026", Header: http.Header{}}
	request.Header.Set("Authorization", "DPoP "+compact)
	request.Header.Set("DPoP", proof)

	verifier := dpop.Verifier{Clock: func() time.Time { return now }, Times: modi.ProofTimes()}
	presented, err := dpop.Present(request.Header)
	if err != nil {
		panic(err)
	}
	proven, err := verifier.Verify(request, presented, jkt)
	fmt.Println(proven.JKT == jkt, err)

	request.URL = "https://api.ente.example/v2/pratiche"
	_, err = verifier.Verify(request, presented, jkt)
	fmt.Println(err)
	// Output:
	// true <nil>
	// pdnd.dpop/htu-mismatch: expected the URL of the request at https://api.ente.example, found another path
}
