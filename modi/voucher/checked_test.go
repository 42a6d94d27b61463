// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package voucher_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// TestSignCheckedRefusesWhatCheckAssertionDoes, by the same rules and before anything is signed.
func TestSignCheckedRefusesWhatCheckAssertionDoes(t *testing.T) {
	other := clientKey(t)
	other.KID = moditest.Thumbprint(t, moditest.RSA(t, 1).Public())
	for name, change := range map[string]func(a *voucher.Assertion, e *voucher.AssertionExpectation, key *token.SigningKey){
		"sound": func(*voucher.Assertion, *voucher.AssertionExpectation, *token.SigningKey) {},
		"another client": func(a *voucher.Assertion, _ *voucher.AssertionExpectation, _ *token.SigningKey) {
			a.ClientID = moditest.PurposeID
		},
		"no purpose":      func(a *voucher.Assertion, _ *voucher.AssertionExpectation, _ *token.SigningKey) { a.PurposeID = "" },
		"purpose not due": func(_ *voucher.Assertion, e *voucher.AssertionExpectation, _ *token.SigningKey) { e.API = true },
		"another audience": func(a *voucher.Assertion, _ *voucher.AssertionExpectation, _ *token.SigningKey) {
			a.Audience = "https://x"
		},
		"digest": func(a *voucher.Assertion, _ *voucher.AssertionExpectation, _ *token.SigningKey) {
			a.Digest = &voucher.Digest{Alg: "sha256"}
		},
		"kid": func(_ *voucher.Assertion, _ *voucher.AssertionExpectation, key *token.SigningKey) { *key = other },
	} {
		t.Run(name, func(t *testing.T) {
			a, e, key := assertion(), expectation(t), clientKey(t)
			change(&a, &e, &key)
			made, err := a.Sign(moditest.Now(), rand.Reader, key)
			if err != nil {
				t.Fatal(err)
			}
			afterwards := voucher.CheckAssertion(made, e)
			compact, before := a.SignChecked(moditest.Now(), rand.Reader, key, e)
			if diff := cmp.Diff(violations(afterwards), violations(before)); diff != "" {
				t.Error(diff)
			}
			if (compact == "") != (afterwards != nil) || (name == "sound") != (before == nil) {
				t.Errorf("%q, %v", compact, before)
			}
		})
	}
}

func violations(err error) []modi.Violation {
	var refusal *modi.Refusal
	if !errors.As(err, &refusal) {
		return nil
	}
	return refusal.Violations
}
