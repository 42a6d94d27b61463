// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop_test

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

// Header and claims of any text, signed by the holder: what is accepted has the meaning
// that a proof of this request must have, and no text makes the verifier panic.
func FuzzVerify(f *testing.F) {
	f.Add(moditest.JSON(f, header(f)), moditest.JSON(f, claims()))
	f.Add(`{"alg":"ES256","typ":"dpop+jwt","jwk":{}}`, `{}`)
	f.Add(moditest.JSON(f, header(f)), `{"htm":"POST","htu":"`+address+`?x","iat":1772442000.9,"jti":"é","ath":"`+dpop.TokenHash(voucher)+`","htm2":null}`)
	key := ec(f)
	bound := jkt(f)
	f.Fuzz(func(t *testing.T, header, claims string) {
		compact := moditest.Forge(t, header, claims, key)
		proof, err := verifier().Verify(request(compact), presented(), bound)
		if err != nil {
			if moditest.Rules(t, err); proof != (dpop.Proof{}) {
				t.Fatal("refused, with a proof")
			}
			return
		}
		read := decode(t, compact, 1)
		htu, _ := read["htu"].(string)
		normal, err := dpop.NormalizeHTU(htu)
		if err != nil || normal != address || read["htm"] != "POST" || read["ath"] != dpop.TokenHash(voucher) || read["jti"] != proof.JTI {
			t.Fatalf("accepted %s", claims)
		}
		if age := moditest.Now().Sub(proof.IssuedAt).Seconds(); age > 60 || age < -5 {
			t.Fatalf("accepted an age of %v s", age)
		}
	})
}

// Any text in the DPoP header.
func FuzzParseProof(f *testing.F) {
	f.Add(forge(f, header(f), claims()))
	f.Add("a.b.c")
	f.Add(strings.Repeat(".", 40))
	f.Fuzz(func(t *testing.T, compact string) {
		bound := strings.Repeat("A", 43)
		if u, err := token.Parse(compact, token.DPoPResourceProof()); err == nil {
			bound = moditest.Thumbprint(t, u.EmbeddedKey()) // the key that a hostile holder may have bound
		}
		proof, err := verifier().Verify(request(compact), presented(), bound)
		if err != nil {
			moditest.Rules(t, err)
			return
		}
		u, err := token.Parse(proof.Compact, token.DPoPResourceProof())
		if err != nil || u.Compact() != compact || proof.JKT != bound {
			t.Fatalf("accepted %q, which does not read again: %v", compact, err)
		}
	})
}
