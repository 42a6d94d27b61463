// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/registry"
)

func TestCorrelationIsOneVisibleWord(t *testing.T) {
	for name, c := range map[string]struct {
		values []string
		want   string
	}{
		"none":            {nil, ""},
		"empty":           {[]string{""}, ""},
		"a uuid":          {[]string{"9c1d1b0e-0000-4000-8000-000000000001"}, "9c1d1b0e-0000-4000-8000-000000000001"},
		"any word":        {[]string{"c0ffee/42?x"}, "c0ffee/42?x"},
		"twice":           {[]string{"a", "b"}, ""},
		"with a space":    {[]string{"a b"}, ""},
		"a line break":    {[]string{"a\r\nb"}, ""},
		"not ASCII":       {[]string{"è"}, ""},
		"the longest":     {[]string{strings.Repeat("x", 255)}, strings.Repeat("x", 255)},
		"one byte longer": {[]string{strings.Repeat("x", 256)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{http.CanonicalHeaderKey(registry.HeaderCorrelation): c.values}
			if got := registry.Correlation(h); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := registry.Accepted(registry.Reply{Status: http.StatusAccepted, Header: h}); got != c.want {
				t.Errorf("accepted as %q, want %q", got, c.want)
			}
			if got := registry.Accepted(registry.Reply{Status: http.StatusOK, Header: h}); got != "" {
				t.Errorf("200 was taken for an acceptance: %q", got)
			}
		})
	}
}
