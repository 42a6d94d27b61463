// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import (
	"context"
	"crypto/x509"
)

// CertificateReference is how a token names the certificate of its signer. At least one
// field is set, and only fields that the service admits. Nothing in it is proven.
type CertificateReference struct {
	X5C        [][]byte // certificates in DER, the signer's first; each parses or not, nobody has looked
	Thumbprint []byte   // SHA-256 of the signer's DER (x5t#S256), 32 bytes, or nil; it agrees with X5C when both are there
	X5U        string   // address of the certificate, as written; never to be fetched from a host that is not configured
}

// TrustedCertificate is a certificate that may sign for the organisation it names.
type TrustedCertificate struct {
	Leaf         *x509.Certificate
	Organization string // codice fiscale in subject OID 2.5.4.97 ("CF:IT-..."); empty when the subject has none
}

// CertificateResolver finds and judges the certificate that a token names: chain or pin,
// validity, key usage, revocation. A "no" is a *CertificateRefused; every other error
// means "don't know". It is asked before the signature has verified, so it must not do for
// a stranger what costs much. Implementations are safe for concurrent use.
type CertificateResolver interface {
	ResolveCertificate(ctx context.Context, ref CertificateReference) (TrustedCertificate, error)
}

// CertificateRefused is the "no" of a CertificateResolver. Fault is one of those of
// certificates; the texts are safe to show to the caller.
type CertificateRefused struct {
	Fault           Fault
	Expected, Found string
}

// Error says what is wrong with the certificate.
func (r *CertificateRefused) Error() string {
	return string(r.Fault) + ": expected " + r.Expected + ", found " + r.Found
}
