// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// ErrPEM means PDND would not take the uploaded text as a key.
var ErrPEM = errors.New("not an acceptable public key PEM")

// PublicKeyPEM reads the one form of key PDND takes: a single PEM block with a public
// RSA key of at least 2048 bits. Certificates, private keys, EC keys and more than one
// block are refused. Every error wraps [ErrPEM].
func PublicKeyPEM(text []byte) (*rsa.PublicKey, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%w: no PEM block", ErrPEM)
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("%w: more than one block", ErrPEM)
	}
	var parsed any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		parsed, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		parsed, err = x509.ParsePKCS1PublicKey(block.Bytes)
	default:
		return nil, fmt.Errorf("%w: the block is a %s, expected PUBLIC KEY", ErrPEM, block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: undecodable", ErrPEM)
	}
	pub, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: the key is not RSA", ErrPEM)
	}
	if pub.N.BitLen() < minRSABits {
		return nil, fmt.Errorf("%w: %d bits, at least %d are needed", ErrPEM, pub.N.BitLen(), minRSABits)
	}
	return pub, nil
}
