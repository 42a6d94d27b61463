// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"crypto/x509"
	"errors"

	"software.sslmate.com/src/go-pkcs12"
)

// parsePKCS12 reads the one key of a PKCS#12 file (RFC 7292, DER) and its certificates.
func parsePKCS12(data []byte, password string) (Pair, error) {
	key, leaf, issuers, err := pkcs12.DecodeChain(data, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return Pair{}, malformed("la password in pin-source non lo apre", "the password in pin-source does not open it")
	case err != nil:
		return Pair{}, malformed("non è un file PKCS#12 in DER con una chiave e il suo certificato",
			"it is not a PKCS#12 file in DER with one key and its certificate")
	}
	signer, err := asSigner(key)
	if err != nil {
		return Pair{}, err
	}
	chain, err := Chain(signer.Public(), append([]*x509.Certificate{leaf}, issuers...))
	return Pair{Signer: signer, Chain: chain}, err
}
