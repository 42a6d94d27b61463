// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"testing"

	"github.com/snodo-pa/snodo/modi/voucher"
)

// hit serves one call, so that its voucher is remembered, and returns the look that finds it again: hash of the token,
// memory, the key that verified it and every check but the signature's.
func hit(tb testing.TB) func() (*voucher.Voucher, error) {
	tb.Helper()
	w := newInWorld(tb)
	in := w.newCall().build(tb)
	if _, err := w.Serve(context.Background(), in); err != nil {
		tb.Fatal(err)
	}
	if len(w.seen.vouchers) != 1 || w.seen.vouchers[0] != "miss" {
		tb.Fatalf("first call: voucher cache %v", w.seen.vouchers)
	}
	var result string
	w.Observer.VoucherCache = func(r string) { result = r }
	compact, err := voucher.Bearer(in.Header)
	if err != nil {
		tb.Fatal(err)
	}
	exposed := w.exposed["c_a/pratiche/v1"]
	return func() (*voucher.Voucher, error) {
		result = ""
		v, err := w.verifyVoucher(context.Background(), exposed, &exposed.verifier, compact)
		if result != "hit" {
			tb.Fatalf("voucher cache %q", result)
		}
		return v, err
	}
}

// The bar is 1 µs.
func BenchmarkVoucherCacheHit(b *testing.B) {
	again := hit(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := again(); err != nil {
			b.Fatal(err)
		}
	}
}

// A hit costs little enough to be made on every call: the bound is on what does not depend on the machine.
func TestVoucherCacheHitHardlyAllocates(t *testing.T) {
	again := hit(t)
	got := testing.AllocsPerRun(100, func() {
		if _, err := again(); err != nil {
			t.Fatal(err)
		}
	})
	const most = 2
	if got > most {
		t.Errorf("a hit allocates %.0f times, at most %d", got, most)
	}
}
