// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/binary"
	"fmt"

	"github.com/snodo-pa/snodo/modi"
)

// maxChain is how many certificates a token may carry: more are a burden, not a chain.
const maxChain = 5

// ResolveCertificate finds the certificate that ref names and judges it, as
// modi.CertificateResolver asks. Every reference that is there must name the same
// certificate. Nothing is fetched before it is known that the address may be: x5u from
// the configured hosts, CRL and OCSP for certificates that chain to a configured CA.
func (s *Store) ResolveCertificate(ctx context.Context, ref modi.CertificateReference) (modi.TrustedCertificate, error) {
	chain, err := s.named(ctx, ref)
	if err != nil {
		return modi.TrustedCertificate{}, err
	}
	now := s.sources.clock()
	trusted, _, err := s.verdicts.get(ctx, chainKey(chain), now, func(ctx context.Context) answer[modi.TrustedCertificate] {
		return s.judge(ctx, chain, now)
	})
	return trusted, err
}

// named returns the certificates that a reference gives, the signer's first, in DER.
func (s *Store) named(ctx context.Context, ref modi.CertificateReference) ([][]byte, error) {
	chain := ref.X5C
	if ref.X5U != "" {
		fetched, err := s.fetchX5U(ctx, ref.X5U)
		if err != nil {
			return nil, err
		}
		if len(chain) > 0 && subtle.ConstantTimeCompare(chain[0], fetched[0]) == 0 {
			return nil, refuse(modi.FaultReferencesDisagree, "x5c and x5u of one certificate", "two certificates")
		}
		if chain == nil {
			chain = fetched
		}
	}
	switch {
	case chain == nil && ref.Thumbprint == nil:
		return nil, refuse(modi.FaultCertificateMissing, "x5c, x5t#S256 or x5u", "none")
	case chain == nil:
		return s.byThumbprint(ref.Thumbprint)
	case len(chain) == 0:
		return nil, refuse(modi.FaultCertificateMalformed, "a certificate in x5c", "an empty list")
	case len(chain) > maxChain:
		return nil, refuse(modi.FaultCertificateMalformed, fmt.Sprintf("at most %d certificates", maxChain), fmt.Sprintf("%d", len(chain)))
	}
	if ref.Thumbprint != nil {
		sum := sha256.Sum256(chain[0])
		if subtle.ConstantTimeCompare(sum[:], ref.Thumbprint) == 0 {
			return nil, refuse(modi.FaultReferencesDisagree, "x5t#S256 of the certificate that the token carries", "the thumbprint of another")
		}
	}
	return chain, nil
}

// byThumbprint finds a pinned certificate.
func (s *Store) byThumbprint(thumbprint []byte) ([][]byte, error) {
	if len(thumbprint) != sha256.Size {
		return nil, refuse(modi.FaultCertificateMalformed, "x5t#S256 of 32 bytes", fmt.Sprintf("%d bytes", len(thumbprint)))
	}
	c, listed := s.pinned[[sha256.Size]byte(thumbprint)]
	if c == nil {
		found := "a thumbprint of no certificate that is held"
		if listed {
			found = "a thumbprint that is pinned without its certificate"
		}
		return nil, refuse(modi.FaultCertificateUnknown, "x5t#S256 of a pinned certificate, or the certificate in x5c", found)
	}
	return [][]byte{c.Raw}, nil
}

// chainKey tells apart what is judged. All certificates count, not the signer's alone:
// whether a chain can be built must not depend on what was seen before.
func chainKey(chain [][]byte) string {
	h := sha256.New()
	for _, der := range chain {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(der)))) //nolint:gosec // G115: a certificate is shorter than a token
		h.Write(der)
	}
	return string(h.Sum(nil))
}

// parseChain reads the certificates of a reference.
func parseChain(chain [][]byte) ([]*x509.Certificate, error) {
	out := make([]*x509.Certificate, len(chain))
	for i, der := range chain {
		c, err := parseCertificate(der)
		if err != nil {
			return nil, refuse(modi.FaultCertificateMalformed, "certificates in DER", fmt.Sprintf("certificate %d: %v", i+1, err))
		}
		out[i] = c
	}
	return out, nil
}
