// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package hint_test

import (
	"crypto"
	"runtime"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
)

// Whoever has a key chooses the body that is searched: what the search allocates is bounded
// whatever it nests, repeats or expands to.
func TestBombsDoNotMakeTheSearchCostly(t *testing.T) {
	wrong := "SHA-256=" + std(sum(t, crypto.SHA256, "another"))
	nested := func(depth int) string { return strings.Repeat("[", depth) + "1" + strings.Repeat("]", depth) }
	for name, c := range map[string]struct {
		body, encoding string
		most           uint64 // bytes allocated
	}{
		"nested 4000 deep":              {nested(4000), "", 1 << 20},
		"nested to the limit of size":   {nested(hint.MaxBody/2 - 1), "", 16 << 20},
		"brackets without end":          {strings.Repeat("[", hint.MaxBody), "", 16 << 20},
		"wide at the deepest level":     {strings.Repeat("[", 31) + "0" + strings.Repeat(",0", 60_000) + strings.Repeat("]", 31), "", 32 << 20},
		"objects without members":       {"[{}" + strings.Repeat(",{}", 80_000) + "]", "", 32 << 20},
		"characters that become longer": {`"` + strings.Repeat("é", hint.MaxBody/2-2) + `"`, "", 48 << 20},
		"gzip of nested arrays":         {packed(t, "gzip", nested(100_000)), "gzip", 4 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := hint.Digest(wrong, []byte(c.body), c.encoding)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > c.most || got != (modi.Text{}) {
				t.Errorf("%d bytes of body: %d bytes allocated, at most %d; hint %q", len(c.body), used, c.most, got.EN)
			}
		})
	}
}

// JSON that nests as messages do is still written again.
func TestNestedJSONIsRecognisedUpToTheBound(t *testing.T) {
	nested := func(depth int, space string) string {
		return strings.Repeat("["+space, depth) + "1" + strings.Repeat("]", depth)
	}
	for depth, words := range map[int]string{1: "same JSON", 32: "same JSON", 33: ""} {
		want(t, hint.Digest("SHA-256="+std(sum(t, crypto.SHA256, nested(depth, ""))), []byte(nested(depth, " ")), ""), words)
	}
}
