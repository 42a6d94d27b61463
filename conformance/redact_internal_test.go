// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// TestWhatAPeerEchoesIsNotShown: the service under test chooses names, addresses and lengths, and knows the tokens that it
// was sent.
func TestWhatAPeerEchoesIsNotShown(t *testing.T) {
	token := "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJlc2lnbmF0dXJl"
	const person = "BNCMRC85C12D612V"
	for name, c := range map[string]struct {
		header http.Header
		body   string
		hidden string
	}{
		"a token as the name of a field":         {http.Header{token: {"x"}}, "", "c2lnbmF0dXJl"},
		"an opaque token in Location":            {http.Header{"Location": {"https://x.example/?access_token=" + strings.Repeat("a", 60)}}, "", strings.Repeat("a", 60)},
		"a person where the body is cut":         {http.Header{}, strings.Repeat("x ", maxShown/2-8) + person + " more " + strings.Repeat("y ", 60), person[:15]},
		"a person where the reading ends":        {http.Header{}, strings.Repeat(person+" ", maxCleaned/17+8), person[:12]},
		"a token where the body is cut":          {http.Header{}, strings.Repeat("x ", maxShown/2-20) + token + strings.Repeat(" y", 60), "c2lnbmF0dXJl"},
		"one name too long to be one of a field": {http.Header{strings.Repeat("A", 65): {"x"}}, "", strings.Repeat("A", 65)},
	} {
		w := redactor{}.reply(http.StatusBadRequest, c.header, []byte(c.body))
		shown := w.Start + w.Body
		for _, f := range w.Fields {
			shown += "\n" + f.Name + ": " + f.Value
		}
		if strings.Contains(shown, c.hidden) {
			t.Errorf("%s: %.60q is shown", name, c.hidden)
		}
		if len(w.Body) > maxShown+64 {
			t.Errorf("%s: %d bytes are shown", name, len(w.Body))
		}
	}
}
