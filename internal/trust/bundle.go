// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// Bounds of what is read as certificates.
const (
	maxBundle       = 4 << 20 // bytes of a PEM file
	maxCertificates = 1024    // in a PEM file
	maxDER          = 16 << 10
)

// ParseBundle reads certificates in PEM. Text between the blocks is passed over, as
// lists of CAs carry it; a block that is cut, of another kind or does not parse makes
// the whole bundle be refused, so that no anchor is lost in silence.
func ParseBundle(data []byte) ([]*x509.Certificate, error) {
	if len(data) > maxBundle {
		return nil, bilingual.Errorf("%d byte di certificati, al massimo %d", "%d bytes of certificates, at most %d", len(data), maxBundle)
	}
	opened := bytes.Count(data, []byte("-----BEGIN "))
	if opened == 0 {
		return nil, bilingual.New("nessun blocco PEM", "no PEM block")
	}
	if opened > maxCertificates {
		return nil, bilingual.Errorf("%d blocchi PEM, al massimo %d", "%d PEM blocks, at most %d", opened, maxCertificates)
	}
	var found []*x509.Certificate
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		if block.Type != "CERTIFICATE" {
			return nil, bilingual.Errorf("il blocco %d è %q, atteso CERTIFICATE", "block %d is a %q, expected CERTIFICATE", len(found)+1, block.Type)
		}
		c, err := parseCertificate(block.Bytes)
		if err != nil {
			return nil, bilingual.Errorf("certificato %d: %w", "certificate %d: %w", len(found)+1, err)
		}
		found = append(found, c)
	}
	if len(found) != opened {
		return nil, bilingual.Errorf("%d blocchi PEM aperti e %d leggibili",
			"%d PEM blocks are opened and %d can be read", opened, len(found))
	}
	return found, nil
}

// parseCertificate reads DER without repeating it in the error.
func parseCertificate(der []byte) (*x509.Certificate, error) {
	if len(der) > maxDER {
		return nil, bilingual.Errorf("%d byte, al massimo %d", "%d bytes, at most %d", len(der), maxDER)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, bilingual.New("non è un certificato X.509 valido", "it does not parse as X.509")
	}
	return c, nil
}
