// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// parsePrivate reads a PEM file with exactly one private key and, if they are there, its
// certificates.
func parsePrivate(data []byte) (Pair, error) {
	all, err := blocks(data)
	if err != nil {
		return Pair{}, err
	}
	var signer crypto.Signer
	var certificates []*x509.Certificate
	for _, block := range all {
		if block.Type == "CERTIFICATE" {
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return Pair{}, malformed("un blocco CERTIFICATE non è valido", "a CERTIFICATE block does not parse")
			}
			certificates = append(certificates, c)
			continue
		}
		if signer != nil {
			return Pair{}, malformed("più di una chiave privata", "more than one private key")
		}
		if signer, err = parseBlock(block); err != nil {
			return Pair{}, err
		}
	}
	if signer == nil {
		return Pair{}, malformed("contiene solo CERTIFICATE, attesa una chiave privata", "it holds a CERTIFICATE, expected a private key")
	}
	chain, err := Chain(signer.Public(), certificates)
	return Pair{Signer: signer, Chain: chain}, err
}

func parseBlock(block *pem.Block) (crypto.Signer, error) {
	if block.Headers["DEK-Info"] != "" {
		return nil, encrypted()
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return nil, encrypted()
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		return nil, malformed("contiene %s, attesa una chiave privata", "it holds a %s, expected a private key", block.Type)
	default:
		return nil, malformed("il blocco PEM %q non è una chiave privata (PKCS#8, PKCS#1 o SEC 1)",
			"PEM block %q is not a private key (PKCS#8, PKCS#1 or SEC 1)", block.Type)
	}
	if err != nil {
		return nil, malformed("il blocco %s non è valido", "the %s block does not parse", block.Type)
	}
	return asSigner(key)
}

func asSigner(key any) (crypto.Signer, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, unsuitable("%T non firma", "%T cannot sign", key)
	}
	return signer, nil
}

func encrypted() error {
	return malformed("è protetta da una passphrase: scriverla senza (openssl pkey -in FILE -out NUOVO) e lasciare i permessi 0600, "+
		"o farne un PKCS#12 (openssl pkcs12 -export), la cui password si legge da un file",
		"it is protected by a passphrase: write it without (openssl pkey -in FILE -out NEW) and keep mode 0600, "+
			"or make it PKCS#12 (openssl pkcs12 -export), whose password is read from a file")
}

// parsePublic reads exactly one PEM block with a public key (SubjectPublicKeyInfo).
func parsePublic(data []byte) (crypto.PublicKey, error) {
	block, err := onlyBlock(data)
	if err != nil {
		return nil, err
	}
	if block.Type != "PUBLIC KEY" {
		return nil, bilingual.Errorf("%w: contiene %s, attesa PUBLIC KEY",
			"%w: it holds a %s, expected a PUBLIC KEY", ErrMalformed, block.Type)
	}
	pub, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, bilingual.Errorf("%w: il blocco PUBLIC KEY non è valido",
			"%w: the PUBLIC KEY block does not parse", ErrMalformed)
	}
	return pub, nil
}

// onlyBlock finds the one PEM block of a file.
func onlyBlock(data []byte) (*pem.Block, error) {
	all, err := blocks(data)
	if err != nil {
		return nil, err
	}
	if len(all) > 1 {
		return nil, malformed("più di un blocco PEM", "more than one PEM block")
	}
	return all[0], nil
}

// blocks lists the PEM blocks of a file, at least one. EC PARAMETERS, which OpenSSL writes
// before an EC key, are passed over.
func blocks(data []byte) ([]*pem.Block, error) {
	var found []*pem.Block
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		if block.Type != "EC PARAMETERS" {
			found = append(found, block)
		}
	}
	if len(found) == 0 {
		return nil, malformed("nessun blocco PEM", "no PEM block")
	}
	if len(bytes.TrimSpace(data)) > 0 {
		return nil, malformed("testo dopo il blocco PEM", "text after the PEM block")
	}
	return found, nil
}

// publicPEM writes a public key as it is uploaded to PDND.
func publicPEM(pub crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, bilingual.Errorf("chiave pubblica: %w", "public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
