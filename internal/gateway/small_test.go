// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi/voucher"
)

func TestPersonsAreFoundAtAnyDepth(t *testing.T) {
	value := map[string]any{
		"codiceFiscale": "A", "altro": []any{map[string]any{"codiceFiscale": "B"}, 7.0},
		"figlio": map[string]any{"codiceFiscale": map[string]any{"codiceFiscale": "C"}},
	}
	want := []person{{"/altro/codiceFiscale", "B"}, {"/codiceFiscale", "A"}, {"/figlio/codiceFiscale/codiceFiscale", "C"}}
	if diff := cmp.Diff(want, persons(value, ""), cmp.AllowUnexported(person{})); diff != "" {
		t.Error(diff)
	}
}

func keyOf(s string) voucherKey {
	return voucherKey{environment: "locale", compact: s}
}

func TestVoucherCacheIsBounded(t *testing.T) {
	c := newVoucherCache(10)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	v := knownVoucher{voucher: &voucher.Voucher{}, until: now.Add(time.Minute)}
	c.put(keyOf("kept"), v)
	for i := range 1000 {
		c.put(keyOf(string(rune(i))), v)
		if _, ok := c.get(keyOf("kept"), now); !ok {
			t.Fatalf("an entry in use was dropped after %d others", i)
		}
		if n := c.len(); n > 20 {
			t.Fatalf("%d entries in a cache of two generations of 10", n)
		}
	}
	if _, ok := c.get(keyOf("kept"), now.Add(time.Minute)); ok {
		t.Error("an expired entry was found")
	}
	c.put(keyOf("kept"), v)
	c.drop(keyOf("kept"))
	if _, ok := c.get(keyOf("kept"), now); ok {
		t.Error("a dropped entry was found")
	}
	other := keyOf("kept")
	other.environment = "collaudo"
	c.put(keyOf("kept"), v)
	if _, ok := c.get(other, now); ok {
		t.Error("an entry was found in another environment")
	}
}

func TestSamplerLetsOneASecondThrough(t *testing.T) {
	var s sampler
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	got := 0
	for i := range 3000 {
		if s.take(now.Add(time.Duration(i) * time.Millisecond)) {
			got++
		}
	}
	if got != 3 {
		t.Errorf("%d lines in 3 seconds", got)
	}
}

func TestPrintable(t *testing.T) {
	for s, want := range map[string]bool{
		"Ufficio 3, piano 2": true, "perché": true, "": true, "a\tb": false, "a\x00": false, "\xff": false, "a\u202eb": false,
	} {
		if printable(s) != want {
			t.Errorf("printable(%q) = %v", s, !want)
		}
	}
	if printableASCII("a b") || printableASCII("è") || !printableASCII("aZ-09_.") {
		t.Error("printableASCII")
	}
}

func TestEncodeJSONKeepsTheBytesOfRawParts(t *testing.T) {
	got, err := encodeJSON(map[string]any{"a": "<&>"})
	if err != nil || string(got) != `{"a":"<&>"}` {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := encodeJSON(func() {}); err == nil {
		t.Error("encoded a function")
	}
}

func TestAsFaultKeepsOtherErrors(t *testing.T) {
	plain := errors.New("x")
	if got := asFault("s", plain); !errors.Is(got, plain) || got.Error() != plain.Error() || asFault("s", nil) != nil {
		t.Error("an error was changed")
	}
}

func TestPayloadOfTokensThatAreNone(t *testing.T) {
	for _, s := range []string{"", "a.b", "a.!.c"} {
		if got := payloadOf(s); got != nil {
			t.Errorf("payloadOf(%q) = %s", s, got)
		}
	}
	if got := payloadOf("x.e30.y"); string(got) != "{}" {
		t.Errorf("got %s", got)
	}
}

func TestHeadersNeverForwarded(t *testing.T) {
	got := allowedHeaders([]string{
		"accept-language", "AUTHORIZATION", "agid-jwt-signature", "digest", "cookie", "connection", "x-snodo-client",
		"x-forwarded-for", "content-encoding", "x-request-kind",
	})
	if diff := cmp.Diff([]string{"Accept-Language", "X-Request-Kind"}, got); diff != "" {
		t.Error(diff)
	}
}

// len counts the entries of both generations.
func (c *verifiedCache[K, V]) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.young) + len(c.old)
}
