// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"strings"
	"testing"
)

func TestQuoteMasksACodiceFiscale(t *testing.T) {
	stars := strings.Repeat("*", 16)
	for in, want := range map[string]string{
		"RSSMRA80A01H501U":                            `"` + stars + `"`,
		"rssmra80a01h501u":                            `"` + stars + `"`,
		"TINIT-RSSMRA80A01H501U":                      `"TINIT-` + stars + `"`,
		"CFRSSMRA80A01H501Ux":                         `"CF` + stars + `x"`,
		"a RSSMRAULA01HRLMU b":                        `"a ` + stars + ` b"`,
		"https://x.example/?cf=RSSMRA80A01H501U&y=1":  `"https://x.example/?cf=` + stars + `&y=1"`,
		strings.Repeat("-", 56) + "RSSMRA80A01H501U":  `"` + strings.Repeat("-", 56) + stars[:8] + `"...`, // not even its beginning
		"qKUKEHfSJ8AdhULMQq9Jrs8LezIUUw3ZKk3nr9YS-rk": `"qKUKEHfSJ8AdhULMQq9Jrs8LezIUUw3ZKk3nr9YS-rk"`,
		"0f2b6a1e-1111-4a00-8000-0000000000a1":        `"0f2b6a1e-1111-4a00-8000-0000000000a1"`,
		"80012345674":                                 `"80012345674"`, // that of an ente
	} {
		if got := Quote(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
