// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// root is the name under which the authority that everyone trusts is kept.
const root = "root"

// Keep writes a key in PEM, with its certificates, so that a later run can have the same.
// The name "root" is that of the authority.
func (w *World) Keep(name string) ([]byte, error) {
	var signer crypto.Signer
	var chain [][]byte
	if name == root {
		cert, key, err := w.Authority(root)
		if err != nil {
			return nil, err
		}
		signer, chain = key, [][]byte{cert.Raw}
	} else {
		k, err := w.Key(name)
		if err != nil {
			return nil, err
		}
		signer, chain = k.Signer, k.Chain
	}
	der, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return nil, fmt.Errorf("encode key %s: %w", name, err)
	}
	var out bytes.Buffer
	out.Write(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	for _, cert := range chain {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	}
	return out.Bytes(), nil
}

// Restore takes a key that was kept.
func (w *World) Restore(name string, data []byte) error {
	block, rest := pem.Decode(data)
	if block == nil || block.Type != "PRIVATE KEY" {
		return errors.New("no private key in PEM")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("parse key: %w", err)
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return fmt.Errorf("a key of type %T does not sign", private)
	}
	var chain [][]byte
	for block, rest = pem.Decode(rest); block != nil; block, rest = pem.Decode(rest) {
		chain = append(chain, block.Bytes)
	}
	if name == root {
		return w.restoreRoot(signer, chain)
	}
	kid, err := Thumbprint(signer.Public())
	if err != nil {
		return err
	}
	w.Hold(&Key{Name: name, Signer: signer, KID: kid, Chain: chain})
	return nil
}

func (w *World) restoreRoot(signer crypto.Signer, chain [][]byte) error {
	if len(chain) != 1 {
		return errors.New("the authority has no certificate")
	}
	cert, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return fmt.Errorf("certificate of the authority: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.authority(root); err != nil { // makes the others
		return err
	}
	w.trust.byName[root] = authority{signer: signer, cert: cert}
	return nil
}
