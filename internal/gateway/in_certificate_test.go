// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"net/http"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// TestBodyIsNotReadBeforeTheSignatureOfAStranger: where the signed message alone says who calls, the signature is verified
// before the message is read, with all that its head says.
func TestBodyIsNotReadBeforeTheSignatureOfAStranger(t *testing.T) {
	a, none := certifiedOnce()[organisationA], token.SigningKey{}
	of := func(change func(h http.Header)) byCertificate {
		c := searching(none, a, none)
		c.change = change
		return c
	}
	signature := func(change func(string) string) func(h http.Header) {
		return func(h http.Header) { h.Set(rest.HeaderSignature, change(h.Get(rest.HeaderSignature))) }
	}
	for name, tc := range map[string]struct {
		call byCertificate
		rule modi.RuleID
		read int
	}{
		"genuine":           {of(nil), "", 1},
		"none":              {of(func(h http.Header) { h.Del(rest.HeaderSignature) }), modi.IntegrityTokenMissing, 0},
		"no token":          {of(signature(func(string) string { return "abc" })), modi.IntegrityMalformed, 0},
		"another signature": {of(signature(func(s string) string { return s[:len(s)-8] + "AAAAAAAA" })), modi.IntegritySignatureInvalid, 0},
		"another digest":    {of(func(h http.Header) { h.Set("Digest", sha256Digest("x")) }), modi.IntegritySignedHeaderMismatch, 0},
		"another type":      {of(func(h http.Header) { h.Set("Content-Type", "text/plain") }), modi.IntegritySignedHeaderMismatch, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, asked := newInWorld(t, asking(modi.PatternIntegrityREST01)), 0
			_, err := w.Serve(t.Context(), lazily(w.certifiedCall(t, tc.call), &asked))
			if firstRule(err) != tc.rule || asked != tc.read {
				t.Errorf("%v, want %q; body read %d times, want %d", err, tc.rule, asked, tc.read)
			}
		})
	}
}
