// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package moditest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Organization is the codice fiscale of the invented ente that signs with certificates.
const Organization = "99999990005"

func organizationOID() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 4, 97} }

// Certificate makes a self-signed certificate of a key, valid for a year around Now. It
// names the organisation unless that is empty.
func Certificate(tb testing.TB, key crypto.Signer, organization string) *x509.Certificate {
	tb.Helper()
	subject := pkix.Name{Country: []string{"IT"}, CommonName: "sigillo di prova"}
	if organization != "" {
		subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: organizationOID(), Value: "CF:IT-" + organization}}
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		tb.Fatalf("serial number: %v", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: subject, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: Now().Add(-180 * 24 * time.Hour), NotAfter: Now().Add(180 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatalf("make certificate: %v", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatalf("read certificate: %v", err)
	}
	return cert
}

// Certificates is a trust store that knows what it holds and nothing else. A non-nil Down
// is its answer to everything.
type Certificates struct {
	Trusted []*x509.Certificate
	Down    error
}

// ResolveCertificate finds a certificate by its bytes or its thumbprint.
func (c Certificates) ResolveCertificate(_ context.Context, ref modi.CertificateReference) (modi.TrustedCertificate, error) {
	if c.Down != nil {
		return modi.TrustedCertificate{}, c.Down
	}
	for _, cert := range c.Trusted {
		sum := sha256.Sum256(cert.Raw)
		if len(ref.X5C) > 0 && bytes.Equal(ref.X5C[0], cert.Raw) || len(ref.X5C) == 0 && bytes.Equal(ref.Thumbprint, sum[:]) {
			return modi.TrustedCertificate{Leaf: cert, Organization: organizationOf(cert)}, nil
		}
	}
	switch {
	case len(ref.X5C) > 0:
		return modi.TrustedCertificate{}, &modi.CertificateRefused{Fault: modi.FaultCertificateUntrusted, Expected: "a certificate of the test", Found: "another one"}
	case ref.Thumbprint != nil:
		return modi.TrustedCertificate{}, &modi.CertificateRefused{Fault: modi.FaultCertificateUnknown, Expected: "a certificate of the test", Found: "another one"}
	default:
		return modi.TrustedCertificate{}, &modi.CertificateRefused{Fault: modi.FaultX5UNotAllowed, Expected: "no address", Found: "one"}
	}
}

func organizationOf(cert *x509.Certificate) string {
	for _, name := range cert.Subject.Names {
		if text, ok := name.Value.(string); ok && name.Type.Equal(organizationOID()) {
			return strings.TrimPrefix(text, "CF:IT-")
		}
	}
	return ""
}
