// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token_test

import (
	"crypto"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

// TestRejectsUnencodedPayload holds the option of RFC 7797 out, in the three forms that
// a sender may give it: its §7 keeps it from being used in a JWT.
func TestRejectsUnencodedPayload(t *testing.T) {
	key := moditest.RSA(t, 0)
	kid := moditest.Thumbprint(t, key.Public())
	const claims = `{"iss":"prova"}`
	header := moditest.B64([]byte(`{"alg":"RS256","b64":false,"crit":["b64"],"kid":"` + kid + `","typ":"JWT"}`))
	plain := moditest.B64([]byte(moditest.JSON(t, map[string]any{"alg": "RS256", "kid": kid, "typ": "JWT"})))
	// What is signed is the payload as it is.
	signature := moditest.B64(moditest.Signature(t, header+"."+claims, key, crypto.SHA256))
	unmarked := moditest.B64(moditest.Signature(t, plain+"."+claims, key, crypto.SHA256))
	for _, c := range []struct {
		name, compact string
		rule          modi.RuleID
	}{
		{"as it is", header + "." + claims + "." + signature, modi.IntegrityMalformed},
		{"detached", header + ".." + signature, modi.IntegrityMalformed},
		{"encoded after signing", header + "." + moditest.B64([]byte(claims)) + "." + signature, modi.IntegrityHeaderNotAllowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := token.Parse(c.compact, token.Integrity())
			moditest.WantRules(t, err, c.rule)
		})
	}
	t.Run("encoded after signing, not marked", func(t *testing.T) {
		u, err := token.Parse(strings.Join([]string{plain, moditest.B64([]byte(claims)), unmarked}, "."), token.Integrity())
		if err != nil {
			t.Fatal(err)
		}
		_, err = u.Verify(key.Public())
		moditest.WantRules(t, err, modi.IntegritySignatureInvalid)
	})
}
