// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package voucher_test

import (
	"crypto/rand"
	"testing"

	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/voucher"
)

func BenchmarkVerifyVoucher(b *testing.B) {
	v := verifier(b)
	compact := signed(b, goodVoucher())
	b.ReportAllocs()
	for b.Loop() {
		_, err := v.Verify(b.Context(), compact)
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRecheckVoucher(b *testing.B) {
	v := verifier(b)
	vo, err := v.Verify(b.Context(), signed(b, goodVoucher()))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		err = v.Recheck(vo)
		if err != nil {
			b.Fatal(err)
		}
	}
}

// The local check costs one verification: little beside the signature it follows.
func BenchmarkSignAndCheckAssertion(b *testing.B) {
	key, e := clientKey(b), expectation(b)
	for b.Loop() {
		compact, err := assertion().Sign(moditest.Now(), rand.Reader, key)
		if err != nil {
			b.Fatal(err)
		}
		err = voucher.CheckAssertion(compact, e)
		if err != nil {
			b.Fatal(err)
		}
	}
}
