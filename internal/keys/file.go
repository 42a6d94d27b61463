// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// Provider opens private keys by reference. What a reference means is the provider's:
// a path or a file: URI for Files, a pkcs11: URI for package pkcs11. Implementations are
// safe for concurrent use, and so are the signers they return.
//
// A signer need not hold its key: it may be a token's, or one that signs through another
// library, such as OpenSSL behind a build tag, where RSA is faster. Nothing outside a
// provider may ask more of a signer than crypto.Signer does; checkpoints alone need an
// ed25519.PrivateKey.
type Provider interface {
	// Pair opens the key pair behind ref. Errors wrap ErrNotFound, ErrPermissions,
	// ErrMalformed or ErrUnsuitable; any other means that the provider did not answer.
	Pair(ref string) (Pair, error)
	// Secret opens 32 bytes of secret behind ref, with the same errors.
	Secret(ref string) ([]byte, error)
}

// Pair is a key pair with what the provider holds of its certificate.
type Pair struct {
	Signer crypto.Signer
	// Chain is the certificate of the key, then its issuer and so on as far as they are
	// held; nil when the provider holds no certificate. Its first certificate is of Signer.
	Chain []*x509.Certificate
}

// Files is the Provider that reads files: key pairs in PEM, JWK or PKCS#12, told apart
// by their content, and secrets as base64 or hexadecimal text. A file that group or
// others may read or write is refused.
type Files struct {
	// Path turns the name of a file into a path; nil leaves it as it is.
	Path func(name string) string
}

var _ Provider = Files{}

// maxKeyFile bounds a key file: an RSA key of 8192 bits takes 6.4 kB of PEM, a chain of
// certificates a few more.
const maxKeyFile = 64 << 10

// Pair reads a private key and, where they are in the same file, its certificates. ref is
// a path, or file:PATH?pin-source=file:PATH for a PKCS#12 file and its password. PEM is
// PKCS#8, PKCS#1 or SEC 1, not encrypted.
func (f Files) Pair(ref string) (Pair, error) {
	r, err := parseReference(ref)
	if err != nil {
		return Pair{}, err
	}
	path := f.path(r.path)
	data, err := ReadFile(path)
	if err != nil {
		return Pair{}, err
	}
	pair, err := f.parse(data, r)
	if err != nil {
		return Pair{}, fmt.Errorf("%s: %w", path, err)
	}
	return pair, nil
}

// parse reads a key by what its file looks like.
func (f Files) parse(data []byte, r reference) (Pair, error) {
	form := formOf(data)
	if r.pinSource != "" && form != formPKCS12 {
		return Pair{}, malformed("è %s, che non prende pin-source", "it is %s, which takes no pin-source", form)
	}
	switch form {
	case formPEM:
		return parsePrivate(data)
	case formJWK:
		return parseJWK(data)
	case formPKCS12:
		if r.pinSource == "" {
			return Pair{}, malformed("sembra PKCS#12, che vuole file:%s?pin-source=file:... con la password in un file a parte",
				"it looks like PKCS#12, which needs file:%s?pin-source=file:... with its password in a file of its own", r.path)
		}
		password, err := ReadPIN(f.path(r.pinSource))
		if err != nil {
			return Pair{}, err
		}
		return parsePKCS12(data, password)
	default:
		return Pair{}, malformed("non è né PEM né JWK né PKCS#12", "it is neither PEM nor a JWK nor PKCS#12")
	}
}

// The forms of a key file.
const (
	formPEM    = "PEM"
	formJWK    = "JWK"
	formPKCS12 = "PKCS#12"
)

func formOf(data []byte) string {
	text := strings.TrimSpace(string(data))
	switch {
	case strings.Contains(text, "-----BEGIN "):
		return formPEM
	case strings.HasPrefix(text, "{"):
		return formJWK
	case len(data) > 0 && data[0] == 0x30: // a DER SEQUENCE
		return formPKCS12
	default:
		return ""
	}
}

// Secret reads 32 bytes written as base64 (any of its alphabets) or hexadecimal.
func (f Files) Secret(ref string) ([]byte, error) {
	r, err := parseReference(ref)
	if err != nil {
		return nil, err
	}
	path := f.path(r.path)
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

func (f Files) path(name string) string {
	if f.Path == nil {
		return name
	}
	return f.Path(name)
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
		return nil, bilingual.Errorf("file della chiave: %w", "key file: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, bilingual.Errorf("file della chiave: %w", "key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, malformed("%s non è un file", "%s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, bilingual.Errorf("%w: %s ha permessi %04o, attesi 0600 o 0400 (chmod 600 %s)",
			"%w: %s has mode %04o, expected 0600 or 0400 (chmod 600 %s)", ErrPermissions, path, mode, path)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return nil, bilingual.Errorf("file della chiave: %w", "key file: %w", err)
	}
	if len(data) > maxKeyFile {
		return nil, malformed("%s è più grande di qualsiasi chiave", "%s is larger than any key", path)
	}
	return data, nil
}

// maxPIN is longer than any password that a person or a generator makes.
const maxPIN = 1024

// ReadPIN reads the one line of a file that holds a password or the PIN of a token; its
// line end does not count. The file is held to the rules of ReadFile.
func ReadPIN(path string) (string, error) {
	data, err := ReadFile(path)
	if err != nil {
		return "", err
	}
	pin := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if pin == "" || len(pin) > maxPIN || strings.ContainsAny(pin, "\r\n\x00") {
		return "", malformed("%s: attesa una riga con la password", "%s: expected one line with the password", path)
	}
	return pin, nil
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
	return nil, malformed("attesi 32 byte in base64 o come 64 cifre esadecimali",
		"expected 32 bytes as base64 or as 64 hexadecimal digits")
}
