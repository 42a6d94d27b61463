// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package folder

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"path/filepath"
	"slices"
	"time"
)

// Who prepares orders in the folder, who signs them, and the application that does.
const (
	Ragioniere   = "mat-00230"
	Dirigente    = "mat-00110"
	Contabilita  = "contabilita"
	dirigenteCF  = "NRELNE70A41H501T"
	firmaDiProva = "firma-di-prova.pem"
)

// Tesoreria is the channel of an ente to SIOPE+.
type Tesoreria struct {
	URL, A2A, Ufficio, ISTAT, ABI, TramiteBT, EnteBT string
	CA, Client, Bank                                 []byte // PEM: authority of the server, client certificate with key, certificate of the treasurer
}

// treasury writes the certificates of a channel and, once, a key to sign with, which is worth nothing.
func (f *files) treasury(base string, t *Tesoreria, random io.Reader) error {
	if t == nil {
		return nil
	}
	own := filepath.Join(base, "chiavi", firmaDiProva)
	if !f.there(own) {
		key, cert, err := signatory(random)
		if err != nil {
			return err
		}
		if err := errors.Join(write(f.dir, own, slices.Concat(key, cert)), write(f.dir, filepath.Join(base, "reti", "firmatari.pem"), cert)); err != nil {
			return err
		}
	}
	for name, data := range map[string][]byte{"reti/siope-ca.pem": t.CA, "reti/tesoriere.pem": t.Bank, "chiavi/siope-client.pem": t.Client} {
		if err := f.put(filepath.Join(base, filepath.FromSlash(name)), data); err != nil {
			return err
		}
	}
	return nil
}

// signatory makes the key and certificate of the invented person who signs.
func signatory(random io.Reader) (keyPEM, certPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return nil, nil, fmt.Errorf("key of the signatory: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Elena Neri (prova)", SerialNumber: "TINIT-" + dirigenteCF},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageContentCommitment, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(random, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, fmt.Errorf("certificate of the signatory: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("key of the signatory: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
