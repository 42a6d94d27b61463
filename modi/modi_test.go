// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"io"
	"testing"
	"time"
)

func TestBytesDigest(t *testing.T) {
	b := Bytes("abc")
	for alg, want := range map[crypto.Hash]string{
		crypto.SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		crypto.SHA384: "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
		crypto.SHA512: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	} {
		got, err := b.Digest(alg)
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%v: %x, %v", alg, got, err)
		}
	}
}

func TestBytesRefusesWeakDigest(t *testing.T) {
	for _, alg := range []crypto.Hash{crypto.MD5, crypto.SHA1, crypto.SHA224, 0} {
		_, err := Bytes("abc").Digest(alg)
		if err == nil {
			t.Errorf("%v accepted", alg)
		}
	}
}

func TestBytesOpensFromTheStart(t *testing.T) {
	b := Bytes("abc")
	for range 2 {
		r, err := b.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, b) || b.Len() != 3 {
			t.Errorf("read %q, %v", got, err)
		}
		err = r.Close()
		if err != nil {
			t.Error(err)
		}
	}
}

func TestRefusalSaysEverything(t *testing.T) {
	r := Refuse(
		Violation{Rule: IntegrityDigestMismatch, Pattern: PatternIntegrityREST02, Expected: "a", Found: "b"},
		Violation{Rule: IntegrityExpired},
	)
	const want = "modi.integrity/digest-mismatch: expected a, found b; modi.integrity/expired"
	if r.Error() != want {
		t.Errorf("error %q, want %q", r.Error(), want)
	}
	if !r.Has(IntegrityExpired) || r.Has(IntegrityTooOld) {
		t.Error("Has does not tell what the refusal lists")
	}
}

func TestTimesOfTheDesign(t *testing.T) {
	want := Times{FutureIssued: 5 * time.Second, MaxAge: 300 * time.Second, MaxLifetime: time.Hour}
	if got := PartyTimes(); got != want {
		t.Errorf("PartyTimes() = %+v, want %+v", got, want)
	}
	if got := VoucherTimes(); got != (Times{FutureIssued: 5 * time.Second}) {
		t.Errorf("VoucherTimes() = %+v", got)
	}
}
