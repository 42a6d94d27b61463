// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package voucher_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// PDND answers every faulty assertion with the same words: checking it first tells the
// reason.
func ExampleCheckAssertion() {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	kid, err := token.Thumbprint(private.Public())
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	const client = "0f2b6a1e-1111-4a00-8000-0000000000a1"
	compact, err := voucher.Assertion{
		ClientID:  client,
		PurposeID: "0f2b6a1e-2222-4a00-8000-0000000000b1",
		Audience:  "https://auth.uat.interop.pagopa.it/client-assertion",
		Lifetime:  300 * time.Second,
	}.Sign(now, rand.Reader, token.SigningKey{KID: kid, Algorithm: token.RS256, Signer: private})
	if err != nil {
		panic(err)
	}
	fmt.Println(voucher.CheckAssertion(compact, voucher.AssertionExpectation{
		ClientID: client,
		Audience: "auth.uat.interop.pagopa.it/client-assertion",
		Now:      now,
		Public:   private.Public(),
	}))
	// Output:
	// pdnd.assertion/audience-mismatch: expected "auth.uat.interop.pagopa.it/client-assertion", found "https://auth.uat.interop.pagopa.it/client-assertion"
}
