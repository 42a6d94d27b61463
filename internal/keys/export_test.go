// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"crypto/ed25519"

	"github.com/snodo-pa/snodo/modi/token"
)

// LoadSigning opens the private key at path as a Ring opens those that sign tokens.
func LoadSigning(path, kid string) (token.SigningKey, error) { return signing(Files{}, path, kid) }

// LoadEd25519 opens the private key at path as a Ring opens those that sign checkpoints.
func LoadEd25519(path string) (ed25519.PrivateKey, error) {
	pair, err := Files{}.Pair(path)
	if err != nil {
		return nil, err
	}
	return asEd25519(path, pair.Signer)
}
