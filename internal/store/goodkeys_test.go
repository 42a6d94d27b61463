// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import "testing"

func TestGoodKeysKeepsNothingReadBeforeARevocation(t *testing.T) {
	var g goodKeys
	k := APIKey{ID: "one", Digest: DigestAPIKey("snodo_one")}
	_, ok, mark := g.find(k.Digest)
	if ok {
		t.Fatal("an empty memory knows a key")
	}
	g.forget() // a revocation while the key was being read
	g.keep(k, mark)
	if _, ok, _ := g.find(k.Digest); ok {
		t.Error("a key read before the revocation is still good")
	}
}

func TestGoodKeysForgets(t *testing.T) {
	var g goodKeys
	k := APIKey{ID: "one", Digest: DigestAPIKey("snodo_one")}
	_, _, mark := g.find(k.Digest)
	g.keep(k, mark)
	if found, ok, _ := g.find(k.Digest); !ok || found.ID != "one" {
		t.Fatalf("find = %+v, %t", found, ok)
	}
	g.forget()
	if _, ok, _ := g.find(k.Digest); ok {
		t.Error("a forgotten key is found")
	}
}

func TestGoodKeysIsBounded(t *testing.T) {
	var g goodKeys
	for i := range maxGoodKeys + 1 {
		g.keep(APIKey{Digest: [32]byte{byte(i), byte(i >> 8)}}, 0)
	}
	if n := len(g.byHash); n > maxGoodKeys {
		t.Errorf("%d keys are kept, at most %d", n, maxGoodKeys)
	}
}
