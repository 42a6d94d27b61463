// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
)

// Bounds of an RSA modulus in bits, those of the keys of tokens.
const (
	minRSA = 2048
	maxRSA = 8192
)

func refuse(fault modi.Fault, expected, found string) *modi.CertificateRefused {
	return &modi.CertificateRefused{Fault: fault, Expected: expected, Found: found}
}

// Unsuitable says why a verifier refuses whatever a certificate signs, whoever issued it and
// whatever the time: it is a CA's, it is not for signatures, its key is weak. Nil when none of
// this is so. The usage must be stated: conforming CAs state it for seals (ETSI EN 319 412-2
// §4.3.2), and one that does not say what it is for may be for anything.
func Unsuitable(c *x509.Certificate) *modi.CertificateRefused {
	const usages = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	switch {
	case c.IsCA || c.KeyUsage&x509.KeyUsageCertSign != 0:
		return refuse(modi.FaultCertificateUnsuitable, "certificate of a signer", "certificate of a CA")
	case c.KeyUsage == 0:
		return refuse(modi.FaultCertificateUnsuitable, "key usage digitalSignature or contentCommitment", "no key usage")
	case c.KeyUsage&usages == 0:
		return refuse(modi.FaultCertificateUnsuitable, "key usage digitalSignature or contentCommitment", "key usage without either")
	}
	if otherEnds(c) {
		return refuse(modi.FaultCertificateUnsuitable, "no extended key usage, or one beyond TLS servers, OCSP, time stamps and code", "one for those alone")
	}
	if err := weak(c); err != nil {
		return refuse(modi.FaultCertificateUnsuitable, "RSA of 2048 to 8192 bits, or EC on P-256, P-384 or P-521", err.Error())
	}
	if _, ok := codiceFiscale(c.Subject); !ok {
		return refuse(modi.FaultCertificateUnsuitable, "one codice fiscale in subject attribute 2.5.4.97", "more than one")
	}
	return nil
}

// otherEnds tells whether a certificate says that it is for other ends alone (RFC 5280
// §4.2.1.12): to speak for a CA on revocation, to stamp times, to sign programs, or to be
// the server of a name, whose key lies on the machine that answers for it.
func otherEnds(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage) > 0 && len(c.UnknownExtKeyUsage) == 0 &&
		!slices.ContainsFunc(c.ExtKeyUsage, func(u x509.ExtKeyUsage) bool {
			return !slices.Contains([]x509.ExtKeyUsage{
				x509.ExtKeyUsageOCSPSigning, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageCodeSigning, x509.ExtKeyUsageServerAuth,
			}, u)
		})
}

// weak says why a public key is not good enough.
func weak(c *x509.Certificate) error {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < minRSA || bits > maxRSA {
			return bilingual.Errorf("RSA di %d bit", "RSA of %d bits", bits)
		}
		if k.E < 3 || k.E%2 == 0 {
			return bilingual.Errorf("RSA con esponente %d", "RSA with exponent %d", k.E)
		}
		return nil
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return nil
		}
		return bilingual.Errorf("EC su %s", "EC on %s", k.Params().Name)
	default:
		return bilingual.Errorf("una chiave di tipo %s", "a key of kind %s", c.PublicKeyAlgorithm)
	}
}

// outOfTime says why a certificate is not valid at an instant; nil when it is. Both ends
// of the validity count as inside (RFC 5280 §4.1.2.5).
func outOfTime(c *x509.Certificate, whose string, now time.Time) *modi.CertificateRefused {
	switch {
	case now.Before(c.NotBefore):
		return refuse(modi.FaultCertificateNotYetValid, whose+" valid at "+instant(now), "valid from "+instant(c.NotBefore))
	case now.After(c.NotAfter):
		return refuse(modi.FaultCertificateExpired, whose+" valid at "+instant(now), "valid to "+instant(c.NotAfter))
	}
	return nil
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
