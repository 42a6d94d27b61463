// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"bytes"
	"crypto"
	"crypto/x509"
)

// Chain puts certificates in order: that of the key first, each followed by its issuer.
// Those that do not belong to the chain are left out, since files made by exporting a
// store often hold more. It is ErrUnsuitable when none is of the key.
func Chain(public crypto.PublicKey, certificates []*x509.Certificate) ([]*x509.Certificate, error) {
	if len(certificates) == 0 {
		return nil, nil
	}
	key, ok := public.(interface{ Equal(crypto.PublicKey) bool })
	if !ok {
		return nil, unsuitable("una chiave di tipo %T non ha certificato", "a key of kind %T has no certificate", public)
	}
	var chain []*x509.Certificate
	for _, c := range certificates {
		if key.Equal(c.PublicKey) {
			chain = append(chain, c)
			break
		}
	}
	if chain == nil {
		return nil, unsuitable("nessuno dei suoi certificati è della chiave", "none of its certificates is of the key")
	}
	for last := chain[0]; len(chain) < len(certificates); last = chain[len(chain)-1] {
		issuer := issuerOf(last, certificates)
		if issuer == nil {
			break
		}
		chain = append(chain, issuer)
	}
	return chain, nil
}

// issuerOf finds the issuer of a certificate, nil for one that is its own.
func issuerOf(c *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	if bytes.Equal(c.RawIssuer, c.RawSubject) {
		return nil
	}
	for _, issuer := range among {
		if bytes.Equal(issuer.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(issuer) == nil {
			return issuer
		}
	}
	return nil
}
