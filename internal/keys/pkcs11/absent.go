// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

//go:build !pkcs11

package pkcs11

import (
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/keys"
)

// Available tells whether this program can use tokens.
const Available = false

// Provider is keys.Files, and refuses pkcs11: references in words.
type Provider struct{ files keys.Files }

var _ keys.Provider = (*Provider)(nil)

// Over makes a provider of the keys of tokens and, for every other reference, of files.
func Over(files keys.Files) *Provider { return &Provider{files} }

// Pair opens a key pair. A pkcs11: reference is keys.ErrMalformed when it cannot be read
// and keys.ErrUnsuitable otherwise.
func (p *Provider) Pair(ref string) (keys.Pair, error) {
	if !strings.HasPrefix(ref, keys.SchemePKCS11) {
		return p.files.Pair(ref)
	}
	if _, err := Parse(ref); err != nil {
		return keys.Pair{}, err
	}
	return keys.Pair{}, bilingual.Errorf("%w: questo programma è compilato senza PKCS#11 (go build -tags pkcs11, con cgo)",
		"%w: this program is built without PKCS#11 (go build -tags pkcs11, with cgo)", keys.ErrUnsuitable)
}

// Secret opens a secret, which is always in a file.
func (p *Provider) Secret(ref string) ([]byte, error) { return p.files.Secret(ref) }

// Close ends the sessions with tokens, of which there are none.
func (p *Provider) Close() error { return nil }
