// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// parsePrivate reads exactly one PEM block with a private key.
func parsePrivate(data []byte) (crypto.Signer, error) {
	block, err := onlyBlock(data)
	if err != nil {
		return nil, err
	}
	var key any
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		if block.Headers["DEK-Info"] != "" {
			return nil, encrypted()
		}
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return nil, encrypted()
	case "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE":
		return nil, fmt.Errorf("%w: it holds a %s, expected a private key", ErrMalformed, block.Type)
	default:
		return nil, fmt.Errorf("%w: PEM block %q is not a private key (PKCS#8, PKCS#1 or SEC 1)", ErrMalformed, block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the %s block does not parse", ErrMalformed, block.Type)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%w: %T cannot sign", ErrUnsuitable, key)
	}
	return signer, nil
}

func encrypted() error {
	return fmt.Errorf("%w: it is protected by a passphrase; write it without and keep mode 0600", ErrMalformed)
}

// parsePublic reads exactly one PEM block with a public key (SubjectPublicKeyInfo).
func parsePublic(data []byte) (crypto.PublicKey, error) {
	block, err := onlyBlock(data)
	if err != nil {
		return nil, err
	}
	if block.Type != "PUBLIC KEY" {
		return nil, fmt.Errorf("%w: it holds a %s, expected a PUBLIC KEY", ErrMalformed, block.Type)
	}
	pub, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: the PUBLIC KEY block does not parse", ErrMalformed)
	}
	return pub, nil
}

// onlyBlock finds the one PEM block of a file. EC PARAMETERS, which OpenSSL writes
// before an EC key, are passed over.
func onlyBlock(data []byte) (*pem.Block, error) {
	var found *pem.Block
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		if block.Type == "EC PARAMETERS" {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%w: more than one PEM block", ErrMalformed)
		}
		found = block
	}
	if found == nil {
		return nil, fmt.Errorf("%w: no PEM block", ErrMalformed)
	}
	if len(bytes.TrimSpace(data)) > 0 {
		return nil, fmt.Errorf("%w: text after the PEM block", ErrMalformed)
	}
	return found, nil
}

// publicPEM writes a public key as it is uploaded to PDND.
func publicPEM(pub crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
