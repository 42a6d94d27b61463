// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
)

// The bare signature and verification are the floor that the tokens are held against.
func BenchmarkBareRSASign(b *testing.B) {
	key := moditest.RSA(b, 0)
	sum := sha256.Sum256([]byte(body))
	for b.Loop() {
		_, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBareRSAVerify(b *testing.B) {
	key := moditest.RSA(b, 0)
	sum := sha256.Sum256([]byte(body))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		err = rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], sig)
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignIntegrity(b *testing.B) {
	key := clientKey(b)
	content := modi.Bytes(strings.Repeat("x", 1024))
	in := rest.IntegrityInput{Issuer: moditest.ClientID, Audience: moditest.Audience}
	for b.Loop() {
		m := rest.Message{Header: headers("Content-Type", typeJSON), Body: content}
		_, err := rest.SignIntegrity(&m, in, stamp(), key)
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyIntegrity(b *testing.B) {
	m := message(b, goodIntegrity(), body, headers("Content-Type", typeJSON, "Digest", digest256(body)))
	v := integrityVerifier(b)
	b.ReportAllocs()
	for b.Loop() {
		_, err := v.Verify(b.Context(), m)
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyAudit(b *testing.B) {
	compact := forge(b, goodAudit(), moditest.RSA(b, 0))
	h := headers(rest.HeaderTrackingEvidence, compact)
	v := auditVerifier(b, digestOf(compact))
	b.ReportAllocs()
	for b.Loop() {
		_, err := v.Verify(b.Context(), h)
		if err != nil {
			b.Fatal(err)
		}
	}
}
