// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// pinned trusts one certificate.
type pinned struct{ certificate *x509.Certificate }

func (p pinned) ResolveCertificate(_ context.Context, ref modi.CertificateReference) (modi.TrustedCertificate, error) {
	if len(ref.X5C) == 0 || string(ref.X5C[0]) != string(p.certificate.Raw) {
		return modi.TrustedCertificate{}, &modi.CertificateRefused{Fault: modi.FaultCertificateUntrusted, Expected: "the pinned certificate", Found: "another one"}
	}
	return modi.TrustedCertificate{Leaf: p.certificate, Organization: "99999990005"}, nil
}

func seal(now time.Time) token.SigningKey {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sigillo"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return token.SigningKey{Algorithm: token.ES256, Signer: private, Chain: []*x509.Certificate{certificate}}
}

// A request with identity and integrity by the same certificate, and the verifier of the
// whole message. A slash too many in the audience is explained.
func ExampleVerifier() {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	key := seal(now)
	stamp := rest.Stamp{Now: now, Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: 300 * time.Second}
	message := rest.Message{
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   modi.Bytes(`{"pratica":"2026/00017"}`),
	}
	const audience = "https://api.ente.example/v1"
	_, err := rest.SignIDAuth(&message, rest.IDAuthInput{Pattern: modi.PatternIDAuthREST02, Audience: audience}, stamp, key)
	if err != nil {
		panic(err)
	}
	_, err = rest.SignIntegrity(&message, rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Audience: audience + "/"}, stamp, key)
	if err != nil {
		panic(err)
	}
	clock := func() time.Time { return now }
	verifier := rest.Verifier{
		IDAuth: &rest.IDAuthVerifier{
			Pattern: modi.PatternIDAuthREST02, Audience: audience, Certificates: pinned{key.Chain[0]}, Clock: clock, Times: modi.PartyTimes(),
		},
		Integrity: &rest.IntegrityVerifier{
			Pattern: modi.PatternIntegrityREST01, Audience: audience, Certificates: pinned{key.Chain[0]}, Clock: clock, Times: modi.PartyTimes(),
		},
	}
	result, err := verifier.Verify(context.Background(), message)
	fmt.Println(result.IDAuth.Organization, result.Integrity == nil)
	fmt.Println(err)
	// Output:
	// 99999990005 true
	// modi.integrity/audience-mismatch: expected "https://api.ente.example/v1", found "https://api.ente.example/v1/"
}

// Which patterns go together is known before anything is exchanged.
func ExampleCombine() {
	c, err := rest.Combine(rest.REST, modi.PatternVoucher, modi.PatternIntegrityREST02, modi.PatternAuditREST02)
	if err != nil {
		panic(err)
	}
	for _, piece := range c.Request {
		fmt.Println(piece.Header, piece.Pattern)
	}
	_, err = rest.Combine(rest.SOAP, modi.PatternVoucher, modi.PatternIntegrityREST02)
	fmt.Println(err)
	// Output:
	// Authorization PDND_VOUCHER
	// Agid-JWT-Signature INTEGRITY_REST_02
	// Agid-JWT-TrackingEvidence AUDIT_REST_02
	// INTEGRITY_REST_02 is not for SOAP: WS-Security signs there
}
