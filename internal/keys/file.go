// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Provider opens private keys by reference. What a reference means is the provider's:
// a path for Files. Implementations are safe for concurrent use, and so are the
// signers they return.
type Provider interface {
	// Signer opens the key pair behind ref. Errors wrap ErrNotFound, ErrPermissions,
	// ErrMalformed or ErrUnsuitable; any other means that the provider did not answer.
	Signer(ref string) (crypto.Signer, error)
	// Secret opens 32 bytes of secret behind ref, with the same errors.
	Secret(ref string) ([]byte, error)
}

// Files is the Provider that reads files: PEM key pairs, and secrets as base64 or
// hexadecimal text. A file that group or others may read or write is refused.
type Files struct {
	// Path turns a reference into a path; nil leaves it as it is.
	Path func(ref string) string
}

var _ Provider = Files{}

// maxKeyFile bounds a key file: an RSA key of 8192 bits takes 6.4 kB of PEM.
const maxKeyFile = 64 << 10

// Signer reads a PEM private key: PKCS#8, PKCS#1 or SEC 1, not encrypted.
func (f Files) Signer(ref string) (crypto.Signer, error) {
	path := f.path(ref)
	data, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	signer, err := parsePrivate(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return signer, nil
}

// Secret reads 32 bytes written as base64 (any of its alphabets) or hexadecimal.
func (f Files) Secret(ref string) ([]byte, error) {
	path := f.path(ref)
	data, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	secret, err := parseSecret(strings.TrimSpace(string(data)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return secret, nil
}

func (f Files) path(ref string) string {
	if f.Path == nil {
		return ref
	}
	return f.Path(ref)
}

// ReadFile reads a file that holds a private key: a regular file that only its owner
// may touch (ErrPermissions), of at most 64 KiB. The check is made on the open file, so
// that it cannot be swapped in between.
func ReadFile(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // G304: the path is the administrator's configuration
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, path)
	}
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is not a regular file", ErrMalformed, path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s has mode %04o, expected 0600 or 0400 (chmod 600 %s)", ErrPermissions, path, mode, path)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("%w: %s is larger than any key", ErrMalformed, path)
	}
	return data, nil
}

const secretSize = 32

func parseSecret(text string) ([]byte, error) {
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString,
		base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if secret, err := decode(text); err == nil && len(secret) == secretSize {
			return secret, nil
		}
	}
	return nil, fmt.Errorf("%w: expected 32 bytes as base64 or as 64 hexadecimal digits", ErrMalformed)
}
