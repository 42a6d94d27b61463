// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"os"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi/token"
)

// LoadMasterKey reads the 32 bytes at path.
func LoadMasterKey(path string) ([]byte, error) { return Files{}.Secret(path) }

// readPublic reads a PEM public key, as kept for a seal no longer in use. The file is
// no secret: its mode is not looked at.
func readPublic(path string) (crypto.PublicKey, error) {
	data, err := os.ReadFile(path) //nolint:gosec // G304: the path is the administrator's configuration
	if err != nil {
		return nil, bilingual.Errorf("chiave pubblica: %w", "public key: %w", err)
	}
	pub, err := parsePublic(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pub, nil
}

func signing(p Provider, ref, kid string) (token.SigningKey, error) {
	pair, err := p.Pair(ref)
	if err != nil {
		return token.SigningKey{}, err
	}
	return signingKey(ref, kid, pair)
}

func signingKey(ref, kid string, pair Pair) (token.SigningKey, error) {
	algorithm, err := algorithmFor(pair.Signer.Public())
	if err != nil {
		return token.SigningKey{}, fmt.Errorf("%s: %w", ref, err)
	}
	if kid == "" {
		kid, err = token.Thumbprint(pair.Signer.Public())
		if err != nil {
			return token.SigningKey{}, fmt.Errorf("%s: %w", ref, err)
		}
	}
	return token.SigningKey{KID: kid, Algorithm: algorithm, Signer: pair.Signer, Chain: pair.Chain}, nil
}

func asEd25519(ref string, signer crypto.Signer) (ed25519.PrivateKey, error) {
	key, ok := signer.(ed25519.PrivateKey)
	if !ok {
		return nil, bilingual.Errorf("%s: %w: attesa Ed25519, trovata %s",
			"%s: %w: expected Ed25519, found %s", ref, ErrUnsuitable, kindOf(signer.Public()))
	}
	return key, nil
}
