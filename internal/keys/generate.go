// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi/token"
)

// Generated describes a new key by its public part.
type Generated struct {
	Role      Role
	Path      string
	KID       string // RFC 7638 thumbprint; "" for Ed25519 and master keys
	PublicPEM []byte // to be uploaded or published; nil for a master key
}

// Generate makes a key for role and writes it to path with mode 0600. It never
// overwrites: an existing file is an error wrapping fs.ErrExist. rand feeds the kinds
// whose generation takes a source; crypto/rand.Reader outside tests.
func Generate(rand io.Reader, role Role, path string) (Generated, error) {
	if role == RoleMaster {
		return generateMaster(rand, path)
	}
	signer, err := generateSigner(rand, role)
	if err != nil {
		return Generated{}, err
	}
	g := Generated{Role: role, Path: path}
	g.PublicPEM, err = publicPEM(signer.Public())
	if err != nil {
		return Generated{}, err
	}
	if role != RoleCheckpoint {
		g.KID, err = token.Thumbprint(signer.Public())
		if err != nil {
			return Generated{}, fmt.Errorf("thumbprint: %w", err)
		}
	}
	der, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return Generated{}, bilingual.Errorf("chiave privata: %w", "private key: %w", err)
	}
	return g, writeNew(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func generateSigner(rand io.Reader, role Role) (crypto.Signer, error) {
	switch role {
	case RoleClient, RoleModI, RoleKeychain:
		return rsa.GenerateKey(rand, minRSA)
	case RoleProvenance, RoleDPoP, RoleIdentity:
		return ecdsa.GenerateKey(elliptic.P256(), rand)
	case RoleCheckpoint:
		_, key, err := ed25519.GenerateKey(rand)
		return key, err
	default:
		return nil, bilingual.Errorf("%w: il ruolo %q non esiste; i ruoli sono %v",
			"%w: no role %q; the roles are %v", ErrUnsuitable, role, Roles())
	}
}

func generateMaster(rand io.Reader, path string) (Generated, error) {
	secret := make([]byte, secretSize)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return Generated{}, fmt.Errorf("randomness: %w", err)
	}
	text := base64.StdEncoding.EncodeToString(secret) + "\n"
	return Generated{Role: RoleMaster, Path: path}, writeNew(path, []byte(text))
}

// writeNew writes a file that must not exist yet, and leaves none behind when it fails.
func writeNew(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // G304: the caller chooses where
	if err != nil {
		return bilingual.Errorf("nuovo file di chiave: %w", "new key file: %w", err)
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err != nil {
		return errors.Join(bilingual.Errorf("nuovo file di chiave: %w", "new key file: %w", err), os.Remove(path))
	}
	return nil
}
